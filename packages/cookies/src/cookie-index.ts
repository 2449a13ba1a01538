import type { HostScope } from './cookie-host.ts';
import {
  type CookieIdentity,
  type CookieRecord,
  idWithinDomain,
  isExpired,
  type UnstoredCookie,
} from './cookie-record.ts';

/** A cookie in the index: its record may be replaced, its place in the order stays. */
export interface IndexedCookie {
  record: CookieRecord;
  /** Place among all cookies of the jar, by first insertion. */
  readonly order: number;
  /** Tick of the last write or of the last header it went into. */
  used: number;
}

/** All cookies of one domain value, host-only ones included. */
export interface DomainBucket {
  readonly domain: string;
  readonly site: Site;
  readonly cookies: Map<string, IndexedCookie>;
  /** No cookie expires before this instant. */
  nextExpiry: number;
  used: number;
}

/** All domains under one registrable domain: the unit whose headers a write invalidates. */
export interface Site {
  readonly key: string;
  readonly domains: Map<string, DomainBucket>;
  /** Rises whenever a header of this site may have changed. */
  version: number;
  /** Set when a request uses it, cleared by the eviction hand: a second chance. Writes alone do not earn it. */
  recentlyUsed: boolean;
  /** Cookies with a path other than `/`; at 0, one header serves all paths. */
  deepPaths: number;
  /** Names of Secure cookies with their count, for "leave secure cookies alone". */
  readonly secureNames: Map<string, number>;
}

/** Why the index let a cookie go by itself. */
export type IndexRemoval = 'expired' | 'evicted';

/** Cookies by site, domain and identity, with expiry and eviction. Holds no policy and parses nothing. */
export class CookieIndex {
  readonly sites: Map<string, Site> = new Map();
  /** Stands in for every site without cookies, so that memos of empty headers can be checked too. */
  readonly absent: Site = newSite('');
  readonly #onRemoval: (cookie: CookieRecord, cause: IndexRemoval) => void;
  #hand: Iterator<Site, undefined> = this.sites.values();
  #size = 0;
  #tick = 0;
  #nextExpiry = Number.POSITIVE_INFINITY;

  constructor(onRemoval: (cookie: CookieRecord, cause: IndexRemoval) => void) {
    this.#onRemoval = onRemoval;
  }

  /** Cookies held, expired ones included until they are purged. */
  get size(): number {
    return this.#size;
  }

  /**
   * Inserts a cookie, or replaces the one of the same identity, whose creation time and place it inherits
   * (RFC 6265bis 5.7 step 23). Freezes and returns it.
   */
  put(siteKey: string, cookie: UnstoredCookie, now: number): CookieRecord {
    const id = idWithinDomain(cookie);
    let known = this.#bucketOf(siteKey, cookie.domain);
    let indexed = known?.cookies.get(id);
    if (known !== undefined && indexed !== undefined && isExpired(indexed.record, now)) {
      this.#removeFrom(known, id);
      this.#onRemoval(indexed.record, 'expired');
      // Asked anew: it may have taken its bucket and site along, and a listener may have set it again.
      known = this.#bucketOf(siteKey, cookie.domain);
      indexed = known?.cookies.get(id);
    }
    const bucket = known ?? bucketFor(this.#siteFor(siteKey), cookie.domain);
    const { site } = bucket;
    this.#tick++;
    if (indexed === undefined) {
      bucket.cookies.set(id, { record: Object.freeze(cookie), order: this.#tick, used: this.#tick });
      this.#size++;
      site.version++;
      count(site, cookie, 1);
    } else {
      const previous = indexed.record;
      cookie.created = previous.created;
      // A server that renews a session on every response must not cost a new header every time.
      if (changesHeader(previous, cookie)) site.version++;
      if (previous.secure !== cookie.secure) {
        count(site, previous, -1);
        count(site, cookie, 1);
      }
      indexed.record = Object.freeze(cookie);
      indexed.used = this.#tick;
    }
    bucket.used = this.#tick;
    if (cookie.expires !== null) {
      if (cookie.expires < bucket.nextExpiry) bucket.nextExpiry = cookie.expires;
      if (cookie.expires < this.#nextExpiry) this.#nextExpiry = cookie.expires;
    }
    return cookie;
  }

  /** Removes the cookie of this identity and returns it. */
  remove(siteKey: string, cookie: CookieIdentity): CookieRecord | undefined {
    const bucket = this.#bucketOf(siteKey, cookie.domain);
    return bucket === undefined ? undefined : this.#removeFrom(bucket, idWithinDomain(cookie));
  }

  clear(): void {
    for (const site of this.sites.values()) site.version++;
    this.absent.version++;
    this.sites.clear();
    this.#size = 0;
    this.#nextExpiry = Number.POSITIVE_INFINITY;
  }

  /** Drops what has expired in one bucket. */
  purgeBucket(bucket: DomainBucket, now: number): void {
    if (now < bucket.nextExpiry) return;
    bucket.nextExpiry = Number.POSITIVE_INFINITY;
    for (const [id, { record }] of bucket.cookies) {
      if (record.expires === null) continue;
      if (isExpired(record, now)) {
        this.#removeFrom(bucket, id);
        this.#onRemoval(record, 'expired');
      } else if (record.expires < bucket.nextExpiry) bucket.nextExpiry = record.expires;
    }
  }

  /** Drops what has expired among the cookies that a host can see. */
  purgeHost(scope: HostScope, now: number): void {
    for (const domain of scope.domains) {
      const bucket = this.sites.get(scope.site)?.domains.get(domain);
      if (bucket !== undefined) this.purgeBucket(bucket, now);
    }
  }

  /** Drops what has expired anywhere; free until the next cookie expires. */
  purge(now: number): void {
    if (now < this.#nextExpiry) return;
    this.#nextExpiry = Number.POSITIVE_INFINITY;
    for (const site of this.sites.values()) {
      for (const bucket of site.domains.values()) {
        this.purgeBucket(bucket, now);
        if (bucket.nextExpiry < this.#nextExpiry) this.#nextExpiry = bucket.nextExpiry;
      }
    }
  }

  /** Marks cookies as used by a header, for the eviction order. */
  touch(bucket: DomainBucket, cookie: IndexedCookie): void {
    cookie.used = ++this.#tick;
    bucket.used = this.#tick;
  }

  /** Evicts until the cookie's domain and the whole index are within their limits; what has expired leaves first. */
  enforce(siteKey: string, domain: string, perHost: number, total: number, now: number): void {
    const bucket = this.#bucketOf(siteKey, domain);
    if (bucket !== undefined && bucket.cookies.size > perHost) {
      this.purgeBucket(bucket, now);
      while (bucket.cookies.size > perHost) this.#evictFrom(bucket);
    }
    if (this.#size > total) this.purge(now);
    while (this.#size > total) {
      const site = this.#advanceHand();
      const least = site.recentlyUsed ? undefined : leastUsedBucket(site);
      site.recentlyUsed = false;
      if (least !== undefined) this.#evictFrom(least);
    }
  }

  /** All cookies in a stable order: by site as first seen, then by first insertion. */
  *[Symbol.iterator](): Generator<CookieRecord> {
    for (const site of this.sites.values()) {
      const cookies = [...site.domains.values()].flatMap((bucket) => [...bucket.cookies.values()]);
      if (site.domains.size > 1) cookies.sort((a, b) => a.order - b.order);
      for (const { record } of cookies) yield record;
    }
  }

  #bucketOf(siteKey: string, domain: string): DomainBucket | undefined {
    return this.sites.get(siteKey)?.domains.get(domain);
  }

  #siteFor(key: string): Site {
    const known = this.sites.get(key);
    if (known !== undefined) return known;
    const site = newSite(key);
    this.sites.set(key, site);
    this.absent.version++;
    return site;
  }

  #removeFrom(bucket: DomainBucket, id: string): CookieRecord | undefined {
    const indexed = bucket.cookies.get(id);
    if (indexed === undefined) return undefined;
    const { site } = bucket;
    bucket.cookies.delete(id);
    this.#size--;
    site.version++;
    count(site, indexed.record, -1);
    if (bucket.cookies.size === 0) {
      site.domains.delete(bucket.domain);
      if (site.domains.size === 0) this.sites.delete(site.key);
    }
    return indexed.record;
  }

  /** The clock algorithm: sites used since the hand last passed are spared once. Finding a victim takes no sorted list. */
  #advanceHand(): Site {
    // A Map iterator is live: it skips deleted sites and reaches those added since.
    const next = this.#hand.next();
    if (next.done !== true) return next.value;
    this.#hand = this.sites.values();
    return this.#hand.next().value ?? this.absent;
  }

  #evictFrom(bucket: DomainBucket): void {
    let worst: IndexedCookie | undefined;
    for (const indexed of bucket.cookies.values()) {
      if (worst === undefined || leavesBefore(indexed, worst)) worst = indexed;
    }
    if (worst === undefined) return;
    this.#removeFrom(bucket, idWithinDomain(worst.record));
    this.#onRemoval(worst.record, 'evicted');
  }
}

function newSite(key: string): Site {
  return {
    key,
    domains: new Map(),
    version: 0,
    recentlyUsed: false,
    deepPaths: 0,
    secureNames: new Map(),
  };
}

function bucketFor(site: Site, domain: string): DomainBucket {
  const known = site.domains.get(domain);
  if (known !== undefined) return known;
  const bucket = { domain, site, cookies: new Map(), nextExpiry: Number.POSITIVE_INFINITY, used: 0 };
  site.domains.set(domain, bucket);
  return bucket;
}

function count(site: Site, record: CookieRecord, change: 1 | -1): void {
  if (record.path !== '/') site.deepPaths += change;
  if (!record.secure) return;
  const names = (site.secureNames.get(record.name) ?? 0) + change;
  if (names === 0) site.secureNames.delete(record.name);
  else site.secureNames.set(record.name, names);
}

// A later expiry needs no new header: the old one is built anew at the old instant and finds the cookie alive.
const changesHeader = (before: CookieRecord, after: CookieRecord): boolean =>
  before.value !== after.value || before.secure !== after.secure || expiry(after) < expiry(before);

const expiry = (cookie: CookieRecord): number => cookie.expires ?? Number.POSITIVE_INFINITY;

// RFC 6265bis 5.7: cookies without Secure leave first, then those unused for longest.
const leavesBefore = (a: IndexedCookie, b: IndexedCookie): boolean =>
  a.record.secure === b.record.secure ? a.used < b.used : b.record.secure;

function leastUsedBucket(site: Site): DomainBucket | undefined {
  let least: DomainBucket | undefined;
  for (const bucket of site.domains.values()) {
    if (least === undefined || bucket.used < least.used) least = bucket;
  }
  return least;
}
