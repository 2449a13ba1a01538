import { isIP, type LookupFunction } from 'node:net';
import { checkProxyInit, resolveProxy, type TransportOptions } from '@httpsession/core';
import { type Environment, readEnvironment, type Variables } from './environment.ts';
import { type ResolvedTls, resolveTls } from './tls-options.ts';

let lookups = 0;
const lookupIds: WeakMap<object, number> = new WeakMap();

/** What one set of transport options says of connecting, read and checked once. */
export class ConnectionSettings {
  readonly unixSocket: string | undefined;
  readonly localAddress: string | undefined;
  readonly lookup: LookupFunction | undefined;
  readonly http2: boolean;
  readonly #options: TransportOptions;
  readonly #environment: Environment;
  #tls: ResolvedTls | null = null;

  constructor(options: TransportOptions, variables: Variables) {
    this.#options = options;
    this.#environment = readEnvironment(options.trustEnv ?? true, variables);
    this.unixSocket = options.unixSocket ?? undefined;
    this.localAddress = options.localAddress ?? undefined;
    this.lookup = (options.lookup ?? undefined) as LookupFunction | undefined;
    this.http2 = options.http2 ?? false;
  }

  /** @throws {TypeError} naming the option that cannot be used */
  check(): void {
    const { proxy, tls, http2 } = this.#options;
    if (proxy != null) checkProxyInit(proxy);
    if (tls != null) this.tls.connectOptions();
    checkPath(this.unixSocket);
    // A proxy behind a socket file would have to be asked for by another name: neither may be ignored.
    if (proxy != null && this.unixSocket !== undefined) {
      throw new TypeError('proxy and unixSocket cannot both be used: one of them must be null');
    }
    if (this.lookup !== undefined && typeof this.lookup !== 'function') {
      throw new TypeError(`lookup must be a function like dns.lookup, got ${typeof this.lookup}`);
    }
    if (this.localAddress !== undefined && isIP(this.localAddress) === 0) {
      throw new TypeError(`localAddress must be an IP address, got ${JSON.stringify(this.localAddress)}`);
    }
    if (http2 !== undefined && typeof http2 !== 'boolean') {
      throw new TypeError(`http2 must be true or false, got ${typeof http2}`);
    }
  }

  /** Read on first use: plain http needs no certificates. */
  get tls(): ResolvedTls {
    this.#tls ??= resolveTls(this.#options.tls ?? {}, this.#environment.authorities());
    return this.#tls;
  }

  /** Whether two URLs of one origin may go different ways. */
  get choosesProxyPerUrl(): boolean {
    return typeof this.#options.proxy === 'function';
  }

  /** The proxy for a URL, `null` for none; what was given beats the environment. */
  proxyFor(href: string): string | null {
    if (this.unixSocket !== undefined) return null;
    return resolveProxy(this.#options.proxy, this.#environment.proxies, new URL(href));
  }

  /** Equal for settings that may share connections. */
  key(secure: boolean): string {
    return JSON.stringify([
      secure ? this.tls.key : '',
      this.unixSocket ?? '',
      this.localAddress ?? '',
      this.http2,
      this.lookup === undefined ? 0 : idOf(this.lookup),
    ]);
  }
}

const checkPath = (path: unknown): void => {
  if (path === undefined || (typeof path === 'string' && path !== '' && !path.includes('\0'))) return;
  throw new TypeError(`unixSocket must be a path, got ${path === '' ? 'an empty string' : typeof path}`);
};

const idOf = (lookup: object): number => {
  let id = lookupIds.get(lookup);
  if (id === undefined) {
    lookups += 1;
    id = lookups;
    lookupIds.set(lookup, id);
  }
  return id;
};
