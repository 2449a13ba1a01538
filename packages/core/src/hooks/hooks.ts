import type { SessionError } from '../errors.ts';
import { kindOf } from '../kind-of.ts';
import { accepting, type Checks, isFunction, laySettings } from '../options/lay-settings.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import type { SessionResponse } from '../response/session-response.ts';
import type { RetryOutcome } from '../retry/retry-options.ts';

type MaybePromise<T> = T | Promise<T>;
// biome-ignore lint/suspicious/noConfusingVoidType: a hook without a return statement is the common one
type Nothing = undefined | void;

/** Functions at fixed positions of the pipeline. Without hooks they cost nothing. */
export interface Hooks {
  /** Once per call, before anything is sent: not for redirects, retries and broken bodies. May return another request. */
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
  /**
   * Once per call, with the last response. May return another. Once more for each response that is asked for because the body of the one
   * before broke under a shortcut or `download()`.
   */
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
  return laySettings('hooks', 'an object of functions', init, inherited, checks, 'a hook');
};

const append = <Hook>(given: unknown, name: string, inherited: readonly Hook[]): readonly Hook[] => {
  if (given === null) return [];
  const list: readonly Hook[] = Array.isArray(given) ? given : [given];
  for (const hook of list) oneHook(hook, name, undefined);
  return [...inherited, ...list];
};

const oneHook = accepting('a function or a list of functions', isFunction, kindOf);

const checks: Checks<ResolvedHooks> = {
  beforeRequest: append,
  beforeRedirect: append,
  beforeRetry: append,
  afterExchange: append,
  afterResponse: append,
  beforeError: append,
};
