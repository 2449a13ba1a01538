import { type IpBytes, parseIpAddress, sharesPrefix } from './ip-address.ts';

/**
 * Whether a `NO_PROXY` list asks for a direct connection to `url`.
 *
 * The union of what curl and requests understand; entries are separated by commas or white space:
 * - `*`: every host
 * - `example.com`, `.example.com`, `*.example.com`: that host and the hosts below it, whatever the case
 *   and the trailing dot
 * - `example.com:8080`, `[::1]:8080`: only on that port (the scheme's own port when the URL has none)
 * - `10.1.2.3`, `::1`, `[::1]`: that address, however it is spelled; an IPv4-mapped address is its IPv4 self
 * - `10.0.0.0/8`, `fd00::/8`: every address in the network
 *
 * What cannot be read matches nothing. Names are compared as written in the URL and never resolved.
 */
export function bypassesProxy(url: URL, noProxy: string): boolean {
  const rules = readRules(noProxy);
  if (rules.length === 0) return false;
  const name = withoutTrailingDot(url.hostname);
  if (name === '') return false;
  const address = parseIpAddress(name);
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return rules.some((rule) => {
    if (rule.kind === 'all') return true;
    if (rule.port !== undefined && rule.port !== port) return false;
    if (rule.kind === 'network') return address !== undefined && sharesPrefix(rule.bytes, address, rule.bits);
    // A suffix of an address is no domain: `.0.0.1` says nothing about 127.0.0.1.
    return address === undefined && isWithin(name, rule.name);
  });
}

type Rule =
  | { readonly kind: 'all' }
  | { readonly kind: 'name'; readonly name: string; readonly port: number | undefined }
  | {
      readonly kind: 'network';
      readonly bytes: IpBytes;
      readonly bits: number;
      readonly port: number | undefined;
    };

// The list comes from the environment and is asked about on every hop: read it once per spelling.
let lastText = '';
let lastRules: readonly Rule[] = [];

function readRules(text: string): readonly Rule[] {
  if (text !== lastText) {
    lastRules = text.split(/[\s,]+/).flatMap((token) => readRule(token) ?? []);
    lastText = text;
  }
  return lastRules;
}

function readRule(token: string): Rule | undefined {
  if (token === '') return undefined;
  if (token === '*') return { kind: 'all' };
  if (token.includes('/')) return readNetwork(token);
  // Two colons and no brackets: a bare IPv6 address, which leaves no room for a port.
  if (!token.startsWith('[') && token.indexOf(':') !== token.lastIndexOf(':')) {
    return addressRule(parseIpAddress(token), undefined);
  }
  const [, host = '', digits] = HOST_AND_PORT.exec(token) ?? [];
  const port = digits === undefined ? undefined : Number(digits);
  if (host.startsWith('[')) return addressRule(parseIpAddress(host), port);
  return readName(host, port);
}

// Both alternatives stop at a character the rest cannot start with, so this is linear.
const HOST_AND_PORT = /^(\[[^\]]*\]|[^:]+)(?::(\d{1,5}))?$/;

function readNetwork(token: string): Rule | undefined {
  const slash = token.indexOf('/');
  const digits = token.slice(slash + 1);
  const prefix = token.slice(0, slash);
  const bytes = parseIpAddress(prefix);
  if (bytes === undefined || !/^\d{1,3}$/.test(digits)) return undefined;
  // `::ffff:10.0.0.0/104` was written for 128 bits and stands for 10.0.0.0/8.
  const bits = Number(digits) - (bytes.length === 4 && prefix.includes(':') ? 96 : 0);
  if (bits < 0 || bits > bytes.length * 8) return undefined;
  return { kind: 'network', bytes, bits, port: undefined };
}

const addressRule = (bytes: IpBytes | undefined, port: number | undefined): Rule | undefined =>
  bytes === undefined ? undefined : { kind: 'network', bytes, bits: bytes.length * 8, port };

function readName(host: string, port: number | undefined): Rule | undefined {
  const below = host.startsWith('*.') ? host.slice(2) : host.startsWith('.') ? host.slice(1) : host;
  const name = canonicalName(below);
  if (name === undefined || name === '') return undefined;
  const bytes = parseIpAddress(name);
  if (bytes === undefined) return { kind: 'name', name, port };
  return below === host ? addressRule(bytes, port) : undefined;
}

/** The host as `URL.hostname` would spell it: lower case, Punycode, `127.1` in full. */
function canonicalName(host: string): string | undefined {
  // Most names need no URL parser; one whose last label starts with a digit may be a short IPv4 address.
  if (/^[a-z\d_.-]+$/i.test(host) && !/^\d/.test(lastLabel(host))) {
    return withoutTrailingDot(host.toLowerCase());
  }
  if (/[/?#@\\:]/.test(host) || !URL.canParse(`http://${host}`)) return undefined;
  return withoutTrailingDot(new URL(`http://${host}`).hostname);
}

const lastLabel = (host: string): string => {
  const name = withoutTrailingDot(host);
  return name.slice(name.lastIndexOf('.') + 1);
};

const withoutTrailingDot = (name: string): string => (name.endsWith('.') ? name.slice(0, -1) : name);

/** The domain itself or below it, cut at a dot: `notexample.com` is not within `example.com`. */
const isWithin = (name: string, domain: string): boolean =>
  name === domain ||
  (name.endsWith(domain) && name.charCodeAt(name.length - domain.length - 1) === '.'.charCodeAt(0));
