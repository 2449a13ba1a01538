/** One cookie as a jar shows it: a frozen record. */
export interface CookieRecord {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly path: string;
}

/** Narrows down which cookie of a name is meant. */
export interface CookieFilter {
  readonly domain?: string;
  readonly path?: string;
}

/**
 * What the session needs of a cookie jar. `CookieJar` of `@httpsession/cookies` is one.
 *
 * All of it is synchronous: a jar answers from memory, and stores follow.
 */
export interface Jar extends Iterable<CookieRecord> {
  readonly size: number;
  /** The `Cookie` header for a URL, or an empty string. */
  getCookieString(url: string): string;
  /** Keeps what a response set; what the rules refuse is skipped. */
  setFromResponse(setCookieHeaders: readonly string[], url: string): void;
  get(name: string, filter?: CookieFilter): CookieRecord | undefined;
  has(name: string, filter?: CookieFilter): boolean;
  delete(name: string, filter?: CookieFilter): boolean;
  clear(filter?: CookieFilter & { readonly name?: string }): void;
  toObject(url?: string): Record<string, string>;
  toJSON(): unknown;
}

/** `false` keeps no cookies; a record is set for the `baseUrl`; a jar (ours or tough-cookie's) is used as it is. */
export type CookiesInit = Jar | Readonly<Record<string, string>> | false;

/** A jar of another library, such as tough-cookie's `CookieJar`. Platforms with a jar adopt it. */
export interface JarOptions {
  /** By which such a jar is known. */
  readonly getCookieString?: unknown;
}
