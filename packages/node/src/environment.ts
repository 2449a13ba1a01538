import { delimiter } from 'node:path';
import { type EnvironmentProxies, proxyFromEnvironment } from '@httpsession/core';
import { readAuthorities } from './certificate-authorities.ts';

/**
 * What to take from the environment. `true` and whatever an object leaves out mean the default: proxies and
 * certificate authorities, but no netrc.
 */
export type TrustEnv =
  | boolean
  | { readonly proxy?: boolean; readonly ca?: boolean; readonly netrc?: boolean };

/** The variables of an environment, by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** The environment, as far as it is trusted. What a session or call says itself always comes first. */
export interface Environment {
  /** For `resolveProxy`; empty when proxies are not taken from the environment. */
  readonly proxies: EnvironmentProxies;
  /**
   * Certificates to trust where `tls.ca` says nothing: from `REQUESTS_CA_BUNDLE`, else `CURL_CA_BUNDLE`, else
   * `SSL_CERT_FILE` and `SSL_CERT_DIR` together; `undefined` for the built-in ones. Read on the first call.
   *
   * @throws {TypeError} naming the variable and the path that holds no certificate
   */
  authorities(): readonly string[] | undefined;
}

/**
 * Reads the environment once; later changes are not seen.
 *
 * @param variables - where to look
 * @throws {TypeError} when `trustEnv` is none of its forms
 */
export function readEnvironment(trustEnv: TrustEnv = true, variables: Variables = process.env): Environment {
  const trusts = whatToTrust(trustEnv);
  const get = lookup(variables);
  let authorities: readonly string[] | undefined;
  return {
    proxies: trusts.proxy ? proxyFromEnvironment(get) : {},
    authorities() {
      if (trusts.ca) authorities ??= environmentAuthorities(get);
      return authorities;
    },
  };
}

// The netrc is the session's to ask for: what it holds are credentials, which no connection needs.
const PARTS: readonly string[] = ['proxy', 'ca', 'netrc'];

function whatToTrust(trustEnv: unknown): { readonly proxy: boolean; readonly ca: boolean } {
  if (typeof trustEnv === 'boolean') return { proxy: trustEnv, ca: trustEnv };
  if (typeof trustEnv !== 'object' || trustEnv === null) {
    throw new TypeError(`trustEnv must be true, false or an object, got ${String(trustEnv)}`);
  }
  const given = new Map(Object.entries(trustEnv).filter(([, value]) => value !== undefined));
  for (const [name, value] of given) {
    if (!PARTS.includes(name)) {
      throw new TypeError(`trustEnv has ${PARTS.join(', ')}, got ${name}`);
    }
    if (typeof value !== 'boolean') {
      throw new TypeError(
        `trustEnv.${name} must be true or false, got ${JSON.stringify(value) ?? typeof value}`,
      );
    }
  }
  return { proxy: given.get('proxy') ?? true, ca: given.get('ca') ?? true };
}

/**
 * Names exactly as spelled. Windows answers for any case, and would hand a CGI script's `HTTP_PROXY` over as the
 * `http_proxy` that is trusted there.
 */
function lookup(variables: Variables): (name: string) => string | undefined {
  const names = new Set(Object.keys(variables));
  return (name) => (names.has(name) ? variables[name] : undefined);
}

function environmentAuthorities(get: (name: string) => string | undefined): readonly string[] | undefined {
  for (const name of ['REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE']) {
    const path = get(name);
    if (path) return readAuthorities([path], name);
  }
  const file = get('SSL_CERT_FILE');
  const directories = (get('SSL_CERT_DIR') ?? '').split(delimiter).filter((path) => path !== '');
  if (!file && directories.length === 0) return undefined;
  const found = [
    ...(file ? readAuthorities([file], 'SSL_CERT_FILE') : []),
    ...directories.flatMap((path) => readDirectory(path)),
  ];
  if (found.length > 0) return [...new Set(found)];
  throw new TypeError(
    `SSL_CERT_DIR must hold a certificate, found none in ${JSON.stringify(directories.join(delimiter))}`,
  );
}

/** OpenSSL's own defaults name directories that need not be there: one of several may be missing. */
function readDirectory(path: string): readonly string[] {
  try {
    return readAuthorities([path], 'SSL_CERT_DIR');
  } catch {
    // Reported when none of them has a certificate.
    return [];
  }
}
