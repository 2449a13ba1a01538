import { RetryError, type SessionOptions, type SessionResponse, urllib3Retry } from '@httpsession/core';
