import type { CookieRecord, SameSite } from './cookie-record.ts';
import type { CookieDraft } from './imported-cookie.ts';
import { arrayAt, booleanAt, type JSONObject, mismatch, numberAt, objectAt, stringAt } from './json-shape.ts';

/** A cookie as Playwright writes it. */
export interface StorageStateCookie {
  readonly name: string;
  readonly value: string;
  /** With a leading dot when subdomains get the cookie too. */
  readonly domain: string;
  readonly path: string;
  /** **Seconds** since 1970, -1 for a session cookie. */
  readonly expires: number;
  readonly httpOnly: boolean;
  readonly secure: boolean;
  readonly sameSite: 'Strict' | 'Lax' | 'None';
  readonly partitionKey?: string;
}

/** A Playwright storage state: the cookies and whatever else came with them. */
export interface StorageState {
  readonly cookies: readonly StorageStateCookie[];
  readonly origins: unknown;
  readonly [member: string]: unknown;
}

/** Members of a storage state that are no cookies, kept for the way back. */
export type StorageExtras = Readonly<Record<string, unknown>>;

/** Writes cookies as Playwright's `addCookies` and `storageState` take them. */
export const writeStorageState = (cookies: Iterable<CookieRecord>): StorageStateCookie[] =>
  Array.from(cookies, (cookie) => ({
    name: cookie.name,
    value: cookie.value,
    domain: cookie.hostOnly ? cookie.domain : `.${cookie.domain}`,
    path: cookie.path,
    expires: cookie.expires === null ? -1 : cookie.expires / 1000,
    httpOnly: cookie.httpOnly,
    secure: cookie.secure,
    // Browsers treat a cookie without the attribute as Lax; the format has no word for leaving it out.
    sameSite: cookie.sameSite === 'strict' ? 'Strict' : cookie.sameSite === 'none' ? 'None' : 'Lax',
    ...(cookie.partitionKey === null ? undefined : { partitionKey: cookie.partitionKey }),
  }));

/** Reads a storage state. @throws {TypeError} naming the first member that does not fit */
export function readStorageState(state: unknown): { cookies: CookieDraft[]; extras: StorageExtras } {
  const members = objectAt(state, 'state');
  const cookies = arrayAt(members.get('cookies'), 'state.cookies').map((cookie, i) =>
    readCookie(objectAt(cookie, `state.cookies[${i}]`), `state.cookies[${i}]`),
  );
  const extras: Record<string, unknown> = Object.create(null);
  for (const [member, value] of members) if (member !== 'cookies') extras[member] = structuredClone(value);
  return { cookies, extras };
}

function readCookie(cookie: JSONObject, place: string): CookieDraft {
  const domain = stringAt(cookie, 'domain', place);
  const secure = booleanAt(cookie, 'secure', place);
  const expires = numberAt(cookie, 'expires', place) ?? -1;
  const partitionKey = cookie.get('partitionKey') ?? null;
  if (partitionKey !== null && typeof partitionKey !== 'string')
    throw mismatch(`${place}.partitionKey`, 'a string', partitionKey);
  return {
    name: stringAt(cookie, 'name', place),
    value: stringAt(cookie, 'value', place),
    domain,
    hostOnly: !domain.startsWith('.'),
    path: stringAt(cookie, 'path', place),
    secure,
    httpOnly: booleanAt(cookie, 'httpOnly', place),
    sameSite: readSameSite(cookie.get('sameSite') ?? null, secure, place),
    partitioned: partitionKey !== null && secure,
    partitionKey,
    expires: expires < 0 ? null : expires * 1000,
  };
}

function readSameSite(value: unknown, secure: boolean, place: string): SameSite | null {
  // Firefox and WebKit say None for a cookie without the attribute; a real None is always Secure.
  if (value === null || (value === 'None' && !secure)) return null;
  if (value === 'Strict') return 'strict';
  if (value === 'Lax') return 'lax';
  if (value === 'None') return 'none';
  throw mismatch(`${place}.sameSite`, "'Strict', 'Lax' or 'None'", value);
}
