import type { RequestURL } from '@httpsession/core';
import type { Dispatcher } from 'undici/index.js';
import type { ConnectionSettings } from './connection-settings.ts';
import { type Connector, type ConnectorOptions, createConnector } from './connector.ts';
import { forwardRequests } from './forward-requests.ts';
import type { ProxyAuthenticators } from './proxy-authenticator.ts';
import { createProxyHopConnector, createTunnelConnector } from './proxy-connector.ts';
import { authority, proxyEndpoint } from './proxy-endpoint.ts';

/** How requests for a URL get there: the pool to use, and how to make it. */
export interface Route {
  /** Equal for all that may share connections. */
  readonly key: string;
  /** What the pool's connections lead to: the origin, or the proxy that forwards. */
  readonly origin: string;
  readonly http2: boolean;
  connector(): Connector;
  /** Rewrites requests on their way out, for proxies that forward. */
  readonly intercept: Dispatcher.DispatcherComposeInterceptor | undefined;
}

/** Directly, through a tunnel (https by CONNECT, anything by SOCKS), or forwarded (http through an http or https proxy). */
export const routeTo = (
  target: RequestURL,
  settings: ConnectionSettings,
  authenticators: ProxyAuthenticators,
): Route => {
  const proxyUrl = settings.proxyFor(target.href);
  const secure = target.protocol === 'https:';
  if (proxyUrl === null) {
    return {
      key: `direct ${settings.key(secure)} ${target.origin}`,
      origin: target.origin,
      // ALPN is part of TLS: there is none for http.
      http2: settings.http2 && secure,
      connector: () => createConnector(connecting(settings, secure)),
      intercept: undefined,
    };
  }
  const proxy = proxyEndpoint(proxyUrl);
  const authenticator = authenticators.for(proxyUrl, proxy);
  const throughTls = secure || proxy.scheme === 'https';
  const key = `${settings.key(throughTls)} ${proxyUrl}`;
  const forwards = !secure && (proxy.scheme === 'http' || proxy.scheme === 'https');
  if (!forwards) {
    return {
      key: `tunnel ${key} ${target.origin}`,
      origin: target.origin,
      http2: settings.http2 && secure,
      connector: () => createTunnelConnector(proxy, authenticator, connecting(settings, throughTls)),
      intercept: undefined,
    };
  }
  const proxyOrigin = `${proxy.scheme}://${authority(proxy.host, proxy.port)}`;
  return {
    key: `forward ${key}`,
    origin: proxyOrigin,
    http2: false,
    connector: () => createProxyHopConnector(proxy, connecting(settings, throughTls)),
    intercept: forwardRequests({
      proxyOrigin,
      serverName: proxy.host,
      authenticator,
    }),
  };
};

const connecting = (settings: ConnectionSettings, secure: boolean): ConnectorOptions => ({
  ...(secure && { tls: settings.tls }),
  unixSocket: settings.unixSocket,
  localAddress: settings.localAddress,
  lookup: settings.lookup,
  http2: settings.http2,
});
