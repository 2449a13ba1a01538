import { knownOptions } from '@httpsession/core';
import { canonicalHost, hostScope } from './cookie-host.ts';
import type { CookieRecord, SameSite, UnstoredCookie } from './cookie-record.ts';
import { invalidCookie } from './invalid-cookie.ts';
import { brokenRule, cappedExpiry } from './storage-rules.ts';

/** Where a cookie set by hand belongs and how it behaves. */
export interface CookieInit {
  /**
   * URL the cookie is for: it becomes host-only there, unless `domain` says more.
   * @defaultValue the jar's own `url`, if it has one
   */
  readonly url?: string | URL | undefined;
  /** Domain whose subdomains get the cookie too. */
  readonly domain?: string | undefined;
  /** Keeps a cookie with a `domain` from its subdomains. @defaultValue true with a `url` alone, else false */
  readonly hostOnly?: boolean | undefined;
  /** @defaultValue `/` */
  readonly path?: string | undefined;
  /** @defaultValue true with an https or wss `url`, else false */
  readonly secure?: boolean | undefined;
  /** @defaultValue false */
  readonly httpOnly?: boolean | undefined;
  readonly sameSite?: SameSite | null | undefined;
  /** @defaultValue false */
  readonly partitioned?: boolean | undefined;
  /** Instant of expiry, as a `Date` or in milliseconds since 1970; `null` for a session cookie. */
  readonly expires?: Date | number | null | undefined;
  /** Lifetime in **seconds**, as in the attribute `Max-Age`; wins over `expires`. 0 or less deletes the cookie. */
  readonly maxAge?: number | undefined;
}

/**
 * What was given, and nothing of a polluted prototype. A record of another jar is taken, too.
 * @throws {TypeError} naming what is no part of a cookie: one with a misspelt `httpOnly` must not be set without
 */
export const ownInit = (given: CookieInit): CookieInit =>
  knownOptions<CookieInit & Partial<Omit<CookieRecord, keyof CookieInit>>>('cookie', given, initNames);

const initNames = {
  url: true,
  domain: true,
  hostOnly: true,
  path: true,
  secure: true,
  httpOnly: true,
  sameSite: true,
  partitioned: true,
  expires: true,
  maxAge: true,
  // What only a record has: the arguments beside it count, and its time of creation is now.
  name: true,
  value: true,
  partitionKey: true,
  created: true,
} as const;

// RFC 6265 4.1.1 cookie-octet; names also do without the equals sign.
const VALUE = /^(?:[!#-+\--:<-[\]-~]*|"[!#-+\--:<-[\]-~]*")$/;
const NAME = /^[!#-+\--:<>-[\]-~]+$/;

/**
 * Checks a name and value that a caller wants sent as they are.
 * @throws {TypeError} when one is no string
 * @throws {InvalidCookieError} when one holds what RFC 6265 4.1.1 keeps out of cookies: spaces, quotes, commas,
 * semicolons, backslashes, control characters and all beyond ASCII
 */
export function checkCookiePair(name: string, value: string): void {
  if (typeof name !== 'string') throw new TypeError(`name must be a string, got ${typeof name}`);
  if (typeof value !== 'string') throw new TypeError(`value must be a string, got ${typeof value}`);
  if (!NAME.test(name))
    throw invalidCookie(`cookie name ${JSON.stringify(name)} is empty or holds ${culprit(name)}`);
  if (!VALUE.test(value))
    throw invalidCookie(`the value of cookie ${name} holds ${culprit(value)}: encode it first`);
}

/**
 * Builds the cookie that a caller describes for a host, a domain or a host under a domain. All rules of responses hold,
 * save that a caller may speak for any host.
 * @param url - where the cookie belongs when there is no domain
 */
export function cookieFromInit(
  name: string,
  value: string,
  init: CookieInit,
  url: URL | undefined,
  now: number,
): UnstoredCookie {
  checkCookiePair(name, value);
  const host = url?.hostname;
  const domain = init.domain === undefined ? (host ?? '') : checkCookieDomain(init.domain);
  const { standalone } = hostScope(domain);
  if (host !== undefined && host !== domain && (standalone || !host.endsWith(`.${domain}`))) {
    throw invalidCookie(`domain ${domain} does not cover the host ${host}`);
  }
  const expires = expiryOf(init, now);
  const cookie: UnstoredCookie = {
    name,
    value,
    domain,
    hostOnly: standalone || (init.hostOnly ?? init.domain === undefined),
    path: checkCookiePath(init.path ?? '/'),
    secure: init.secure ?? (url?.protocol === 'https:' || url?.protocol === 'wss:'),
    httpOnly: init.httpOnly ?? false,
    sameSite: checkSameSite(init.sameSite),
    partitioned: init.partitioned ?? false,
    partitionKey: null,
    expires: expires === null ? null : cappedExpiry(expires, now),
    created: now,
  };
  const broken = brokenRule(cookie, true);
  if (broken !== undefined) throw invalidCookie(`the cookie ${name} ${broken}`);
  return cookie;
}

/** Checks a path given by a caller. @throws {InvalidCookieError} when it is no path a cookie can have */
function checkCookiePath(path: string): string {
  if (typeof path !== 'string') throw new TypeError(`path must be a string, got ${typeof path}`);
  if (PATH.test(path)) return path;
  throw invalidCookie('cookie path must start with a slash and hold printable ASCII without semicolons');
}

/** Brings a domain given by a caller into canonical form. @throws {InvalidCookieError} when it is no host name */
export function checkCookieDomain(domain: string): string {
  if (typeof domain !== 'string') throw new TypeError(`domain must be a string, got ${typeof domain}`);
  const host = canonicalHost(domain);
  if (host === undefined) throw invalidCookie(`cookie domain ${JSON.stringify(domain)} is no host name`);
  return host;
}

/** Reads `sameSite`. @throws {TypeError} when it is not one of its words */
function checkSameSite(sameSite: SameSite | null | undefined): SameSite | null {
  if (sameSite === undefined || sameSite === null) return null;
  if (sameSite === 'strict' || sameSite === 'lax' || sameSite === 'none') return sameSite;
  throw new TypeError(`sameSite must be 'strict', 'lax', 'none' or null, got ${String(sameSite)}`);
}

/** Instant of expiry in milliseconds, `null` for a session cookie. @throws {TypeError} on what is no time */
function expiryOf(init: CookieInit, now: number): number | null {
  const { maxAge, expires } = init;
  if (maxAge !== undefined) {
    if (typeof maxAge !== 'number' || Number.isNaN(maxAge)) {
      throw new TypeError(`maxAge must be a number of seconds, got ${String(maxAge)}`);
    }
    return maxAge <= 0 ? Number.NEGATIVE_INFINITY : now + maxAge * 1000;
  }
  if (expires === undefined || expires === null) return null;
  const instant = expires instanceof Date ? expires.getTime() : expires;
  if (typeof instant !== 'number' || Number.isNaN(instant)) {
    throw new TypeError(
      `expires must be a valid Date, a number of milliseconds or null, got ${String(expires)}`,
    );
  }
  return instant;
}

const PATH = /^\/[ -:<-~]*$/;

function culprit(text: string): string {
  const found = /[^!#-+\--:<-[\]-~]/u.exec(text)?.[0] ?? '=';
  const code = found.codePointAt(0) ?? 0;
  return code > 0x20 && code < 0x7f ? found : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
