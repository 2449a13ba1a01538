import { BoundedMemo } from './bounded-memo.ts';
import { type HostScope, hostScope } from './cookie-host.ts';
import type { Site } from './cookie-index.ts';

/** A header that holds while its site has this version and none of its cookies has expired. */
export interface HeaderMemo {
  readonly text: string;
  readonly site: Site;
  readonly version: number;
  readonly freshUntil: number;
}

/** A host and the headers last built for it, by whether they are for a secure request and by path. */
export interface KnownHost {
  readonly scope: HostScope;
  readonly plainHeaders: Map<string, HeaderMemo>;
  readonly secureHeaders: Map<string, HeaderMemo>;
}

/** What a jar reads off a URL, and the header last sent there. */
export interface RequestTarget {
  readonly host: KnownHost;
  readonly path: string;
  /** https, wss, or loopback where that counts as secure. */
  readonly secure: boolean;
  header: HeaderMemo | undefined;
}

// Room for 5,000 busy hosts with ten cookies each. 2 Mi characters per generation bound the memory at some 15 MB, reached
// only by a session that visits that many.
const MAX_ENTRIES = 16_384;
const MAX_CHARACTERS = 2 * 1024 * 1024;
const MAX_PATHS_PER_HOST = 32;
const QUERY_OR_FRAGMENT = /[?#]/;

/** Remembers what URLs mean, so that a known one costs a map lookup instead of a parse. */
export class RequestTargets {
  readonly #secureOnLoopback: boolean;
  readonly #targets: BoundedMemo<RequestTarget> = new BoundedMemo(MAX_ENTRIES, MAX_CHARACTERS);
  readonly #hosts: BoundedMemo<KnownHost> = new BoundedMemo(MAX_ENTRIES, MAX_CHARACTERS);

  constructor(secureOnLoopback: boolean) {
    this.#secureOnLoopback = secureOnLoopback;
  }

  /** @throws {TypeError} when the text is no absolute http, https, ws or wss URL */
  locate(url: string): RequestTarget {
    return this.#targets.get(url) ?? this.#locateAnew(url);
  }

  scopeOf(host: string): HostScope {
    return this.#known(host).scope;
  }

  /** Keeps a header for its URL and, under a path key, for all URLs like it. */
  remember(target: RequestTarget, pathKey: string, header: HeaderMemo): void {
    const headers = target.secure ? target.host.secureHeaders : target.host.plainHeaders;
    // Headers of an older version are dead weight.
    if (headers.size >= MAX_PATHS_PER_HOST) headers.clear();
    headers.set(pathKey, header);
    target.header = header;
    this.#targets.charge(header.text.length);
    this.#hosts.charge(header.text.length);
  }

  clear(): void {
    this.#targets.clear();
    this.#hosts.clear();
  }

  /** Query and fragment mean nothing to a cookie, so all URLs that differ only there share one target. */
  #locateAnew(url: string): RequestTarget {
    const cut = typeof url === 'string' ? url.search(QUERY_OR_FRAGMENT) : -1;
    const bare = cut === -1 ? url : url.slice(0, cut);
    const known = cut === -1 ? undefined : this.#targets.get(bare);
    const target = known ?? this.#parse(bare);
    if (known === undefined) this.#targets.set(bare, target);
    if (cut !== -1) this.#targets.set(url, target);
    return target;
  }

  #parse(url: string): RequestTarget {
    const { protocol, hostname, pathname } = parseCookieUrl(url);
    const encrypted = protocol === 'https:' || protocol === 'wss:';
    const host = this.#known(hostname);
    const secure = encrypted || (this.#secureOnLoopback && host.scope.loopback);
    return { host, path: pathname, secure, header: undefined };
  }

  #known(host: string): KnownHost {
    const known = this.#hosts.get(host);
    if (known !== undefined) return known;
    const fresh = { scope: hostScope(host), plainHeaders: new Map(), secureHeaders: new Map() };
    this.#hosts.set(host, fresh);
    return fresh;
  }
}

/**
 * Parses the URL of a message that can carry cookies.
 * @throws {TypeError} when the text is no absolute http, https, ws or wss URL
 */
export function parseCookieUrl(url: string): URL {
  const parsed = parseUrl(url);
  if (/^(?:http|ws)s?:$/.test(parsed.protocol)) return parsed;
  throw new TypeError(`url must be an http, https, ws or wss URL, got ${parsed.protocol}`);
}

function parseUrl(url: string): URL {
  try {
    return new URL(url);
  } catch {
    // The platform's message would show the whole URL, userinfo included.
    throw new TypeError(
      `url must be an absolute URL, got ${typeof url === 'string' ? 'text that is none' : typeof url}`,
    );
  }
}
