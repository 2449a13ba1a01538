import { ConnectionError, IncompleteBodyError, TimeoutError } from '../errors.ts';
import { kindOf } from '../kind-of.ts';
import { backoffMs } from './backoff.ts';
import { retryAfterMs } from './retry-after.ts';
import {
  defaultRetries,
  type Retries,
  type RetryInit,
  type RetryKind,
  type RetryOptions,
  type RetryOutcome,
  type RetryPolicy,
  resolveRetries,
} from './retry-options.ts';

/** Our own policy, over resolved options. */
class DefaultRetryPolicy implements RetryPolicy {
  readonly retries: Retries;
  /** The `redirect` option alone decides. (Own: not what somebody put on Object.prototype.) */
  readonly redirects = undefined;
  readonly #random: () => number;

  constructor(retries: Retries, random: () => number = Math.random) {
    this.retries = retries;
    this.#random = random;
  }

  get limit(): number {
    return this.retries.limit;
  }

  get throwOnExhausted(): boolean {
    return this.retries.throwOnExhausted;
  }

  get budget(): number | null {
    return this.retries.budget;
  }

  get onRetry(): Retries['onRetry'] {
    return this.retries.onRetry;
  }

  classify(outcome: RetryOutcome): RetryKind | null {
    const { shouldRetry } = this.retries;
    const overruled = shouldRetry === undefined ? undefined : verdict(shouldRetry(outcome));
    if (overruled === false) return null;
    return retryKindOf(outcome, this.retries) ?? (overruled === true ? 'other' : null);
  }

  delayAfter(outcome: RetryOutcome, kind: RetryKind, made: readonly RetryKind[], now: number): number | null {
    const { retries } = this;
    if (made.length >= retries.limit) return null;
    const limit = kind === 'other' ? retries.limit : retries[kind];
    if (made.filter((other) => other === kind).length >= limit) return null;
    if (retries.respectRetryAfter && outcome.response !== undefined) {
      const asked = retryAfterMs(outcome.response.headers, now);
      if (asked !== undefined) return asked > retries.maxRetryAfter ? null : asked;
    }
    return backoffMs(retries.backoff, made.length + 1, this.#random);
  }
}

const verdict = (returned: unknown): boolean | undefined => {
  if (returned === undefined || typeof returned === 'boolean') return returned;
  // Nobody waits for a promise: it must not end the process, too.
  if (returned instanceof Promise) returned.catch(() => undefined);
  throw new TypeError(`retry.shouldRetry must return true, false or undefined, got ${kindOf(returned)}`);
};

const retryKindOf = ({ request, response, error }: RetryOutcome, retries: Retries): RetryKind | null => {
  if (response !== undefined) {
    if (!retries.methods.has(request.method)) return null;
    if (retries.statusCodes.has(response.status)) return 'status';
    const askedBack = retries.afterStatusCodes.has(response.status) && response.headers.has('retry-after');
    return askedBack ? 'status' : null;
  }
  // The head had come and the body broke: like a connection that broke before.
  if (error instanceof IncompleteBodyError) return retries.methods.has(request.method) ? 'read' : null;
  if (!(error instanceof ConnectionError || error instanceof TimeoutError) || !error.retryable) return null;
  // Our own pool is full: the end of the same queue is no better place.
  if (error instanceof TimeoutError && error.phase === 'queue') return null;
  // RFC 9110 9.2.2: what never left may be sent again whatever the method.
  if (!error.requestSent) return 'connect';
  return retries.methods.has(request.method) ? 'read' : null;
};

export const defaultRetryPolicy: RetryPolicy = new DefaultRetryPolicy(defaultRetries);

/**
 * Lays the `retry` option over an inherited policy.
 * @throws {TypeError} naming the option and what came
 */
export const resolveRetry = (init: RetryInit | undefined, inherited: RetryPolicy): RetryPolicy => {
  if (init === undefined) return inherited;
  const base = inherited instanceof DefaultRetryPolicy ? inherited.retries : defaultRetries;
  // Where nothing is repeated, nothing is exhausted.
  if (init === null || init === 0)
    return new DefaultRetryPolicy({ ...base, limit: 0, throwOnExhausted: false });
  if (typeof init === 'number') return new DefaultRetryPolicy(resolveRetries({ limit: init }, base));
  if (isPolicy(init)) return init;
  return new DefaultRetryPolicy(resolveRetries(init, base));
};

const isPolicy = (init: RetryOptions | RetryPolicy): init is RetryPolicy =>
  typeof init === 'object' && 'delayAfter' in init && typeof init.delayAfter === 'function';
