import {
  checkProxyInit,
  type PlatformOption,
  refuseOptions,
  type TlsInit,
  type TransportOptions,
  UnsupportedOptionError,
} from '@httpsession/core';
import type { BunRuntime } from './bun-runtime.ts';

/** The connection options that Bun's fetch can honour, some of them in part. */
export const honoured: readonly PlatformOption[] = [
  'proxy',
  'tls',
  'unixSocket',
  'http2',
  'trustEnv',
  'pool',
  'keepalive',
];

export const transportName = 'bun';

/**
 * Checks connection options when they are given.
 * @throws {TypeError} for what cannot be read
 * @throws {UnsupportedOptionError} for what Bun would ignore
 */
export const checkOptions = (options: TransportOptions): void => {
  refuseOptions(options, transportName, honoured, { lookup: 'Bun resolves names by itself' });
  const { proxy, tls, trustEnv, pool, unixSocket } = options;
  if (proxy !== undefined && proxy !== null) checkProxyInit(proxy);
  if (typeof proxy === 'string' || proxy instanceof URL) refuseSocks(String(proxy));
  if (tls !== undefined && tls !== null) checkTls(tls);
  if (typeof trustEnv === 'object' && trustEnv.netrc === true) refuse('trustEnv.netrc', 'no netrc is read');
  if (typeof trustEnv === 'object' && trustEnv.ca === true)
    refuse('trustEnv.ca', 'Bun reads NODE_EXTRA_CA_CERTS and SSL_CERT_FILE by itself');
  for (const name of ['connections', 'pipelining', 'maxOrigins'] as const) {
    if (pool?.[name] !== undefined) refuse(`pool.${name}`, 'Bun limits only idle connections');
  }
  if (unixSocket !== undefined && unixSocket !== null && proxy !== undefined && proxy !== null)
    refuse('proxy', 'a Unix socket is connected to directly');
};

/** @throws {UnsupportedOptionError} for a SOCKS proxy */
export const refuseSocks = (proxy: string): void => {
  if (/^socks/i.test(proxy)) refuse('proxy', 'Bun speaks to HTTP proxies only');
};

/** `tls` as Bun takes it; empty where nothing was asked for. */
export const tlsInit = ({ tls }: TransportOptions, bun: BunRuntime): Record<string, unknown> => {
  if (tls === undefined || tls === null) return {};
  const { verify, ca, cert, key, passphrase, serverName } = tls;
  return {
    tls: {
      ...(verify === false && { rejectUnauthorized: false }),
      ...(ca !== undefined && {
        ca: (Array.isArray(ca) ? (ca as readonly (string | Uint8Array)[]) : [ca as string | Uint8Array]).map(
          (one) => pem(one, bun),
        ),
      }),
      ...(cert !== undefined && { cert: pem(cert, bun) }),
      ...(key !== undefined && { key: pem(key, bun) }),
      ...(passphrase !== undefined && { passphrase }),
      ...(serverName !== undefined && { serverName }),
    },
  };
};

const checkTls = (tls: TlsInit): void => {
  for (const name of ['pfx', 'pin', 'minVersion', 'maxVersion', 'ciphers'] as const) {
    if (tls[name] !== undefined) refuse(`tls.${name}`, 'Bun has no such setting');
  }
  if (tls.ca === 'system') refuse('tls.ca', 'NODE_USE_SYSTEM_CA chooses the roots of the system');
};

const pem = (value: string | Uint8Array, bun: BunRuntime): unknown =>
  typeof value === 'string' && !value.includes('-----BEGIN ') ? bun.file(value) : value;

const refuse = (option: string, reason: string): never => {
  throw new UnsupportedOptionError(option, transportName, reason);
};
