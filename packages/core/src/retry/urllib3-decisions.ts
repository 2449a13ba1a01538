import { readUrllib3Options, type Urllib3Count, type Urllib3RetryOptions } from './urllib3-retry-options.ts';

/** How one attempt ended, in urllib3's terms. */
export type Urllib3Outcome =
  | {
      /** A response came. */
      readonly kind: 'response';
      readonly status: number;
      readonly method: string;
      /** How long the server asks to wait, in milliseconds. */
      readonly retryAfter?: number | undefined;
    }
  | {
      /** A redirect is about to be followed. urllib3 counts it. */
      readonly kind: 'redirect';
      readonly status: number;
      readonly method: string;
      readonly retryAfter?: number | undefined;
    }
  | {
      /**
       * No response came. `connect-error`: no connection, the server has seen nothing. `read-error`: the connection failed
       * or timed out on the way. `other-error`: what is neither. `final-error`: repeating cannot help (bad URL, abort).
       */
      readonly kind: 'connect-error' | 'read-error' | 'other-error' | 'final-error';
      readonly method: string;
      /** False when the request provably never left. */
      readonly requestSent: boolean;
    };

/** What to do after an attempt. */
export type Urllib3Decision =
  | {
      readonly retry: true;
      /** The wait before the next attempt, in milliseconds. */
      readonly delay: number;
      /** What the next decision is given. */
      readonly state: Urllib3RetryState;
    }
  | {
      readonly retry: false;
      /** Whether the outcome is of no kind that is repeated, or its retries are used up. */
      readonly reason: 'not-retryable' | 'exhausted';
      /** Whether a last response is to be raised as an error rather than returned. Always true for errors. */
      readonly raise: boolean;
    };

/** The retries that are left, and what used the others up. */
export interface Urllib3RetryState {
  readonly total: Urllib3Count;
  readonly connect: Urllib3Count;
  readonly read: Urllib3Count;
  readonly redirect: Urllib3Count;
  readonly status: Urllib3Count;
  readonly other: Urllib3Count;
  /** Every outcome that was retried or followed, oldest first. */
  readonly history: readonly Urllib3Outcome[];
}

/** urllib3's `Retry`. Frozen: it can be shared by any number of sessions and calls. */
export interface Urllib3Decisions {
  /** The state before the first attempt. */
  readonly initial: Urllib3RetryState;
  /** Decides and does nothing else: the state travels from decision to decision, one per call. */
  decide(outcome: Urllib3Outcome, state: Urllib3RetryState): Urllib3Decision;
  /** The state after an outcome that was retried or followed. */
  spend(outcome: Urllib3Outcome, state: Urllib3RetryState): Urllib3RetryState;
  readonly raiseOnRedirect: boolean;
  readonly raiseOnStatus: boolean;
  readonly respectRetryAfterHeader: boolean;
  /** In lower case. */
  readonly removeHeadersOnRedirect: ReadonlySet<string>;
}

/**
 * Retries exactly as `urllib3.util.Retry` 2.x does, for those who move a tuned policy over.
 *
 * Like the original it waits not at all before the first retry, and repeats TLS failures when they come as `other-error`.
 *
 * @param random for the jitter
 * @throws {TypeError} naming an option that is unknown or wrong
 */
export const urllib3Decisions = (
  options: Urllib3RetryOptions = {},
  random: () => number = Math.random,
): Urllib3Decisions => {
  const settings = readUrllib3Options(options);
  const { allowedMethods, statusForcelist, respectRetryAfterHeader, raiseOnRedirect, raiseOnStatus } =
    settings;
  const initial: Urllib3RetryState = Object.freeze({ ...settings.counts, history: Object.freeze([]) });

  const allows = (method: string): boolean =>
    allowedMethods.size === 0 || allowedMethods.has(method.toUpperCase());

  const repeats = (outcome: Urllib3Outcome, state: Urllib3RetryState): boolean => {
    switch (outcome.kind) {
      case 'redirect':
        return true;
      case 'response':
        if (!allows(outcome.method)) return false;
        if (statusForcelist.has(outcome.status)) return true;
        return (
          Boolean(state.total) &&
          respectRetryAfterHeader &&
          outcome.retryAfter !== undefined &&
          RETRY_AFTER_STATUS_CODES.has(outcome.status)
        );
      case 'connect-error':
        return state.total !== false && state.connect !== false;
      case 'read-error':
        return state.total !== false && state.read !== false && allows(outcome.method);
      case 'other-error':
        return state.total !== false;
      case 'final-error':
        return false;
    }
  };

  const delayAfter = (outcome: Urllib3Outcome, history: readonly Urllib3Outcome[]): number => {
    const asked =
      'retryAfter' in outcome ? Math.min(outcome.retryAfter ?? 0, settings.retryAfterMax * 1000) : 0;
    // urllib3 obeys the Retry-After of a redirect whatever respect_retry_after_header says, and knows no backoff there.
    if (outcome.kind === 'redirect') return asked;
    if (respectRetryAfterHeader && asked > 0) return asked;
    const failures = history.length - 1 - history.findLastIndex(({ kind }) => kind === 'redirect');
    if (failures <= 1) return 0;
    // Beyond 2 ** 1023 there is only Infinity, and 0 times that is NaN.
    const backoff = settings.backoffFactor * 2 ** Math.min(failures - 1, 1023);
    return 1000 * Math.min(settings.backoffMax, backoff + random() * settings.backoffJitter);
  };

  return Object.freeze({
    initial,
    raiseOnRedirect,
    raiseOnStatus,
    respectRetryAfterHeader,
    removeHeadersOnRedirect: settings.removeHeadersOnRedirect,
    spend,
    decide(outcome: Urllib3Outcome, state: Urllib3RetryState): Urllib3Decision {
      const failed = outcome.kind !== 'response' && outcome.kind !== 'redirect';
      if (!repeats(outcome, state)) return { retry: false, reason: 'not-retryable', raise: failed };
      const next = spend(outcome, state);
      if (isExhausted(next)) {
        const raise = failed || (outcome.kind === 'redirect' ? raiseOnRedirect : raiseOnStatus);
        return { retry: false, reason: 'exhausted', raise };
      }
      return { retry: true, delay: delayAfter(outcome, next.history), state: next };
    },
  });
};

/** The statuses whose Retry-After is reason enough to retry. */
const RETRY_AFTER_STATUS_CODES: ReadonlySet<number> = /* @__PURE__ */ new Set([413, 429, 503]);

const spend = (outcome: Urllib3Outcome, state: Urllib3RetryState): Urllib3RetryState => {
  const less = (count: Urllib3Count, kind: Urllib3Outcome['kind']): Urllib3Count =>
    outcome.kind === kind && count !== null ? Number(count) - 1 : count;
  return {
    total: less(state.total, outcome.kind),
    connect: less(state.connect, 'connect-error'),
    read: less(state.read, 'read-error'),
    redirect: less(state.redirect, 'redirect'),
    status: less(state.status, 'response'),
    other: less(state.other, 'other-error'),
    history: [...state.history, outcome],
  };
};

const isExhausted = ({ total, connect, read, redirect, status, other }: Urllib3RetryState): boolean =>
  [total, connect, read, redirect, status, other].some((count) => typeof count === 'number' && count < 0);
