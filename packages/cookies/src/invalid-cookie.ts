/** A cookie that no server or browser would take: bad octets, a broken prefix rule, a domain it may not claim. */
export class InvalidCookieError extends Error {
  override readonly name = 'InvalidCookieError';
  readonly code = 'ERR_INVALID_COOKIE';
}

/** Builds the error for a refused cookie. The message names the cookie and the rule, never the value. */
export const invalidCookie = (message: string): InvalidCookieError => new InvalidCookieError(message);
