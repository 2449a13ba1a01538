import type { PreparedRequest } from './request/prepared-request.ts';
import type { SessionResponse } from './response/session-response.ts';

/** The rest of the pipeline. */
export type Next = (request: PreparedRequest) => Promise<SessionResponse>;

/** One layer: sees a request on its way out and the response on its way back. */
export type Middleware = (request: PreparedRequest, next: Next) => Promise<SessionResponse>;

/**
 * What a layer throws at once is a rejection all the same. The layers that every request passes are no async functions: those cost a
 * generator and more promises, 5 % of a request.
 */
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
