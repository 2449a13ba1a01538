import {
  beyondFetch,
  checkConnectionOptions,
  type PlatformOption,
  type TlsInit,
  type TransportOptions,
  UnsupportedOptionError,
} from '@httpsession/core';
import type { DenoRuntime, HttpClientOptions } from './deno-runtime.ts';

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
];

export const transportName = 'deno';

const socks4Url = /^socks4/i;

/** The option for which Deno's clients will not do; `null` when they will. */
export const beyondDenoFetch: (options: TransportOptions) => string | null = beyondFetch({
  options: ['lookup'],
  tls: ['verify', 'pfx', 'serverName', 'pin', 'minVersion', 'maxVersion'],
  proxies: socks4Url,
});

/** Whether Deno's clients cannot speak to a proxy: they know SOCKS 5 only, and would go past a SOCKS 4 proxy of the environment. */
export const isSocks4 = (proxy: string): boolean => socks4Url.test(proxy);

/**
 * Checks connection options when they are given.
 * @throws {TypeError} for what cannot be read
 * @throws {UnsupportedOptionError} for what would be ignored
 */
export const checkOptions = (options: TransportOptions, deno: DenoRuntime): void => {
  checkConnectionOptions(options, transportName, honoured);
  const { tls } = options;
  if (tls !== undefined && tls !== null) checkTls(tls, deno);
  const beyond = beyondDenoFetch(options);
  if (beyond !== null) checkBeside(beyond, options, true);
};

/**
 * Refuses what only Deno's fetch can do, beside an option for which it will not do.
 * @param secure - whether the request goes to an https server
 * @throws {UnsupportedOptionError}
 */
export const checkBeside = (beyond: string, { http2 }: TransportOptions, secure: boolean): void => {
  // Deno's node:http2 does not tell a body that was cut from an answer that never came.
  if (http2 === true && secure)
    throw new UnsupportedOptionError('http2', transportName, `it cannot be had together with ${beyond}`);
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

const checkTls = ({ cert, key, pfx, passphrase, ciphers }: TlsInit, deno: DenoRuntime): void => {
  // Seen in 2.9.6: node:tls takes both and uses neither, and leaves an encrypted key out.
  if (ciphers !== undefined) refuse('tls.ciphers', 'Deno chooses the ciphers');
  if (passphrase !== undefined && pfx === undefined) refuse('tls.passphrase', 'Deno opens no encrypted key');
  if ((cert === undefined) !== (key === undefined))
    throw new TypeError('tls.cert and tls.key go together: one was given without the other');
  if (key !== undefined && /^-----BEGIN ENCRYPTED |^Proc-Type:.*ENCRYPTED/m.test(pem('tls.key', key, deno)))
    refuse('tls.key', 'Deno opens no encrypted key');
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
