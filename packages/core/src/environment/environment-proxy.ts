/** What the environment says about proxies; values are as found, not yet read as URLs. */
export interface EnvironmentProxies {
  /** Proxy for `http:` URLs. */
  readonly http?: string;
  /** Proxy for `https:` URLs. */
  readonly https?: string;
  /** The hosts to reach without a proxy, as in `NO_PROXY`. */
  readonly no?: string;
}

/** The variables that `proxyFromEnvironment` reads, in both cases, but for the one that tells a CGI script. */
export const proxyVariables: readonly string[] = [
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
].flatMap((name) => [name, name.toUpperCase()]);

/** What a session with sockets reads of the environment, as it is now: later changes are not seen by any part of the session. */
export const connectionVariables = (
  env: (name: string) => string | undefined,
): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries([...proxyVariables, ...otherVariables].map((name) => [name, env(name)]));

const otherVariables = [
  'REQUEST_METHOD',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
] as const;

/**
 * Reads `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, in lower and upper case.
 *
 * Lower case wins, and an empty lower-case variable switches the upper-case one off. `HTTP_PROXY` is
 * ignored when `REQUEST_METHOD` is set: in a CGI script it is whatever the client sent in a `Proxy:`
 * header (httpoxy, CVE-2016-1000111).
 *
 * @param env - looks a variable up, exactly as spelled
 */
export function proxyFromEnvironment(env: (name: string) => string | undefined): EnvironmentProxies {
  const inCgi = (env('REQUEST_METHOD') ?? '') !== '';
  const all = either(env, 'all_proxy');
  const http = (inCgi ? env('http_proxy')?.trim() : either(env, 'http_proxy')) || all;
  const https = either(env, 'https_proxy') || all;
  const no = either(env, 'no_proxy');
  return { ...(http && { http }), ...(https && { https }), ...(no && { no }) };
}

const either = (env: (name: string) => string | undefined, name: string): string =>
  (env(name) ?? env(name.toUpperCase()) ?? '').trim();
