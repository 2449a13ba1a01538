import type { EnvironmentProxies } from './environment-proxy.ts';
import { bypassesProxy } from './no-proxy.ts';
import { parseProxyUrl } from './proxy-url.ts';

/** One proxy: its URL (`http`, `https`, `socks4`, `socks4a`, `socks5` or `socks5h`), or `null` for none. */
export type ProxyAddress = string | URL | null;

/**
 * Proxies by what they are for. The most specific key decides: `https://api.example.com:8443`,
 * `https://api.example.com`, `https`, `all://api.example.com`, `all`. A scheme without an answer here is
 * left to the environment; `null` means direct.
 */
export interface ProxyMap {
  /** Proxy for `http:` URLs. */
  readonly http?: ProxyAddress;
  /** Proxy for `https:` URLs. */
  readonly https?: ProxyAddress;
  /** Proxy for everything else. */
  readonly all?: ProxyAddress;
  /** Hosts to reach directly, as in `NO_PROXY`. For these proxies it replaces the environment's list. */
  readonly no?: string | readonly string[] | null;
  /** Proxy for one host: `scheme://host` or `scheme://host:port`. */
  readonly [host: `${string}://${string}`]: ProxyAddress;
}

/**
 * Which proxy a session uses: one for all, one per scheme or host, a function asked on every hop, or
 * `null` for none at all, whatever the environment says.
 */
export type ProxyInit = ProxyAddress | ProxyMap | ((url: URL) => ProxyAddress | undefined);

/**
 * The proxy for one hop, spelled in one way (see `parseProxyUrl`), or `null` for a direct connection.
 *
 * What the caller gave beats the environment: `NO_PROXY` limits only the proxies that come from the
 * environment, and the map's own `no` those of the map. Asked for every hop, so a redirect to an excluded
 * host goes there directly.
 *
 * @throws {TypeError} when a proxy cannot be read: a request is never sent directly because of a typing error
 */
export function resolveProxy(
  proxy: ProxyInit | undefined,
  environment: EnvironmentProxies,
  url: URL,
): string | null {
  if (proxy === null) return null;
  if (proxy === undefined) return fromEnvironment(environment, environment.no, url);
  if (typeof proxy === 'string' || proxy instanceof URL) return parseProxyUrl(proxy, 'proxy');
  if (typeof proxy === 'function') {
    const chosen = proxy(url);
    if (chosen === undefined) return fromEnvironment(environment, environment.no, url);
    return chosen === null ? null : parseProxyUrl(chosen, 'proxy(url)');
  }
  return fromMap(proxy, environment, url);
}

/**
 * Checks a `proxy` option when it is given, so that a mistake shows where it was made.
 * @throws {TypeError} naming the part that is wrong
 */
export function checkProxyInit(proxy: ProxyInit): void {
  if (proxy === null || typeof proxy === 'function') return;
  if (typeof proxy === 'string' || proxy instanceof URL) {
    parseProxyUrl(proxy, 'proxy');
    return;
  }
  if (typeof proxy !== 'object' || Array.isArray(proxy)) {
    throw new TypeError(`proxy must be a URL, a map, a function or null, got ${typeof proxy}`);
  }
  for (const [key, value] of Object.entries(proxy)) {
    if (key === 'no') checkExclusions(value);
    else checkEntry(key, value);
  }
}

function checkEntry(key: string, value: unknown): void {
  const [, scheme, host] = KNOWN_KEY.exec(key) ?? [];
  if (scheme === undefined) {
    throw new TypeError(`proxy keys are http, https, all, no and scheme://host, got ${key}`);
  }
  if (host !== undefined) {
    // A key that no URL's spelling equals would be ignored, and the request sent past the proxy.
    const url = `${scheme === 'all' ? 'http' : scheme}://${host}`;
    const spelling = URL.canParse(url) ? new URL(url).host : undefined;
    if (spelling === undefined) throw new TypeError(`proxy keys must name a host, got ${key}`);
    if (spelling !== host) throw new TypeError(`proxy key ${key} must be spelled ${scheme}://${spelling}`);
  }
  if (value === null || value === undefined) return;
  const argument = `proxy[${JSON.stringify(key)}]`;
  if (typeof value !== 'string' && !(value instanceof URL)) {
    throw new TypeError(`${argument} must be a URL or null, got ${typeof value}`);
  }
  parseProxyUrl(value, argument);
}

const KNOWN_KEY = /^(https?|all)(?::\/\/([^/?#@\\]+))?$/;

function checkExclusions(no: unknown): void {
  const fine =
    no === null ||
    no === undefined ||
    typeof no === 'string' ||
    (Array.isArray(no) && no.every((entry) => typeof entry === 'string'));
  if (!fine) throw new TypeError(`proxy.no must be a string or an array of strings, got ${typeof no}`);
}

function fromMap(map: ProxyMap, environment: EnvironmentProxies, url: URL): string | null {
  const exclusions = own(map, 'no');
  const no = exclusions === null ? '' : Array.isArray(exclusions) ? exclusions.join(',') : exclusions;
  for (const key of keysFor(url)) {
    const chosen = own(map, key);
    if (chosen === undefined) continue;
    if (chosen === null || (typeof no === 'string' && bypassesProxy(url, no))) return null;
    return parseProxyUrl(String(chosen), `proxy[${JSON.stringify(key)}]`);
  }
  return fromEnvironment(environment, typeof no === 'string' ? no : environment.no, url);
}

function fromEnvironment(environment: EnvironmentProxies, no: string | undefined, url: URL): string | null {
  const proxy = url.protocol === 'https:' ? environment.https : environment.http;
  if (proxy === undefined || (no !== undefined && bypassesProxy(url, no))) return null;
  return parseProxyUrl(proxy, `${url.protocol.slice(0, -1)}_proxy`);
}

const keysFor = (url: URL): readonly string[] => {
  const scheme = url.protocol.slice(0, -1);
  const { hostname, host } = url;
  return [
    `${scheme}://${host}`,
    `${scheme}://${hostname}`,
    scheme,
    `all://${host}`,
    `all://${hostname}`,
    'all',
  ];
};

// Own properties only: a polluted Object.prototype must not route requests through a stranger's proxy.
const own = (map: object, key: string): unknown =>
  Object.hasOwn(map, key) ? Reflect.get(map, key) : undefined;
