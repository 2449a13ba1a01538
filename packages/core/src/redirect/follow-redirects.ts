import { RedirectError, TooManyRedirectsError } from '../errors.ts';
import { decision } from '../hooks/run-hooks.ts';
import type { Middleware, Next } from '../middleware.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import { discardBody } from '../response/discard-body.ts';
import type { SessionResponse } from '../response/session-response.ts';
import { pristineRequest, rememberPristine } from './pristine-request.ts';
import { isRedirect, redirectRequest } from './redirect-request.ts';

/** One turn per hop. Credentials are filtered cumulatively: what a hop dropped, no later hop gets back. */
export const followRedirects: Middleware = (request, next) =>
  request.options.redirect.mode === 'manual' ? once(request, next) : follow(request, next);

/** The request that a redirect response asks for, `null` for others: what `response.next` answers. */
export const requestAfter = (response: SessionResponse): PreparedRequest | null =>
  isRedirect(response)
    ? redirectRequest(pristineRequest(response) ?? withoutCredentials(response.request), response)
    : null;

// A response that clone() or a middleware made: of its request, only what was sent is known.
const withoutCredentials = (sent: PreparedRequest): PreparedRequest =>
  sent.with({ headers: sent.headers.with('cookie', null).with('authorization', null) });

const once = async (request: PreparedRequest, next: Next): Promise<SessionResponse> => {
  const response = await next(request);
  if (isRedirect(response)) rememberPristine(response, request);
  return response;
};

const follow = async (first: PreparedRequest, next: Next): Promise<SessionResponse> => {
  let request = first;
  const { redirect, retry } = first.options;
  const max = Math.min(redirect.max, retry.redirects?.max ?? Number.POSITIVE_INFINITY);
  for (let followed = 0; ; followed += 1) {
    const response = await next(request);
    if (!isRedirect(response)) return response;
    rememberPristine(response, request);
    let following: PreparedRequest | null;
    try {
      if (redirect.mode === 'error')
        throw new RedirectError(`answered ${response.status} and redirect is 'error'`, { response });
      following = redirectRequest(pristineRequest(response) ?? request, response);
      if (following === null) return response;
      if (followed >= max) {
        if (retry.redirects?.raise === false) return response;
        throw new TooManyRedirectsError(max, { response });
      }
      following = await decide(following, response);
    } catch (error) {
      // Frees the connection; a small body stays readable on the error's response.
      await discardBody(response);
      throw error;
    }
    if (following === null) return response;
    await request.call.supersede(response, 'redirect');
    request.scope.throwIfCancelled();
    request = following;
  }
};

/** What the hooks make of it: the same request, another one, or `null` to stop here. */
const decide = async (
  proposed: PreparedRequest,
  response: SessionResponse,
): Promise<PreparedRequest | null> => {
  let following = proposed;
  for (const hook of proposed.options.hooks.beforeRedirect) {
    const decided = decision('beforeRedirect', await hook(following, response), following);
    if (decided === false) return null;
    if (decided === undefined) continue;
    following = decided;
  }
  return following;
};
