/** The kinds of proxy there are, as the schemes of their URLs. */
export type ProxyScheme = 'http' | 'https' | 'socks4' | 'socks4a' | 'socks5' | 'socks5h';

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map<ProxyScheme, number>([
  ['http', 80],
  ['https', 443],
  ['socks4', 1080],
  ['socks4a', 1080],
  ['socks5', 1080],
  ['socks5h', 1080],
]);

/**
 * Reads a proxy's address and spells it in one way: `scheme://user:password@host:port`, with the port
 * always there and the path gone, so that equal proxies are equal strings. Without a scheme it is `http://`.
 *
 * @param argument - the name of what is read, for the message
 * @throws {TypeError} when it is no proxy URL; the message never shows credentials
 */
export function parseProxyUrl(proxy: string | URL, argument: string): string {
  const text = String(proxy).trim();
  const known = spellings.get(text);
  if (known !== undefined) return known;
  const canonical = canonicalProxy(text, argument);
  // A URL that holds a password is not kept in a table that outlives its session.
  if (canonical.includes('@')) return canonical;
  if (spellings.size >= MOST_SPELLINGS) spellings.clear();
  spellings.set(text, canonical);
  return canonical;
}

// Asked on every hop, nearly always about the same two or three proxies. A function may rotate through
// thousands of them, so the memory is bounded.
const spellings = new Map<string, string>();
const MOST_SPELLINGS = 64;

function canonicalProxy(text: string, argument: string): string {
  const href = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(href))
    throw new TypeError(`${argument} must be a proxy URL, got ${withoutUserinfo(text)}`);
  const url = new URL(href);
  const scheme = url.protocol.slice(0, -1);
  const defaultPort = DEFAULT_PORTS.get(scheme);
  if (defaultPort === undefined) {
    const schemes = [...DEFAULT_PORTS.keys()].join(', ');
    throw new TypeError(`${argument} must be one of ${schemes}, got the scheme ${scheme}`);
  }
  if (url.hostname === '') throw new TypeError(`${argument} must name a host, got ${scheme}://`);
  const userinfo = url.username || url.password ? `${url.username}:${url.password}@` : '';
  return `${scheme}://${userinfo}${url.hostname.toLowerCase()}:${url.port || defaultPort}`;
}

/** What may be shown of text that could not be read: everything up to the last `@` may be a password. */
function withoutUserinfo(text: string): string {
  const at = text.lastIndexOf('@');
  return JSON.stringify(at === -1 ? text : `***${text.slice(at)}`);
}
