import type { Auth } from './auth.ts';

/** A token, or a function that gives the token to use now. */
export type TokenSource = string | (() => string | Promise<string>);

/**
 * Bearer authentication (RFC 6750 2.1). A function is asked for its token before every attempt.
 *
 * @throws {TypeError} when the token is empty or has characters other than visible ASCII; a function's token
 * is judged when it is used
 */
export function bearer(token: TokenSource): Auth {
  if (typeof token !== 'function') {
    const authorization = bearerAuthorization(token);
    return { sign: (request) => request.withHeader('authorization', authorization) };
  }
  return {
    sign(request) {
      const current = token();
      return typeof current === 'string'
        ? request.withHeader('authorization', bearerAuthorization(current))
        : current.then((later) => request.withHeader('authorization', bearerAuthorization(later)));
    },
  };
}

/**
 * The value of a Bearer `Authorization` header.
 *
 * @throws {TypeError} when the token is empty or has characters other than visible ASCII; never shows the token
 */
export function bearerAuthorization(token: string): string {
  if (typeof token !== 'string') {
    throw new TypeError(`bearer token must be a string, got ${token === null ? 'null' : typeof token}`);
  }
  // Wider than b64token of RFC 6750 2.1, because deployed tokens are (`1|abc`, `key:abc`); spaces and line ends,
  // which would split the header, are not.
  if (!/^[!-~]+$/.test(token)) {
    throw new TypeError('bearer token must be one or more visible ASCII characters');
  }
  return `Bearer ${token}`;
}
