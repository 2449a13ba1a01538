import { inPlaceOf } from '../call.ts';
import { HTTPError, SessionError } from '../errors.ts';
import { kindOf } from '../kind-of.ts';
import type { Middleware, Next } from '../middleware.ts';
import { PreparedRequest } from '../request/prepared-request.ts';
import { isErrorStatus } from '../response/is-error-status.ts';
import { SessionResponse } from '../response/session-response.ts';
import { type Hooks, noHooks } from './hooks.ts';

/** `beforeRequest`, `afterResponse`, `beforeError` and `raiseForStatus`: once per call, outside everything. */
export const callHooks: Middleware = (request, next) => {
  const { hooks, raiseForStatus } = request.options;
  const idle = hooks.beforeRequest.length + hooks.afterResponse.length + hooks.beforeError.length === 0;
  return idle && !raiseForStatus ? next(request) : aroundCall(request, next, hooks.beforeRequest);
};

/** `callHooks` without `beforeRequest`, for a request of the call that is sent again. */
export const answerHooks: Middleware = (request, next) => {
  const { hooks, raiseForStatus } = request.options;
  const idle = hooks.afterResponse.length + hooks.beforeError.length === 0;
  return idle && !raiseForStatus ? next(request) : aroundCall(request, next, noHooks.beforeRequest);
};

/** `afterExchange`: after every message, inside cookies, so that what it sees is what travelled. */
export const exchangeHooks: Middleware = (request, next) =>
  request.options.hooks.afterExchange.length === 0 ? next(request) : afterExchange(request, next);

const aroundCall = async (
  given: PreparedRequest,
  next: Next,
  beforeRequest: readonly Hooks['beforeRequest'][],
): Promise<SessionResponse> => {
  const { hooks, raiseForStatus } = given.options;
  try {
    let request = given;
    for (const hook of beforeRequest) {
      request = replacedRequest('beforeRequest', await hook(request), request) ?? request;
    }
    const response = await throughHooks('afterResponse', hooks.afterResponse, await next(request), request);
    return raiseForStatus ? raised(response) : response;
  } catch (error) {
    throw await replacedError(error, hooks.beforeError);
  }
};

const afterExchange = async (request: PreparedRequest, next: Next): Promise<SessionResponse> =>
  throughHooks('afterExchange', request.options.hooks.afterExchange, await next(request), request);

const throughHooks = async (
  name: 'afterExchange' | 'afterResponse',
  hooks: readonly Hooks['afterResponse'][],
  first: SessionResponse,
  request: PreparedRequest,
): Promise<SessionResponse> => {
  let response = first;
  try {
    for (const hook of hooks) {
      const returned: unknown = await hook(response, request);
      if (returned === undefined) continue;
      if (!(returned instanceof SessionResponse))
        throw new TypeError(
          `hooks.${name} must return a SessionResponse or nothing, got ${kindOf(returned)}`,
        );
      response.replacedBy(returned);
      if (returned !== response) returned.repeatable = false;
      response = returned;
    }
  } catch (error) {
    // Nobody will read it any more.
    response.abandon(error);
    throw error;
  }
  return response;
};

/**
 * What `beforeRedirect` and `beforeRetry` decide: another request, `false` to stop, `undefined` to go on.
 * @throws {TypeError} for anything else
 */
export const decision = (
  name: 'beforeRedirect' | 'beforeRetry',
  returned: unknown,
  given: PreparedRequest,
): PreparedRequest | false | undefined =>
  returned === false ? false : replacedRequest(name, returned, given);

const replacedRequest = (
  name: keyof Hooks,
  returned: unknown,
  given: PreparedRequest,
): PreparedRequest | undefined => {
  if (returned === undefined) return returned;
  if (returned instanceof PreparedRequest) return inPlaceOf(returned, given);
  const or = name === 'beforeRequest' ? 'nothing' : 'false or nothing';
  throw new TypeError(
    `hooks.${name} must return a request${name === 'beforeRequest' ? ' or' : ','} ${or}, got ${kindOf(returned)}`,
  );
};

/**
 * Returns a response, or throws `HTTPError` for 4xx and 5xx. Its body, of which only the error remains, is read in the background:
 * `error.text()` has it, and it holds no connection.
 */
export const raised = (response: SessionResponse): SessionResponse => {
  if (!isErrorStatus(response.status)) return response;
  response.keepWhileItArrives(errorBodyLimit);
  throw new HTTPError(response);
};

// Bytes. Error pages are small; what is larger is given up together with its connection.
const errorBodyLimit = 1024 * 1024;

/** `raised()` for the shortcuts of a promise: `beforeError` sees what they throw, too. */
export const raisedThroughHooks = async (response: SessionResponse): Promise<SessionResponse> => {
  try {
    return raised(response);
  } catch (error) {
    throw await replacedError(error, response.request.options.hooks.beforeError);
  }
};

// What the caller's own signal or code threw is theirs, and no hook's business.
const replacedError = async (error: unknown, hooks: readonly Hooks['beforeError'][]): Promise<unknown> => {
  if (!(error instanceof SessionError)) return error;
  let final: Error = error;
  for (const hook of hooks) {
    const returned: unknown = await hook(error);
    if (returned === undefined) continue;
    if (!(returned instanceof Error))
      throw new TypeError(`hooks.beforeError must return an error or nothing, got ${kindOf(returned)}`);
    final = returned;
  }
  return final;
};
