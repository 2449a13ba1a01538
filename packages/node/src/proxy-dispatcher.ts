import { Agent, Dispatcher, Pool } from 'undici/index.js';
import { forwardRequests, headerList } from './forward-requests.ts';
import { ProxyAuthenticator } from './proxy-authenticator.ts';
import {
  createProxyHopConnector,
  createTunnelConnector,
  type ProxyConnectorOptions,
} from './proxy-connector.ts';
import { authority, proxyEndpoint } from './proxy-endpoint.ts';

/** How a proxy is used: how connections are made, and undici's own settings for the pools. */
export interface ProxyDispatcherOptions extends ProxyConnectorOptions {
  /** Settings of the pools: `connections`, `pipelining`, `keepAliveTimeout`, ... */
  readonly pool?: Omit<Agent.Options, 'connect' | 'factory' | 'interceptors'>;
}

/**
 * A dispatcher that sends everything through one proxy. Make one per proxy (credentials included) and TLS
 * setting (`proxyUrl` and `tls.key` together are the key of the pool), and close it when done.
 *
 * - https origins: a tunnel by CONNECT, then TLS with the origin, whose name, certificate and pins are verified
 *   as on a direct connection.
 * - http origins through http and https proxies: forwarded in absolute form on shared connections to the proxy.
 * - SOCKS: `socks4` and `socks5` look the origin up here, `socks4a` and `socks5h` leave it to the proxy.
 *
 * What goes wrong on the way is a `ConnectError`; see `connect-error.ts` for the codes.
 *
 * @param proxyUrl - as `parseProxyUrl` and `resolveProxy` of the core write it
 * @throws {TypeError} for another scheme, or credentials that cannot be sent
 */
export function createProxyDispatcher(proxyUrl: string, options: ProxyDispatcherOptions = {}): Dispatcher {
  const { pool, signal, ...connecting } = options;
  const endpoint = proxyEndpoint(proxyUrl);
  const { scheme, host, port, credentials } = endpoint;
  const closing = new AbortController();
  const connector = {
    ...connecting,
    signal: signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]),
  };
  const isHttp = scheme === 'http' || scheme === 'https';
  const authenticator =
    isHttp && credentials !== null
      ? new ProxyAuthenticator(credentials.user, credentials.password)
      : undefined;
  const tunnels = new Agent({ ...pool, connect: createTunnelConnector(endpoint, authenticator, connector) });
  if (!isHttp) return new ProxyDispatcher(tunnels, tunnels, closing);

  const proxyOrigin = `${scheme}://${authority(host, port)}`;
  const hops = new Pool(proxyOrigin, { ...pool, connect: createProxyHopConnector(endpoint, connector) });
  const forwarding = hops.compose(forwardRequests({ proxyOrigin, serverName: host, authenticator }));
  return new ProxyDispatcher(tunnels, forwarding, closing);
}

class ProxyDispatcher extends Dispatcher {
  readonly #secure: Dispatcher;
  readonly #plain: Dispatcher;
  readonly #closing: AbortController;

  constructor(secure: Dispatcher, plain: Dispatcher, closing: AbortController) {
    super();
    this.#secure = secure;
    this.#plain = plain;
    this.#closing = closing;
  }

  override dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (!String(request.origin).startsWith('https:')) return this.#plain.dispatch(request, handler);
    return this.#secure.dispatch(withoutProxyAuthorization(request), handler);
  }

  override close(): Promise<void>;
  override close(callback: () => void): void;
  override close(callback?: () => void): Promise<void> | void {
    const closed = this.#both((dispatcher) => dispatcher.close());
    return callback === undefined ? closed : void closed.then(callback);
  }

  override destroy(): Promise<void>;
  override destroy(error: Error | null): Promise<void>;
  override destroy(callback: () => void): void;
  override destroy(error: Error | null, callback: () => void): void;
  override destroy(first?: Error | null | (() => void), second?: () => void): Promise<void> | void {
    const callback = typeof first === 'function' ? first : second;
    const error = first instanceof Error ? first : null;
    const destroyed = this.#both((dispatcher) => dispatcher.destroy(error));
    this.#closing.abort();
    return callback === undefined ? destroyed : void destroyed.then(callback);
  }

  async #both(act: (dispatcher: Dispatcher) => Promise<void>): Promise<void> {
    await Promise.all([...new Set([this.#secure, this.#plain])].map(act));
  }
}

/** RFC 9110 11.7.2: Proxy-Authorization is for the proxy. Inside the tunnel it would reach the origin. */
function withoutProxyAuthorization(request: Dispatcher.DispatchOptions): Dispatcher.DispatchOptions {
  const headers = headerList(request.headers);
  const isKept = (_text: string, index: number): boolean =>
    headers[index - (index % 2)]?.toLowerCase() !== 'proxy-authorization';
  return headers.every(isKept) ? request : { ...request, headers: headers.filter(isKept) };
}
