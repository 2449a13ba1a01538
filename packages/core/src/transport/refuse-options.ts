import { UnsupportedOptionError } from '../errors.ts';
import type { PlatformOption, TransportOptions } from './transport-options.ts';

/**
 * Refuses connection options that a transport cannot honour, when they are given.
 * @throws {UnsupportedOptionError} naming the first
 */
export const refuseOptions = (
  options: TransportOptions,
  transport: string,
  honoured: readonly PlatformOption[],
  reasons: Partial<Record<PlatformOption, string>> = {},
): void => {
  for (const name of Object.keys(options) as PlatformOption[]) {
    if (options[name] === undefined || honoured.includes(name)) continue;
    throw new UnsupportedOptionError(name, transport, reasons[name] ?? 'it would be ignored');
  }
};
