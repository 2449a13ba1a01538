/** Value of the `SameSite` attribute; `null` in a record when the server sent none. */
export type SameSite = 'strict' | 'lax' | 'none';

/**
 * One cookie as the jar holds it: frozen, replaced as a whole when it changes.
 * Field names follow the Cookie Store API of browsers.
 */
export interface CookieRecord {
  /** Name, empty for a nameless cookie (RFC 6265bis 5.6). */
  readonly name: string;
  readonly value: string;
  /** Lower-case host or domain without a leading dot, IPv6 in brackets. */
  readonly domain: string;
  /** True when only this very host gets the cookie, false when its subdomains do too. */
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly sameSite: SameSite | null;
  readonly partitioned: boolean;
  /** Top-level site of a partitioned cookie imported from a browser, `null` for the cookie's own site. */
  readonly partitionKey: string | null;
  /** Instant of expiry in milliseconds since 1970, `null` for a session cookie. */
  readonly expires: number | null;
  /** Instant of creation in milliseconds since 1970; a replaced cookie keeps it. */
  readonly created: number;
}

/** A record on its way into the jar, which sets its time of creation and freezes it. */
export type UnstoredCookie = { -readonly [Key in keyof CookieRecord]: CookieRecord[Key] };

/** Tells whether a cookie's time is over. */
export const isExpired = (cookie: CookieRecord, now: number): boolean =>
  cookie.expires !== null && cookie.expires <= now;

/** What makes a cookie the same cookie. */
export type CookieIdentity = Pick<CookieRecord, 'name' | 'domain' | 'hostOnly' | 'path' | 'partitionKey'>;

/**
 * Identity of a cookie within its domain. RFC 6265bis 5.7 counts the host-only flag as part of it.
 * A semicolon can stand in none of the parts, so no two cookies share an id.
 */
export const idWithinDomain = (cookie: CookieIdentity): string =>
  cookie.partitionKey === null
    ? `${cookie.hostOnly ? 'h' : 'd'}${cookie.path};${cookie.name}`
    : `${cookie.hostOnly ? 'h' : 'd'}${cookie.path};${cookie.name};${cookie.partitionKey}`;

/** What selects cookies: those that match every part given. */
export interface CookieFilter {
  /** Exactly this domain; a leading dot and letter case do not matter. */
  readonly domain?: string | undefined;
  /** Exactly this path. */
  readonly path?: string | undefined;
  readonly name?: string | undefined;
}

/** A filter that can also ask for what a request to a URL would carry. */
export interface CookieLookup extends CookieFilter {
  /** Only cookies that a request to this URL carries. */
  readonly url?: string | URL | undefined;
}
