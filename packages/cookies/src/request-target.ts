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

/** What a jar reads off a URL. */
export interface RequestTarget {
  readonly host: KnownHost;
  readonly path: string;
  /** https, wss, or loopback where that counts as secure. */
  readonly secure: boolean;
}

/** The parts of a URL that matter to cookies, as `URL` has them; the path may have a query behind it. */
export interface CookieUrl {
  readonly protocol: string;
  readonly hostname: string;
  readonly path: string;
}

// Room for 5,000 busy hosts with ten cookies each. 2 Mi characters per generation bound the memory at some 15 MB, reached
// only by a session that visits that many.
const MAX_ENTRIES = 16_384;
const MAX_CHARACTERS = 2 * 1024 * 1024;
const MAX_PATHS_PER_HOST = 32;

/** Remembers what URLs mean, so that a known one costs a map lookup instead of a parse. */
export class RequestTargets {
  readonly #secureOnLoopback: boolean;
  readonly #targets: BoundedMemo<RequestTarget> = new BoundedMemo(MAX_ENTRIES, MAX_CHARACTERS);
  readonly #hosts: BoundedMemo<KnownHost> = new BoundedMemo(MAX_ENTRIES, MAX_CHARACTERS);

  constructor(secureOnLoopback: boolean) {
    this.#secureOnLoopback = secureOnLoopback;
  }

  /**
   * Query and fragment mean nothing to a cookie, so all URLs that differ only there share one target.
   * @throws {TypeError} when the text is no absolute http, https, ws or wss URL
   */
  locate(url: string): RequestTarget {
    const bare = withoutQuery(url);
    const known = this.#targets.get(bare);
    if (known !== undefined) return known;
    const { protocol, hostname, pathname } = parseCookieUrl(bare);
    const target = this.#target(protocol, hostname, pathname);
    this.#targets.set(bare, target);
    return target;
  }

  /** The same for a URL that has been taken apart: nothing is parsed, and of a URL that comes once nothing is kept. */
  targetOf({ protocol, hostname, path }: CookieUrl): RequestTarget {
    return this.#target(protocol, hostname, withoutQuery(path));
  }

  scopeOf(host: string): HostScope {
    return this.#known(host).scope;
  }

  /** Keeps a header for all URLs like this. */
  remember({ host, secure }: RequestTarget, pathKey: string, header: HeaderMemo): void {
    const headers = secure ? host.secureHeaders : host.plainHeaders;
    // Headers of an older version are dead weight.
    if (headers.size >= MAX_PATHS_PER_HOST) headers.clear();
    headers.set(pathKey, header);
    this.#hosts.charge(header.text.length);
  }

  clear(): void {
    this.#targets.clear();
    this.#hosts.clear();
  }

  #target(protocol: string, hostname: string, path: string): RequestTarget {
    const host = this.#known(hostname);
    const encrypted = protocol === 'https:' || protocol === 'wss:';
    return { host, path, secure: encrypted || (this.#secureOnLoopback && host.scope.loopback) };
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

// By indexOf: a regular expression takes as long as everything else here.
function withoutQuery(url: string): string {
  if (typeof url !== 'string') return url;
  const fragment = url.indexOf('#');
  const whole = fragment === -1 ? url : url.slice(0, fragment);
  const query = whole.indexOf('?');
  return query === -1 ? whole : whole.slice(0, query);
}
