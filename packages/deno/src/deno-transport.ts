import {
  type EnvironmentProxies,
  fetchCapabilities,
  fetchTransport,
  type HeaderList,
  type PreparedRequest,
  resolveProxy,
  type SessionResponse,
  type Transport,
  type TransportCapabilities,
  type TransportOptions,
  UnsupportedOptionError,
} from '@httpsession/core';
import { checkOptions, honoured, refuseSocks4, transportName } from './client-options.ts';
import { ClientPool, type Route } from './client-pool.ts';
import { denoRuntime } from './deno-runtime.ts';
import { growingReader } from './growing-reader.ts';
import { environmentProxies, mayReadProxies } from './proxy-environment.ts';

/** What Deno's fetch can do, through clients of our own. */
export const denoCapabilities: TransportCapabilities = Object.freeze({
  ...fetchCapabilities,
  options: honoured,
  decodes: ['gzip', 'br'],
  resends: 'idempotent',
} as const);

/**
 * Deno's `fetch` through `Deno.createHttpClient`: one client per way to connect, made when it is first needed.
 *
 * * Proxies are decided by us, per hop. Deno would mix in the environment's, so that they are hidden from it, which needs leave to
 *   read and write their variables; without it a `proxy` option is refused, and Deno follows the environment by its own rules.
 *   It is read once, as on Node: to ask and look costs 30 us.
 * * HTTP proxies with a password serve `http:` URLs only: Deno repeats the password to the server behind a tunnel.
 * * Roots in `tls.ca` stand beside Deno's own: it cannot leave those out.
 * * Deno sends any request again when a kept connection breaks, even a POST: POST, PATCH and unknown methods never use one.
 */
export class DenoTransport implements Transport {
  readonly name: string = transportName;
  readonly capabilities: TransportCapabilities = denoCapabilities;
  readonly #clients: ClientPool;
  readonly #inner: Transport;
  readonly #seesEnvironment: boolean;
  readonly #environment: EnvironmentProxies;

  constructor(options: TransportOptions) {
    const deno = denoRuntime();
    this.#seesEnvironment = mayReadProxies(deno);
    this.#environment = this.#seesEnvironment ? environmentProxies(deno) : {};
    this.#clients = new ClientPool(deno, this.#seesEnvironment);
    this.check(options);
    this.#inner = fetchTransport((url, init) => fetch(url, init), {
      name: transportName,
      capabilities: denoCapabilities,
      headers: withAcceptEncoding,
      streamBody: gatherSmall,
      readerOf: growingReader,
      proxied: (request) => this.#route(request).proxy !== null,
      init: (request) => ({ client: this.#clients.get(this.#route(request), request.options.transport) }),
    });
  }

  send(request: PreparedRequest): Promise<SessionResponse> {
    return this.#inner.send(request);
  }

  check(options: TransportOptions): void {
    checkOptions(options);
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
    await this.#inner.close();
    this.#clients.close();
  }

  #refuseBlind(option: string, reason: string): never {
    throw new UnsupportedOptionError(
      option,
      transportName,
      `${reason}: grant --allow-env for HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, in both cases`,
    );
  }

  #checkProxy(proxy: string, request: PreparedRequest): void {
    refuseSocks4(proxy);
    // Seen in 2.9.6: the header for the proxy is repeated inside the tunnel, to the server.
    if (request.target.protocol === 'https:' && /^https?:\/\/[^/]*@/.test(proxy))
      throw new UnsupportedOptionError(
        'proxy',
        transportName,
        "Deno would show the proxy's password to https servers",
        {
          request,
        },
      );
  }

  #route(request: PreparedRequest): Route {
    const { unixSocket, proxy, trustEnv } = request.options.transport;
    const pooled = replayable.has(request.method);
    if (unixSocket != null) {
      // Deno would send an https request over a Unix socket in plain text.
      if (request.target.protocol !== 'http:')
        throw new UnsupportedOptionError('unixSocket', transportName, 'https over it would be plain text', {
          request,
        });
      return { unixSocket, proxy: null, pooled };
    }
    if (!this.#seesEnvironment) return { unixSocket: null, proxy: null, pooled };
    const environment = trustsNoProxy(trustEnv) ? {} : this.#environment;
    // Mostly there is nothing to choose from, and no need of a URL.
    const { http, https } = environment;
    const chosen =
      (proxy ?? http ?? https) === undefined ? null : resolveProxy(proxy, environment, new URL(request.url));
    if (chosen !== null) this.#checkProxy(chosen, request);
    return { unixSocket: null, proxy: chosen, pooled };
  }
}

const replayable: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'QUERY']);

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
  if (!options.decompress && asked !== undefined && asked !== 'identity')
    throw new UnsupportedOptionError('decompress', transportName, 'Deno decodes whatever was asked for', {
      request,
    });
  return asked === undefined && (!options.decompress || headers.has('range'))
    ? headers.with('Accept-Encoding', 'identity')
    : headers;
};
