import { Deferred } from '../deferred.ts';
import { SessionClosedError, TimeoutError, UnsupportedOptionError } from '../errors.ts';
import type { HeaderList } from '../request/header-list.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import { defaultReader, responseRead } from '../response/response-from.ts';
import type { SessionResponse } from '../response/session-response.ts';
import type { CancelListener } from '../timeout/cancel-scope.ts';
import { Timer, type TimerOwner } from '../timeout/timer.ts';
import { withDecodedBody } from './decode-body.ts';
import type { BodyReader } from './fetch-body.ts';
import { translateFetchError } from './fetch-errors.ts';
import type { Transport, TransportCapabilities } from './transport.ts';
import { fetchInitOptions, noTransportOptions, type TransportOptions } from './transport-options.ts';

/** Any WHATWG fetch: a platform's own, `app.fetch` of a server framework, a service binding, a mock. */
export type FetchLike = (input: string, init: RequestInit) => Promise<Response> | Response;

/** How a fetch backend differs from the plainest one. */
export interface FetchTransportOptions {
  /** @defaultValue 'fetch' */
  readonly name?: string;
  /** Differences from {@link fetchCapabilities}. */
  readonly capabilities?: Partial<TransportCapabilities>;
  /** The headers to send, where the platform needs more than the request has, such as its own `Accept-Encoding`. */
  readonly headers?: (request: PreparedRequest) => HeaderList;
  /**
   * Whether the fetch leaves a body encoded where `decompress: false` asks for it, because `headers` or `init` tell it so. Without it such
   * a call is refused, unless `capabilities.decodes` is empty: a fetch that never decodes. @defaultValue false
   */
  readonly honoursDecompress?: boolean;
  /** Whether several content codings on one body are undone too, as browsers do. @defaultValue false */
  readonly decodesStacked?: boolean;
  /** Platform-only members of `init` for one request, such as Bun's `proxy` or Deno's `client`. Ours stand above them. */
  readonly init?: (request: PreparedRequest) => Record<string, unknown>;
  /** Whether a request goes through a proxy. Asked only when it failed. */
  readonly proxied?: (request: PreparedRequest) => boolean;
  /** What a body that is not in memory is sent as, where a plain stream will not do. Called once per send. */
  readonly streamBody?: (
    request: PreparedRequest,
    stream: ReadableStream<Uint8Array>,
  ) => NonNullable<RequestInit['body']> | Promise<NonNullable<RequestInit['body']>>;
  /** How a response's body is read, where the platform has something better than the stream's default reader. */
  readonly readerOf?: (stream: ReadableStream<Uint8Array>) => BodyReader;
  /** Checks connection options when they are given. @throws {TypeError | UnsupportedOptionError} naming the one */
  readonly check?: (options: TransportOptions) => void;
  /** Called when the session is closed. */
  readonly close?: () => Promise<void>;
}

/** What any fetch function can be trusted to do. */
export const fetchCapabilities: TransportCapabilities = Object.freeze({
  options: fetchInitOptions,
  redirects: 'manual',
  cookies: 'visible',
  decodes: ['gzip', 'x-gzip', 'deflate', 'br'],
  resends: 'idempotent',
  requestStreams: true,
  forbiddenHeaders: [],
  bodyOnGet: false,
} as const);

/**
 * Makes a transport of a fetch function. It is called as a plain function: platform fetches refuse any other `this`.
 *
 * The fetch is taken to decode bodies by itself, as platform fetches do, so `decompress: false` is refused with `UnsupportedOptionError`.
 * One that hands bodies on as they are (`app.fetch`, a mock) says so: `{ capabilities: { decodes: [] } }`.
 */
export const fetchTransport = (fetch: FetchLike, options: FetchTransportOptions = {}): Transport =>
  fetchTransportWith(translateFetchError, fetch, options);

/**
 * As {@link fetchTransport}, for the packages of platforms: with another translation of failures than the one that knows the words of
 * all runtimes, so that a browser need not load it.
 */
export const fetchTransportWith = (
  translate: typeof translateFetchError,
  fetch: FetchLike,
  options: FetchTransportOptions,
): Transport => {
  if (typeof fetch !== 'function')
    throw new TypeError(`fetchTransport: fetch must be a function, got ${typeof fetch}`);
  const capabilities = Object.freeze({ ...fetchCapabilities, ...options.capabilities });
  const name = options.name ?? 'fetch';
  let closed = false;
  return {
    name,
    capabilities,
    ...(options.check && { check: options.check }),
    send(request) {
      if (closed) return Promise.reject(new SessionClosedError({ request }));
      const exchange = new FetchExchange(request, name, capabilities, options, translate);
      return exchange.start(fetch);
    },
    async close() {
      closed = true;
      await options.close?.();
    },
  };
};

/** One message through a fetch: its own abort controller, and the headers limit. */
class FetchExchange implements TimerOwner, CancelListener {
  readonly #outcome: Deferred<SessionResponse> = new Deferred();
  readonly #request: PreparedRequest;
  readonly #name: string;
  readonly #capabilities: TransportCapabilities;
  readonly #options: FetchTransportOptions;
  readonly #translate: typeof translateFetchError;
  readonly #controller: AbortController = new AbortController();
  readonly #headers: Timer = new Timer(this, 'headers');
  readonly #sentAt: number = performance.now();
  #sourceFailure: { readonly cause: unknown } | null = null;
  #over = false;

  constructor(
    request: PreparedRequest,
    name: string,
    capabilities: TransportCapabilities,
    options: FetchTransportOptions,
    translate: typeof translateFetchError,
  ) {
    this.#translate = translate;
    this.#request = request;
    this.#name = name;
    this.#capabilities = capabilities;
    this.#options = options;
  }

  start(fetch: FetchLike): Promise<SessionResponse> {
    this.#headers.start(this.#request.options.timeout.headers, this.#sentAt);
    this.#request.scope.subscribe(this);
    if (!this.#over) this.#begin(fetch);
    return this.#outcome.promise;
  }

  timedOut(): void {
    this.#end(new TimeoutError('headers', this.#request.options.timeout.headers, { request: this.#request }));
  }

  cancelled(reason: unknown): void {
    this.#end(reason);
  }

  #begin(fetch: FetchLike): void {
    try {
      const { body } = this.#request;
      const init = this.#init();
      if (body === null || body.bytes !== null) void this.#send(fetch, init);
      else void this.#stream(fetch, init, body.stream());
    } catch (error) {
      this.#fail(error);
    }
  }

  async #send(fetch: FetchLike, init: RequestInit): Promise<void> {
    let response: Response;
    try {
      response = await fetch(this.#request.url, init);
    } catch (cause) {
      this.#fail(this.#translated(cause));
      return;
    }
    this.#arrived(response);
  }

  async #stream(fetch: FetchLike, init: RequestInit, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      const stream = this.#streamOf(chunks);
      const { streamBody } = this.#options;
      init.body = streamBody === undefined ? stream : await streamBody(this.#request, stream);
      if (isStream(init.body)) Object.assign(init, { duplex: 'half' });
      void this.#send(fetch, init);
    } catch (error) {
      this.#fail(error);
    }
  }

  #arrived(response: Response): void {
    if (this.#over) {
      // After a limit or an abort nobody will read this one.
      void response.body?.cancel().catch(nothing);
      return;
    }
    this.#finish();
    const { decodes } = this.#capabilities;
    const { decodesStacked = false, readerOf = defaultReader } = this.#options;
    try {
      const answer = responseRead(this.#request, response, this.#sentAt, readerOf);
      this.#outcome.resolve(withDecodedBody(this.#request, answer, decodes, decodesStacked));
    } catch (error) {
      this.#outcome.reject(error);
    }
  }

  #translated(cause: unknown): unknown {
    if (this.#sourceFailure !== null) return this.#sourceFailure.cause;
    const proxied = this.#options.proxied?.(this.#request) === true;
    return this.#translate(cause, this.#request, { proxied, transport: this.#name });
  }

  /** Ends the wait at once: not every fetch notices its signal in every phase (a mock may not at all). */
  #end(reason: unknown): void {
    this.#fail(reason);
    this.#controller.abort(reason);
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#finish();
    this.#outcome.reject(error);
  }

  #finish(): void {
    this.#over = true;
    this.#headers.stop();
    this.#request.scope.unsubscribe(this);
  }

  #init(): RequestInit {
    const request = this.#request;
    const { body } = request;
    if (!request.options.decompress) this.#refuseDecoding();
    const headers = (this.#options.headers?.(request) ?? request.headers).toRecord();
    const init = new FetchInit(headers, this.#options.init?.(request));
    init.method = request.method;
    init.redirect = this.#capabilities.redirects === 'manual' ? 'manual' : nativeRedirect(request);
    init.signal = this.#controller.signal;
    const given = request.options.transport;
    if (given !== noTransportOptions)
      for (const name of fetchInitOptions)
        if (given[name] !== undefined) Object.assign(init, { [name]: given[name] });
    if (body === null) return init;
    if (body.bytes !== null) init.body = body.bytes as Uint8Array<ArrayBuffer>;
    else if (!this.#capabilities.requestStreams) {
      throw new UnsupportedOptionError('body', this.#name, 'request bodies cannot be streamed here');
    }
    return init;
  }

  #refuseDecoding(): void {
    if (this.#options.honoursDecompress === true || this.#capabilities.decodes.length === 0) return;
    throw new UnsupportedOptionError('decompress', this.#name, 'its fetch decodes bodies by itself', {
      request: this.#request,
    });
  }

  #streamOf(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
    const iterator = chunks[Symbol.asyncIterator]();
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          // The wait for the head begins when the request has been sent.
          if (this.#headers.running) this.#headers.start(this.#request.options.timeout.headers);
          try {
            const { done, value } = await iterator.next();
            if (done === true) controller.close();
            else controller.enqueue(value);
          } catch (cause) {
            // What the caller's stream threw is the caller's; fetches wrap it, or lose it.
            this.#sourceFailure = { cause };
            this.#fail(cause);
            throw cause;
          }
        },
        cancel: async () => {
          await iterator.return?.();
        },
      },
      { highWaterMark: 0 },
    );
  }
}

// Own members, and no Object.prototype behind them, which anybody may have polluted. (A literal without a prototype would be a hash
// table: slow to fill and to read.)
class FetchInit implements RequestInit {
  method = 'GET';
  headers: Record<string, string>;
  redirect: RequestRedirect = 'manual';
  signal: AbortSignal | null = null;
  body: NonNullable<RequestInit['body']> | null = null;
  static {
    Object.setPrototypeOf(FetchInit.prototype, null);
  }

  constructor(headers: Record<string, string>, extra: Record<string, unknown> | undefined) {
    this.headers = headers;
    if (extra !== undefined) Object.assign(this, extra);
  }
}

// `manual` where none may be followed: the platform's own refusal would look like a broken connection, and be retried.
const nativeRedirect = ({ options }: PreparedRequest): RequestRedirect =>
  options.redirect.mode === 'follow' && options.redirect.max > 0 ? 'follow' : 'manual';

const isStream = (body: unknown): boolean => typeof body === 'object' && body !== null && 'getReader' in body;

const nothing = (): void => undefined;
