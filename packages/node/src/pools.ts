import type { PoolOptions, PreparedRequest, TransportOptions } from '@httpsession/core';
import { createConnector } from './connector.ts';
import { OriginPool } from './origin-pool.ts';
import { resolveTls } from './tls-options.ts';

/** The pool options, all given. */
type PoolSettings = { readonly [Name in keyof PoolOptions]-?: number };

const defaults: PoolSettings = Object.freeze({
  connections: 64,
  keepAliveTimeout: 30_000,
  pipelining: 1,
  maxOrigins: Number.POSITIVE_INFINITY,
});

/** Every pool of a transport: one per origin and setting of the connection, so that no setting sticks to another's connections. */
export class Pools {
  readonly #settings: PoolSettings;
  readonly #pools: Map<string, OriginPool> = new Map();

  constructor(options: TransportOptions) {
    this.#settings = readPoolOptions(options.pool);
    this.check(options);
  }

  /** @throws {TypeError} naming the option that cannot be used */
  check(options: TransportOptions): void {
    if (options.tls != null) resolveTls(options.tls);
  }

  explain(
    _request: PreparedRequest,
  ): Record<string, { readonly value: unknown; readonly source: 'environment' }> {
    return {};
  }

  poolFor({ target, options }: PreparedRequest): OriginPool {
    const known = this.#pools.get(target.origin);
    if (known !== undefined) return known;
    const pool = new OriginPool(target.origin, {
      connector: createConnector({
        connectTimeout: null,
        ...(options.transport.tls != null && { tls: resolveTls(options.transport.tls) }),
      }),
      connections: this.#settings.connections,
      keepAliveTimeout: this.#settings.keepAliveTimeout,
      pipelining: this.#settings.pipelining,
      http2: options.transport.http2 ?? false,
    });
    this.#pools.set(target.origin, pool);
    return pool;
  }

  stats(): { sockets: number; pending: number; queued: number } {
    const sum = { sockets: 0, pending: 0, queued: 0 };
    for (const pool of this.#pools.values()) {
      const { sockets, pending, queued } = pool.stats;
      sum.sockets += sockets;
      sum.pending += pending;
      sum.queued += queued;
    }
    return sum;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
    this.#pools.clear();
  }
}

const readPoolOptions = (given: PoolOptions = {}): PoolSettings => {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(defaults, name))
      throw new TypeError(`pool.${name} is not an option; there are ${Object.keys(defaults).join(', ')}`);
  }
  const read = (name: keyof PoolOptions): number => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined) return defaults[name];
    const whole =
      name === 'keepAliveTimeout' || Number.isInteger(value) || value === Number.POSITIVE_INFINITY;
    if (typeof value === 'number' && value > 0 && whole) return value;
    throw new TypeError(
      `pool.${name} must be a number above 0, got ${typeof value === 'number' ? value : typeof value}`,
    );
  };
  return {
    connections: read('connections'),
    keepAliveTimeout: read('keepAliveTimeout'),
    pipelining: read('pipelining'),
    maxOrigins: read('maxOrigins'),
  };
};
