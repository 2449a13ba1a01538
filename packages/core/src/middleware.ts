import type { PreparedRequest } from './request/prepared-request.ts';
import type { SessionResponse } from './response/session-response.ts';

/** The rest of the pipeline. */
export type Next = (request: PreparedRequest) => Promise<SessionResponse>;

/** One layer: sees a request on its way out and the response on its way back. */
export type Middleware = (request: PreparedRequest, next: Next) => Promise<SessionResponse>;

/** Layers are not async where they need not be: what one throws at once is a rejection all the same. */
export const started = (next: Next, request: PreparedRequest): Promise<SessionResponse> => {
  try {
    return next(request);
  } catch (error) {
    return Promise.reject(error);
  }
};

/**
 * Makes one function of a list of layers, outermost first.
 *
 * Called when a session is made or changed, never per request.
 */
export const compose = (layers: readonly Middleware[], last: Next): Next =>
  layers.reduceRight<Next>((next, layer) => (request) => layer(request, next), last);
