import type { CallOptions, SessionOptions } from '../options/call-options.ts';
import type { ResponsePromise } from './response-promise.ts';
import type { Session } from './session.ts';

type Send = (url: string | URL, options?: CallOptions) => ResponsePromise;

/** The module-level functions of a platform's entry. */
export interface ModuleHelpers<S extends Session> {
  readonly session: (options?: SessionOptions) => S;
  readonly request: (method: string, url: string | URL, options?: CallOptions) => ResponsePromise;
  readonly get: Send;
  readonly head: Send;
  readonly options: Send;
  readonly post: Send;
  readonly put: Send;
  readonly patch: Send;
  readonly del: Send;
  readonly query: Send;
}

/**
 * `get`, `post`, ... without a session: one shared session that keeps connections and no cookies.
 *
 * (requests makes a session per call, and pays for a connection each time.)
 */
export const moduleHelpers = <S extends Session>(
  create: (options?: SessionOptions) => S,
): ModuleHelpers<S> => {
  let shared: S | null = null;
  const common = (): S => {
    shared ??= create({ cookies: cookieless });
    return shared;
  };
  return {
    session: (options) => create(options),
    request: (method, url, options) => common().request(method, url, options),
    get: (url, options) => common().get(url, options),
    head: (url, options) => common().head(url, options),
    options: (url, options) => common().options(url, options),
    post: (url, options) => common().post(url, options),
    put: (url, options) => common().put(url, options),
    patch: (url, options) => common().patch(url, options),
    del: (url, options) => common().delete(url, options),
    query: (url, options) => common().query(url, options),
  };
};

const cookieless = false;
