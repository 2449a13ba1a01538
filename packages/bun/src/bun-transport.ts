import {
  connectionVariables,
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
import { type BunFetchSession, bunRuntime } from './bun-runtime.ts';
import {
  beyondBunFetch,
  checkBeside,
  checkOptions,
  honoured,
  isSocks,
  tlsInit,
  transportName,
} from './connection-options.ts';

/** What Bun's fetch can do, and the sockets beside it. */
export const bunCapabilities: TransportCapabilities = Object.freeze({
  ...fetchCapabilities,
  options: honoured,
  decodes: ['gzip', 'x-gzip', 'deflate', 'br', 'zstd'],
  resends: 'idempotent',
  bodyOnGet: true,
} as const);

/**
 * Bun's `fetch`: a pool of its own where Bun has `FetchSession` (1.4.3), else the pool of the process.
 *
 * * Every request says which proxy it takes, or that it takes none: Bun would ask the environment by rules of its own. We read it
 *   once, as on Node.
 * * What Bun's fetch cannot do goes out by the Node transport, over Bun's `node:net`: SOCKS, `lookup`, pins, limits of the pool, methods
 *   of your own, GET with a body. It is loaded for the first such request, and has connections of its own.
 * * Bun sends idempotent requests again when a kept connection breaks, once for each that it has; `keepalive: false` prevents it.
 */
export class BunTransport implements Transport {
  readonly name: string = transportName;
  readonly capabilities: TransportCapabilities = bunCapabilities;
  readonly #pool: BunFetchSession | null;
  readonly #inner: Transport;
  readonly #sockets: LazyTransport;
  readonly #environment: EnvironmentProxies;
  /** The proxy of the request that is being handed to fetch. */
  #proxy: string | null = null;

  constructor(options: TransportOptions) {
    this.check(options);
    const { FetchSession, env } = bunRuntime();
    const idle = options.pool?.keepAliveTimeout;
    if (FetchSession === undefined && idle !== undefined)
      throw new UnsupportedOptionError(
        'pool.keepAliveTimeout',
        transportName,
        'Bun before 1.4.3 has one pool',
      );
    this.#pool =
      FetchSession === undefined
        ? null
        : new FetchSession(idle === undefined ? {} : { keepAlive: { idleTimeout: idle / 1000 } });
    const pool = this.#pool;
    // Own members only: a polluted Object.prototype must not name a proxy.
    const variables = connectionVariables((name) => (Object.hasOwn(env, name) ? env[name] : undefined));
    this.#environment = proxyFromEnvironment((name) => variables[name]);
    this.#sockets = sockets(options, variables);
    this.#inner = fetchTransport((url, init) => (pool === null ? fetch(url, init) : pool.fetch(url, init)), {
      name: transportName,
      capabilities: bunCapabilities,
      honoursDecompress: true,
      headers: wireHeaders,
      init: (request) => connection(request, this.#proxy),
      proxied: (request) => proxyOf(request, this.#environment) !== null,
    });
  }

  send(request: PreparedRequest): Promise<SessionResponse> {
    try {
      const proxy = proxyOf(request, this.#environment);
      const decided = withChosenProxy(request, proxy);
      const sent = this.#sendBy(proxy, decided);
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
    checkOptions(options);
  }

  async close(): Promise<void> {
    await Promise.all([this.#inner.close(), this.#sockets.close()]);
    this.#pool?.close();
  }

  #sendBy(proxy: string | null, request: PreparedRequest): Promise<SessionResponse> {
    const beyond = beyondFetchOf(request, proxy);
    if (beyond === null) {
      this.#proxy = proxy;
      return this.#inner.send(request);
    }
    checkBeside(beyond, request.options.transport, request.target.protocol === 'https:');
    return this.#sockets.send(request);
  }
}

/** What of a request Bun's fetch cannot do; `null` when it can do all. */
const beyondFetchOf = ({ method, body, options }: PreparedRequest, proxy: string | null): string | null => {
  const { transport } = options;
  const option = transport === noTransportOptions ? null : beyondBunFetch(transport);
  if (option !== null) return option;
  // Bun's fetch makes a GET of every method that it does not know.
  if (!methods.has(method)) return 'method';
  if (body !== null && (method === 'GET' || method === 'HEAD')) return 'body';
  return proxy !== null && isSocks(proxy) ? 'proxy' : null;
};

/** Bun's own members of `init`. */
const connection = (
  { options, target }: PreparedRequest,
  chosen: string | null,
): Readonly<Record<string, unknown>> => {
  const { transport } = options;
  const { unixSocket, http2, tls } = transport;
  const proxy = chosen === null ? false : { url: chosen, respectNoProxy: false };
  if (proxy === false && options.decompress && (unixSocket ?? http2 ?? tls) == null) return plain;
  return {
    ...tlsInit(transport, bunRuntime()),
    ...plain,
    proxy,
    ...(unixSocket != null && { unix: unixSocket }),
    ...(http2 === true && target.protocol === 'https:' && { protocol: 'http2' }),
    ...(!options.decompress && { decompress: false }),
  };
};

// `timeout`: its own fires in steps of four seconds.
const plain = Object.freeze({ proxy: false, timeout: false });

const proxyOf = ({ options, url }: PreparedRequest, environment: EnvironmentProxies): string | null => {
  const { proxy, trustEnv, unixSocket } = options.transport;
  if (unixSocket != null) return null;
  const blind = trustEnv === false || (typeof trustEnv === 'object' && trustEnv.proxy === false);
  const trusted: EnvironmentProxies = blind ? {} : environment;
  const { http, https } = trusted;
  // Mostly there is nothing to choose from, and no need of a URL.
  return (proxy ?? http ?? https) === undefined ? null : resolveProxy(proxy, trusted, new URL(url));
};

const wireHeaders = ({ headers, body }: PreparedRequest): HeaderList => {
  // Bun adds `Accept-Encoding` by itself: a range of a compressed body is useless.
  const ranged =
    headers.has('range') && !headers.has('accept-encoding')
      ? headers.with('Accept-Encoding', 'identity')
      : headers;
  // Without it a stream goes out chunked, even where its length is known.
  return body?.bytes === null && body.length !== null
    ? ranged.with('Content-Length', String(body.length))
    : ranged;
};

const methods: ReadonlySet<string> = new Set(
  (
    'GET HEAD POST PUT DELETE OPTIONS PATCH QUERY PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK SEARCH REPORT PURGE ' +
    'M-SEARCH TRACE ACL BIND CHECKOUT LINK MERGE MKACTIVITY MKCALENDAR NOTIFY REBIND SOURCE SUBSCRIBE UNBIND UNLINK UNSUBSCRIBE'
  ).split(' '),
);
