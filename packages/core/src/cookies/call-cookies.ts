import { InvalidCookieError } from '../errors.ts';
import type { Middleware } from '../middleware.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';

/**
 * The `Cookie` header of one message: the jar's cookies, then the caller's own header, then the call's `cookies` option; a later one
 * replaces all earlier ones of its name. `null` when none is left.
 */
export const cookieHeader = (request: PreparedRequest, fromJar: string): string | null => {
  const explicit = request.headers.get('cookie');
  const { cookies, origin } = request.call;
  const own = cookies !== null && request.origin === origin ? cookies : null;
  if (explicit === undefined && own === null) return fromJar === '' ? null : fromJar;
  // A jar may send one name twice, for two paths (RFC 6265 5.4): both stay unless replaced.
  const written = pairsIn(explicit ?? '');
  const replaced = new Set(written.map(nameOf));
  const pairs = pairsIn(fromJar).filter((pair) => !replaced.has(nameOf(pair)));
  pairs.push(...written);
  if (own === null) return joined(pairs);
  const others = pairs.filter((pair) => !own.has(nameOf(pair)));
  for (const [name, value] of own) if (value !== null) others.push(`${name}=${value}`);
  return joined(others);
};

/** The cookie layer of a session without a jar: only what the call itself brings. */
export const callCookies: Middleware = (request, next) =>
  request.call.cookies === null ? next(request) : next(withCookieHeader(request, ''));

/** A copy with the `Cookie` header for this message. Never more than one: RFC 6265 5.4. */
export const withCookieHeader = (request: PreparedRequest, fromJar: string): PreparedRequest => {
  const value = cookieHeader(request, fromJar);
  return value === (request.headers.get('cookie') ?? null)
    ? request
    : request.withHeaders(request.headers.with('cookie', value));
};

/** @throws {InvalidCookieError} for octets that RFC 6265 4.1.1 forbids: `a;b=c` would be two cookies */
export const readCallCookies = (given: unknown): ReadonlyMap<string, string | null> | null => {
  if (given === null || given === undefined) return null;
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new TypeError(
      `cookies must be a record of names and values, got ${Array.isArray(given) ? 'a list' : typeof given}`,
    );
  }
  const cookies = new Map<string, string | null>();
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name))
      throw new InvalidCookieError(`cookie name ${JSON.stringify(name.slice(0, 60))} is not a token`);
    if (value !== null && typeof value !== 'string')
      throw new TypeError(`cookies.${name} must be a string, got ${typeof value}`);
    if (value !== null && !/^[!#-+\--:<-[\]-~]*$/.test(value)) {
      throw new InvalidCookieError(`the value of cookie ${name} has an octet that cookies may not have`);
    }
    cookies.set(name, value);
  }
  return cookies.size === 0 ? null : cookies;
};

const pairsIn = (header: string): string[] =>
  header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '');

const joined = (pairs: readonly string[]): string | null => (pairs.length === 0 ? null : pairs.join('; '));

const nameOf = (pair: string): string => {
  const at = pair.indexOf('=');
  return at === -1 ? '' : pair.slice(0, at).trim();
};
