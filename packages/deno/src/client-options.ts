import {
  checkProxyInit,
  type PlatformOption,
  refuseOptions,
  type TlsInit,
  type TransportOptions,
  UnsupportedOptionError,
} from '@httpsession/core';
import type { DenoRuntime, HttpClientOptions } from './deno-runtime.ts';

/** The connection options that Deno's clients can honour, some of them in part. */
export const honoured: readonly PlatformOption[] = [
  'proxy',
  'tls',
  'unixSocket',
  'http2',
  'localAddress',
  'trustEnv',
  'pool',
];

export const transportName = 'deno';

/**
 * Checks connection options when they are given.
 * @throws {TypeError} for what cannot be read
 * @throws {UnsupportedOptionError} for what Deno would ignore
 */
export const checkOptions = (options: TransportOptions): void => {
  refuseOptions(options, transportName, honoured, { lookup: 'Deno resolves names by itself' });
  const { proxy, tls, trustEnv, pool, unixSocket } = options;
  if (proxy !== undefined && proxy !== null) checkProxyInit(proxy);
  if (typeof proxy === 'string' || proxy instanceof URL) refuseSocks4(String(proxy));
  if (tls !== undefined && tls !== null) checkTls(tls);
  if (typeof trustEnv === 'object' && trustEnv.netrc === true) refuse('trustEnv.netrc', 'no netrc is read');
  if (typeof trustEnv === 'object' && trustEnv.ca === true)
    refuse('trustEnv.ca', 'DENO_CERT is the one variable that Deno reads');
  for (const name of ['connections', 'pipelining', 'maxOrigins'] as const) {
    if (pool?.[name] !== undefined) refuse(`pool.${name}`, 'Deno limits only idle connections');
  }
  if (unixSocket !== undefined && unixSocket !== null && proxy !== undefined && proxy !== null)
    refuse('proxy', 'a Unix socket is connected to directly');
};

/** Deno knows SOCKS 5 only, and would reach the target past a SOCKS 4 proxy of the environment. @throws {UnsupportedOptionError} */
export const refuseSocks4 = (proxy: string): void => {
  if (/^socks4a?:/i.test(proxy)) refuse('proxy', 'Deno speaks SOCKS 5 only');
};

/** The part of a client's options that is the same for every request of a call. */
export const clientOptions = (options: TransportOptions, deno: DenoRuntime): HttpClientOptions => {
  const { tls, pool, localAddress, http2 } = options;
  return {
    http1: true,
    http2: http2 === true,
    allowHost: true,
    ...(tls?.ca !== undefined && { caCerts: certificates(tls.ca, deno) }),
    ...(tls?.cert !== undefined && { cert: pem('tls.cert', tls.cert, deno) }),
    ...(tls?.key !== undefined && { key: pem('tls.key', tls.key, deno) }),
    ...(pool?.keepAliveTimeout !== undefined && { poolIdleTimeout: pool.keepAliveTimeout }),
    ...(localAddress != null && { localAddress }),
  };
};

const checkTls = (tls: TlsInit): void => {
  if (tls.verify === false) {
    refuse('tls.verify', 'only the flag --unsafely-ignore-certificate-errors switches the check off');
  }
  for (const name of [
    'pfx',
    'passphrase',
    'serverName',
    'pin',
    'minVersion',
    'maxVersion',
    'ciphers',
  ] as const) {
    if (tls[name] !== undefined) refuse(`tls.${name}`, 'Deno has no such setting');
  }
  if (tls.ca === 'system') refuse('tls.ca', "DENO_TLS_CA_STORE chooses the system's roots");
  if ((tls.cert === undefined) !== (tls.key === undefined))
    throw new TypeError('tls.cert and tls.key go together: one was given without the other');
};

const certificates = (ca: NonNullable<TlsInit['ca']>, deno: DenoRuntime): string[] =>
  (Array.isArray(ca) ? (ca as readonly (string | Uint8Array)[]) : [ca as string | Uint8Array]).map((one) =>
    pem('tls.ca', one, deno),
  );

/** PEM text as it is, or of bytes, or of a file. */
const pem = (name: string, value: string | Uint8Array, deno: DenoRuntime): string => {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (typeof value !== 'string')
    throw new TypeError(`${name} must be PEM text, bytes or a path, got ${typeof value}`);
  return value.includes('-----BEGIN ') ? value : deno.readTextFileSync(value);
};

const refuse = (option: string, reason: string): never => {
  throw new UnsupportedOptionError(option, transportName, reason);
};
