import type { Call } from '../call.ts';
import type { Next } from '../middleware.ts';
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
  return new Cancellable(request, run(request, pipeline)).promise;
};

const run = async (request: PreparedRequest, pipeline: Next): Promise<SessionResponse> => {
  const { call } = request;
  let response: SessionResponse;
  try {
    response = await pipeline(request);
  } catch (error) {
    call.end();
    throw error;
  }
  // The deadline, the signal and the session's close still reach a body that is on its way.
  if (response.source === null) call.end();
  else response.source.whenSettled(call);
  return response;
};

/**
 * Settles at once when the call is cancelled, even while a user's middleware, hook or token refresh does not return.
 * (Not Promise.race, which would hold on to the loser.)
 */
class Cancellable implements CancelListener {
  readonly promise: Promise<SessionResponse>;
  readonly #call: Call;
  #reject: (reason: unknown) => void = noop;

  constructor(request: PreparedRequest, response: Promise<SessionResponse>) {
    const { scope } = request.call;
    this.#call = request.call;
    this.promise = new Promise((resolve, reject) => {
      this.#reject = reject;
      response.then((late) => {
        scope.unsubscribe(this);
        // After a cancellation nobody will read this one.
        if (scope.isCancelled) late.abandon(scope.reason);
        resolve(late);
      }, reject);
    });
    scope.subscribe(this);
  }

  cancelled(reason: unknown): void {
    this.#reject(reason);
    this.#call.end();
  }
}

const noop = (): void => undefined;
