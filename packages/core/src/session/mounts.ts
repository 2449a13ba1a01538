import { InvalidURLError } from '../errors.ts';
import { kindOf } from '../kind-of.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import { type RequestURL, shown } from '../request/request-url.ts';
import { SessionResponse } from '../response/session-response.ts';
import type { Transport } from '../transport/transport.ts';
import { weakly } from '../weakly.ts';
import { originOf } from './session-origins.ts';

/** What selects a transport: a URL prefix, or anything that judges a URL. */
export type MountPattern = string | RegExp | { test(url: string): boolean } | ((url: URL) => boolean);

interface Mount {
  /** Mounting the same again replaces. */
  readonly key: unknown;
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
  /** Serves what no mount does. */
  readonly fallback: Transport;
  readonly #parent: Mounts | null;
  readonly #inherited: ReadonlySet<Transport>;
  /** Children with transports of their own. They may be forgotten without being closed. */
  #heirs: readonly { deref(): Mounts | undefined }[] = [];
  #mounts: readonly Mount[];
  #released = false;

  private constructor(fallback: Transport, parent: Mounts | null) {
    this.fallback = fallback;
    this.#parent = parent;
    this.#mounts = parent === null ? [] : parent.#mounts;
    this.#inherited = new Set(parent?.all());
    if (parent !== null && fallback !== parent.fallback) parent.#adopt(this);
  }

  /** Mounts over a transport of their own, with those of a parent, if any. */
  static over(fallback: Transport, parent?: Mounts): Mounts {
    return new Mounts(fallback, parent ?? null);
  }

  /** A copy that can be mounted on without changing this one, and that owns none of its transports. */
  copy(): Mounts {
    return new Mounts(this.fallback, this);
  }

  /** @throws {TypeError} for what is no pattern or no transport */
  mount(pattern: MountPattern, transport: Transport): void {
    checkTransport(transport);
    const mount = readPattern(pattern, transport);
    const others = this.#mounts.filter((other) => other.key !== mount.key);
    this.#mounts = [mount, ...others].sort((a, b) => b.rank - a.rank);
    if (this.#parent !== null) this.#parent.#adopt(this);
  }

  /** @throws {InvalidURLError} for a scheme that no transport serves */
  find(target: RequestURL): Transport {
    for (const mount of this.#mounts) if (mount.matches(target)) return mount.transport;
    if (target.protocol === 'http:' || target.protocol === 'https:') return this.fallback;
    throw new InvalidURLError(`no transport is mounted for ${target.protocol}//`);
  }

  /** Every distinct transport. */
  all(): Set<Transport> {
    return new Set([this.fallback, ...this.#mounts.map(({ transport }) => transport)]);
  }

  /** Those to be closed with the session, told once: what no parent brought along, and what its children have of their own. */
  release(): Transport[] {
    if (this.#released) return [];
    this.#released = true;
    const mine = [...this.all()].filter((transport) => !this.#inherited.has(transport));
    return mine.concat(this.#heirs.flatMap((heir) => heir.deref()?.release() ?? []));
  }

  #adopt(child: Mounts): void {
    const others = this.#heirs.filter((heir) => ![undefined, child].includes(heir.deref()));
    this.#heirs = [...others, weakly(child)];
    if (this.#parent !== null) this.#parent.#adopt(this);
  }
}

/** Sends by a transport of the user's. @throws {TypeError} when it answers anything but a response of ours */
export const sendMounted = async (
  transport: Transport,
  request: PreparedRequest,
): Promise<SessionResponse> => {
  const answer: unknown = await transport.send(request);
  if (answer instanceof SessionResponse) return answer;
  const hint = answer instanceof Response ? '; responseFrom(request, response) makes one of it' : '';
  throw new TypeError(
    `transport ${transport.name} must answer a SessionResponse, got ${kindOf(answer)}${hint}`,
  );
};

const checkTransport = (transport: unknown): void => {
  if (typeof transport === 'function')
    throw new TypeError(
      'mount: transport must be a Transport, got a function; fetchTransport(fetch) makes one of it',
    );
  const { send, close, capabilities } = (transport ?? {}) as Partial<Transport>;
  if (typeof send !== 'function' || typeof close !== 'function' || typeof capabilities !== 'object')
    throw new TypeError(
      `mount: transport must have send(), close() and capabilities, got ${kindOf(transport)}`,
    );
};

const readPattern = (pattern: MountPattern, transport: Transport): Mount => {
  if (typeof pattern === 'string') return readPrefix(pattern, transport);
  if (typeof pattern === 'function') {
    return { key: pattern, transport, rank: 1, matches: ({ href }) => pattern(new URL(href)) };
  }
  if (pattern instanceof RegExp) {
    // `g` and `y` would remember where they stopped.
    const test = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
    return { key: String(pattern), transport, rank: 1, matches: ({ href }) => test.test(href) };
  }
  if (typeof pattern === 'object' && pattern !== null && typeof pattern.test === 'function') {
    return { key: pattern, transport, rank: 1, matches: ({ href }) => pattern.test(href) };
  }
  throw new TypeError(
    `mount: pattern must be a URL prefix, a RegExp, a URLPattern or a function, got ${kindOf(pattern)}`,
  );
};

const readPrefix = (pattern: string, transport: Transport): Mount => {
  const scheme = /^([a-z][a-z0-9+.-]*:)(?:\/\/)?$/i.exec(pattern)?.[1]?.toLowerCase();
  if (scheme !== undefined)
    return { key: scheme, transport, rank: 0, matches: ({ protocol }) => protocol === scheme };
  if (!URL.canParse(pattern)) throw new TypeError(`mount: pattern ${shown(pattern)} is not a URL prefix`);
  const url = new URL(pattern);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError('mount: pattern must be a scheme, a host and a path, nothing else');
  }
  const origin = originOf(url);
  const path = url.pathname.replace(/\/$/, '');
  return {
    key: origin + path,
    transport,
    rank: 2 + path.length,
    matches: (target) => target.origin === origin && startsWithSegments(target.path, path),
  };
};

const startsWithSegments = (path: string, prefix: string): boolean =>
  path.startsWith(prefix) && ['', '/', '?'].includes(path.charAt(prefix.length));
