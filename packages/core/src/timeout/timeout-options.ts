import { accepting, type Check, type Checks, isAtLeast0, laySettings } from '../options/lay-settings.ts';

/** Limits of one call in milliseconds; `null` and `Infinity` switch one off, `undefined` inherits. */
export interface TimeoutLimits {
  /** Waiting for a free connection of the pool. @defaultValue 60_000 */
  readonly queue?: number | null | undefined;
  /** Name lookup, TCP, TLS and proxy handshake together. @defaultValue 10_000. Where the platform hides connecting, `headers` covers it. */
  readonly connect?: number | null | undefined;
  /** From the request's last byte to the end of the response's head; also the longest stall while sending. @defaultValue 60_000 */
  readonly headers?: number | null | undefined;
  /** The longest gap between two parts of the body while somebody reads. @defaultValue 60_000 */
  readonly idle?: number | null | undefined;
  /** One attempt, from start to the last byte of its body. A timed-out attempt may be retried. @defaultValue none */
  readonly attempt?: number | null | undefined;
  /** The whole call: queue, redirects, retries, waits and body. Final. @defaultValue none */
  readonly total?: number | null | undefined;
}

/** A number is `total`; `null` switches all limits off. */
export type TimeoutInit = number | null | TimeoutLimits;

/** Every limit in milliseconds, `Infinity` for none. */
export interface Timeouts {
  readonly queue: number;
  readonly connect: number;
  readonly headers: number;
  readonly idle: number;
  readonly attempt: number;
  readonly total: number;
}

export const defaultTimeouts: Timeouts = Object.freeze({
  queue: 60_000,
  connect: 10_000,
  headers: 60_000,
  idle: 60_000,
  attempt: Number.POSITIVE_INFINITY,
  total: Number.POSITIVE_INFINITY,
});

const off = Number.POSITIVE_INFINITY;
const everOff: Timeouts = Object.freeze({
  queue: off,
  connect: off,
  headers: off,
  idle: off,
  attempt: off,
  total: off,
});

const milliseconds = accepting<number>(
  'milliseconds above 0, or null for none',
  (value) => isAtLeast0(value) && value > 0,
);
const limit: Check<number> = (value, name) => (value === null ? off : milliseconds(value, name, off));

const checks: Checks<Timeouts> = {
  queue: limit,
  connect: limit,
  headers: limit,
  idle: limit,
  attempt: limit,
  total: limit,
};

/**
 * Lays timeouts over inherited ones.
 * @throws {TypeError} for anything but numbers above 0, `null` and known names
 */
export const resolveTimeouts = (init: TimeoutInit | undefined, inherited: Timeouts): Timeouts => {
  if (init === undefined) return inherited;
  if (init === null) return everOff;
  if (typeof init === 'number') return { ...inherited, total: limit(init, 'timeout', off) };
  return laySettings('timeout', 'a number or an object', init, inherited, checks);
};
