import type { CookieIndex, Site } from './cookie-index.ts';
import { MAX_LIFETIME } from './cookie-limits.ts';
import { defaultPath, pathMatches } from './cookie-path.ts';
import type { CookieRecord, UnstoredCookie } from './cookie-record.ts';
import { brokenPrefixRule } from './prefixes.ts';
import type { RequestTarget } from './request-target.ts';
import type { ParsedSetCookie } from './set-cookie-parser.ts';

/**
 * Applies RFC 6265bis 5.7 to a cookie that a response to this request sets. Returns the cookie to store, or the reason
 * why it must be ignored.
 */
export function cookieFromResponse(
  parsed: ParsedSetCookie,
  target: RequestTarget,
  now: number,
): UnstoredCookie | string {
  const { scope } = target.host;
  const { domain } = parsed;
  let hostOnly = true;
  if (domain !== '' && domain !== scope.host) {
    // The domains of a scope end at the registrable domain, so this refuses foreign domains and public suffixes alike.
    if (scope.standalone || !scope.domains.includes(domain))
      return 'claims a domain that its host may not set cookies for';
    hostOnly = false;
  } else if (domain !== '') hostOnly = scope.standalone;
  const cookie: UnstoredCookie = {
    name: parsed.name,
    value: parsed.value,
    domain: domain === '' ? scope.host : domain,
    hostOnly,
    path: parsed.path ?? defaultPath(target.path),
    secure: parsed.secure,
    httpOnly: parsed.httpOnly,
    sameSite: parsed.sameSite,
    partitioned: parsed.partitioned,
    partitionKey: null,
    expires: expiryInstant(parsed, now),
    created: now,
  };
  if (cookie.secure && !target.secure) return 'is Secure but came over plain http';
  return brokenRule(cookie, parsed.path !== null) ?? cookie;
}

/** Checks the rules that bind attributes to each other. Returns the broken one, `undefined` when there is none. */
export function brokenRule(cookie: CookieRecord, explicitPath: boolean): string | undefined {
  if (!cookie.secure) {
    if (cookie.sameSite === 'none') return 'has SameSite=None without Secure';
    if (cookie.partitioned) return 'is Partitioned without Secure';
  }
  return brokenPrefixRule(cookie, explicitPath);
}

/** Cuts an expiry to what RFC 6265bis 5.5 allows, in milliseconds since 1970. */
export const cappedExpiry = (expires: number, now: number): number => Math.min(expires, now + MAX_LIFETIME);

function expiryInstant(parsed: ParsedSetCookie, now: number): number | null {
  const { maxAge } = parsed;
  // Counted from now, once: reading a cookie does not make it live longer.
  if (maxAge !== null) return maxAge <= 0 ? Number.NEGATIVE_INFINITY : cappedExpiry(now + maxAge * 1000, now);
  return parsed.expires === null ? null : cappedExpiry(parsed.expires, now);
}

/**
 * "Leave secure cookies alone" (RFC 6265bis 5.7 step 16): tells whether a cookie set over plain http would overwrite,
 * shadow or expire a Secure one.
 */
export function overlaysSecureCookie(
  index: CookieIndex,
  site: Site | undefined,
  cookie: CookieRecord,
  now: number,
): boolean {
  if (site === undefined || !site.secureNames.has(cookie.name)) return false;
  for (const bucket of [...site.domains.values()]) {
    if (!isSameOrSubdomain(bucket.domain, cookie.domain) && !isSameOrSubdomain(cookie.domain, bucket.domain))
      continue;
    index.purgeBucket(bucket, now);
    for (const { record } of bucket.cookies.values()) {
      if (record.secure && record.name === cookie.name && pathMatches(cookie.path, record.path)) return true;
    }
  }
  return false;
}

const isSameOrSubdomain = (host: string, domain: string): boolean =>
  host === domain || host.endsWith(`.${domain}`);
