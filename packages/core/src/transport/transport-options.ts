import type { ProxyInit } from '../environment/proxy-decision.ts';

/** A TLS version, as Node writes it. */
export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/** TLS settings. Each distinct setting has its own pool: `verify: false` never sticks to another's connections. */
export interface TlsInit {
  /** Check the server's certificate. @defaultValue true */
  readonly verify?: boolean | undefined;
  /** Trusted roots in place of the default ones: PEM text, bytes, a path to a file or directory, or `'system'`. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /** Client certificate: PEM or a path. */
  readonly cert?: string | Uint8Array | undefined;
  /** Private key: PEM or a path. */
  readonly key?: string | Uint8Array | undefined;
  /** PKCS#12 bundle: bytes or a path. */
  readonly pfx?: string | Uint8Array | undefined;
  /** Of `key` or `pfx`. */
  readonly passphrase?: string | undefined;
  /** The name to ask for (SNI) and to check, in place of the URL's host. */
  readonly serverName?: string | undefined;
  /** Accepted public keys as `sha256/BASE64` of the SubjectPublicKeyInfo (RFC 7469 2.4). */
  readonly pin?: string | readonly string[] | undefined;
  /** Lowest TLS version to accept. Node, Deno and Bun. @defaultValue the platform's */
  readonly minVersion?: TlsVersion | undefined;
  /** Highest TLS version to offer. Node, Deno and Bun. @defaultValue the platform's */
  readonly maxVersion?: TlsVersion | undefined;
  /** Cipher list in OpenSSL's notation. Node. @defaultValue the platform's */
  readonly ciphers?: string | undefined;
}

/** Settings of the connection. A platform that cannot honour one refuses it with `UnsupportedOptionError`. */
export interface TransportOptions {
  /** A proxy for every scheme, one per scheme, a function that chooses, or `null` for none. Judged per hop. */
  readonly proxy?: ProxyInit | null | undefined;
  /** How the server is checked and what the client shows it; `null` for the defaults. Node, Deno and Bun, each as far as it can. */
  readonly tls?: TlsInit | null | undefined;
  /** Path of a Unix domain socket to connect to in place of the URL's host. */
  readonly unixSocket?: string | null | undefined;
  /** Offer HTTP/2 by ALPN. @defaultValue false where it can be chosen */
  readonly http2?: boolean | undefined;
  /** A replacement for `dns.lookup`. Node, Deno and Bun. */
  readonly lookup?: ((...args: never[]) => void) | null | undefined;
  /** The local address to connect from. Node, Deno and Bun. */
  readonly localAddress?: string | null | undefined;
  /** Take proxies, CA bundles and (only when named) netrc from the environment. @defaultValue proxies and CA */
  readonly trustEnv?:
    | boolean
    | { readonly proxy?: boolean; readonly ca?: boolean; readonly netrc?: boolean }
    | undefined;
  /** Limits of the connection pool; session only. */
  readonly pool?: PoolOptions | undefined;

  // Passed on to backends that are a WHATWG fetch.
  /** When the browser sends and keeps its cookies. Browsers. @defaultValue 'same-origin' */
  readonly credentials?: 'omit' | 'same-origin' | 'include' | undefined;
  /** As in fetch. Browsers. @defaultValue 'cors' */
  readonly mode?: 'cors' | 'no-cors' | 'same-origin' | 'navigate' | undefined;
  /** As in fetch. Browsers; workerd knows `'no-store'` alone. */
  readonly cache?:
    | 'default'
    | 'no-store'
    | 'reload'
    | 'no-cache'
    | 'force-cache'
    | 'only-if-cached'
    | undefined;
  /** As in fetch. Browsers. */
  readonly referrer?: string | undefined;
  /** As in fetch. Browsers. */
  readonly referrerPolicy?: string | undefined;
  /** The hash that the body must have, as in fetch. Browsers. */
  readonly integrity?: string | undefined;
  /** Browsers: the request outlives the page. Bun: the connection is kept. */
  readonly keepalive?: boolean | undefined;
  /** As in fetch. Browsers. */
  readonly priority?: 'high' | 'low' | 'auto' | undefined;
}

/** Limits of the connection pool of each origin. */
export interface PoolOptions {
  /** Connections per origin. @defaultValue 64 */
  readonly connections?: number | undefined;
  /** Milliseconds an idle connection is kept. @defaultValue 30_000 */
  readonly keepAliveTimeout?: number | undefined;
  /** Requests sent ahead on one connection. @defaultValue 1 */
  readonly pipelining?: number | undefined;
  /** Origins with a pool of their own at one time. @defaultValue no limit */
  readonly maxOrigins?: number | undefined;
}

/** The options that a backend which is a WHATWG fetch takes over into its `init`, under the same names. */
export const fetchInitOptions = [
  'credentials',
  'mode',
  'cache',
  'referrer',
  'referrerPolicy',
  'integrity',
  'keepalive',
  'priority',
] as const;

const connectionOptions = [
  'proxy',
  'tls',
  'unixSocket',
  'http2',
  'lookup',
  'localAddress',
  'trustEnv',
  'pool',
] as const;

/** The options that only some platforms can honour. */
export const platformOptions: readonly PlatformOption[] = [...connectionOptions, ...fetchInitOptions];

/** The name of an option that only some platforms can honour. */
export type PlatformOption = (typeof connectionOptions)[number] | (typeof fetchInitOptions)[number];

/** What a session or call asks of the connection: only what was given, own properties of a null-prototype object. */
export type ResolvedTransportOptions = TransportOptions;

/** Nothing is asked of the connection. */
export const noTransportOptions: ResolvedTransportOptions = Object.freeze(Object.create(null));
