import type { Middleware, Next } from './middleware.ts';
import type { HeadersInit } from './request/header-list.ts';
import type { PreparedRequest } from './request/prepared-request.ts';
import type { BodyOwner } from './response/body-source.ts';
import { responseFrom } from './response/response-from.ts';
import { SessionResponse } from './response/session-response.ts';
import { stableNext } from './session/guard-middleware.ts';
import { CancelScope } from './timeout/cancel-scope.ts';

/** A WHATWG fetch, as decorators from npm wrap it. */
export type FetchFunction = (input: string, init: DecoratedInit) => Promise<Response>;

/** What a decorated fetch is called with. The request itself travels along, so nothing is lost on the way. */
export interface DecoratedInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  /** A body that is in memory. Streams pass by unseen. */
  readonly body?: Uint8Array | null;
  /** Aborts when the call does. A decorator may pass on another one, to end its message earlier. */
  readonly signal?: AbortSignal | null;
  readonly redirect: 'manual';
  /** @internal */
  readonly [carried]?: Message;
}

/** Options of {@link decorate}. */
export interface DecorateOptions {
  /** Whether the decorator reads the request: headers, body, signal. `false` saves it the copies: it sees none, and what it sets is added. @defaultValue true */
  readonly headers?: boolean;
}

const carried: unique symbol = Symbol('httpsession.request');

/** One call of the decorated fetch, for as long as the decorator works on it. */
interface Message {
  readonly request: PreparedRequest;
  readonly next: Next;
  /** The last answer that the decorator got. */
  answer: SessionResponse | null;
}

/**
 * Makes a middleware of a fetch decorator: `decorate((fetch) => fetchRetry(fetch, { retryOn: [409] }))`.
 *
 * Decorated once per pipeline, not per request; the decorator sees one message at a time, with `redirect: 'manual'` and headers of its own to
 * change. What it changes in method, URL, headers, signal and (in-memory) body reaches the wire; a response that it makes itself is taken
 * over. It may send several times: earlier answers go into the history, and their connections are freed.
 *
 * It must pass on the `init` that it was given, or a copy. One that makes a `Request` of it loses what the pipeline needs: `TypeError`.
 */
export const decorate = (
  decorator: (fetch: FetchFunction) => (input: string, init: DecoratedInit) => Promise<Response>,
  { headers = true }: DecorateOptions = {},
): Middleware => {
  const decorated = new WeakMap<Next, FetchFunction>();
  return async (request, next) => {
    const pipeline = stableNext(next);
    let fetch = decorated.get(pipeline);
    if (fetch === undefined) {
      fetch = decorator((input, init) => send(input, init, headers));
      decorated.set(pipeline, fetch);
    }
    const response = await fetch(request.url, {
      method: request.method,
      headers: headers ? request.headers.toRecord() : {},
      ...(headers && request.body?.bytes != null && { body: request.body.bytes }),
      ...(headers && { signal: request.signal }),
      redirect: 'manual',
      [carried]: { request, next, answer: null },
    });
    if (response instanceof SessionResponse) return response;
    if (!(response instanceof Response))
      throw new TypeError(`decorate: the decorator must answer a Response, got ${typeof response}`);
    return responseFrom(request, response);
  };
};

const send = async (input: unknown, init: DecoratedInit, wholeHeaders: boolean): Promise<SessionResponse> => {
  const message = init?.[carried];
  if (message === undefined)
    throw new TypeError('decorate: the decorator must pass on the init that it was given');
  const { request, next, answer } = message;
  if (answer !== null && answer.tag === undefined) await request.call.supersede(answer, 'retry');
  const changedRequest = changed(input, init, request, wholeHeaders);
  const { signal } = init;
  message.answer =
    !wholeHeaders || signal == null || signal === request.signal
      ? await next(changedRequest)
      : await new EndedBy(signal, changedRequest).send(next);
  return message.answer;
};

/** Lets a signal of the decorator's end one message, until its body has arrived. */
class EndedBy implements BodyOwner, EventListenerObject {
  readonly #signal: AbortSignal;
  readonly #request: PreparedRequest;
  readonly #scope: CancelScope;

  constructor(signal: AbortSignal, request: PreparedRequest) {
    this.#signal = signal;
    this.#scope = new CancelScope(request.scope);
    this.#request = request.with({ scope: this.#scope });
  }

  async send(next: Next): Promise<SessionResponse> {
    if (this.#signal.aborted) this.handleEvent();
    else this.#signal.addEventListener('abort', this, { once: true });
    try {
      this.#scope.throwIfCancelled();
      const response = await next(this.#request);
      if (response.source === null) this.bodySettled();
      else response.source.whenSettled(this);
      return response;
    } catch (error) {
      this.bodySettled();
      throw error;
    }
  }

  handleEvent(): void {
    this.#scope.cancel(this.#signal.reason);
  }

  bodySettled(): void {
    this.#signal.removeEventListener('abort', this);
    this.#scope.dispose();
  }
}

const changed = (
  input: unknown,
  init: DecoratedInit,
  original: PreparedRequest,
  wholeHeaders: boolean,
): PreparedRequest => {
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
