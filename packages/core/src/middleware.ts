import type { PreparedRequest } from './request/prepared-request.ts';
import type { SessionResponse } from './response/session-response.ts';

/** The rest of the pipeline. */
export type Next = (request: PreparedRequest) => Promise<SessionResponse>;

/** One layer: sees a request on its way out and the response on its way back. */
export type Middleware = (request: PreparedRequest, next: Next) => Promise<SessionResponse>;

/**
 * Makes one function of a list of layers, outermost first.
 *
 * Called when a session is made or changed, never per request.
 */
export const compose = (layers: readonly Middleware[], last: Next): Next =>
  layers.reduceRight<Next>((next, layer) => (request) => layer(request, next), last);
