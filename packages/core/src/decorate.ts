import type { Middleware, Next } from './middleware.ts';
import type { HeadersInit } from './request/header-list.ts';
import { PreparedRequest } from './request/prepared-request.ts';
import { responseFrom } from './response/response-from.ts';
import { SessionResponse } from './response/session-response.ts';

/** A WHATWG fetch, as decorators from npm wrap it. */
export type FetchFunction = (input: string, init: DecoratedInit) => Promise<Response>;

/** What a decorated fetch is called with. The request itself travels along, so nothing is lost on the way. */
export interface DecoratedInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: Uint8Array | null;
  readonly redirect: 'manual';
  /** @internal */
  readonly [carried]?: PreparedRequest;
}

export interface DecorateOptions {
  /** Whether the decorator reads the request's headers. `false` saves it a copy: it sees none, and what it sets is added. @defaultValue true */
  readonly headers?: boolean;
}

const carried: unique symbol = Symbol('httpsession.request');

/**
 * Makes a middleware of a fetch decorator: `decorate((fetch) => fetchCookie(fetch, jar))`.
 *
 * Decorated once per pipeline, not per request; the decorator sees one message at a time, with `redirect: 'manual'` and headers of its own to
 * change. What it changes in method, URL, headers and (in-memory) body reaches the wire; a response that it makes itself is taken over.
 */
export const decorate = (
  decorator: (fetch: FetchFunction) => (input: string, init: DecoratedInit) => Promise<Response>,
  { headers = true }: DecorateOptions = {},
): Middleware => {
  const decorated = new WeakMap<Next, FetchFunction>();
  return async (request, next) => {
    let fetch = decorated.get(next);
    if (fetch === undefined) {
      fetch = decorator((input, init) => next(changed(input, init, headers)));
      decorated.set(next, fetch);
    }
    const response = await fetch(request.url, {
      method: request.method,
      headers: headers ? request.headers.toRecord() : {},
      ...(headers && request.body?.bytes != null && { body: request.body.bytes }),
      redirect: 'manual',
      [carried]: request,
    });
    return response instanceof SessionResponse ? response : responseFrom(request, response);
  };
};

const changed = (input: unknown, init: DecoratedInit, wholeHeaders: boolean): PreparedRequest => {
  const original = init?.[carried];
  if (!(original instanceof PreparedRequest)) {
    throw new TypeError('decorate: the decorator must pass on the init that it was given');
  }
  const url = typeof input === 'string' ? input : input instanceof URL ? input.href : (input as Request).url;
  let request = url === original.url ? original : original.withUrl(url);
  if (init.method !== undefined && init.method !== request.method)
    request = request.with({ method: init.method });
  if (wholeHeaders && init.body !== undefined && init.body !== original.body?.bytes)
    request = request.withBody(init.body);
  return withHeaders(request, init.headers, wholeHeaders);
};

const withHeaders = (
  request: PreparedRequest,
  headers: HeadersInit | undefined,
  whole: boolean,
): PreparedRequest => {
  if (headers === undefined) return request;
  const given: [string, string][] =
    Symbol.iterator in headers
      ? ([...headers] as [string, string][])
      : (Object.entries(headers) as [string, string][]);
  const differing = given.filter(([name, value]) => request.headers.get(name.toLowerCase()) !== value);
  let list = differing.length === 0 ? request.headers : request.headers.merge(differing);
  if (whole) {
    const names = new Set(given.map(([name]) => name.toLowerCase()));
    list = list.filter((name) => names.has(name));
  }
  return list === request.headers ? request : request.with({ headers: list });
};
