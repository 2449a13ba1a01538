import type { CookieSupport, CookiesInit, Jar, JarOptions } from '@httpsession/core';
import type { CookieJar as ToughCookieJar } from 'tough-cookie';
import { CookieJar } from './cookie-jar.ts';
import { cookieMiddleware } from './cookie-middleware.ts';
import { ToughBackedJar } from './tough-backed-jar.ts';

/**
 * Jars and the cookie layer for platforms that show `Cookie` and `Set-Cookie`.
 *
 * The `cookies` option may be a jar of ours or of tough-cookie, used as it is, or a record of names and values, which are
 * set for the session's `baseUrl`.
 */
export const cookieSupport: CookieSupport = Object.freeze({ createJar, middleware: cookieMiddleware });

/**
 * @throws {TypeError} for what is no jar and no record, and for a record without a `baseUrl` to bind it to
 * @throws {InvalidCookieError} for names and values that no cookie can have
 */
function createJar(init: Exclude<CookiesInit, false> | JarOptions | undefined, url: string | null): Jar {
  const options = url !== null && /^https?:/.test(url) ? { url } : Object.freeze(Object.create(null));
  if (init === undefined) return new CookieJar(options);
  if (typeof init !== 'object' || init === null || Array.isArray(init)) {
    throw new TypeError(
      `cookies must be a jar, a record of names and values, or false, got ${Array.isArray(init) ? 'a list' : init === null ? 'null' : typeof init}`,
    );
  }
  if (isJar(init)) return init;
  if (isTough(init)) return new ToughBackedJar(init, options);
  return jarOf(init, options.url);
}

function jarOf(record: object, url: string | undefined): CookieJar {
  const entries = Object.entries(record).filter(([, value]) => value !== undefined);
  if (entries.length > 0 && url === undefined) {
    throw new TypeError(
      'cookies given as a record need a baseUrl to belong to; without one, give a CookieJar',
    );
  }
  const jar = new CookieJar(url === undefined ? {} : { url });
  for (const [name, value] of entries) jar.set(name, value);
  return jar;
}

// By shape: a jar of another copy of this package, or one that somebody wrote, is as good.
const isJar = (init: object): init is Jar =>
  init instanceof CookieJar || (has(init, 'getCookieString') && has(init, 'setFromResponse'));

const isTough = (init: object): init is ToughCookieJar =>
  has(init, 'getCookieString') && has(init, 'setCookie') && 'store' in init;

const has = (value: object, method: string): boolean =>
  typeof (value as Record<string, unknown>)[method] === 'function';
