import type { TransportOptions } from '@httpsession/core';
import { clientOptions } from './client-options.ts';
import type { DenoRuntime, HttpClient, HttpClientOptions } from './deno-runtime.ts';
import { withoutProxyEnvironment } from './proxy-environment.ts';

/** How a request is to reach its server. */
export interface Route {
  readonly unixSocket: string | null;
  /** As `resolveProxy` writes it. */
  readonly proxy: string | null;
  /** Whether it may use a kept connection, and be sent again by Deno when that breaks. */
  readonly pooled: boolean;
}

/** The clients of one transport: one per route and setting. */
export class ClientPool {
  readonly #deno: DenoRuntime;
  readonly #hidesEnvironment: boolean;
  readonly #clients: Map<string, HttpClient> = new Map();
  #last: { readonly route: Route; readonly options: TransportOptions; readonly client: HttpClient } | null =
    null;

  constructor(deno: DenoRuntime, hidesEnvironment: boolean) {
    this.#deno = deno;
    this.#hidesEnvironment = hidesEnvironment;
  }

  get(route: Route, options: TransportOptions): HttpClient {
    // Nearly always as before, which needs no key: writing one costs 1 us.
    if (this.#last?.options === options && isSame(this.#last.route, route)) return this.#last.client;
    const key = JSON.stringify([
      route.unixSocket,
      route.proxy,
      route.pooled,
      options.tls,
      options.pool?.keepAliveTimeout,
      options.localAddress,
      options.http2,
    ]);
    let client = this.#clients.get(key);
    if (client === undefined) {
      client = this.#open(route, options);
      this.#clients.set(key, client);
    }
    this.#last = { route, options, client };
    return client;
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
    this.#last = null;
  }

  #open({ unixSocket, proxy, pooled }: Route, options: TransportOptions): HttpClient {
    const settings: HttpClientOptions = {
      ...clientOptions(options, this.#deno),
      ...(!pooled && { poolMaxIdlePerHost: 0 }),
      ...(proxy !== null && { proxy: { url: proxy } }),
      ...(unixSocket !== null && { proxy: { transport: 'unix', path: unixSocket } }),
    };
    const create = (): HttpClient => this.#deno.createHttpClient(settings);
    return this.#hidesEnvironment ? withoutProxyEnvironment(this.#deno, create) : create();
  }
}

const isSame = (one: Route, other: Route): boolean =>
  one.unixSocket === other.unixSocket && one.proxy === other.proxy && one.pooled === other.pooled;
