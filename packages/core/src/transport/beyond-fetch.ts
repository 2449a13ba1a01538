import type { PlatformOption, TlsInit, TransportOptions } from './transport-options.ts';

/** What the fetch of a platform with sockets leaves out of the connection options. */
export interface FetchGaps {
  readonly options: readonly PlatformOption[];
  readonly tls: readonly (keyof TlsInit)[];
  /** The proxies that it cannot speak to, by the start of their URLs. */
  readonly proxies: RegExp;
}

/**
 * Tells the first option given that a platform's fetch would not honour, as messages name it: `tls.pin`. `null` when it honours all.
 *
 * The fetches of Deno and Bun have these gaps in common: they limit idle connections only, and read neither the system's roots nor the
 * variables that name others. Options are frozen and shared by all calls that change nothing: each set is judged once.
 */
export const beyondFetch = (gaps: FetchGaps): ((options: TransportOptions) => string | null) => {
  const judged = new WeakMap<TransportOptions, string | null>();
  return (options) => {
    let option = judged.get(options);
    if (option === undefined) {
      option = firstBeyond(options, gaps);
      judged.set(options, option);
    }
    return option;
  };
};

const firstBeyond = (options: TransportOptions, gaps: FetchGaps): string | null => {
  for (const name of gaps.options) if (isGiven(options[name])) return name;
  const { tls, trustEnv, pool, proxy } = options;
  for (const name of gaps.tls) if (isGiven(tls?.[name])) return `tls.${name}`;
  if ([tls?.ca].flat().includes('system')) return 'tls.ca';
  if (typeof trustEnv === 'object' && trustEnv.ca === true) return 'trustEnv.ca';
  for (const name of poolLimits) if (isGiven(pool?.[name])) return `pool.${name}`;
  if ((typeof proxy === 'string' || proxy instanceof URL) && gaps.proxies.test(String(proxy).trim()))
    return 'proxy';
  return null;
};

const poolLimits = ['connections', 'pipelining', 'maxOrigins'] as const;

// `null` asks for none, and `true` for what is so by default (`tls.verify`).
const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== true;
