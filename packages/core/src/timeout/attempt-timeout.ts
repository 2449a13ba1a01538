import { TimeoutError } from '../errors.ts';
import { type Middleware, type Next, started } from '../middleware.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import type { BodyOwner } from '../response/body-source.ts';
import type { SessionResponse } from '../response/session-response.ts';
import { type CancelListener, CancelScope } from './cancel-scope.ts';
import { Timer, type TimerOwner } from './timer.ts';

/** Limits one attempt, from its start to the last byte of its body. Inside retry: a slow attempt may be repeated. */
export const attemptTimeout: Middleware = (request, next) => {
  const limit = request.options.timeout.attempt;
  return limit === Number.POSITIVE_INFINITY ? next(request) : new Attempt(request, limit).run(next);
};

class Attempt implements TimerOwner, BodyOwner, CancelListener {
  readonly #request: PreparedRequest;
  readonly #limit: number;
  readonly #scope: CancelScope;
  readonly #timer: Timer = new Timer(this, 'attempt');
  #reject: (reason: unknown) => void = unset;

  constructor(request: PreparedRequest, limit: number) {
    this.#request = request;
    this.#limit = limit;
    this.#scope = new CancelScope(request.scope);
  }

  /** Settles in time even while a credential's refresh or a user's middleware does not return. */
  run(next: Next): Promise<SessionResponse> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      this.#timer.start(this.#limit);
      this.#scope.subscribe(this);
      started(next, this.#request.withScope(this.#scope)).then(
        (response) => resolve(this.#arrived(response)),
        (error) => {
          this.#over();
          reject(error);
        },
      );
    });
  }

  #arrived(response: SessionResponse): SessionResponse {
    this.#scope.unsubscribe(this);
    // The limit was quicker: nobody will read this one.
    if (this.#scope.isCancelled) response.abandon(this.#scope.reason);
    if (response.source === null) this.bodySettled();
    else response.source.whenSettled(this);
    return response;
  }

  #over(): void {
    this.#scope.unsubscribe(this);
    this.bodySettled();
  }

  timedOut(): void {
    this.#scope.cancel(new TimeoutError('attempt', this.#limit, { request: this.#request }));
  }

  cancelled(reason: unknown): void {
    this.#timer.stop();
    this.#reject(reason);
  }

  bodySettled(): void {
    this.#timer.stop();
    this.#scope.dispose();
  }
}

const unset = (): void => undefined;
