import { UnsupportedOptionError } from '../errors.ts';
import type { CallOptions } from '../options/call-options.ts';
import { noOptions } from '../options/resolve-options.ts';
import type { Transport } from '../transport/transport.ts';
import {
  noTransportOptions,
  platformOptions,
  type ResolvedTransportOptions,
} from '../transport/transport-options.ts';

/**
 * Refuses what a transport would ignore: an option of the connection is honoured or an error, never silently lost.
 * @throws {UnsupportedOptionError} naming the option
 */
export const checkCapabilities = (
  transport: Transport,
  options: ResolvedTransportOptions,
  mounted: boolean,
): void => {
  // Most sessions ask for nothing of the connection; and options are frozen, so what passed once passes again.
  if (options === noTransportOptions || (!mounted && passed.get(options) === transport)) return;
  for (const name in options) {
    if ((transport.capabilities.options as readonly string[]).includes(name)) continue;
    if (mounted && sessionOnly.has(name)) continue;
    throw new UnsupportedOptionError(name, transport.name, 'it would be ignored');
  }
  if (!mounted) passed.set(options, transport);
};

const passed: WeakMap<ResolvedTransportOptions, Transport> = new WeakMap();

// They describe the session's own transport. One that was mounted beside it has its own pool, and no environment of ours.
const sessionOnly: ReadonlySet<string> = new Set(['pool', 'trustEnv']);

/**
 * Lets a transport judge the values of connection options that came with a call: those of the session it has judged before.
 * @throws {TypeError | UnsupportedOptionError} naming the option
 */
export const checkCallOptions = (
  transport: Transport,
  options: ResolvedTransportOptions,
  own: CallOptions,
): void => {
  if (own === noOptions) return;
  if (own.pool !== undefined) throw new TypeError('pool is an option of the session, not of a call');
  for (const name of platformOptions) {
    if (own[name] === undefined) continue;
    transport.check?.(options);
    return;
  }
};
