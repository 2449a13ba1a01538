import type { Call } from '../call.ts';
import { Deferred } from '../deferred.ts';
import { type Next, started } from '../middleware.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import type { SessionResponse } from '../response/session-response.ts';
import type { CancelListener } from '../timeout/cancel-scope.ts';

/** Runs a prepared request through the pipeline, from the start of its deadline to the hand-over of its response. */
export const runCall = (request: PreparedRequest, pipeline: Next): Promise<SessionResponse> => {
  const { call } = request;
  call.begin(request);
  if (call.scope.isCancelled) {
    call.end();
    return Promise.reject(call.scope.reason);
  }
  call.session.retryBudget.deposit();
  return new Run(call).start(request, pipeline);
};

/**
 * A call under way. Settles at once when it is cancelled, even while a user's middleware, hook or token refresh does not return.
 * (Not Promise.race, which would hold on to the loser.)
 */
class Run implements CancelListener {
  readonly #call: Call;
  readonly #outcome: Deferred<SessionResponse> = new Deferred();

  constructor(call: Call) {
    this.#call = call;
  }

  start(request: PreparedRequest, pipeline: Next): Promise<SessionResponse> {
    this.#call.scope.subscribe(this);
    started(pipeline, request).then(
      (response) => this.#outcome.resolve(this.#arrived(response)),
      (error) => this.#failed(error),
    );
    return this.#outcome.promise;
  }

  cancelled(reason: unknown): void {
    this.#outcome.reject(reason);
    this.#call.end();
  }

  #failed(error: unknown): void {
    this.#call.scope.unsubscribe(this);
    this.#call.end();
    this.#outcome.reject(error);
  }

  #arrived(response: SessionResponse): SessionResponse {
    const { scope } = this.#call;
    scope.unsubscribe(this);
    // After a cancellation nobody will read this one.
    if (scope.isCancelled) response.abandon(scope.reason);
    // The deadline, the signal and the session's close still reach a body that is on its way.
    if (response.source === null) this.#call.end();
    else response.source.whenSettled(this.#call);
    return response;
  }
}
