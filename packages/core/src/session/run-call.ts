import type { Call } from '../call.ts';
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
  return new Run(request, pipeline).promise;
};

/**
 * A call under way. Settles at once when it is cancelled, even while a user's middleware, hook or token refresh does not return.
 * (Not Promise.race, which would hold on to the loser.)
 */
class Run implements CancelListener {
  readonly promise: Promise<SessionResponse>;
  readonly #call: Call;
  #reject: (reason: unknown) => void = noop;

  constructor(request: PreparedRequest, pipeline: Next) {
    this.#call = request.call;
    this.promise = new Promise((resolve, reject) => {
      this.#reject = reject;
      this.#call.scope.subscribe(this);
      started(pipeline, request).then(
        (response) => resolve(this.#arrived(response)),
        (error) => {
          this.#call.scope.unsubscribe(this);
          this.#call.end();
          reject(error);
        },
      );
    });
  }

  cancelled(reason: unknown): void {
    this.#reject(reason);
    this.#call.end();
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

const noop = (): void => undefined;
