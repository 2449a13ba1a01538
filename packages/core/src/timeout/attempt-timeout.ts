import { TimeoutError } from '../errors.ts';
import type { Middleware } from '../middleware.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import type { BodyOwner } from '../response/body-source.ts';
import type { SessionResponse } from '../response/session-response.ts';
import { CancelScope } from './cancel-scope.ts';
import { Timer, type TimerOwner } from './timer.ts';

/** Limits one attempt, from its start to the last byte of its body. Inside retry: a slow attempt may be repeated. */
export const attemptTimeout: Middleware = (request, next) => {
  const limit = request.options.timeout.attempt;
  return limit === Number.POSITIVE_INFINITY ? next(request) : new Attempt(request, limit).run(next);
};

class Attempt implements TimerOwner, BodyOwner {
  readonly #request: PreparedRequest;
  readonly #limit: number;
  readonly #scope: CancelScope;
  readonly #timer: Timer = new Timer(this, 'attempt');

  constructor(request: PreparedRequest, limit: number) {
    this.#request = request;
    this.#limit = limit;
    this.#scope = new CancelScope(request.scope);
  }

  async run(next: (request: PreparedRequest) => Promise<SessionResponse>): Promise<SessionResponse> {
    this.#timer.start(this.#limit);
    try {
      const response = await next(this.#request.with({ scope: this.#scope }));
      if (response.source === null) this.bodySettled();
      else response.source.whenSettled(this);
      return response;
    } catch (error) {
      this.bodySettled();
      throw error;
    }
  }

  timedOut(): void {
    this.#scope.cancel(new TimeoutError('attempt', this.#limit, { request: this.#request }));
  }

  bodySettled(): void {
    this.#timer.stop();
    this.#scope.dispose();
  }
}
