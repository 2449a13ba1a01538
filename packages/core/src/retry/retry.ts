import pRetry from 'p-retry';
import { RetryError, SessionError } from '../errors.ts';
import { decision } from '../hooks/run-hooks.ts';
import { type Middleware, type Next, started } from '../middleware.ts';
import { rememberPristine } from '../redirect/pristine-request.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import type { SessionResponse } from '../response/session-response.ts';
import { orCancelled } from '../timeout/or-cancelled.ts';
import { sleep } from '../timeout/sleep.ts';
import type { RetryKind, RetryOutcome } from './retry-options.ts';

/**
 * One turn per attempt. A failed attempt is repeated as the policy says, from the pristine request: inner layers sign anew.
 *
 * p-retry owns the loop, but is entered only after a first failure: around a success it costs 0.3 to 6 us.
 */
export const retry: Middleware = (request, next) => {
  const { call, options } = request;
  // Later hops of the call continue its count.
  if (call.attempts === 0) call.attempts = 1;
  request.beginHop();
  const idle = options.retry.limit === 0 && options.retry.throwOnExhausted === false;
  return idle ? next(request) : attemptFirst(request, next);
};

// Not async: nearly every first attempt succeeds, and this is the only promise then.
const attemptFirst = (request: PreparedRequest, next: Next): Promise<SessionResponse> => {
  const number = request.call.attempts;
  return started(next, request).then(
    (response) => judged({ request, response, attempt: number }, next),
    (error) => judged(failed(request, error, number), next),
  );
};

const judged = (outcome: RetryOutcome, next: Next): SessionResponse | Promise<SessionResponse> => {
  const kind = classified(outcome);
  return kind === null ? settle(outcome) : repeat(new Failure(outcome, kind), next);
};

/** What the policy calls it. Nobody will read a response that a policy fails on. */
const classified = (outcome: RetryOutcome): RetryKind | null => {
  try {
    return outcome.request.options.retry.classify(outcome);
  } catch (error) {
    outcome.response?.abandon(error);
    throw error;
  }
};

/**
 * What follows a response whose body broke while it was read as a whole: the same request once more, if the policy repeats broken
 * reads, or `null`. For readers that have handed out nothing of the body yet.
 */
export const requestAfterBrokenBody = async (
  response: SessionResponse,
  error: SessionError,
): Promise<PreparedRequest | null> => {
  if (!response.repeatable) return null;
  const { call } = response.request;
  const request = response.request.hop ?? response.request;
  const outcome: RetryOutcome = { request, error, attempt: call.attempts };
  const kind = classified(outcome);
  if (kind === null) return null;
  const failure = new Failure(outcome, kind);
  // Its body has ended, and the call with it: the wait is one more that the signal, the deadline and the session's close must end.
  call.listen();
  try {
    if (!(await orCancelled(prepareNext(failure), call.scope)) || failure.next === null) return null;
  } finally {
    call.end();
  }
  response.tag = 'retry';
  call.history = [...call.history, response];
  const continued = call.continued(response);
  return failure.next.with({ call: continued, scope: continued.scope });
};

// What the caller's own signal or code threw is theirs and final.
const failed = (request: PreparedRequest, error: unknown, attempt: number): RetryOutcome => {
  if (error instanceof SessionError) return { request, error, attempt };
  throw error;
};

const attempt = async (request: PreparedRequest, next: Next): Promise<RetryOutcome> => {
  const number = request.call.attempts;
  try {
    return { request, response: await next(request), attempt: number };
  } catch (error) {
    return failed(request, error, number);
  }
};

/** Carries an outcome through p-retry, which loops on throws only. */
class Failure extends Error {
  readonly outcome: RetryOutcome;
  readonly kind: RetryKind;
  /** The request for the next attempt, decided while waiting. */
  next: PreparedRequest | null = null;

  constructor(outcome: RetryOutcome, kind: RetryKind) {
    super('the attempt failed');
    this.outcome = outcome;
    this.kind = kind;
  }
}

/** Carries what is final through p-retry, which judges errors by itself and replaces what is none. */
class Final extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super('the call failed');
    this.reason = reason;
  }
}

const repeat = async (first: Failure, next: Next): Promise<SessionResponse> => {
  let last = first;
  const turn = async (number: number): Promise<SessionResponse> => {
    if (number === 1) throw first;
    const request = last.next ?? last.outcome.request;
    request.call.attempts += 1;
    request.beginHop();
    try {
      const outcome = await attempt(request, next);
      const kind = classified(outcome);
      // A hook may have sent it elsewhere: its redirect counts from there.
      if (outcome.response !== undefined) rememberPristine(outcome.response, request);
      if (kind === null) return settle(outcome);
      last = new Failure(outcome, kind);
    } catch (reason) {
      throw new Final(reason);
    }
    throw last;
  };
  try {
    return await pRetry(turn, {
      retries: Number.POSITIVE_INFINITY, // the policy stops the loop
      minTimeout: 0, // and sets the delay: p-retry's own formula knows no Retry-After
      factor: 1,
      shouldRetry: ({ error }) => error === last && prepareNext(last),
    });
  } catch (error) {
    if (error instanceof Final) throw error.reason;
    if (error !== last) {
      last.outcome.response?.abandon(error);
      throw error;
    }
    return exhausted(last);
  }
};

/** Waits and frees the failed response's connection; false ends the loop. */
const prepareNext = async (failure: Failure): Promise<boolean> => {
  const { outcome, kind } = failure;
  const { request, response } = outcome;
  const { call, options } = request;
  const policy = options.retry;
  if (!request.replayable || !call.session.retryBudget.allows(policy.budget)) return false;
  const delay = policy.delayAfter(outcome, kind, call.retries, Date.now());
  if (delay === null || delay > call.timeLeft()) return false;
  const following = await nextRequest(outcome);
  if (following === null) return false;
  call.scope.throwIfCancelled();
  await policy.onRetry?.(outcome, delay);
  call.scope.throwIfCancelled();
  call.retries.push(kind);
  call.session.retryBudget.spend();
  if (response !== undefined) await call.supersede(response, 'retry');
  if (delay > 0) await sleep(delay, call.scope);
  call.scope.throwIfCancelled();
  failure.next = following;
  return true;
};

const nextRequest = async (outcome: RetryOutcome): Promise<PreparedRequest | null> => {
  let following = outcome.request;
  for (const hook of following.options.hooks.beforeRetry) {
    const decided = decision('beforeRetry', await hook(outcome, outcome.attempt), following);
    if (decided === false) return null;
    if (decided !== undefined) following = decided;
  }
  return following;
};

const settle = (outcome: RetryOutcome): SessionResponse => {
  if (outcome.response !== undefined) return outcome.response;
  throw outcome.error;
};

const exhausted = ({ outcome }: Failure): SessionResponse => {
  const { request, response } = outcome;
  if (response === undefined) return settle(outcome);
  const { attempts } = request.call;
  if (!throwsWhenExhausted(outcome, response)) return response;
  // Of which only the error remains: it must hold no connection.
  response.keepWhileItArrives(maxErrorBody);
  const times = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
  throw new RetryError(`still answered ${response.status} after ${times}`, { response });
};

const throwsWhenExhausted = (outcome: RetryOutcome, response: SessionResponse): boolean => {
  const { call, options } = outcome.request;
  const { throwOnExhausted } = options.retry;
  if (typeof throwOnExhausted !== 'function') return throwOnExhausted;
  try {
    return throwOnExhausted(outcome, call.retries);
  } catch (error) {
    response.abandon(error);
    throw error;
  }
};

const maxErrorBody = 1024 * 1024;
