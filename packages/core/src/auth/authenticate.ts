import { RequestError, UnreplayableBodyError } from '../errors.ts';
import type { Middleware, Next } from '../middleware.ts';
import { PreparedRequest } from '../request/prepared-request.ts';
import type { SessionResponse } from '../response/session-response.ts';
import { type Auth, type AuthRequest, memberOf } from './auth.ts';

// A flow answers one challenge, or two when a nonce was stale; more is a loop.
const maxMessages = 8;

/** Signs every attempt afresh, and only for the origins that the credential is bound to. */
export const authenticate: Middleware = (request, next) => {
  const auth = request.call.authFor(request.origin);
  if (auth === null) return next(request);
  if (memberOf(auth, 'flow') !== undefined) return runFlow(auth, request, next);
  const signed = auth.sign?.(request) ?? request;
  return 'then' in signed
    ? signed.then((later) => next(checked(later, request)))
    : next(checked(signed, request));
};

const runFlow = async (auth: Auth, request: PreparedRequest, next: Next): Promise<SessionResponse> => {
  const flow = auth.flow?.(request);
  if (flow === undefined) return next(request);
  let response: SessionResponse | null = null;
  try {
    let step = await flow.next();
    for (let messages = 0; step.done !== true; messages += 1) {
      if (messages === maxMessages)
        throw new RequestError(`the auth flow sent ${maxMessages} messages`, { request });
      const signed = checked(step.value, request);
      if (response !== null) {
        if (!signed.replayable) {
          throw new UnreplayableBodyError(
            `a ${response.status} wants the body again, and it was a one-shot stream`,
            { request },
          );
        }
        await request.call.supersede(response, 'challenge');
        request.scope.throwIfCancelled();
      }
      response = await next(signed);
      step = await flow.next(response);
    }
  } catch (error) {
    response?.abandon();
    throw error;
  } finally {
    await flow.return(undefined);
  }
  if (response === null) throw new RequestError('the auth flow yielded no request', { request });
  return response;
};

/** What a credential returns must be a derived request, to the origin that the credential is for. */
const checked = (signed: AuthRequest, request: PreparedRequest): PreparedRequest => {
  if (!(signed instanceof PreparedRequest))
    throw new TypeError('auth must return a request derived from the one it was given');
  if (signed.origin !== request.origin) {
    throw new RequestError(`auth moved the request from ${request.origin} to ${signed.origin}`, { request });
  }
  return signed;
};
