import { inPlaceOf } from '../call.ts';
import { kindOf } from '../kind-of.ts';
import type { Middleware, Next } from '../middleware.ts';
import { PreparedRequest } from '../request/prepared-request.ts';
import { discardBody } from '../response/discard-body.ts';
import { SessionResponse } from '../response/session-response.ts';

/** Where in the pipeline a middleware of the user's stands: once per call, or once per message that leaves. */
export type Stage = 'call' | 'exchange';

/**
 * Holds a user's middleware to its contract, so that a mistake is named and no connection is lost.
 *
 * It must call `next` with a request and return a response; in the exchange stage the request stays at its origin, for which it
 * was signed. A response that is neither returned nor read is freed: when `next` is called again, when another is returned, and
 * when the middleware throws.
 */
export const guarded = (middleware: Middleware, stage: Stage): Middleware => {
  const who = `${stage} middleware ${middleware.name === '' ? '(anonymous)' : middleware.name}`;
  return async (request, next) => {
    const turn = new Turn(who, request, stage, next);
    let returned: unknown;
    try {
      returned = await middleware(request, turn.next);
    } catch (error) {
      turn.end(null, error);
      throw error;
    }
    if (!(returned instanceof SessionResponse)) {
      turn.end(null);
      const hint = returned instanceof Response ? '; responseFrom(request, response) makes one of it' : '';
      throw new TypeError(`${who} must return a SessionResponse, got ${kindOf(returned)}${hint}`);
    }
    turn.end(returned);
    return returned;
  };
};

/** One invocation of a middleware. */
class Turn {
  readonly next: GuardedNext;
  readonly #received: Set<SessionResponse> = new Set();
  #over = false;
  readonly #who: string;
  readonly #given: PreparedRequest;
  readonly #stage: Stage;
  readonly #next: Next;

  constructor(who: string, given: PreparedRequest, stage: Stage, next: Next) {
    this.#who = who;
    this.#given = given;
    this.#stage = stage;
    this.#next = next;
    this.next = (request) => this.#send(request);
    this.next.guards = next;
  }

  async #send(request: PreparedRequest): Promise<SessionResponse> {
    if (!(request instanceof PreparedRequest))
      throw new TypeError(`${this.#who} must call next with a request, got ${kindOf(request)}`);
    const { origin } = this.#given;
    if (this.#stage === 'exchange' && request.origin !== origin)
      throw new TypeError(
        `${this.#who} must leave the request at the origin it was signed for, ${origin}, got ${request.origin}`,
      );
    for (const earlier of this.#received) {
      this.#received.delete(earlier);
      await discardBody(earlier);
    }
    const response = await this.#next(inPlaceOf(request, this.#given));
    // One that was sent beside others, and lost the race.
    if (this.#over) response.abandon();
    else this.#received.add(response);
    return response;
  }

  /** The middleware has returned, or failed: frees what it asked for and nobody will read. */
  end(returned: SessionResponse | null, reason?: unknown): void {
    this.#over = true;
    if (returned !== null && !this.#received.has(returned)) returned.repeatable = false;
    for (const response of this.#received) {
      if (returned === null) response.abandon(reason);
      else if (response !== returned) response.replacedBy(returned);
    }
  }
}

interface GuardedNext extends Next {
  guards?: Next;
}

/** The `next` that is the same for every request of a pipeline, for middlewares that keep something by it. */
export const stableNext = (next: GuardedNext): Next => next.guards ?? next;
