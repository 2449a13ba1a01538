/** How many retries of a kind: `null` sets no limit of its own, `false` fails at the first. */
export type Urllib3Count = number | false | null;

/** The options of urllib3's `Retry`, with its meanings, its units (**seconds**) and its defaults. */
export interface Urllib3RetryOptions {
  /**
   * Retries of all kinds together; takes precedence over the other counts. `null` leaves it to them, `false` fails at the
   * first error and returns redirects instead of following them.
   * @defaultValue 10
   */
  readonly total?: Urllib3Count;
  /** Retries when no connection came about, for any method. `false` fails at the first. @defaultValue null */
  readonly connect?: Urllib3Count;
  /** Retries when the connection broke or timed out, for allowed methods. `false` fails at the first. @defaultValue null */
  readonly read?: Urllib3Count;
  /** Redirects to follow. `false` returns the first one. @defaultValue null */
  readonly redirect?: Urllib3Count;
  /** Retries because of a status. @defaultValue null */
  readonly status?: number | null;
  /** Retries after errors that are neither connect nor read errors, for any method. @defaultValue null */
  readonly other?: number | null;
  /**
   * The methods that read errors and statuses are retried for, in any case. `null` or an empty list: every method.
   * @defaultValue HEAD GET PUT DELETE OPTIONS TRACE
   */
  readonly allowedMethods?: Iterable<string> | null;
  /** The statuses that are always retried. @defaultValue none */
  readonly statusForcelist?: Iterable<number>;
  /** The n-th retry in a row waits `backoffFactor * 2 ** (n - 1)` seconds, the first not at all. @defaultValue 0 */
  readonly backoffFactor?: number;
  /** The longest backoff, in seconds. @defaultValue 120 */
  readonly backoffMax?: number;
  /** Up to so many seconds are added to each backoff. @defaultValue 0 */
  readonly backoffJitter?: number;
  /** Whether too many redirects are raised, rather than the last one returned. @defaultValue true */
  readonly raiseOnRedirect?: boolean;
  /** Whether a status that is still bad after the last retry is raised, rather than returned. @defaultValue true */
  readonly raiseOnStatus?: boolean;
  /** Whether 413, 429 and 503 with Retry-After are retried, and Retry-After replaces the backoff. @defaultValue true */
  readonly respectRetryAfterHeader?: boolean;
  /** Headers that do not go along to another host. @defaultValue Cookie, Authorization, Proxy-Authorization */
  readonly removeHeadersOnRedirect?: Iterable<string>;
  /** The longest Retry-After that is obeyed in full; longer ones are cut to it. In seconds. @defaultValue 21600 */
  readonly retryAfterMax?: number;
}

/** The options with every default filled in. */
export interface Urllib3Settings {
  readonly counts: Readonly<
    Record<'total' | 'connect' | 'read' | 'redirect' | 'status' | 'other', Urllib3Count>
  >;
  /** In upper case. None: every method. */
  readonly allowedMethods: ReadonlySet<string>;
  readonly statusForcelist: ReadonlySet<number>;
  readonly backoffFactor: number;
  readonly backoffMax: number;
  readonly backoffJitter: number;
  readonly retryAfterMax: number;
  readonly raiseOnRedirect: boolean;
  readonly raiseOnStatus: boolean;
  readonly respectRetryAfterHeader: boolean;
  /** In lower case. */
  readonly removeHeadersOnRedirect: ReadonlySet<string>;
}

/**
 * Checks the options and fills in urllib3's defaults.
 *
 * @throws {TypeError} naming an option that is unknown or wrong
 */
export const readUrllib3Options = (given: Urllib3RetryOptions): Urllib3Settings => {
  // Own properties only, whatever someone put on Object.prototype.
  const { allowedMethods, statusForcelist, removeHeadersOnRedirect, ...rest }: Urllib3RetryOptions =
    Object.assign(Object.create(null), given);
  const { raiseOnRedirect, raiseOnStatus, respectRetryAfterHeader, ...numbers } = rest;
  const { total, connect, read, redirect, status, other, ...times } = numbers;
  const { backoffFactor, backoffMax, backoffJitter, retryAfterMax, ...unknown } = times;
  for (const name of Object.keys(unknown)) throw wrong(name, 'an option of urllib3Retry', 'an unknown name');

  const totalCount = count('total', total, 10, true);
  const redirectCount = count('redirect', redirect, null, true);
  const follows = totalCount !== false && redirectCount !== false;
  return {
    counts: {
      total: totalCount,
      connect: count('connect', connect, null, true),
      read: count('read', read, null, true),
      redirect: follows ? redirectCount : 0,
      status: count('status', status, null, false),
      other: count('other', other, null, false),
    },
    allowedMethods: names('allowedMethods', allowedMethods === null ? [] : allowedMethods, METHODS, (name) =>
      name.toUpperCase(),
    ),
    statusForcelist: statuses(statusForcelist ?? []),
    backoffFactor: seconds('backoffFactor', backoffFactor, 0),
    backoffMax: seconds('backoffMax', backoffMax, 120),
    backoffJitter: seconds('backoffJitter', backoffJitter, 0),
    retryAfterMax: seconds('retryAfterMax', retryAfterMax, 21_600),
    raiseOnRedirect: flag('raiseOnRedirect', raiseOnRedirect) && follows,
    raiseOnStatus: flag('raiseOnStatus', raiseOnStatus),
    respectRetryAfterHeader: flag('respectRetryAfterHeader', respectRetryAfterHeader),
    removeHeadersOnRedirect: names('removeHeadersOnRedirect', removeHeadersOnRedirect, REMOVED, (name) =>
      name.toLowerCase(),
    ),
  };
};

const METHODS: readonly string[] = ['HEAD', 'GET', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'];
const REMOVED: readonly string[] = ['Cookie', 'Authorization', 'Proxy-Authorization'];

const wrong = (name: string, wanted: string, got: unknown): TypeError =>
  new TypeError(`urllib3Retry: ${name} must be ${wanted}, got ${String(got)}`);

const count = (name: string, value: unknown, otherwise: Urllib3Count, canBeFalse: boolean): Urllib3Count => {
  if (value === undefined) return otherwise;
  if (value === null || (value === false && canBeFalse)) return value;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw wrong(name, `a whole number of 0 or more${canBeFalse ? ', false' : ''} or null`, value);
};

const seconds = (name: string, value: unknown, otherwise: number): number => {
  if (value === undefined) return otherwise;
  if (typeof value === 'number' && value >= 0) return value;
  throw wrong(name, 'a number of seconds of 0 or more', value);
};

const flag = (name: string, value: unknown): boolean => {
  if (value === undefined) return true;
  if (typeof value === 'boolean') return value;
  throw wrong(name, 'true or false', value);
};

const list = (name: string, value: unknown, wanted: string): readonly unknown[] => {
  // A string is iterable too, letter by letter.
  if (typeof value === 'object' && value !== null && Symbol.iterator in value)
    return [...(value as Iterable<unknown>)];
  throw wrong(name, `a list of ${wanted}`, value);
};

const names = (
  name: string,
  value: unknown,
  otherwise: readonly string[],
  fold: (name: string) => string,
): ReadonlySet<string> =>
  new Set(
    list(name, value === undefined ? otherwise : value, 'strings').map((item) => {
      if (typeof item !== 'string') throw wrong(name, 'a list of strings', item);
      return fold(item);
    }),
  );

const statuses = (value: unknown): ReadonlySet<number> =>
  new Set(
    list('statusForcelist', value, 'statuses').map((item) => {
      if (typeof item === 'number' && Number.isInteger(item) && item >= 100 && item <= 999) return item;
      throw wrong('statusForcelist', 'a list of statuses from 100 to 999', item);
    }),
  );
