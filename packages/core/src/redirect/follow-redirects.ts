import { RedirectError, TooManyRedirectsError } from '../errors.ts';
import { decision } from '../hooks/run-hooks.ts';
import { type Middleware, type Next, started } from '../middleware.ts';
import type { ResolvedOptions } from '../options/resolve-options.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import { discardBody } from '../response/discard-body.ts';
import type { SessionResponse } from '../response/session-response.ts';
import { pristineRequest, rememberPristine } from './pristine-request.ts';
import { isRedirect, redirectRequest } from './redirect-request.ts';

/** One turn per hop. Credentials are filtered cumulatively: what a hop dropped, no later hop gets back. */
export const followRedirects: Middleware = (request, next) =>
  // Not async: nearly no response is a redirect, and this is the only promise for the others.
  started(next, request).then((response) =>
    isRedirect(response) ? redirected(request, response, next) : answered(response, request.call.redirects),
  );

// What the layers further out put in its place is theirs.
const answered = (response: SessionResponse, redirects: number): SessionResponse => {
  response.repeatable = true;
  response.redirects = redirects;
  return response;
};

/** The request that a redirect response asks for, `null` for others: what `response.next` answers. */
export const requestAfter = (response: SessionResponse): PreparedRequest | null =>
  isRedirect(response)
    ? redirectRequest(pristineRequest(response) ?? withoutCredentials(response.request), response)
    : null;

// A response that clone() or a middleware made: of its request, only what was sent is known.
const withoutCredentials = (sent: PreparedRequest): PreparedRequest =>
  sent.with({ headers: sent.headers.with('cookie', null).with('authorization', null) });

const redirected = (
  request: PreparedRequest,
  response: SessionResponse,
  next: Next,
): SessionResponse | Promise<SessionResponse> => {
  rememberPristine(response, request);
  return request.options.redirect.mode === 'manual'
    ? answered(response, request.call.redirects)
    : follow(request, response, next);
};

const follow = async (
  first: PreparedRequest,
  redirect: SessionResponse,
  next: Next,
): Promise<SessionResponse> => {
  let request = first;
  let response = redirect;
  let followed = first.call.redirects;
  for (; isRedirect(response); followed += 1) {
    rememberPristine(response, request);
    const following = await nextHop(request, response, followed, first.options);
    if (following === null) return answered(response, followed);
    await request.call.supersede(response, 'redirect');
    request.scope.throwIfCancelled();
    request = following;
    response = await next(request);
  }
  return answered(response, followed);
};

/** The request of the next hop, `null` to stop at this response. */
const nextHop = async (
  request: PreparedRequest,
  response: SessionResponse,
  followed: number,
  { redirect, retry }: ResolvedOptions,
): Promise<PreparedRequest | null> => {
  const max = Math.min(redirect.max, retry.redirects?.max ?? Number.POSITIVE_INFINITY);
  try {
    if (redirect.mode === 'error')
      throw new RedirectError(`answered ${response.status} and redirect is 'error'`, { response });
    const following = redirectRequest(pristineRequest(response) ?? request, response);
    if (following === null) return null;
    if (followed < max) return await decide(following, response);
    if (retry.redirects?.raise === false) return null;
    throw new TooManyRedirectsError(max, { response });
  } catch (error) {
    // Frees the connection; a small body stays readable on the error's response.
    await discardBody(response);
    throw error;
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
