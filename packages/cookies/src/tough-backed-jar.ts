import type { CookieJar as ToughCookieJar } from 'tough-cookie';
import type { CookieChange, ForeignChange } from './cookie-change.ts';
import type { CookieInit } from './cookie-init.ts';
import { CookieJar } from './cookie-jar.ts';
import type { CookieJarOptions } from './cookie-jar-options.ts';
import type { CookieFilter, CookieLookup, CookieRecord } from './cookie-record.ts';
import type { CookieDraft } from './imported-cookie.ts';
import type { CookieJarJSON } from './json-format.ts';
import type { StorageState } from './storage-state.ts';
import type { StoreAttachment } from './store-attachment.ts';
import { toughCookie } from './tough-interop.ts';

/**
 * A tough-cookie jar in the shape of ours: it stays the only place where the cookies are, so whoever else holds it sees the
 * session's cookies, and the session sees theirs.
 *
 * Each look reads the whole jar: made for compatibility, not for speed. Requests ask tough-cookie itself, and so work with
 * asynchronous stores too; everything here needs a synchronous store, such as its default one.
 */
export class ToughBackedJar extends CookieJar {
  /** The jar that holds the cookies. */
  readonly tough: ToughCookieJar;
  readonly #options: CookieJarOptions;

  constructor(tough: ToughCookieJar, options: CookieJarOptions = {}) {
    super(options);
    this.tough = tough;
    this.#options = options;
  }

  override get size(): number {
    return this.#copy().size;
  }

  override getCookieString(url: string | URL): string {
    return this.tough.getCookieStringSync(String(url));
  }

  override setCookie(
    field: string,
    url: string | URL,
    options?: { readonly ignoreError?: boolean },
  ): CookieRecord | undefined {
    const stored = this.tough.setCookieSync(field, String(url), {
      ignoreError: options?.ignoreError === true,
    });
    return stored === undefined || stored === null ? undefined : this.get(stored.key, { url });
  }

  override setFromResponse(fields: readonly string[], url: string | URL): CookieRecord[] {
    return fields
      .slice(0, this.limits.perResponse)
      .map((field) => this.setCookie(field, url, { ignoreError: true }))
      .filter((cookie) => cookie !== undefined);
  }

  override set(name: string, value: string, init?: CookieInit): CookieRecord | undefined {
    return this.#change((jar) => jar.set(name, value, init));
  }

  override get(name: string, filter?: CookieLookup): CookieRecord | undefined {
    return this.#copy().get(name, filter);
  }

  override delete(name: string, filter?: CookieLookup): boolean {
    return this.#change((jar) => jar.delete(name, filter));
  }

  override clear(filter?: CookieFilter): void {
    this.#change((jar) => jar.clear(filter));
  }

  override [Symbol.iterator](): IterableIterator<CookieRecord> {
    return this.#copy()[Symbol.iterator]();
  }

  override toObject(url?: string | URL): Record<string, string> {
    return this.#copy().toObject(url);
  }

  override addAll(cookies: Iterable<CookieDraft>): this {
    this.#change((jar) => jar.addAll(cookies));
    return this;
  }

  override applyChanges(changes: Iterable<ForeignChange>): void {
    this.#change((jar) => jar.applyChanges(changes));
  }

  override clone(): CookieJar {
    return this.#copy();
  }

  override toJSON(): CookieJarJSON {
    return this.#copy().toJSON();
  }

  override toNetscape(): string {
    return this.#copy().toNetscape();
  }

  override toStorageState(): StorageState {
    return this.#copy().toStorageState();
  }

  override toTough(): ToughCookieJar {
    return this.tough;
  }

  /** @throws {TypeError} always: a tough-cookie jar tells nobody of its changes */
  override onChange(): never {
    throw new TypeError('onChange: a tough-cookie jar tells nobody of its changes');
  }

  /** @throws {TypeError} always: a tough-cookie jar has its own store */
  override attach(): Promise<StoreAttachment> {
    return Promise.reject(new TypeError('attach: a tough-cookie jar has its own store'));
  }

  #copy(): CookieJar {
    return CookieJar.fromTough(this.tough, this.#options);
  }

  /** Makes a change to a copy, whose checks and results are ours, and repeats it in the jar itself. */
  #change<T>(make: (copy: CookieJar) => T): T {
    const copy = this.#copy();
    const stop = copy.onChange((change) => repeat(this.tough, change));
    try {
      return make(copy);
    } finally {
      stop();
    }
  }
}

// Its store is synchronous (reading it has checked that), so these promises are settled already.
const repeat = ({ store }: ToughCookieJar, { kind, cookie }: CookieChange): void => {
  const written = toughCookie(cookie);
  if (kind === 'set') void store.putCookie(written);
  else void store.removeCookie(written.domain ?? '', written.path ?? '/', written.key);
};
