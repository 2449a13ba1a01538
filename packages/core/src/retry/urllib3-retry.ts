import { ConnectionError, TimeoutError, TLSError } from '../errors.ts';
import { retryAfterMs } from './retry-after.ts';
import type { RedirectLimits, RetryKind, RetryOutcome, RetryPolicy } from './retry-options.ts';
import {
  type Urllib3Decision,
  type Urllib3Decisions,
  type Urllib3Outcome,
  urllib3Decisions,
} from './urllib3-decisions.ts';
import type { Urllib3RetryOptions } from './urllib3-retry-options.ts';

/**
 * Retries as `urllib3.util.Retry` does, for those who move a tuned policy over: `retry: urllib3Retry({ total: 5, backoffFactor: 0.2 })`.
 *
 * The formula, the units (**seconds**) and the defaults are urllib3's: without `statusForcelist` only 413, 429 and 503 with `Retry-After` are
 * repeated, and the first retry does not wait. Ours stay: TLS failures, malformed responses and one-shot bodies are final, and one count
 * runs through all redirects of a call. `redirect`, `raiseOnRedirect` and `removeHeadersOnRedirect` hold beside the `redirect` option, the
 * stricter of both. A last bad status is raised as `RetryError`.
 *
 * @param random for the jitter
 * @throws {TypeError} naming an option that is unknown or wrong
 */
export const urllib3Retry = (
  options: Urllib3RetryOptions = {},
  random: () => number = Math.random,
): RetryPolicy => new Urllib3Policy(urllib3Decisions(options, random));

class Urllib3Policy implements RetryPolicy {
  readonly budget = null;
  readonly limit: number;
  readonly redirects: RedirectLimits;
  readonly #decisions: Urllib3Decisions;

  constructor(decisions: Urllib3Decisions) {
    this.#decisions = decisions;
    const { total } = decisions.initial;
    this.limit = total === null ? Number.POSITIVE_INFINITY : Number(total);
    const { redirect } = decisions.initial;
    this.redirects = {
      max: redirect === null ? Number.POSITIVE_INFINITY : Number(redirect),
      raise: decisions.raiseOnRedirect,
      removeHeaders: decisions.removeHeadersOnRedirect,
    };
  }

  classify(outcome: RetryOutcome): RetryKind | null {
    const told = toldTo(outcome, Date.now());
    const decision = this.#decisions.decide(told, this.#decisions.initial);
    return decision.retry || decision.reason === 'exhausted' ? kinds[told.kind] : null;
  }

  delayAfter(
    outcome: RetryOutcome,
    _kind: RetryKind,
    made: readonly RetryKind[],
    now: number,
  ): number | null {
    const decision = this.#decide(outcome, made, now);
    return decision.retry ? decision.delay : null;
  }

  throwOnExhausted = (outcome: RetryOutcome, made: readonly RetryKind[]): boolean => {
    const decision = this.#decide(outcome, made, Date.now());
    return !decision.retry && decision.raise;
  };

  #decide(outcome: RetryOutcome, made: readonly RetryKind[], now: number): Urllib3Decision {
    let state = this.#decisions.initial;
    for (const kind of made) state = this.#decisions.spend(like(kind, outcome.request.method), state);
    return this.#decisions.decide(toldTo(outcome, now), state);
  }
}

const kinds: Readonly<Record<Urllib3Outcome['kind'], RetryKind | null>> = {
  response: 'status',
  redirect: null,
  'connect-error': 'connect',
  'read-error': 'read',
  'other-error': 'other',
  'final-error': null,
};

/** An outcome that counts as `kind`. */
const like = (kind: RetryKind, method: string): Urllib3Outcome => {
  if (kind === 'status') return { kind: 'response', status: 503, method };
  return { kind: `${kind}-error`, method, requestSent: kind !== 'connect' };
};

/** The outcome in urllib3's terms. */
const toldTo = ({ request: { method }, response, error }: RetryOutcome, now: number): Urllib3Outcome => {
  if (response !== undefined) {
    // Only the header itself: urllib3 knows none of its relatives.
    const retryAfter = response.headers.has('retry-after') ? retryAfterMs(response.headers, now) : undefined;
    return { kind: 'response', status: response.status, method, retryAfter };
  }
  const failed = error instanceof ConnectionError || error instanceof TimeoutError;
  if (!failed || !error.retryable || error instanceof TLSError || isQueueTimeout(error))
    return { kind: 'final-error', method, requestSent: failed && error.requestSent };
  const { requestSent } = error;
  return { kind: requestSent ? 'read-error' : 'connect-error', method, requestSent };
};

const isQueueTimeout = (error: Error): boolean => error instanceof TimeoutError && error.phase === 'queue';
