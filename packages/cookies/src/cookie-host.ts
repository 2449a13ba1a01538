import { getPublicSuffix } from 'tough-cookie';

/** What the jar needs to know about a host: worked out once, then remembered. */
export interface HostScope {
  /** The host as `URL.hostname` writes it. */
  readonly host: string;
  /** Registrable domain, or the host itself where there is none: the key under which cookies are bucketed. */
  readonly site: string;
  /** Domains whose cookies the host may see, itself first, its site last. */
  readonly domains: readonly string[];
  /** True for IP addresses, single labels and public suffixes, which never share cookies with other hosts. */
  readonly standalone: boolean;
  /** True where plain http counts as secure, as browsers do: `localhost`, 127.0.0.0/8 and `[::1]`. */
  readonly loopback: boolean;
}

/** Works out the cookie scope of a host written as in `URL.hostname`. */
export function hostScope(host: string): HostScope {
  const site = registrableDomain(host);
  const standalone = site === undefined;
  return {
    host,
    site: site ?? host,
    domains: site === undefined ? [host] : domainsUpTo(host, site),
    standalone,
    loopback: LOOPBACK.test(host),
  };
}

/**
 * Brings a domain given by a caller or a file into the form of `URL.hostname`: lower case, punycode, no leading dot.
 * Returns `undefined` for what is no host.
 */
export function canonicalHost(domain: string): string | undefined {
  const bare = domain.startsWith('.') ? domain.slice(1) : domain;
  const host = bare.includes(':') && !bare.startsWith('[') ? `[${bare}]` : bare;
  if (PLAIN_HOST.test(host)) return host;
  if (NOT_HOST.test(host)) return undefined;
  // Only IPv6 in brackets may hold a colon, else `host:80` would pass for `host`.
  if (host.includes(':') && !host.endsWith(']')) return undefined;
  const parsed = URL.canParse(`http://${host}/`) ? new URL(`http://${host}/`).hostname : '';
  return parsed === '' ? undefined : parsed;
}

/** `undefined` where the host is an IP address, a single label or itself a public suffix. */
function registrableDomain(host: string): string | undefined {
  if (host.startsWith('[') || IPV4.test(host)) return undefined;
  // A trailing dot makes another host, but not another suffix: `co.uk.` must not become a supercookie (CVE-2022-27779).
  const absolute = host.endsWith('.');
  const bare = absolute ? host.slice(0, -1) : host;
  if (!bare.includes('.')) return undefined;
  const domain = getPublicSuffix(bare, { allowSpecialUseDomain: true, ignoreError: true });
  if (domain === undefined) return undefined;
  return absolute ? `${domain}.` : domain;
}

function domainsUpTo(host: string, site: string): string[] {
  const domains = [host];
  for (let domain = host; domain.length > site.length; ) {
    domain = domain.slice(domain.indexOf('.') + 1);
    domains.push(domain);
  }
  return domains;
}

const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const LOOPBACK = /^(?:localhost\.?|.+\.localhost\.?|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;
// Starts with a letter in every label, so that no part can be read as an IPv4 number; all else goes through URL.
const PLAIN_HOST = /^[a-z][a-z0-9]*(?:\.[a-z][a-z0-9]*)*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: URL would strip them without a word
const NOT_HOST = /[\x00-\x20\x7f/\\?#@;]|^$/;
