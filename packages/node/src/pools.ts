import {
  type PoolSettings,
  type PreparedRequest,
  readPoolOptions,
  redactUrl,
  type TransportOptions,
  type TransportStats,
} from '@httpsession/core';
import { ConnectionSettings } from './connection-settings.ts';
import type { Variables } from './environment.ts';
import { OriginPool } from './origin-pool.ts';
import { ProxyAuthenticators } from './proxy-authenticator.ts';
import { type Route, routeTo } from './route.ts';

/** Pools found before for one set of options, by origin. */
interface Memo {
  readonly settings: ConnectionSettings;
  readonly pools: Map<string, OriginPool>;
}

const memoLimit = 1000;

/**
 * Every pool of a transport: one per way to connect (origin, proxy with its credentials, TLS, socket, address), so that no setting ever
 * sticks to connections made under another.
 */
export class Pools {
  readonly #limits: PoolSettings;
  readonly #variables: Variables;
  readonly #pools: Map<string, OriginPool> = new Map();
  readonly #keys: WeakMap<OriginPool, string> = new WeakMap();
  readonly #authenticators: ProxyAuthenticators = new ProxyAuthenticators();
  // Options are frozen and shared by all calls that change nothing: their identity finds the pool without computing a key.
  readonly #memos: WeakMap<TransportOptions, Memo> = new WeakMap();

  /** @param variables - the environment; `process.env` where none is given */
  constructor(options: TransportOptions, variables: Variables = process.env) {
    this.#variables = variables;
    this.#limits = readPoolOptions(options.pool);
    this.check(options);
  }

  /** @throws {TypeError} naming the option that cannot be used */
  check(options: TransportOptions): void {
    this.#memo(options).settings.check();
  }

  poolFor(request: PreparedRequest): OriginPool {
    const { target, options } = request;
    const { settings, pools } = this.#memo(options.transport);
    const known = pools.get(target.origin);
    if (known !== undefined && !known.closed) return this.#used(known);
    const route = routeTo(target, settings, this.#authenticators);
    const pool = this.#used(this.#pools.get(route.key) ?? this.#open(route));
    if (!settings.choosesProxyPerUrl) {
      if (pools.size >= memoLimit) pools.clear();
      pools.set(target.origin, pool);
    }
    return pool;
  }

  /** The proxy that the environment puts in, for `session.explain()`. */
  explain({
    target,
    options,
  }: PreparedRequest): Record<string, { readonly value: unknown; readonly source: 'environment' }> {
    const { settings } = this.#memo(options.transport);
    const proxy = options.transport.proxy === undefined ? settings.proxyFor(target.href) : null;
    return proxy === null ? {} : { proxy: { value: redactUrl(proxy), source: 'environment' } };
  }

  stats(): Omit<TransportStats, 'unreadBodies'> {
    const sum = { sockets: 0, pending: 0, queued: 0 };
    for (const { stats } of this.#pools.values()) {
      sum.sockets += stats.sockets;
      sum.pending += stats.pending;
      sum.queued += stats.queued;
    }
    return sum;
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.close()));
  }

  #memo(options: TransportOptions): Memo {
    let memo = this.#memos.get(options);
    if (memo === undefined) {
      memo = { settings: new ConnectionSettings(options, this.#variables), pools: new Map() };
      this.#memos.set(options, memo);
    }
    return memo;
  }

  #open(route: Route): OriginPool {
    this.#evict();
    const pool = new OriginPool(route.origin, {
      ...this.#limits,
      connector: route.connector(),
      http2: route.http2,
      intercept: route.intercept,
      emptied: () => {
        // Its last connection has closed: nothing is kept of origins that are no longer used.
        if (this.#pools.get(route.key) === pool) this.#pools.delete(route.key);
        void pool.close();
      },
    });
    this.#pools.set(route.key, pool);
    this.#keys.set(pool, route.key);
    return pool;
  }

  /** Puts a pool last in the order of eviction, where there is one. */
  #used(pool: OriginPool): OriginPool {
    if (this.#limits.maxOrigins === Number.POSITIVE_INFINITY) return pool;
    const key = this.#keys.get(pool);
    if (key !== undefined && this.#pools.delete(key)) this.#pools.set(key, pool);
    return pool;
  }

  /** Makes room under `maxOrigins`: the pool unused for longest that has nothing to do is closed. Busy ones stay, above the limit, too. */
  #evict(): void {
    if (this.#pools.size < this.#limits.maxOrigins) return;
    for (const [key, pool] of this.#pools) {
      if (pool.stats.pending + pool.stats.queued > 0) continue;
      this.#pools.delete(key);
      void pool.close();
      return;
    }
  }
}
