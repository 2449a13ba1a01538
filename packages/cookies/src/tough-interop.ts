import { Cookie, MemoryCookieStore, CookieJar as ToughCookieJar } from 'tough-cookie';
import type { CookieRecord, SameSite } from './cookie-record.ts';
import type { CookieDraft } from './imported-cookie.ts';
import { arrayAt, booleanAt, type JSONObject, objectAt, stringAt } from './json-shape.ts';

/** Writes cookies into a tough-cookie jar, straight into its store: its own import recurses once per cookie. */
export function writeTough(cookies: Iterable<CookieRecord>): ToughCookieJar {
  const store = new MemoryCookieStore();
  for (const cookie of cookies) void store.putCookie(toughCookie(cookie));
  // tough-cookie decides about public suffixes when it stores and again when it reads; ours have passed that test.
  return new ToughCookieJar(store);
}

/**
 * Reads the cookies of a tough-cookie jar.
 * @throws {TypeError} when it is none or its store cannot answer at once
 */
export function readTough(jar: ToughCookieJar): CookieDraft[] {
  if (typeof jar?.serializeSync !== 'function')
    throw new TypeError(`jar must be a tough-cookie CookieJar, got ${typeof jar}`);
  if (!jar.store.synchronous)
    throw new TypeError('jar must have a synchronous store: pass its serialize() to fromJSON');
  return readToughJSON(jar.serializeSync());
}

/** Tells the JSON of a tough-cookie jar from ours by its version string. */
export const isToughJSON = (json: unknown): boolean =>
  typeof json === 'object' &&
  json !== null &&
  'version' in json &&
  String(json.version).startsWith('tough-cookie@');

/** Reads the JSON of a tough-cookie jar. @throws {TypeError} naming the first member that does not fit */
export function readToughJSON(json: unknown): CookieDraft[] {
  const cookies = arrayAt(objectAt(json, 'json').get('cookies'), 'json.cookies');
  return cookies.map((cookie, i) => readCookie(objectAt(cookie, `json.cookies[${i}]`), `json.cookies[${i}]`));
}

function readCookie(cookie: JSONObject, place: string): CookieDraft {
  const created = instantAt(cookie, 'creation');
  const path = cookie.get('path');
  const sameSite = cookie.get('sameSite');
  const extensions = cookie.get('extensions');
  const secure = booleanAt(cookie, 'secure', place);
  return {
    // tough-cookie leaves members at their default out, which for names and values is the empty string.
    name: cookie.has('key') ? stringAt(cookie, 'key', place) : '',
    value: cookie.has('value') ? stringAt(cookie, 'value', place) : '',
    domain: stringAt(cookie, 'domain', place),
    hostOnly: booleanAt(cookie, 'hostOnly', place),
    path: typeof path === 'string' ? path : '/',
    secure,
    httpOnly: booleanAt(cookie, 'httpOnly', place),
    sameSite: readSameSite(sameSite, secure),
    partitioned:
      secure && Array.isArray(extensions) && extensions.some((text) => /^partitioned$/i.test(String(text))),
    expires: expiryOf(cookie, created),
    ...(created === null ? undefined : { created }),
  };
}

// tough-cookie takes SameSite=None without Secure; to browsers and to us that is no cookie, so the attribute goes.
const readSameSite = (word: unknown, secure: boolean): SameSite | null =>
  word === 'strict' || word === 'lax' || (word === 'none' && secure) ? word : null;

function expiryOf(cookie: JSONObject, created: number | null): number | null {
  const maxAge = cookie.get('maxAge');
  if (maxAge === 'Infinity') return Number.POSITIVE_INFINITY;
  if (maxAge === '-Infinity') return Number.NEGATIVE_INFINITY;
  const start = instantAt(cookie, 'lastAccessed') ?? created;
  if (typeof maxAge === 'number' && start !== null) return start + maxAge * 1000;
  return instantAt(cookie, 'expires');
}

function instantAt(cookie: JSONObject, key: string): number | null {
  const value = cookie.get(key);
  const instant = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(instant) ? null : instant;
}

/** Writes one cookie as tough-cookie holds it. */
export function toughCookie(cookie: CookieRecord): Cookie {
  const created = new Date(cookie.created);
  return new Cookie({
    key: cookie.name,
    value: cookie.value,
    // tough-cookie writes IPv6 without brackets.
    domain: cookie.domain.startsWith('[') ? cookie.domain.slice(1, -1) : cookie.domain,
    hostOnly: cookie.hostOnly,
    path: cookie.path,
    secure: cookie.secure,
    httpOnly: cookie.httpOnly,
    sameSite: cookie.sameSite ?? undefined,
    expires: cookie.expires === null ? 'Infinity' : new Date(cookie.expires),
    extensions: cookie.partitioned ? ['Partitioned'] : null,
    creation: created,
    lastAccessed: created,
  });
}
