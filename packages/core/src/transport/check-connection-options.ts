import { checkProxyInit } from '../environment/proxy-decision.ts';
import { readPoolOptions } from './pool-options.ts';
import { refuseOptions } from './refuse-options.ts';
import type { PlatformOption, TlsInit, TransportOptions } from './transport-options.ts';

/**
 * The checks that every platform with sockets makes of connection options when they are given, before it asks what it can honour.
 * @param honoured - the options that the platform can honour, some of them in part
 * @throws {TypeError} for what no platform could read: a typing error must not leave a connection less safe than it looks
 * @throws {UnsupportedOptionError} for an option that it cannot honour at all
 */
export const checkConnectionOptions = (
  options: TransportOptions,
  transport: string,
  honoured: readonly PlatformOption[],
): void => {
  refuseOptions(options, transport, honoured);
  const { proxy, tls, trustEnv, pool, unixSocket } = options;
  if (proxy !== undefined && proxy !== null) checkProxyInit(proxy);
  if (tls !== undefined && tls !== null) checkMembers('tls', tls, tlsMembers);
  if (typeof trustEnv === 'object') checkMembers('trustEnv', trustEnv, trustEnvMembers);
  readPoolOptions(pool);
  // A proxy behind a socket file would have to be asked for by another name: neither may be ignored.
  if (proxy !== undefined && proxy !== null && unixSocket !== undefined && unixSocket !== null)
    throw new TypeError('proxy and unixSocket cannot both be used: one of them must be null');
};

const tlsMembers: readonly string[] = [
  'verify',
  'ca',
  'cert',
  'key',
  'pfx',
  'passphrase',
  'serverName',
  'pin',
  'minVersion',
  'maxVersion',
  'ciphers',
] satisfies (keyof TlsInit)[];

const trustEnvMembers: readonly string[] = ['proxy', 'ca', 'netrc'];

const checkMembers = (name: string, given: object, known: readonly string[]): void => {
  const unknown = Object.keys(given).find((member) => !known.includes(member));
  if (unknown !== undefined) throw new TypeError(`${name} has ${known.join(', ')}, got ${unknown}`);
};
