import type { CookieJar as ToughCookieJar } from 'tough-cookie';
import type { CookieCause, CookieChange, CookieChangeListener, ForeignChange } from './cookie-change.ts';
import { selectCookies, writeHeader } from './cookie-header.ts';
import { CookieIndex } from './cookie-index.ts';
import { type CookieInit, checkCookieDomain, cookieFromInit, ownInit } from './cookie-init.ts';
import { type CookieJarOptions, ownJarOptions } from './cookie-jar-options.ts';
import { type CookieLimits, resolveLimits } from './cookie-limits.ts';
import {
  type CookieFilter,
  type CookieIdentity,
  type CookieLookup,
  type CookieRecord,
  isExpired,
  type UnstoredCookie,
} from './cookie-record.ts';
import { type CookieDraft, importedCookie } from './imported-cookie.ts';
import { invalidCookie } from './invalid-cookie.ts';
import { type CookieJarJSON, readJSON, writeJSON } from './json-format.ts';
import { readNetscape, writeNetscape } from './netscape.ts';
import { type CookieUrl, parseCookieUrl, type RequestTarget, RequestTargets } from './request-target.ts';
import type { SessionStore } from './session-store.ts';
import { parseSetCookie } from './set-cookie-parser.ts';
import { cookieFromResponse, overlaysSecureCookie } from './storage-rules.ts';
import {
  readStorageState,
  type StorageExtras,
  type StorageState,
  writeStorageState,
} from './storage-state.ts';
import { StoreAttachment } from './store-attachment.ts';
import { isToughJSON, readTough, readToughJSON, writeTough } from './tough-interop.ts';

/**
 * Keeps cookies by RFC 6265bis and answers with the `Cookie` header for a URL, at once and from memory: a host that has been asked for
 * costs a few map lookups, until a write or an expiry changes what it would get.
 */
export class CookieJar {
  readonly #options: CookieJarOptions;
  readonly #limits: CookieLimits;
  readonly #now: () => number;
  readonly #targets: RequestTargets;
  readonly #index: CookieIndex;
  #storageExtras: StorageExtras = {};
  readonly #listeners: Set<CookieChangeListener> = new Set();

  /** @throws {TypeError} when an option is not valid */
  constructor(given: CookieJarOptions = {}) {
    const options = ownJarOptions(given);
    this.#options = options;
    this.#limits = resolveLimits(options.limits);
    this.#now = options.now ?? Date.now;
    this.#targets = new RequestTargets(options.secureOnLoopback ?? true);
    this.#index = new CookieIndex((cookie, cause) => this.#emit({ kind: 'delete', cookie, cause }));
    if (options.url !== undefined) this.#targets.locate(String(options.url));
  }

  /** What the jar holds and sends at most. */
  get limits(): CookieLimits {
    return this.#limits;
  }

  /** Number of cookies, expired ones not counted. */
  get size(): number {
    this.#index.purge(this.#now());
    return this.#index.size;
  }

  /**
   * `Cookie` header for a request to this URL, `''` when there is none to send.
   * @throws {TypeError} when the URL is no absolute http, https, ws or wss URL, unless the jar is empty
   */
  getCookieString(url: string | URL): string {
    if (this.#index.size === 0) return '';
    return this.#header(this.#targets.locate(typeof url === 'string' ? url : url.href));
  }

  /** As {@link getCookieString}, for an http, https, ws or wss URL that has been taken apart, such as a request's `target`. */
  headerFor(url: CookieUrl): string {
    return this.#index.size === 0 ? '' : this.#header(this.#targets.targetOf(url));
  }

  /**
   * Takes one `Set-Cookie` field of a response to a request for this URL. Returns the stored cookie, `undefined` when the
   * field deleted one or, with `ignoreError`, was refused.
   * @throws {InvalidCookieError} when the field breaks a rule and `ignoreError` is not set
   * @throws {TypeError} when the URL is no absolute http, https, ws or wss URL
   */
  setCookie(
    field: string,
    url: string | URL,
    options?: { readonly ignoreError?: boolean },
  ): CookieRecord | undefined {
    const target = this.#targets.locate(typeof url === 'string' ? url : url.href);
    const stored = this.#receive(String(field), target, this.#now());
    if (typeof stored !== 'string') return stored;
    if (options?.ignoreError === true) return undefined;
    throw invalidCookie(`the cookie ${stored}`);
  }

  /**
   * Takes all `Set-Cookie` fields of one response, up to the limit per response; refused ones are passed over. Returns the
   * cookies stored.
   * @throws {TypeError} when the URL is no absolute http, https, ws or wss URL
   */
  setFromResponse(fields: readonly string[], url: string | URL): CookieRecord[] {
    const stored: CookieRecord[] = [];
    if (fields.length === 0) return stored;
    const target = this.#targets.locate(typeof url === 'string' ? url : url.href);
    const now = this.#now();
    const taken = Math.min(fields.length, this.#limits.perResponse);
    for (let i = 0; i < taken; i++) {
      const cookie = this.#receive(fields[i] ?? '', target, now);
      if (cookie !== undefined && typeof cookie !== 'string') stored.push(cookie);
    }
    return stored;
  }

  /**
   * Sets a cookie by hand, for a URL's host or for a domain. Returns it, or `undefined` when its expiry has passed and the
   * cookie was deleted instead.
   * @throws {TypeError} when neither `url` nor `domain` says whose it is and the jar has no `url`
   * @throws {InvalidCookieError} when name, value, path or domain could not be sent, or a prefix rule is broken
   */
  set(name: string, value: string, given: CookieInit = {}): CookieRecord | undefined {
    const init = ownInit(given);
    const base = init.url ?? (init.domain === undefined ? this.#options.url : undefined);
    if (base === undefined && init.domain === undefined) {
      throw new TypeError('url or domain must be given: the jar has no url of its own');
    }
    const now = this.#now();
    const url = base === undefined ? undefined : parseCookieUrl(String(base));
    const cookie = cookieFromInit(name, value, init, url, now);
    return this.#store(this.#targets.scopeOf(cookie.domain).site, cookie, 'call', now);
  }

  /**
   * The cookie of this name. Of several, the one with the longest path, then the oldest; `domain`, `path` or `url` tell
   * them apart.
   */
  get(name: string, filter: CookieLookup = {}): CookieRecord | undefined {
    let best: CookieRecord | undefined;
    for (const cookie of this.#matching({ ...filter, name })) {
      const order =
        best === undefined ? 1 : cookie.path.length - best.path.length || best.created - cookie.created;
      if (order > 0) best = cookie;
    }
    return best;
  }

  /** Tells whether there is a cookie of this name. */
  has(name: string, filter: CookieLookup = {}): boolean {
    return this.get(name, filter) !== undefined;
  }

  /** Deletes every cookie of this name that the filter selects, and tells whether there was one. */
  delete(name: string, filter: CookieLookup = {}): boolean {
    const found = this.#matching({ ...filter, name });
    for (const cookie of found) this.#remove(cookie, 'call');
    return found.length > 0;
  }

  /** Deletes the cookies that match every given part; all of them when none is given. */
  clear(filter: CookieFilter = {}): void {
    const found = this.#matching(filter);
    if (filter.domain === undefined && filter.path === undefined && filter.name === undefined) {
      this.#index.clear();
      this.#targets.clear();
      if (this.#listeners.size === 0) return;
      for (const cookie of found) this.#emit({ kind: 'delete', cookie, cause: 'call' });
      return;
    }
    for (const cookie of found) this.#remove(cookie, 'call');
  }

  /** All cookies, in an order that stays: by site and domain as first seen, then by insertion. */
  [Symbol.iterator](): IterableIterator<CookieRecord> {
    return this.#matching({})[Symbol.iterator]();
  }

  /** Names and values, of the whole jar or of what a request to this URL would carry. The first of a name counts. */
  toObject(url?: string | URL): Record<string, string> {
    const values: Record<string, string> = Object.create(null);
    for (const { name, value } of this.#matching({ url })) values[name] ??= value;
    return values;
  }

  /**
   * Adds cookies as they are, such as those of another jar.
   * @throws {InvalidCookieError} when one breaks a rule; those before it are added
   */
  addAll(cookies: Iterable<CookieDraft>): this {
    const now = this.#now();
    let place = 0;
    for (const draft of cookies) {
      const cookie = importedCookie(draft, `cookies[${place++}]`, now);
      this.#store(this.#targets.scopeOf(cookie.domain).site, cookie, 'import', now);
    }
    return this;
  }

  /**
   * Makes changes that were made elsewhere, such as those another jar reported to `onChange`.
   * @throws {InvalidCookieError} when a cookie breaks a rule; the changes before it are made
   */
  applyChanges(changes: Iterable<ForeignChange>): void {
    const now = this.#now();
    let place = 0;
    for (const { kind, cookie } of changes) {
      if (kind === 'delete') this.#remove(cookie, 'store');
      else {
        const stored = importedCookie(cookie, `changes[${place}].cookie`, now);
        this.#store(this.#targets.scopeOf(stored.domain).site, stored, 'store', now);
      }
      place++;
    }
  }

  /**
   * Keeps this jar and a store in step: its cookies go there, those of the store come here. Close the attachment to write
   * what is still on its way.
   */
  attach(store: SessionStore): Promise<StoreAttachment> {
    return StoreAttachment.open(this, store);
  }

  /** A jar of its own with the same options and cookies, without the listeners. */
  clone(): CookieJar {
    const copy = new CookieJar(this.#options).addAll(this);
    copy.#storageExtras = structuredClone(this.#storageExtras);
    return copy;
  }

  /** All cookies as JSON; `fromJSON` reads it. Values are in it as they are: treat it as a secret. */
  toJSON(): CookieJarJSON {
    return writeJSON(this);
  }

  /**
   * A jar of the cookies in the JSON of `toJSON()`, or in that of a tough-cookie jar.
   * @throws {TypeError} when it has another shape
   * @throws {InvalidCookieError} when a cookie breaks a rule
   */
  static fromJSON(json: unknown, options?: CookieJarOptions): CookieJar {
    return new CookieJar(options).addAll(isToughJSON(json) ? readToughJSON(json) : readJSON(json));
  }

  /**
   * All cookies as a Netscape cookies.txt, which curl, wget and browsers' exporters share. It has no place for SameSite,
   * partitions and creation times, nor for cookies with a tab in them, which are left out.
   */
  toNetscape(): string {
    return writeNetscape(this);
  }

  /**
   * A jar of the cookies in a Netscape cookies.txt.
   * @throws {TypeError} when the text has another form
   * @throws {InvalidCookieError} when a cookie breaks a rule
   */
  static fromNetscape(text: string, options?: CookieJarOptions): CookieJar {
    return new CookieJar(options).addAll(readNetscape(text));
  }

  /** All cookies as a Playwright storage state. What else `fromStorageState` was given is in it again. */
  toStorageState(): StorageState {
    return {
      ...this.#storageExtras,
      cookies: writeStorageState(this),
      origins: this.#storageExtras.origins ?? [],
    };
  }

  /**
   * A jar of the cookies in a Playwright storage state.
   * @throws {TypeError} when it has another shape
   * @throws {InvalidCookieError} when a cookie breaks a rule
   */
  static fromStorageState(state: unknown, options?: CookieJarOptions): CookieJar {
    const { cookies, extras } = readStorageState(state);
    const jar = new CookieJar(options).addAll(cookies);
    jar.#storageExtras = extras;
    return jar;
  }

  /**
   * A jar of the cookies in a tough-cookie jar with a synchronous store, such as its default one.
   * @throws {TypeError} when it is no such jar
   */
  static fromTough(jar: ToughCookieJar, options?: CookieJarOptions): CookieJar {
    return new CookieJar(options).addAll(readTough(jar));
  }

  /**
   * A tough-cookie jar of these cookies. It cannot tell a host-only cookie from one of the domain with the same name and
   * path: of such a pair it keeps the later one.
   */
  toTough(): ToughCookieJar {
    return writeTough(this);
  }

  /** Calls the listener on every change until the returned function is called. */
  onChange(listener: CookieChangeListener): () => void {
    // Wrapped, so that one function registered twice can be taken off once.
    const own: CookieChangeListener = (change) => listener(change);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  #header(target: RequestTarget): string {
    const { scope, plainHeaders, secureHeaders } = target.host;
    const site = this.#index.sites.get(scope.site) ?? this.#index.absent;
    // Where every cookie has the path `/`, all URLs of the host share one header.
    const pathKey = site.deepPaths === 0 ? '/' : target.path;
    const known = (target.secure ? secureHeaders : plainHeaders).get(pathKey);
    if (known === undefined || known.site !== site || known.version !== site.version)
      return this.#newHeader(target);
    if (known.freshUntil !== Number.POSITIVE_INFINITY && this.#now() >= known.freshUntil)
      return this.#newHeader(target);
    site.recentlyUsed = true;
    return known.text;
  }

  #newHeader(target: RequestTarget): string {
    const { scope } = target.host;
    // First, because listeners that hear of an expiry may write.
    this.#index.purgeHost(scope, this.#now());
    const site = this.#index.sites.get(scope.site) ?? this.#index.absent;
    site.recentlyUsed = true;
    const chosen = selectCookies(this.#index, scope, target.path, target.secure);
    const { text, freshUntil } = writeHeader(chosen, this.#limits);
    const pathKey = site.deepPaths === 0 ? '/' : target.path;
    this.#targets.remember(target, pathKey, { text, site, version: site.version, freshUntil });
    return text;
  }

  /** The stored cookie, `undefined` after a deletion, or the reason for refusing. */
  #receive(field: string, target: RequestTarget, now: number): CookieRecord | string | undefined {
    const parsed = parseSetCookie(field);
    if (parsed.kind === 'rejected') return parsed.reason;
    const cookie = cookieFromResponse(parsed, target, now);
    if (typeof cookie === 'string') return cookie;
    const siteKey = target.host.scope.site;
    if (!target.secure && overlaysSecureCookie(this.#index, this.#index.sites.get(siteKey), cookie, now)) {
      return 'would overlay a Secure cookie from plain http';
    }
    return this.#store(siteKey, cookie, 'response', now);
  }

  #store(site: string, cookie: UnstoredCookie, cause: CookieCause, now: number): CookieRecord | undefined {
    if (isExpired(cookie, now)) {
      this.#remove(cookie, cause);
      return undefined;
    }
    const { size } = this.#index;
    const stored = this.#index.put(site, cookie, now);
    // Before the listeners, which may delete others.
    const grown = this.#index.size > size;
    if (this.#listeners.size > 0) this.#emit({ kind: 'set', cookie: stored, cause });
    if (grown) this.#index.enforce(site, stored.domain, this.#limits.perHost, this.#limits.total, now);
    return stored;
  }

  #remove(cookie: CookieIdentity, cause: CookieCause): void {
    const removed = this.#index.remove(this.#targets.scopeOf(cookie.domain).site, cookie);
    if (removed !== undefined) this.#emit({ kind: 'delete', cookie: removed, cause });
  }

  #matching(filter: CookieLookup): CookieRecord[] {
    const now = this.#now();
    const domain = filter.domain === undefined ? undefined : checkCookieDomain(filter.domain);
    return this.#candidates(filter.url, domain, now).filter(
      (cookie) =>
        (filter.name === undefined || cookie.name === filter.name) &&
        (filter.path === undefined || cookie.path === filter.path) &&
        (domain === undefined || cookie.domain === domain),
    );
  }

  #candidates(url: string | URL | undefined, domain: string | undefined, now: number): CookieRecord[] {
    if (url !== undefined) {
      const { host, path, secure } = this.#targets.locate(String(url));
      this.#index.purgeHost(host.scope, now);
      return selectCookies(this.#index, host.scope, path, secure).map(({ record }) => record);
    }
    if (domain === undefined) {
      this.#index.purge(now);
      return [...this.#index];
    }
    const bucket = this.#index.sites.get(this.#targets.scopeOf(domain).site)?.domains.get(domain);
    if (bucket === undefined) return [];
    this.#index.purgeBucket(bucket, now);
    return [...bucket.cookies.values()].map(({ record }) => record);
  }

  #emit(change: CookieChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
