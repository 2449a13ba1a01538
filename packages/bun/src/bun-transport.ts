import {
  type EnvironmentProxies,
  fetchCapabilities,
  fetchTransport,
  type HeaderList,
  type PreparedRequest,
  proxyFromEnvironment,
  resolveProxy,
  type SessionResponse,
  type Transport,
  type TransportCapabilities,
  type TransportOptions,
  UnsupportedOptionError,
} from '@httpsession/core';
import { type BunFetchSession, bunRuntime } from './bun-runtime.ts';
import { checkOptions, honoured, refuseSocks, tlsInit, transportName } from './connection-options.ts';

/** What Bun's fetch can do. */
export const bunCapabilities: TransportCapabilities = Object.freeze({
  ...fetchCapabilities,
  options: honoured,
  decodes: ['gzip', 'x-gzip', 'deflate', 'br', 'zstd'],
  resends: 'idempotent',
} as const);

/**
 * Bun's `fetch`: a pool of its own where Bun has `FetchSession` (1.4.3), else the pool of the process.
 *
 * * Every request says which proxy it takes, or that it takes none: Bun would ask the environment by rules of its own. We read it
 *   once, as on Node.
 * * Bun sends idempotent requests again when a kept connection breaks, once for each that it has; `keepalive: false` prevents it.
 */
export class BunTransport implements Transport {
  readonly name: string = transportName;
  readonly capabilities: TransportCapabilities = bunCapabilities;
  readonly #pool: BunFetchSession | null;
  readonly #inner: Transport;

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
    const environment = proxyFromEnvironment((name) => env[name]);
    this.#inner = fetchTransport((url, init) => (pool === null ? fetch(url, init) : pool.fetch(url, init)), {
      name: transportName,
      capabilities: bunCapabilities,
      headers: wireHeaders,
      init: (request) => connection(request, environment),
      proxied: (request) =>
        request.options.transport.unixSocket == null && proxyOf(request, environment) !== null,
    });
  }

  send(request: PreparedRequest): Promise<SessionResponse> {
    return this.#inner.send(request);
  }

  check(options: TransportOptions): void {
    checkOptions(options);
  }

  async close(): Promise<void> {
    await this.#inner.close();
    this.#pool?.close();
  }
}

/** Bun's own members of `init`. */
const connection = (
  request: PreparedRequest,
  environment: EnvironmentProxies,
): Readonly<Record<string, unknown>> => {
  const { method, options, target } = request;
  // Bun's fetch makes a GET of every method that it does not know.
  if (!methods.has(method))
    throw new UnsupportedOptionError('method', transportName, `Bun would send ${method} as GET`, { request });
  const { transport } = options;
  const { unixSocket, http2, tls } = transport;
  const proxy = unixSocket == null ? proxyInit(request, environment) : false;
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

const proxyInit = (
  request: PreparedRequest,
  environment: EnvironmentProxies,
): false | { readonly url: string; readonly respectNoProxy: false } => {
  const chosen = proxyOf(request, environment);
  if (chosen === null) return false;
  refuseSocks(chosen);
  return { url: chosen, respectNoProxy: false };
};

const proxyOf = ({ options, url }: PreparedRequest, environment: EnvironmentProxies): string | null => {
  const { proxy, trustEnv } = options.transport;
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
