import { InvalidURLError } from '../errors.ts';
import type { RequestURL } from '../request/request-url.ts';
import type { Transport } from '../transport/transport.ts';

/** What selects a transport: a URL prefix, or anything that judges a URL. */
export type MountPattern = string | RegExp | { test(url: string): boolean } | ((url: URL) => boolean);

interface Mount {
  readonly pattern: MountPattern;
  readonly transport: Transport;
  /** Higher is more specific; of equals the later mount wins. */
  readonly rank: number;
  matches(target: RequestURL): boolean;
}

/**
 * Transports by URL: the most specific pattern wins.
 *
 * Strings are read as URLs: origin equality and whole path segments, so `https://api.test` matches neither `https://api.test.evil` nor
 * `https://api.test@evil`. A path beats an origin, an origin beats a RegExp, URLPattern or predicate, and those beat a bare scheme.
 */
export class Mounts {
  readonly #fallback: Transport;
  #mounts: readonly Mount[] = [];

  constructor(fallback: Transport) {
    this.#fallback = fallback;
  }

  /** A copy that can be mounted on without changing this one. */
  copy(): Mounts {
    const copy = new Mounts(this.#fallback);
    copy.#mounts = this.#mounts;
    return copy;
  }

  mount(pattern: MountPattern, transport: Transport): void {
    const mount = readPattern(pattern, transport);
    const others = this.#mounts.filter((other) => !samePattern(other.pattern, pattern));
    this.#mounts = [mount, ...others].sort((a, b) => b.rank - a.rank);
  }

  /** @throws {InvalidURLError} for a scheme that no transport serves */
  find(target: RequestURL): Transport {
    for (const mount of this.#mounts) if (mount.matches(target)) return mount.transport;
    if (target.protocol === 'http:' || target.protocol === 'https:') return this.#fallback;
    throw new InvalidURLError(`no transport is mounted for ${target.protocol}//`);
  }

  /** Every distinct transport. */
  all(): Set<Transport> {
    return new Set([this.#fallback, ...this.#mounts.map(({ transport }) => transport)]);
  }
}

const readPattern = (pattern: MountPattern, transport: Transport): Mount => {
  if (typeof pattern === 'string') return readPrefix(pattern, transport);
  if (typeof pattern === 'function') {
    return { pattern, transport, rank: 1, matches: ({ href }) => pattern(new URL(href)) };
  }
  if (typeof pattern === 'object' && pattern !== null && typeof pattern.test === 'function') {
    const test =
      pattern instanceof RegExp && (pattern.global || pattern.sticky)
        ? new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')) // `g` would remember where it stopped
        : pattern;
    return { pattern, transport, rank: 1, matches: ({ href }) => test.test(href) };
  }
  throw new TypeError('mount: pattern must be a URL prefix, a RegExp, a URLPattern or a function');
};

const readPrefix = (pattern: string, transport: Transport): Mount => {
  const scheme = /^([a-z][a-z0-9+.-]*:)(?:\/\/)?$/i.exec(pattern)?.[1]?.toLowerCase();
  if (scheme !== undefined)
    return { pattern, transport, rank: 0, matches: ({ protocol }) => protocol === scheme };
  if (!URL.canParse(pattern)) throw new TypeError(`mount: ${JSON.stringify(pattern)} is not a URL prefix`);
  const url = new URL(pattern);
  if (url.username !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError('mount: a URL prefix has a scheme, a host and a path, nothing else');
  }
  const origin = url.origin === 'null' ? `${url.protocol}//${url.host}` : url.origin;
  const path = url.pathname.replace(/\/$/, '');
  return {
    pattern,
    transport,
    rank: 2 + path.length,
    matches: (target) => target.origin === origin && startsWithSegments(target.path, path),
  };
};

const startsWithSegments = (path: string, prefix: string): boolean =>
  path.startsWith(prefix) && ['', '/', '?'].includes(path.charAt(prefix.length));

const samePattern = (a: MountPattern, b: MountPattern): boolean => a === b || String(a) === String(b);
