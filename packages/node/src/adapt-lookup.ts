import { isIP, type LookupFunction } from 'node:net';

/** An address, as `dns.lookup` gives it with `all: true`. */
interface Address {
  readonly address: string;
  readonly family: number;
}

/**
 * Lets a caller's lookup answer in either form of `dns.lookup`, one address or a list of them, whichever Node asks for: that depends on
 * settings (a local address switches the list off) which the lookup should not have to know.
 *
 * What it throws, and an answer without any usable address, is a failed lookup.
 */
export const adaptLookup =
  (lookup: LookupFunction): LookupFunction =>
  (hostname, options, callback) => {
    let settled = false;
    const settle = (error: unknown, answer?: unknown, family?: unknown): void => {
      if (settled) return;
      settled = true;
      if (error !== null && error !== undefined) {
        callback(failed(error, hostname), '');
        return;
      }
      const wanted = familyOf(options.family);
      const addresses = addressesIn(answer, family).filter(
        (address) => wanted === 0 || address.family === wanted,
      );
      const [first] = addresses;
      if (first === undefined) callback(failed(undefined, hostname), '');
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    };
    try {
      lookup(hostname, options, settle);
    } catch (error) {
      settle(error);
    }
  };

const addressesIn = (answer: unknown, family: unknown): Address[] => {
  const list: readonly unknown[] = Array.isArray(answer) ? answer : [{ address: answer, family }];
  return list.flatMap((one) => {
    const { address } = Object(one) as { address?: unknown };
    const version = typeof address === 'string' ? isIP(address) : 0;
    return typeof address === 'string' && version !== 0 ? [{ address, family: version }] : [];
  });
};

const familyOf = (family: unknown): number =>
  family === 4 || family === 'IPv4' ? 4 : family === 6 || family === 'IPv6' ? 6 : 0;

const failed = (error: unknown, hostname: string): NodeJS.ErrnoException => {
  if (error instanceof Error && typeof Reflect.get(error, 'code') === 'string') return error;
  // Node looks at `code` to tell a failed lookup from a refused connection.
  return Object.assign(new Error(`no address for ${hostname}`, { cause: error }), { code: 'ENOTFOUND' });
};
