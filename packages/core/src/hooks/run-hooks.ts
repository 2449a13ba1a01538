import { SessionError } from '../errors.ts';
import type { Middleware, Next } from '../middleware.ts';
import { PreparedRequest } from '../request/prepared-request.ts';
import { SessionResponse } from '../response/session-response.ts';

/** `beforeRequest`, `afterResponse` and `beforeError`: once per call, outside everything. */
export const callHooks: Middleware = (request, next) => {
  const { beforeRequest, afterResponse, beforeError } = request.options.hooks;
  return beforeRequest.length + afterResponse.length + beforeError.length === 0
    ? next(request)
    : aroundCall(request, next);
};

/** `afterExchange`: after every message, inside cookies, so that what it sees is what travelled. */
export const exchangeHooks: Middleware = (request, next) =>
  request.options.hooks.afterExchange.length === 0 ? next(request) : afterExchange(request, next);

const aroundCall = async (given: PreparedRequest, next: Next): Promise<SessionResponse> => {
  const { beforeRequest, afterResponse, beforeError } = given.options.hooks;
  let request = given;
  try {
    for (const hook of beforeRequest) {
      const replaced = await hook(request);
      if (replaced === undefined) continue;
      if (!(replaced instanceof PreparedRequest))
        throw new TypeError('hooks.beforeRequest must return a request or nothing');
      request = replaced;
    }
    let response = await next(request);
    for (const hook of afterResponse)
      response = replacement('afterResponse', await hook(response, request), response);
    return response;
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    let final: Error = error;
    for (const hook of beforeError) {
      const replaced = await hook(error);
      if (replaced instanceof Error) final = replaced;
    }
    throw final;
  }
};

const afterExchange = async (request: PreparedRequest, next: Next): Promise<SessionResponse> => {
  let response = await next(request);
  for (const hook of request.options.hooks.afterExchange) {
    response = replacement('afterExchange', await hook(response, request), response);
  }
  return response;
};

const replacement = (name: string, returned: unknown, response: SessionResponse): SessionResponse => {
  if (returned === undefined || returned === response) return response;
  if (!(returned instanceof SessionResponse))
    throw new TypeError(`hooks.${name} must return a response or nothing`);
  response.abandon();
  return returned;
};
