import type { SessionError } from '../errors.ts';
import {
  accepting,
  type Check,
  type Checks,
  flag,
  isAtLeast0,
  isFunction,
  laySettings,
  wholeNumber,
} from '../options/lay-settings.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import type { SessionResponse } from '../response/session-response.ts';
import { type Backoff, resolveBackoff } from './backoff.ts';

/** How one attempt ended: with a response or an error. */
export interface RetryOutcome {
  /** The request as it was sent. */
  readonly request: PreparedRequest;
  /** What was answered. Its body need not be read. */
  readonly response?: SessionResponse;
  /** What it failed with. Only our own errors are judged: what the caller's signal, hooks or middlewares threw is final. */
  readonly error?: SessionError;
  /** The number of this attempt, from 1. */
  readonly attempt: number;
}

/** Why an attempt was repeated; what the separate limits count. */
export type RetryKind = 'connect' | 'read' | 'status' | 'other';

/**
 * Decides whether a failed attempt is repeated and after how long. Pure: layers own loops, policies own decisions.
 */
export interface RetryPolicy {
  /** The most repetitions of one call, over all its redirects. */
  readonly limit: number;
  /** Reject with `RetryError` when the last attempt still answers a status that would be retried; a function decides then. */
  readonly throwOnExhausted: boolean | ((outcome: RetryOutcome, made: readonly RetryKind[]) => boolean);
  /** At most this share of extra requests over the session's lifetime; `null` for no budget. */
  readonly budget: number | null;
  /** Whether this outcome is of a sort that is repeated at all, limits aside; `null` if not. */
  classify(outcome: RetryOutcome): RetryKind | null;
  /**
   * Milliseconds to wait before the next attempt, or `null` to stop.
   * `made` lists the kinds of the repetitions that this call has made before.
   */
  delayAfter(outcome: RetryOutcome, kind: RetryKind, made: readonly RetryKind[], now: number): number | null;
  /** What the policy says of redirects, on top of the `redirect` option; urllib3's does. */
  readonly redirects?: RedirectLimits | undefined;
  /** Told before each wait; `delay` in milliseconds. A promise that it returns is waited for; what it throws fails the call. */
  readonly onRetry?: ((outcome: RetryOutcome, delay: number) => void) | undefined;
}

/** urllib3's `Retry` limits redirects, too: `redirect`, `raise_on_redirect`, `remove_headers_on_redirect`. */
export interface RedirectLimits {
  /** Redirects followed in one call; the smaller of this and `redirect.max` holds. */
  readonly max: number;
  /** Whether one more is an error, or the 3xx itself is the answer. */
  readonly raise: boolean;
  /** Lower-case names of headers that go to no other origin. */
  readonly removeHeaders: ReadonlySet<string>;
}

/**
 * The `retry` option. A request whose body was a one-shot stream is not repeated once that was opened: the response that would be repeated
 * comes back, and an error stays the one it is.
 */
export interface RetryOptions {
  /** Repetitions in one call, all reasons together. @defaultValue 2 */
  readonly limit?: number | undefined;
  /** Methods that may be repeated after the request may have arrived. @defaultValue GET HEAD OPTIONS PUT DELETE TRACE QUERY (RFC 9110 9.2.2) */
  readonly methods?: readonly string[] | undefined;
  /** @defaultValue 408 429 500 502 503 504 */
  readonly statusCodes?: readonly number[] | undefined;
  /** Statuses repeated only when they come with `Retry-After`. @defaultValue 413 */
  readonly afterStatusCodes?: readonly number[] | undefined;
  /** Limit for failures to connect. @defaultValue `limit` */
  readonly connect?: number | undefined;
  /** Limit for failures after the request may have left. @defaultValue `limit` */
  readonly read?: number | undefined;
  /** Limit for retryable statuses. @defaultValue `limit` */
  readonly status?: number | undefined;
  /** How waits grow. @defaultValue 300 ms, doubling, up to 20 s, with full jitter */
  readonly backoff?: Partial<Backoff> | undefined;
  /** Longest wait in milliseconds that the server may ask for; a longer one ends the retries. @defaultValue 60_000 */
  readonly maxRetryAfter?: number | undefined;
  /** Obey `Retry-After`, `retry-after-ms` and RateLimit headers. @defaultValue true */
  readonly respectRetryAfter?: boolean | undefined;
  /** Share of extra requests that retries may add over the session's lifetime, such as 0.2. @defaultValue none */
  readonly budget?: number | null | undefined;
  /**
   * Overrules the decision: `true` repeats, `false` stops, `undefined` leaves it; anything else, a promise too, is a `TypeError`. Bodies
   * that cannot be replayed stay final.
   */
  readonly shouldRetry?: ((outcome: RetryOutcome) => boolean | undefined) | undefined;
  /** Told before each wait; `delay` in milliseconds. A promise that it returns is waited for; what it throws fails the call. */
  readonly onRetry?: ((outcome: RetryOutcome, delay: number) => void) | undefined;
  /** Reject with `RetryError` instead of returning the last response. @defaultValue false */
  readonly throwOnExhausted?: boolean | undefined;
}

/**
 * A number is `limit`; `null` or 0 is never, and drops an inherited `throwOnExhausted`; a policy object, such as `urllib3Retry({...})`,
 * replaces ours.
 */
export type RetryInit = number | null | RetryOptions | RetryPolicy;

/** The options of our own policy, all given. */
export interface Retries {
  readonly limit: number;
  readonly methods: ReadonlySet<string>;
  readonly statusCodes: ReadonlySet<number>;
  readonly afterStatusCodes: ReadonlySet<number>;
  readonly connect: number;
  readonly read: number;
  readonly status: number;
  readonly backoff: Backoff;
  readonly maxRetryAfter: number;
  readonly respectRetryAfter: boolean;
  readonly budget: number | null;
  readonly shouldRetry: ((outcome: RetryOutcome) => boolean | undefined) | undefined;
  readonly onRetry: ((outcome: RetryOutcome, delay: number) => void) | undefined;
  readonly throwOnExhausted: boolean;
}

export const defaultRetries: Retries = Object.freeze({
  limit: 2,
  methods: new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE', 'QUERY']),
  statusCodes: new Set([408, 429, 500, 502, 503, 504]),
  afterStatusCodes: new Set([413]),
  connect: Number.POSITIVE_INFINITY,
  read: Number.POSITIVE_INFINITY,
  status: Number.POSITIVE_INFINITY,
  backoff: resolveBackoff(undefined),
  maxRetryAfter: 60_000,
  respectRetryAfter: true,
  budget: null,
  shouldRetry: undefined,
  onRetry: undefined,
  throwOnExhausted: false,
});

const methods: Check<ReadonlySet<string>> = (value, name) => {
  const list: readonly unknown[] = listOf('methods', value, name);
  return new Set(list.map((method) => String(method).toUpperCase()));
};

const statuses: Check<ReadonlySet<number>> = (value, name) =>
  new Set(listOf<number>('status codes', value, name, Number.isInteger));

const listOf = <T>(
  items: string,
  value: unknown,
  name: string,
  accepts: (item: unknown) => boolean = () => true,
): readonly T[] =>
  accepting<readonly T[]>(
    `a list of ${items}`,
    (list) => Array.isArray(list) && list.every((item) => accepts(item)),
  )(value, name, []);

const checks: Checks<Retries> = {
  limit: wholeNumber,
  methods,
  statusCodes: statuses,
  afterStatusCodes: statuses,
  connect: wholeNumber,
  read: wholeNumber,
  status: wholeNumber,
  backoff: (value) => resolveBackoff(value as Partial<Backoff>),
  maxRetryAfter: accepting('milliseconds of 0 or more', isAtLeast0),
  respectRetryAfter: flag,
  budget: accepting(
    'a share above 0 and up to 1',
    (value) => value === null || (isAtLeast0(value) && value > 0 && value <= 1),
  ),
  shouldRetry: accepting('a function', isFunction),
  onRetry: accepting('a function', isFunction),
  throwOnExhausted: flag,
};

/** @throws {TypeError} naming the option and what came */
export const resolveRetries = (init: RetryOptions, inherited: Retries): Retries =>
  laySettings('retry', 'a number or an object', init, inherited, checks);
