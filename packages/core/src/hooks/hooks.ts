import type { SessionError } from '../errors.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import { kindOf } from '../request/query.ts';
import type { SessionResponse } from '../response/session-response.ts';
import type { RetryOutcome } from '../retry/retry-options.ts';

type MaybePromise<T> = T | Promise<T>;
// biome-ignore lint/suspicious/noConfusingVoidType: a hook without a return statement is the common one
type Nothing = undefined | void;

/** Functions at fixed positions of the pipeline. Without hooks they cost nothing. */
export interface Hooks {
  /** Once per call, before anything is sent. May return another request. */
  beforeRequest(request: PreparedRequest): MaybePromise<PreparedRequest | Nothing>;
  /** Before a redirect is followed. May return another request, or `false` to get the 3xx itself. */
  beforeRedirect(
    next: PreparedRequest,
    response: SessionResponse,
  ): MaybePromise<PreparedRequest | false | Nothing>;
  /** Before a failed attempt is repeated. May return another request, or `false` to stop. */
  beforeRetry(outcome: RetryOutcome, attempt: number): MaybePromise<PreparedRequest | false | Nothing>;
  /** After every message: 302s, 401s and retried 503s too. May return another response. */
  afterExchange(response: SessionResponse, request: PreparedRequest): MaybePromise<SessionResponse | Nothing>;
  /** Once per call, with the last response. May return another. */
  afterResponse(response: SessionResponse, request: PreparedRequest): MaybePromise<SessionResponse | Nothing>;
  /** When the call fails with one of our errors: `HTTPError` too where a status is raised. May return another error to reject with. */
  beforeError(error: SessionError): MaybePromise<Error | Nothing>;
}

/** Each hook as a function or a list of functions; `null` drops the inherited ones. */
export type HooksInit = {
  readonly [Name in keyof Hooks]?: Hooks[Name] | readonly Hooks[Name][] | null | undefined;
};

/** Every hook as a list, in the order they run. */
export type ResolvedHooks = { readonly [Name in keyof Hooks]: readonly Hooks[Name][] };

const names = [
  'beforeRequest',
  'beforeRedirect',
  'beforeRetry',
  'afterExchange',
  'afterResponse',
  'beforeError',
] as const;

export const noHooks: ResolvedHooks = Object.freeze({
  beforeRequest: [],
  beforeRedirect: [],
  beforeRetry: [],
  afterExchange: [],
  afterResponse: [],
  beforeError: [],
});

/**
 * Appends hooks to inherited ones; `null` drops those.
 * @throws {TypeError} for an unknown hook or anything but functions
 */
export const resolveHooks = (init: HooksInit | null | undefined, inherited: ResolvedHooks): ResolvedHooks => {
  if (init === undefined) return inherited;
  if (init === null) return noHooks;
  if (typeof init !== 'object' || Array.isArray(init)) {
    throw new TypeError(`hooks must be an object of functions, got ${kindOf(init)}`);
  }
  for (const name of Object.keys(init)) {
    if (!(names as readonly string[]).includes(name)) {
      throw new TypeError(`hooks.${name} is not a hook; there are ${names.join(', ')}`);
    }
  }
  return {
    beforeRequest: append('beforeRequest', init, inherited),
    beforeRedirect: append('beforeRedirect', init, inherited),
    beforeRetry: append('beforeRetry', init, inherited),
    afterExchange: append('afterExchange', init, inherited),
    afterResponse: append('afterResponse', init, inherited),
    beforeError: append('beforeError', init, inherited),
  };
};

const append = <Name extends keyof Hooks>(
  name: Name,
  init: HooksInit,
  inherited: ResolvedHooks,
): ResolvedHooks[Name] => {
  const given = Object.hasOwn(init, name) ? init[name] : undefined;
  if (given === undefined) return inherited[name];
  if (given === null) return noHooks[name];
  const list = (Array.isArray(given) ? given : [given]) as readonly Hooks[Name][];
  for (const hook of list) {
    if (typeof hook !== 'function')
      throw new TypeError(`hooks.${name} must be a function or a list of functions, got ${kindOf(hook)}`);
  }
  return [...inherited[name], ...list] as unknown as ResolvedHooks[Name];
};
