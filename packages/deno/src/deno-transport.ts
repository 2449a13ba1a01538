import {
  type EnvironmentProxies,
  fetchCapabilities,
  fetchTransport,
  type HeaderList,
  type LazyTransport,
  noTransportOptions,
  type PreparedRequest,
  proxyFromEnvironment,
  resolveProxy,
  type SessionResponse,
  type Transport,
  type TransportCapabilities,
  type TransportOptions,
  type TransportStats,
  UnsupportedOptionError,
  withChosenProxy,
} from '@httpsession/core';
import { sockets } from '@httpsession/node/on-demand';
import {
  beyondDenoFetch,
  checkBeside,
  checkOptions,
  honoured,
  isSocks4,
  transportName,
} from './client-options.ts';
import { ClientPool, type Route } from './client-pool.ts';
import { denoRuntime } from './deno-runtime.ts';
import { growingReader } from './growing-reader.ts';
import { mayReadProxies, mayRunUndici, undiciVariables, visibleVariables } from './proxy-environment.ts';

/** What Deno's fetch can do, through clients of our own, and the sockets beside it. */
export const denoCapabilities: TransportCapabilities = Object.freeze({
  ...fetchCapabilities,
  options: honoured,
  decodes: ['gzip', 'br'],
  resends: 'idempotent',
  bodyOnGet: true,
} as const);

/**
 * Deno's `fetch` through `Deno.createHttpClient`: one client per way to connect, made when it is first needed.
 *
 * * Proxies are decided by us, per hop. Deno would mix in the environment's, so that they are hidden from it, which needs leave to
 *   read and write their variables; without it a `proxy` option is refused, and Deno follows the environment by its own rules.
 *   It is read once, as on Node: to ask and look costs 30 us.
 * * What Deno's fetch cannot do, or would do unsafely, goes out by the Node transport, over Deno's `node:net`: SOCKS 4, `lookup`,
 *   `verify: false`, server names, pins, limits of the pool, https over a Unix socket, GET with a body, https through a proxy with a
 *   password (Deno repeats that to the server behind the tunnel). It is loaded for the first such request, and has connections of its
 *   own. It needs to see the proxies of the environment, as a `proxy` does, and two variables of undici's.
 * * Roots in `tls.ca` stand beside Deno's own: it cannot leave those out.
 * * Deno sends any request again when a kept connection breaks, even a POST: POST, PATCH and unknown methods never use one.
 */
export class DenoTransport implements Transport {
  readonly name: string = transportName;
  readonly capabilities: TransportCapabilities = denoCapabilities;
  readonly #clients: ClientPool;
  readonly #inner: Transport;
  readonly #seesEnvironment: boolean;
  readonly #hasSockets: boolean;
  readonly #environment: EnvironmentProxies;
  readonly #sockets: LazyTransport;
  /** The way of the request that is being handed to fetch. */
  #way: Route = direct;

  constructor(options: TransportOptions) {
    const deno = denoRuntime();
    this.#seesEnvironment = mayReadProxies(deno);
    this.#hasSockets = this.#seesEnvironment && mayRunUndici(deno);
    const variables = this.#seesEnvironment ? visibleVariables(deno) : {};
    this.#environment = proxyFromEnvironment((name) => variables[name]);
    this.#clients = new ClientPool(deno, this.#seesEnvironment);
    this.check(options);
    this.#sockets = sockets(options, variables);
    this.#inner = fetchTransport((url, init) => fetch(url, init), {
      name: transportName,
      capabilities: denoCapabilities,
      honoursDecompress: true,
      headers: withAcceptEncoding,
      streamBody: gatherSmall,
      readerOf: growingReader,
      proxied: (request) => this.#route(request).proxy !== null,
      init: (request) => ({ client: this.#clients.get(this.#way, request.options.transport) }),
    });
  }

  send(request: PreparedRequest): Promise<SessionResponse> {
    try {
      const way = this.#route(request);
      const decided = withChosenProxy(request, way.proxy);
      const sent = this.#sendBy(way, decided);
      // Who sends it once more asks once more.
      return decided === request ? sent : sent.then((response) => response.derive({ request }));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  stats(): TransportStats {
    return this.#sockets.stats();
  }

  check(options: TransportOptions): void {
    checkOptions(options, denoRuntime());
    const beyond = this.#hasSockets ? null : beyondDenoFetch(options);
    if (beyond !== null) refuseSockets(beyond);
    if (this.#seesEnvironment) return;
    const { proxy, trustEnv } = options;
    if (proxy !== undefined && proxy !== null) this.#refuseBlind('proxy', 'NO_PROXY could overrule it');
    if (proxy === null || trustsNoProxy(trustEnv))
      this.#refuseBlind(
        proxy === null ? 'proxy' : 'trustEnv',
        'proxies of the environment could not be switched off',
      );
  }

  async close(): Promise<void> {
    await Promise.all([this.#inner.close(), this.#sockets.close()]);
    this.#clients.close();
  }

  #sendBy(way: Route, request: PreparedRequest): Promise<SessionResponse> {
    const beyond = beyondFetchOf(request, way.proxy);
    if (beyond === null) {
      this.#way = way;
      return this.#inner.send(request);
    }
    if (!this.#hasSockets) refuseSockets(beyond);
    checkBeside(beyond, request.options.transport, request.target.protocol === 'https:');
    return this.#sockets.send(request);
  }

  #refuseBlind(option: string, reason: string): never {
    throw new UnsupportedOptionError(
      option,
      transportName,
      `${reason}: grant --allow-env for HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, in both cases`,
    );
  }

  #route(request: PreparedRequest): Route {
    const { unixSocket, proxy, trustEnv } = request.options.transport;
    const pooled = pooledMethods.has(request.method);
    if (unixSocket != null) return { unixSocket, proxy: null, pooled };
    if (!this.#seesEnvironment) return { unixSocket: null, proxy: null, pooled };
    const environment = trustsNoProxy(trustEnv) ? {} : this.#environment;
    // Mostly there is nothing to choose from, and no need of a URL.
    const { http, https } = environment;
    const chosen =
      (proxy ?? http ?? https) === undefined ? null : resolveProxy(proxy, environment, new URL(request.url));
    return { unixSocket: null, proxy: chosen, pooled };
  }
}

/** What of a request Deno's fetch cannot do, or would do unsafely; `null` when it can do all. */
const beyondFetchOf = (request: PreparedRequest, proxy: string | null): string | null => {
  const { method, body, headers, options, target } = request;
  const { transport } = options;
  const option = transport === noTransportOptions ? null : beyondDenoFetch(transport);
  if (option !== null) return option;
  if (body !== null && (method === 'GET' || method === 'HEAD')) return 'body';
  const secure = target.protocol === 'https:';
  // Deno would send an https request over a Unix socket in plain text.
  if (secure && transport.unixSocket != null) return 'unixSocket';
  // Deno decodes whatever was asked for.
  if (!options.decompress && (headers.get('accept-encoding') ?? 'identity') !== 'identity')
    return 'decompress';
  if (proxy === null) return null;
  // Seen in 2.9.6: the header for the proxy is repeated inside the tunnel, to the server.
  return isSocks4(proxy) || (secure && /^https?:\/\/[^/]*@/.test(proxy)) ? 'proxy' : null;
};

const refuseSockets = (option: string): never => {
  throw new UnsupportedOptionError(
    option,
    transportName,
    `sockets of our own must see whether the environment names a proxy: grant --allow-env, or what \`proxy\` takes and ${undiciVariables.join(' and ')}`,
  );
};

const direct: Route = Object.freeze({ unixSocket: null, proxy: null, pooled: true });

// Deno sends a request again when its kept connection breaks: only what may arrive twice uses one.
const pooledMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'QUERY']);

/**
 * Deno sends every stream chunked, whatever length is declared, and some servers take none: what is known to be small goes as one piece.
 * Its Blobs are in memory as it is.
 */
const gatherSmall = (
  { body }: PreparedRequest,
  stream: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> | Promise<Blob> =>
  body !== null && body.length !== null && body.length <= largestGathered
    ? new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).blob()
    : stream;

const largestGathered = 16 << 20;

const trustsNoProxy = (trustEnv: TransportOptions['trustEnv']): boolean =>
  trustEnv === false || (typeof trustEnv === 'object' && trustEnv.proxy === false);

// Deno adds `gzip,br` by itself, to range requests too, and decodes what comes unless `identity` was asked for.
const withAcceptEncoding = (request: PreparedRequest): HeaderList => {
  const { headers, options } = request;
  const asked = headers.get('accept-encoding');
  return asked === undefined && (!options.decompress || headers.has('range'))
    ? headers.with('Accept-Encoding', 'identity')
    : headers;
};
