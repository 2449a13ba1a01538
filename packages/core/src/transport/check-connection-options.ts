import { checkProxyInit } from '../environment/proxy-decision.ts';
import { kindOf } from '../kind-of.ts';
import { accepting, type Check } from '../options/lay-settings.ts';
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

const shown = (value: unknown): string =>
  Array.isArray(value) && value.length === 0 ? 'an empty array' : kindOf(value);

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isContent = (value: unknown): boolean => isText(value) || value instanceof Uint8Array;
const oneOrMore = (value: unknown, accepts: (one: unknown) => boolean): boolean =>
  Array.isArray(value) ? value.length > 0 && value.every(accepts) : accepts(value);

const yesOrNo = accepting<unknown>('true or false', (value) => typeof value === 'boolean', shown);
const text = accepting<unknown>('a string', isText, shown);
const content = accepting<unknown>('a string or bytes', isContent, shown);

// Of what type they must be: a fetch would be told of some as if they were not given.
const tlsMembers = {
  verify: yesOrNo,
  ca: accepting<unknown>('a string, bytes or a list of these', (value) => oneOrMore(value, isContent), shown),
  cert: content,
  key: content,
  pfx: content,
  passphrase: text,
  serverName: text,
  pin: accepting<unknown>('a string or a list of strings', (value) => oneOrMore(value, isText), shown),
  minVersion: text,
  maxVersion: text,
  ciphers: text,
} satisfies { readonly [Name in keyof TlsInit]-?: Check<unknown> };

const trustEnvMembers = { proxy: yesOrNo, ca: yesOrNo, netrc: yesOrNo };

const checkMembers = (name: string, given: object, known: Readonly<Record<string, Check<unknown>>>): void => {
  for (const [member, value] of Object.entries(given)) {
    const check = Object.hasOwn(known, member) ? known[member] : undefined;
    if (check === undefined)
      throw new TypeError(`${name} has ${Object.keys(known).join(', ')}, got ${member}`);
    if (value !== undefined) check(value, `${name}.${member}`, undefined);
  }
};
