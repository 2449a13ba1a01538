import { canonicalHost, hostScope } from './cookie-host.ts';
import { MAX_PAIR_BYTES } from './cookie-limits.ts';
import type { SameSite, UnstoredCookie } from './cookie-record.ts';
import { invalidCookie } from './invalid-cookie.ts';
import { mismatch } from './json-shape.ts';
import { brokenRule, cappedExpiry } from './storage-rules.ts';

/** A cookie as a file states it; parts left out take the values of a plain session cookie. */
export interface CookieDraft {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure?: boolean;
  readonly httpOnly?: boolean;
  readonly sameSite?: SameSite | null;
  readonly partitioned?: boolean;
  readonly partitionKey?: string | null;
  readonly expires?: number | null;
  readonly created?: number;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the same ones that RFC 6265bis 5.6 refuses in a header
const NO_HEADER = /[\x00-\x08\x0a-\x1f\x7f;]|[^\x00-\xff]/;
const SPACE_AROUND = /^[ \t]|[ \t]$/;

/**
 * Turns a draft into a record under the rules that a response would have to keep, so that no file brings in a cookie
 * that could break a header or pose as another.
 * @param place - names the cookie in errors, for example `cookies[3]`
 * @throws {InvalidCookieError} when a rule is broken
 * @throws {TypeError} when a part is of the wrong type
 */
export function importedCookie(draft: CookieDraft, place: string, now: number): UnstoredCookie {
  const { name, value, path } = draft;
  for (const part of ['name', 'value', 'domain', 'path'] as const) {
    if (typeof draft[part] !== 'string') throw mismatch(`${place}.${part}`, 'a string', draft[part]);
  }
  for (const part of ['expires', 'created'] as const) {
    const instant = draft[part] ?? 0;
    if (typeof instant !== 'number' || Number.isNaN(instant))
      throw mismatch(`${place}.${part}`, 'a number', instant);
  }
  const domain = canonicalHost(draft.domain);
  if (domain === undefined) throw invalidCookie(`${place}: the domain is no host name`);
  if (
    NO_HEADER.test(name) ||
    NO_HEADER.test(value) ||
    NO_HEADER.test(path) ||
    NO_HEADER.test(draft.partitionKey ?? '')
  ) {
    throw invalidCookie(`${place}: a name, value or path holds a character that no cookie can`);
  }
  if (SPACE_AROUND.test(name) || SPACE_AROUND.test(value)) {
    throw invalidCookie(`${place}: a name or value starts or ends with white space`);
  }
  if (name.includes('=') || (name === '' && value === ''))
    throw invalidCookie(`${place}: the name is not valid`);
  if (name.length + value.length > MAX_PAIR_BYTES) {
    throw invalidCookie(`${place}: name and value are over ${MAX_PAIR_BYTES} octets`);
  }
  if (!path.startsWith('/')) throw invalidCookie(`${place}: the path does not start with a slash`);
  const expires = draft.expires ?? null;
  const cookie: UnstoredCookie = {
    name,
    value,
    domain,
    // IP addresses and public suffixes have no subdomains to share with, whatever the file says.
    hostOnly: draft.hostOnly || hostScope(domain).standalone,
    path,
    secure: draft.secure ?? false,
    httpOnly: draft.httpOnly ?? false,
    sameSite: draft.sameSite ?? null,
    partitioned: draft.partitioned ?? false,
    partitionKey: draft.partitionKey ?? null,
    expires: expires === null ? null : cappedExpiry(expires, now),
    created: Math.min(draft.created ?? now, now),
  };
  const broken = brokenRule(cookie, true);
  if (broken !== undefined) throw invalidCookie(`${place}: the cookie ${broken}`);
  return cookie;
}
