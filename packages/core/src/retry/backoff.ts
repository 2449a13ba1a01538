import { accepting, type Checks, isAtLeast0, laySettings } from '../options/lay-settings.ts';

/** How waits grow from retry to retry. */
export interface Backoff {
  /** The wait before the first retry, in milliseconds, before jitter. */
  readonly base: number;
  /** What each further wait is multiplied with. */
  readonly factor: number;
  /** The longest wait, in milliseconds. */
  readonly max: number;
  /**
   * `'full'`: anything from 0 to the wait, which spreads a crowd of clients best. `'none'`: the wait itself. A number:
   * the wait and up to so many milliseconds more, as urllib3 does.
   */
  readonly jitter: 'full' | 'none' | number;
}

/**
 * The wait before a retry, in milliseconds. Never above `max`.
 *
 * @param retryNumber 1 for the first retry
 * @param random gives a number from 0 up to but not 1, as `Math.random` does
 */
export const backoffMs = (
  { base, factor, max, jitter }: Backoff,
  retryNumber: number,
  random: () => number,
): number => {
  // 0 times an overflown power would be NaN.
  const grown = base === 0 ? 0 : base * factor ** (retryNumber - 1);
  if (jitter === 'full') return random() * Math.min(max, grown);
  return Math.min(max, jitter === 'none' ? grown : grown + random() * jitter);
};

/**
 * Fills in what is not given: 300 ms, doubling, up to 20 s, with full jitter.
 *
 * @throws {TypeError} naming the setting that is unknown or wrong
 */
export const resolveBackoff = (init: Readonly<Partial<Backoff>> | undefined): Backoff =>
  Object.freeze(laySettings<Backoff>('retry.backoff', 'an object', init ?? {}, defaults, checks));

const defaults: Backoff = { base: 300, factor: 2, max: 20_000, jitter: 'full' };

const amount = accepting<number>('a number of 0 or more', isAtLeast0, String);

const checks: Checks<Backoff> = {
  base: amount,
  factor: amount,
  max: amount,
  jitter: accepting(
    "'full', 'none' or a number of 0 or more",
    (value) => value === 'full' || value === 'none' || isAtLeast0(value),
    String,
  ),
};
