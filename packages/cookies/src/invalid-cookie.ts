import { InvalidCookieError } from '@httpsession/core';

/** Builds the error for a refused cookie. The message names the cookie and the rule, never the value. */
export const invalidCookie = (message: string): InvalidCookieError => new InvalidCookieError(message);
