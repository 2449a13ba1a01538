import type { PreparedRequest } from '../request/prepared-request.ts';
import type { SessionResponse } from '../response/session-response.ts';

// What each answered, before cookies and credentials were added to it. They are added anew when the next request is sent.
const pristine = new WeakMap<SessionResponse, PreparedRequest>();

/** Keeps the request that a response answered, as it was before inner layers signed it. The first to say it knows best. */
export const rememberPristine = (response: SessionResponse, request: PreparedRequest): void => {
  if (!pristine.has(response)) pristine.set(response, request);
};

/** The request that a response answered, before cookies and credentials were added; `undefined` for a response made by others. */
export const pristineRequest = (response: SessionResponse): PreparedRequest | undefined =>
  pristine.get(response);
