import {
  ConnectionError,
  InvalidURLError,
  type PreparedRequest,
  TLSError,
  UnsupportedOptionError,
} from '@httpsession/core';
import { expect, it } from 'vitest';
import { translateBrowserError } from './browser-errors.ts';

const request = { method: 'TRACE', url: 'http://a.example/', attempts: 1, maxAttempts: 3 } as PreparedRequest;

it.each([
  'Failed to fetch',
  'Load failed',
  'NetworkError when attempting to fetch resource.',
  'The network connection was lost.',
])('knows nothing behind %j: it may have been sent, and may be sent again', (message) => {
  const cause = new TypeError(message);
  const error = translateBrowserError(cause, request);
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error).toMatchObject({ phase: 'unknown', requestSent: true, retryable: true, cause });
});

it.each([
  [
    "Failed to execute 'fetch' on 'Window': 'TRACE' HTTP method is unsupported.",
    UnsupportedOptionError,
    { option: 'method', platform: 'browser' },
  ],
  ['Method is forbidden.', UnsupportedOptionError, { option: 'method', platform: 'browser' }],
  ['URL scheme "ftp" is not supported.', InvalidURLError, {}],
  ['An SSL error has occurred.', TLSError, { requestSent: false, retryable: false }],
  ['The certificate for this server is invalid.', TLSError, { requestSent: false, retryable: false }],
])('takes %j for what it says', (message, type, members) => {
  const error = translateBrowserError(new TypeError(message), request);
  expect(error).toBeInstanceOf(type);
  expect(error).toMatchObject(members);
});

it('takes whatever a mock of fetch throws', () => {
  expect(translateBrowserError('gone', request)).toMatchObject({ cause: 'gone', requestSent: true });
});
