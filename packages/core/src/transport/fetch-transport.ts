import { SessionClosedError, TimeoutError, UnsupportedOptionError } from '../errors.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import { responseFrom } from '../response/response-from.ts';
import type { SessionResponse } from '../response/session-response.ts';
import type { CancelListener } from '../timeout/cancel-scope.ts';
import { Timer, type TimerOwner } from '../timeout/timer.ts';
import { withDecodedBody } from './decode-body.ts';
import { translateFetchError } from './fetch-errors.ts';
import type { Transport, TransportCapabilities } from './transport.ts';

/** Any WHATWG fetch: a platform's own, `app.fetch` of a server framework, a service binding, a mock. */
export type FetchLike = (input: string, init: RequestInit) => Promise<Response> | Response;

/** How a fetch backend differs from the plainest one. */
export interface FetchTransportOptions {
  /** @defaultValue 'fetch' */
  readonly name?: string;
  /** Differences from {@link fetchCapabilities}. */
  readonly capabilities?: Partial<TransportCapabilities>;
  /** Platform-only members of `init` for one request, such as Bun's `proxy` or Deno's `client`. */
  readonly init?: (request: PreparedRequest) => Record<string, unknown>;
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
    async send(request) {
      if (closed) throw new SessionClosedError({ request });
      return new FetchExchange(request, name, capabilities).run(fetch, options.init?.(request) ?? {});
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
  readonly #controller: AbortController = new AbortController();
  readonly #headers: Timer = new Timer(this, 'headers');
  // Ends the wait at once: not every fetch notices its signal in every phase (a mock may not at all).
  #interrupt: (error: unknown) => void = () => undefined;

  constructor(request: PreparedRequest, name: string, capabilities: TransportCapabilities) {
    this.#request = request;
    this.#name = name;
    this.#capabilities = capabilities;
  }

  async run(fetch: FetchLike, extra: Record<string, unknown>): Promise<SessionResponse> {
    const request = this.#request;
    const init = this.#init(extra);
    const sentAt = performance.now();
    try {
      const response = await new Promise<Response>((resolve, reject) => {
        this.#interrupt = reject;
        this.#headers.start(request.options.timeout.headers);
        request.scope.subscribe(this);
        Promise.resolve(fetch(request.url, init)).then(resolve, (cause) => {
          reject(translateFetchError(cause, request, { phase: 'headers' }));
        });
      });
      return withDecodedBody(request, responseFrom(request, response, sentAt), this.#capabilities.decodes);
    } finally {
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

  #end(reason: unknown): void {
    this.#interrupt(reason);
    this.#controller.abort(reason);
  }

  #init(extra: Record<string, unknown>): RequestInit {
    const { method, headers, body, options } = this.#request;
    const init: RequestInit & { duplex?: 'half' } = Object.assign(Object.create(null), extra, {
      method,
      headers: headers.toRecord(),
      redirect: this.#capabilities.redirects === 'manual' ? 'manual' : nativeRedirect(this.#request),
      signal: this.#controller.signal,
    });
    for (const name of passedOn) {
      if (options.transport[name] !== undefined) Object.assign(init, { [name]: options.transport[name] });
    }
    if (body === null) return init;
    if (body.bytes !== null) {
      init.body = body.bytes as Uint8Array<ArrayBuffer>;
      return init;
    }
    if (!this.#capabilities.requestStreams) {
      throw new UnsupportedOptionError('body', this.#name, 'request bodies cannot be streamed here');
    }
    init.body = streamOf(body.stream());
    init.duplex = 'half';
    return init;
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

const nativeRedirect = ({ options }: PreparedRequest): RequestRedirect => options.redirect.mode;

const streamOf = (chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> => {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
};
