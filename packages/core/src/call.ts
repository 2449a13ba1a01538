import type { Auth } from './auth/auth.ts';
import { TimeoutError } from './errors.ts';
import type { PreparedRequest } from './request/prepared-request.ts';
import type { BodyOwner } from './response/body-source.ts';
import { discardBody } from './response/discard-body.ts';
import type { ResponseTag } from './response/response-head.ts';
import type { SessionResponse } from './response/session-response.ts';
import type { RetryKind } from './retry/retry-options.ts';
import type { SessionMember } from './session/session-scope.ts';
import type { SessionState } from './session/session-state.ts';
import { CancelScope } from './timeout/cancel-scope.ts';
import { SignalScope } from './timeout/signal-scope.ts';
import { Timer, type TimerOwner } from './timeout/timer.ts';

/**
 * What one call of the session shares over all its hops and attempts: cancellation, deadline, counters, history, credentials.
 *
 * Lives until the last response's body has arrived.
 */
export class Call implements BodyOwner, TimerOwner, SessionMember {
  readonly session: SessionState;
  /** Cancelled by the caller's signal, the total deadline, and the session's close. */
  scope: CancelScope = new CancelScope();
  /** 0 before anything was sent, 1 for a call without repetitions. Redirects and answered challenges are not counted. */
  attempts = 0;
  retries: RetryKind[] = [];
  history: readonly SessionResponse[] = none;
  /** Redirects that were followed in the call of which this is the rest. What this one follows is counted per request that is sent. */
  redirects = 0;
  /** The credential of this call, and the origins it may go to: `null` for that of the call's URL alone. */
  readonly auth: Auth | null;
  readonly authOrigins: ReadonlySet<string> | null;
  /** Cookies of this call alone, for the origin that it was directed at. */
  readonly cookies: ReadonlyMap<string, string | null> | null;
  readonly origin: string;

  /** @internal The calls that began before and after this one and are under way. */
  before: SessionMember | null = null;
  /** @internal */
  after: SessionMember | null = null;
  /** @internal */
  chain: object | null = null;
  readonly #signal: AbortSignal | null;
  readonly #total: number;
  #startedAt = notBegun;
  #deadline: Timer | null = null;
  #request: PreparedRequest | null = null;
  #open = false;

  constructor(init: CallInit) {
    this.session = init.session;
    this.auth = init.auth;
    this.authOrigins = init.authOrigins;
    this.cookies = init.cookies;
    this.origin = init.origin;
    this.#signal = init.signal;
    this.#total = init.total;
  }

  /** A call like this one, not begun yet: a prepared request can be sent many times. */
  renewed(session: SessionState, total: number, signal: AbortSignal | null | undefined): Call {
    return new Call({
      session,
      auth: this.auth,
      authOrigins: this.authOrigins,
      cookies: this.cookies,
      origin: this.origin,
      signal: signal === undefined ? this.#signal : signal,
      total,
    });
  }

  /** What follows on a response of this call, as a call of its own: within the same deadline, and with the redirects that it took. */
  following(response: SessionResponse, signal: AbortSignal | undefined): Call {
    const rest = this.renewed(this.session, this.#total, signal);
    rest.#startedAt = this.#startedAt;
    rest.redirects = response.redirects;
    return rest;
  }

  /** The rest of this call after a response of it turned out broken: with the same counters. */
  continued(broken: SessionResponse): Call {
    const rest = this.following(broken, undefined);
    rest.attempts = this.attempts + 1;
    rest.retries.push(...this.retries);
    rest.history = this.history;
    return rest;
  }

  /** This call, which has not begun, as a part of one that is under way: its own credentials, the other's limits and counters. */
  within(running: Call): Call {
    const part = this.renewed(running.session, running.#total, running.#signal);
    part.scope = running.scope;
    part.#startedAt = running.#startedAt;
    part.attempts = running.attempts;
    part.retries = running.retries;
    part.history = running.history;
    part.redirects = running.redirects;
    return part;
  }

  /** Starts the deadline and listens to the caller's signal. */
  begin(request: PreparedRequest): void {
    this.#request = request;
    const now = performance.now();
    if (this.#startedAt === notBegun) this.#startedAt = now;
    this.listen(now);
  }

  /** Hears of the caller's signal, the session's close and the deadline from now on, until `end()`. */
  listen(now: number = performance.now()): void {
    if (this.#open) return;
    this.#open = true;
    // Not before: a request that was prepared and never sent must not hang on its session for ever.
    this.session.scope.join(this);
    if (this.#signal !== null) SignalScope.of(this.#signal).subscribe(this.scope);
    if (this.#total === Number.POSITIVE_INFINITY) return;
    this.#deadline ??= new Timer(this, 'total');
    this.#deadline.start(this.#startedAt + this.#total - now, now);
  }

  /** The session is closed. */
  cancelled(reason: unknown): void {
    this.scope.cancel(reason);
  }

  timedOut(): void {
    this.scope.cancel(new TimeoutError('total', this.#total, { request: this.#request ?? undefined }));
  }

  /** Milliseconds until the deadline. */
  timeLeft(): number {
    return this.#startedAt + this.#total - performance.now();
  }

  /** The last body has arrived, failed or been given up: nothing of this call may linger. */
  bodySettled(): void {
    this.end();
  }

  end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#deadline?.stop();
    if (this.#signal !== null) SignalScope.of(this.#signal).unsubscribe(this.scope);
    this.session.scope.leave(this);
  }

  /** Puts a response that another will follow into the history, and frees its connection. */
  async supersede(response: SessionResponse, tag: ResponseTag): Promise<void> {
    response.tag = tag;
    this.history = [...this.history, response];
    await discardBody(response);
  }

  /** The credential for a request, when its origin is one that the credential is bound to. */
  authFor(origin: string): Auth | null {
    if (this.auth === null) return null;
    const bound = this.authOrigins === null ? origin === this.origin : this.authOrigins.has(origin);
    return bound ? this.auth : null;
  }
}

/** A request that takes another's place: one that was prepared by itself ends with the call that it becomes a part of. */
export const inPlaceOf = (request: PreparedRequest, given: PreparedRequest): PreparedRequest =>
  request.call === given.call
    ? request
    : request.with({ call: request.call.within(given.call), scope: given.scope });

const none: readonly SessionResponse[] = Object.freeze([]);

// On the performance clock, which knows no negative times.
const notBegun = -1;

/** What a call is made of. */
export interface CallInit {
  readonly session: SessionState;
  readonly auth: Auth | null;
  readonly authOrigins: ReadonlySet<string> | null;
  readonly cookies: ReadonlyMap<string, string | null> | null;
  readonly origin: string;
  readonly signal: AbortSignal | null;
  readonly total: number;
}
