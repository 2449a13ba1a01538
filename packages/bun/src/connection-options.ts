import {
  beyondFetch,
  checkConnectionOptions,
  type PlatformOption,
  type TransportOptions,
  UnsupportedOptionError,
} from '@httpsession/core';
import type { BunRuntime } from './bun-runtime.ts';

/** The connection options that can be honoured, some of them in part. */
export const honoured: readonly PlatformOption[] = [
  'proxy',
  'tls',
  'unixSocket',
  'http2',
  'lookup',
  'localAddress',
  'trustEnv',
  'pool',
  'keepalive',
];

export const transportName = 'bun';

const socksUrl = /^socks/i;

/** The option for which Bun's fetch will not do; `null` when it will. */
export const beyondBunFetch: (options: TransportOptions) => string | null = beyondFetch({
  options: ['lookup', 'localAddress'],
  tls: ['pfx', 'pin', 'minVersion', 'maxVersion'],
  proxies: socksUrl,
});

/** Whether Bun's fetch cannot speak to a proxy. */
export const isSocks = (proxy: string): boolean => socksUrl.test(proxy);

/**
 * Checks connection options when they are given.
 * @throws {TypeError} for what cannot be read
 * @throws {UnsupportedOptionError} for what would be ignored
 */
export const checkOptions = (options: TransportOptions): void => {
  checkConnectionOptions(options, transportName, honoured);
  // Seen in 1.4.5: suites of TLS 1.3 are taken and change nothing.
  if (options.tls?.ciphers !== undefined)
    throw new UnsupportedOptionError('tls.ciphers', transportName, 'Bun chooses among all suites of TLS 1.3');
  const beyond = beyondBunFetch(options);
  if (beyond !== null) checkBeside(beyond, options, true);
};

/**
 * Refuses what only Bun's fetch can do, beside an option for which it will not do.
 * @param secure - whether the request goes to an https server
 * @throws {UnsupportedOptionError}
 */
export const checkBeside = (
  beyond: string,
  { http2, keepalive }: TransportOptions,
  secure: boolean,
): void => {
  if (keepalive !== undefined) refuseBeside('keepalive', beyond);
  // Bun's node:http2 does not tell a request that was refused from one that was lost.
  if (http2 === true && secure) refuseBeside('http2', beyond);
};

const refuseBeside = (option: string, beyond: string): never => {
  throw new UnsupportedOptionError(option, transportName, `it cannot be had together with ${beyond}`);
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

const pem = (value: string | Uint8Array, bun: BunRuntime): unknown =>
  typeof value === 'string' && !value.includes('-----BEGIN ') ? bun.file(value) : value;
