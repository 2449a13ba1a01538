import { RedirectError, TooManyRedirectsError } from '../errors.ts';
import type { Middleware, Next } from '../middleware.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import type { SessionResponse } from '../response/session-response.ts';
import { redirectRequest } from './redirect-request.ts';

/** One turn per hop. Credentials are filtered cumulatively: what a hop dropped, no later hop gets back. */
export const followRedirects: Middleware = (request, next) =>
  request.options.redirect.mode === 'manual' ? next(request) : follow(request, next);

const follow = async (first: PreparedRequest, next: Next): Promise<SessionResponse> => {
  let request = first;
  const { mode, max } = first.options.redirect;
  for (let hops = 0; ; hops += 1) {
    const response = await next(request);
    if (response.status < 300 || response.status > 399) return response;
    const following = await nextHop(request, response);
    if (following === null) return response;
    if (mode === 'error') {
      await request.call.supersede(response, 'redirect');
      throw new RedirectError(`answered ${response.status} and redirect is 'error'`, { response });
    }
    if (hops >= max) {
      // The history names the hops before it; the response itself stays readable.
      await response.keep(64 * 1024).catch(() => response.abandon());
      throw new TooManyRedirectsError(max, { response });
    }
    await request.call.supersede(response, 'redirect');
    request.scope.throwIfCancelled();
    request = following;
  }
};

const nextHop = async (
  request: PreparedRequest,
  response: SessionResponse,
): Promise<PreparedRequest | null> => {
  let following: PreparedRequest | null;
  try {
    following = redirectRequest(request, response);
  } catch (error) {
    // The refused response stays readable on the error.
    await response.keep(64 * 1024).catch(() => response.abandon());
    throw error;
  }
  if (following === null) return null;
  for (const hook of request.options.hooks.beforeRedirect) {
    const decided = await hook(following, response);
    if (decided === false) return null;
    if (decided) following = decided;
  }
  return following;
};
