import type { CookieRecord, SameSite } from './cookie-record.ts';
import type { CookieDraft } from './imported-cookie.ts';
import { arrayAt, booleanAt, type JSONObject, mismatch, numberAt, objectAt, stringAt } from './json-shape.ts';

/** A cookie in JSON; members that are false or `null` are left out. */
export interface CookieJSON {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly hostOnly?: true;
  readonly path: string;
  readonly secure?: true;
  readonly httpOnly?: true;
  readonly sameSite?: SameSite;
  readonly partitioned?: true;
  readonly partitionKey?: string;
  /** Milliseconds since 1970, left out for session cookies. */
  readonly expires?: number;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** A whole jar in JSON. */
export interface CookieJarJSON {
  readonly version: 1;
  readonly cookies: readonly CookieJSON[];
}

/** Writes cookies as the JSON of a jar. */
export const writeJSON = (cookies: Iterable<CookieRecord>): CookieJarJSON => ({
  version: 1,
  cookies: Array.from(cookies, writeCookieJSON),
});

/** Writes one cookie, as short as it goes. */
export function writeCookieJSON(cookie: CookieRecord): CookieJSON {
  return {
    name: cookie.name,
    value: cookie.value,
    domain: cookie.domain,
    ...(cookie.hostOnly ? { hostOnly: true } : undefined),
    path: cookie.path,
    ...(cookie.secure ? { secure: true } : undefined),
    ...(cookie.httpOnly ? { httpOnly: true } : undefined),
    ...(cookie.sameSite === null ? undefined : { sameSite: cookie.sameSite }),
    ...(cookie.partitioned ? { partitioned: true } : undefined),
    ...(cookie.partitionKey === null ? undefined : { partitionKey: cookie.partitionKey }),
    ...(cookie.expires === null ? undefined : { expires: cookie.expires }),
    created: cookie.created,
  };
}

/** Reads the JSON of a jar. @throws {TypeError} naming the first member that does not fit */
export function readJSON(json: unknown): CookieDraft[] {
  const jar = objectAt(json, 'json');
  const version = jar.get('version');
  if (version !== 1) throw new TypeError(`json.version must be 1, got ${String(version)}`);
  return arrayAt(jar.get('cookies'), 'json.cookies').map((cookie, i) =>
    readCookieJSON(cookie, `json.cookies[${i}]`),
  );
}

/** Reads one cookie. @throws {TypeError} naming the first member that does not fit */
export function readCookieJSON(json: unknown, place: string): CookieDraft {
  const cookie = objectAt(json, place);
  const partitionKey = cookie.get('partitionKey') ?? null;
  if (partitionKey !== null && typeof partitionKey !== 'string')
    throw mismatch(`${place}.partitionKey`, 'a string', partitionKey);
  const created = numberAt(cookie, 'created', place);
  return {
    name: stringAt(cookie, 'name', place),
    value: stringAt(cookie, 'value', place),
    domain: stringAt(cookie, 'domain', place),
    hostOnly: booleanAt(cookie, 'hostOnly', place),
    path: stringAt(cookie, 'path', place),
    secure: booleanAt(cookie, 'secure', place),
    httpOnly: booleanAt(cookie, 'httpOnly', place),
    sameSite: sameSiteAt(cookie, place),
    partitioned: booleanAt(cookie, 'partitioned', place),
    partitionKey,
    expires: numberAt(cookie, 'expires', place),
    ...(created === null ? undefined : { created }),
  };
}

function sameSiteAt(cookie: JSONObject, place: string): SameSite | null {
  const value = cookie.get('sameSite') ?? null;
  if (value === null || value === 'strict' || value === 'lax' || value === 'none') return value;
  throw mismatch(`${place}.sameSite`, "'strict', 'lax' or 'none'", value);
}
