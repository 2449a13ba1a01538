import { SessionClosedError, TimeoutError, UnsupportedOptionError } from '../errors.ts';
import type { HeaderList } from '../request/header-list.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import { responseFrom } from '../response/response-from.ts';
import type { SessionResponse } from '../response/session-response.ts';
import type { CancelListener } from '../timeout/cancel-scope.ts';
import { Timer, type TimerOwner } from '../timeout/timer.ts';
import { withDecodedBody } from './decode-body.ts';
import { translateFetchError } from './fetch-errors.ts';
import type { Transport, TransportCapabilities } from './transport.ts';
import type { TransportOptions } from './transport-options.ts';

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
  /** Checks connection options when they are given. @throws {TypeError | UnsupportedOptionError} naming the one */
  readonly check?: (options: TransportOptions) => void;
  /** Called when the session is closed. */
  readonly close?: () => Promise<void>;
}

/** What any fetch function can be trusted to do. */
export const fetchCapabilities: TransportCapabilities = Object.freeze({
  options: [
    'credentials',
    'mode',
    'cache',
    'referrer',
    'referrerPolicy',
    'integrity',
    'keepalive',
    'priority',
  ],
  redirects: 'manual',
  cookies: 'visible',
  decodes: ['gzip', 'x-gzip', 'deflate', 'br'],
  resends: 'idempotent',
  requestStreams: true,
  forbiddenHeaders: [],
  bodyOnGet: false,
} as const);

/** Makes a transport of a fetch function. It is called as a plain function: platform fetches refuse any other `this`. */
export const fetchTransport = (fetch: FetchLike, options: FetchTransportOptions = {}): Transport => {
  if (typeof fetch !== 'function')
    throw new TypeError(`fetchTransport: fetch must be a function, got ${typeof fetch}`);
  const capabilities = Object.freeze({ ...fetchCapabilities, ...options.capabilities });
  const name = options.name ?? 'fetch';
  let closed = false;
  return {
    name,
    capabilities,
    ...(options.check && { check: options.check }),
    async send(request) {
      if (closed) throw new SessionClosedError({ request });
      return new FetchExchange(request, name, capabilities, options).run(fetch);
    },
    async close() {
      closed = true;
      await options.close?.();
    },
  };
};

/** One message through a fetch: its own abort controller, and the headers limit. */
class FetchExchange implements TimerOwner, CancelListener {
  readonly #request: PreparedRequest;
  readonly #name: string;
  readonly #capabilities: TransportCapabilities;
  readonly #options: FetchTransportOptions;
  readonly #controller: AbortController = new AbortController();
  readonly #headers: Timer = new Timer(this, 'headers');
  #sourceFailure: { readonly cause: unknown } | null = null;
  // Ends the wait at once: not every fetch notices its signal in every phase (a mock may not at all).
  #interrupt: (error: unknown) => void = nothing;
  #over = false;

  constructor(
    request: PreparedRequest,
    name: string,
    capabilities: TransportCapabilities,
    options: FetchTransportOptions,
  ) {
    this.#request = request;
    this.#name = name;
    this.#capabilities = capabilities;
    this.#options = options;
  }

  async run(fetch: FetchLike): Promise<SessionResponse> {
    const request = this.#request;
    const sentAt = performance.now();
    try {
      const response = await new Promise<Response>((resolve, reject) => {
        this.#interrupt = reject;
        this.#headers.start(request.options.timeout.headers);
        request.scope.subscribe(this);
        this.#send(fetch).then((late) => {
          // After a limit or an abort nobody will read this one.
          if (this.#over) void late.body?.cancel().catch(nothing);
          resolve(late);
        }, reject);
      });
      const { decodes } = this.#capabilities;
      const { decodesStacked = false } = this.#options;
      return await withDecodedBody(request, responseFrom(request, response, sentAt), decodes, decodesStacked);
    } finally {
      this.#over = true;
      this.#headers.stop();
      request.scope.unsubscribe(this);
    }
  }

  timedOut(): void {
    this.#end(new TimeoutError('headers', this.#request.options.timeout.headers, { request: this.#request }));
  }

  cancelled(reason: unknown): void {
    this.#end(reason);
  }

  async #send(fetch: FetchLike): Promise<Response> {
    const init = this.#init(this.#options.init?.(this.#request) ?? {});
    const { body } = this.#request;
    if (body !== null && body.bytes === null) {
      const stream = this.#streamOf(body.stream());
      const { streamBody } = this.#options;
      init.body = streamBody === undefined ? stream : await streamBody(this.#request, stream);
      if (isStream(init.body)) Object.assign(init, { duplex: 'half' });
    }
    try {
      return await fetch(this.#request.url, init);
    } catch (cause) {
      if (this.#sourceFailure !== null) throw this.#sourceFailure.cause;
      const proxied = this.#options.proxied?.(this.#request) === true;
      throw translateFetchError(cause, this.#request, { phase: 'headers', proxied, transport: this.#name });
    }
  }

  #end(reason: unknown): void {
    this.#interrupt(reason);
    this.#controller.abort(reason);
  }

  #init(extra: Record<string, unknown>): RequestInit {
    const { method, headers, body, options } = this.#request;
    const init: RequestInit = Object.assign(Object.create(null), extra, {
      method,
      headers: (this.#options.headers?.(this.#request) ?? headers).toRecord(),
      redirect: this.#capabilities.redirects === 'manual' ? 'manual' : nativeRedirect(this.#request),
      signal: this.#controller.signal,
    });
    for (const name of passedOn) {
      if (options.transport[name] !== undefined) Object.assign(init, { [name]: options.transport[name] });
    }
    if (body === null) return init;
    if (body.bytes !== null) init.body = body.bytes as Uint8Array<ArrayBuffer>;
    else if (!this.#capabilities.requestStreams) {
      throw new UnsupportedOptionError('body', this.#name, 'request bodies cannot be streamed here');
    }
    return init;
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
            this.#interrupt(cause);
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

const passedOn = [
  'credentials',
  'mode',
  'cache',
  'referrer',
  'referrerPolicy',
  'integrity',
  'keepalive',
  'priority',
] as const;

// `manual` where none may be followed: the platform's own refusal would look like a broken connection, and be retried.
const nativeRedirect = ({ options }: PreparedRequest): RequestRedirect =>
  options.redirect.mode === 'follow' && options.redirect.max > 0 ? 'follow' : 'manual';

const isStream = (body: unknown): boolean => typeof body === 'object' && body !== null && 'getReader' in body;

const nothing = (): void => undefined;
