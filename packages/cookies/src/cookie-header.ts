import type { HostScope } from './cookie-host.ts';
import type { CookieIndex, IndexedCookie, Site } from './cookie-index.ts';
import type { CookieLimits } from './cookie-limits.ts';
import { pathMatches } from './cookie-path.ts';
import type { CookieRecord } from './cookie-record.ts';

/** A `Cookie` value together with what keeps it true. */
export interface CookieHeader {
  readonly text: string;
  /** Instant at which the first cookie in it expires. */
  readonly freshUntil: number;
}

/**
 * Chooses the cookies that a request may carry, in sending order (RFC 6265bis 5.8.3): longer paths first, then older
 * cookies. Expired ones must have been purged.
 */
export function selectCookies(
  index: CookieIndex,
  scope: HostScope,
  path: string,
  secure: boolean,
): IndexedCookie[] {
  const chosen: IndexedCookie[] = [];
  for (const domain of scope.domains) {
    const bucket = index.sites.get(scope.site)?.domains.get(domain);
    if (bucket === undefined) continue;
    for (const cookie of bucket.cookies.values()) {
      const { record } = cookie;
      if (record.hostOnly && record.domain !== scope.host) continue;
      if (record.secure && !secure) continue;
      if (!pathMatches(path, record.path)) continue;
      if (record.partitionKey !== null && !isOwnSite(record.partitionKey, bucket.site)) continue;
      index.touch(bucket, cookie);
      chosen.push(cookie);
    }
  }
  return chosen.length > 1 ? chosen.sort(bySendingOrder) : chosen;
}

/** Writes the `Cookie` value. Cookies that would burst a limit are left out, the ones behind them are not. */
export function writeHeader(cookies: readonly IndexedCookie[], limits: CookieLimits): CookieHeader {
  const pairs: string[] = [];
  let length = 0;
  let freshUntil = Number.POSITIVE_INFINITY;
  for (const { record } of cookies) {
    if (pairs.length === limits.headerCookies) break;
    const pair = writePair(record);
    const separator = pairs.length === 0 ? 0 : 2;
    // Every character is one octet (the parser lets none above U+00FF in), so lengths are octets.
    if (length + separator + pair.length > limits.headerBytes) continue;
    length += separator + pair.length;
    pairs.push(pair);
    if (record.expires !== null && record.expires < freshUntil) freshUntil = record.expires;
  }
  // Joined, not added up: a sum of strings is kept as its parts, at four times the memory.
  return { text: pairs.join('; '), freshUntil };
}

// RFC 6265bis 5.8.3: a nameless cookie is sent as its bare value.
const writePair = (cookie: CookieRecord): string =>
  cookie.name === '' ? cookie.value : `${cookie.name}=${cookie.value}`;

const bySendingOrder = (a: IndexedCookie, b: IndexedCookie): number =>
  b.record.path.length - a.record.path.length || a.record.created - b.record.created || a.order - b.order;

/** A session is its own top-level site, so cookies partitioned under another site stay unsent. */
function isOwnSite(partitionKey: string, site: Site): boolean {
  const host = URL.canParse(partitionKey) ? new URL(partitionKey).hostname : partitionKey;
  return host === site.key || host.endsWith(`.${site.key}`);
}
