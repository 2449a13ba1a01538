import type { ProxyScheme } from '@httpsession/core';

/** A proxy's URL, taken apart. */
export interface ProxyEndpoint {
  readonly scheme: ProxyScheme;
  /** Name or address; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Percent-decoded; `null` without user information in the URL. */
  readonly credentials: { readonly user: string; readonly password: string } | null;
}

/**
 * Takes apart a proxy URL as `parseProxyUrl` of the core writes it.
 *
 * @throws {TypeError} for a scheme that is no proxy's
 */
export function proxyEndpoint(proxyUrl: string): ProxyEndpoint {
  const url = new URL(proxyUrl);
  const scheme = SCHEMES.find((candidate) => `${candidate}:` === url.protocol);
  if (scheme === undefined)
    throw new TypeError(`proxy must be one of ${SCHEMES.join(', ')}, got ${url.protocol}`);
  const port = url.port === '' ? DEFAULT_PORTS[scheme] : Number(url.port);
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  const credentials =
    url.username === '' && url.password === ''
      ? null
      : { user: percentDecoded(url.username), password: percentDecoded(url.password) };
  return { scheme, host, port, credentials };
}

// new URL() drops a port that is the scheme's own.
const DEFAULT_PORTS: Readonly<Record<ProxyScheme, number>> = {
  http: 80,
  https: 443,
  socks4: 1080,
  socks4a: 1080,
  socks5: 1080,
  socks5h: 1080,
};
const SCHEMES: readonly ProxyScheme[] = ['http', 'https', 'socks4', 'socks4a', 'socks5', 'socks5h'];

/** A `%` that starts no escape is itself: passwords are often written so, and `URL` lets it pass. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not UTF-8, or a bare %.
    return text;
  }
}

/** `host:port` as in CONNECT, with brackets around an IPv6 address. */
export const authority = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
