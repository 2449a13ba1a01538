import { Deferred } from '../deferred.ts';
import { TimeoutError } from '../errors.ts';
import { type Middleware, type Next, started } from '../middleware.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import type { BodyOwner } from '../response/body-source.ts';
import type { SessionResponse } from '../response/session-response.ts';
import { CancelScope } from './cancel-scope.ts';
import { Timer, type TimerOwner } from './timer.ts';

/** Limits one attempt, from its start to the last byte of its body. Inside retry: a slow attempt may be repeated. */
export const attemptTimeout: Middleware = (request, next) => {
  const limit = request.options.timeout.attempt;
  if (limit === Number.POSITIVE_INFINITY) return next(request);
  const { scope } = request;
  return scope.isCancelled ? Promise.reject(scope.reason) : new Attempt(request, limit).start(next);
};

/** The scope of an attempt: ends with its call's, or when its time is up. */
class Attempt extends CancelScope implements TimerOwner, BodyOwner {
  readonly #request: PreparedRequest;
  readonly #limit: number;
  readonly #timer: Timer = new Timer(this, 'attempt');
  readonly #outcome: Deferred<SessionResponse> = new Deferred();

  constructor(request: PreparedRequest, limit: number) {
    super(request.scope);
    this.#request = request;
    this.#limit = limit;
  }

  /** Settles in time even while a credential's refresh or a user's middleware does not return. */
  start(next: Next): Promise<SessionResponse> {
    this.#timer.start(this.#limit);
    started(next, this.#request.withScope(this)).then(
      (response) => this.#outcome.resolve(this.#arrived(response)),
      (error) => this.#failed(error),
    );
    return this.#outcome.promise;
  }

  #arrived(response: SessionResponse): SessionResponse {
    // The limit was quicker: nobody will read this one.
    if (this.isCancelled) response.abandon(this.reason);
    if (response.source === null) this.bodySettled();
    else response.source.whenSettled(this);
    return response;
  }

  #failed(error: unknown): void {
    this.bodySettled();
    this.#outcome.reject(error);
  }

  timedOut(): void {
    this.cancel(new TimeoutError('attempt', this.#limit, { request: this.#request }));
  }

  override cancel(reason: unknown): void {
    this.#timer.stop();
    super.cancel(reason);
    this.#outcome.reject(reason);
  }

  bodySettled(): void {
    this.#timer.stop();
    this.dispose();
  }
}
