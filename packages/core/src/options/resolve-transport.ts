import { kindOf } from '../kind-of.ts';
import { platformOptions, type ResolvedTransportOptions } from '../transport/transport-options.ts';
import type { SharedOptions } from './call-options.ts';

/**
 * Lays options of the connection over inherited ones. Their values are for the transport to judge; here, only of what type they are.
 * @throws {TypeError} naming the option and what came
 */
export const resolveTransport = (
  own: SharedOptions,
  inherited: ResolvedTransportOptions,
): ResolvedTransportOptions => {
  let resolved: Record<string, unknown> | null = null;
  for (const name of platformOptions) {
    const value: unknown = own[name];
    if (value === undefined) continue;
    checkType(name, value);
    resolved ??= Object.assign(Object.create(null), inherited);
    (resolved as Record<string, unknown>)[name] = isPlain(value) ? snapshot(value) : value;
  }
  return resolved === null ? inherited : Object.freeze(resolved);
};

type Type = 'boolean' | 'string' | 'function' | 'object';

// `proxy` is missing: it has many forms, and the transport that can use one reads them.
const types: Readonly<Record<string, Type>> = Object.freeze({
  __proto__: null,
  tls: 'object',
  unixSocket: 'string',
  http2: 'boolean',
  lookup: 'function',
  localAddress: 'string',
  trustEnv: 'object',
  pool: 'object',
  credentials: 'string',
  mode: 'string',
  cache: 'string',
  referrer: 'string',
  referrerPolicy: 'string',
  integrity: 'string',
  keepalive: 'boolean',
  priority: 'string',
} as unknown as Record<string, Type>);

const nullable: ReadonlySet<string> = new Set(['tls', 'unixSocket', 'lookup', 'localAddress']);

const checkType = (name: string, value: unknown): void => {
  const type = types[name];
  if (type === undefined || (value === null && nullable.has(name))) return;
  if (name === 'trustEnv' && typeof value === 'boolean') return;
  if (type === 'object' ? isPlain(value) : typeof value === type) return;
  throw new TypeError(
    `${name} must be ${type === 'object' ? 'an object' : `a ${type}`}, got ${kindOf(value)}`,
  );
};

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.prototype.toString.call(value) === '[object Object]';

// Own members only, and not the caller's object: neither Object.prototype nor a later change reaches a connection.
const snapshot = (value: object): object => Object.freeze(Object.assign(Object.create(null), value));
