import type { Middleware, Next } from '../middleware.ts';
import { PreparedRequest } from '../request/prepared-request.ts';
import { kindOf } from '../request/query.ts';
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
    const turn = new Turn(who, stage === 'exchange' ? request.origin : null, next);
    let returned: unknown;
    try {
      returned = await middleware(request, turn.next);
    } catch (error) {
      turn.received?.abandon(error);
      throw error;
    }
    if (!(returned instanceof SessionResponse)) {
      turn.received?.abandon();
      const hint = returned instanceof Response ? '; responseFrom(request, response) makes one of it' : '';
      throw new TypeError(`${who} must return a SessionResponse, got ${kindOf(returned)}${hint}`);
    }
    turn.received?.replacedBy(returned);
    return returned;
  };
};

/** One invocation of a middleware. */
class Turn {
  readonly next: GuardedNext;
  received: SessionResponse | null = null;
  readonly #who: string;
  readonly #origin: string | null;
  readonly #next: Next;

  constructor(who: string, origin: string | null, next: Next) {
    this.#who = who;
    this.#origin = origin;
    this.#next = next;
    this.next = (request) => this.#send(request);
    this.next.guards = next;
  }

  async #send(request: PreparedRequest): Promise<SessionResponse> {
    if (!(request instanceof PreparedRequest))
      throw new TypeError(`${this.#who} must call next with a request, got ${kindOf(request)}`);
    if (this.#origin !== null && request.origin !== this.#origin)
      throw new TypeError(
        `${this.#who} must leave the request at the origin it was signed for, ${this.#origin}, got ${request.origin}`,
      );
    if (this.received !== null) await discardBody(this.received);
    this.received = await this.#next(request);
    return this.received;
  }
}

interface GuardedNext extends Next {
  guards?: Next;
}

/** The `next` that is the same for every request of a pipeline, for middlewares that keep something by it. */
export const stableNext = (next: GuardedNext): Next => next.guards ?? next;
