import {
  type PreparedRequest,
  type RequestBody,
  SessionClosedError,
  type SessionResponse,
  type Transport,
  type TransportCapabilities,
  type TransportOptions,
  type TransportStats,
  UnreplayableBodyError,
} from '@httpsession/core';
import type { Dispatcher } from 'undici/index.js';
import { supportedCodings } from './decoded-body.ts';
import type { Variables } from './environment.ts';
import { Exchange, type ExchangeOwner } from './exchange.ts';
import { Pools } from './pools.ts';
import { largestWhole, StreamedBody } from './streamed-body.ts';

/** What undici on Node can do: everything. */
export const undiciCapabilities: TransportCapabilities = Object.freeze({
  options: ['proxy', 'tls', 'unixSocket', 'http2', 'lookup', 'localAddress', 'trustEnv', 'pool'],
  redirects: 'manual',
  cookies: 'visible',
  decodes: [],
  resends: 'never',
  requestStreams: true,
  forbiddenHeaders: [],
  bodyOnGet: true,
} as const);

// RFC 9110 9.2.2
const idempotent: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PUT',
  'DELETE',
  'QUERY',
]);

const acceptedCodings = supportedCodings.join(', ');

/** Sends messages through undici's dispatcher: keep-alive pools per origin and setting, limits of our own, lean responses. */
export class UndiciTransport implements Transport, ExchangeOwner {
  readonly name = 'node';
  readonly capabilities: TransportCapabilities = undiciCapabilities;
  readonly #pools: Pools;
  #unreadBodies = 0;
  #closed = false;

  /** @param variables - the environment, where it is not to be `process.env` */
  constructor(options: TransportOptions, variables?: Variables) {
    this.#pools = new Pools(options, variables);
  }

  check(options: TransportOptions): void {
    this.#pools.check(options);
  }

  explain(
    request: PreparedRequest,
  ): Record<string, { readonly value: unknown; readonly source: 'environment' }> {
    return this.#pools.explain(request);
  }

  send(request: PreparedRequest): Promise<SessionResponse> {
    // Not async: it would be two more promises for each request.
    try {
      if (this.#closed) throw new SessionClosedError({ request });
      request.scope.throwIfCancelled();
      if (!request.replayable)
        throw new UnreplayableBodyError('the body was a one-shot stream and has been sent before', {
          request,
        });
      return this.#exchange(request, false);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async connectionDied(request: PreparedRequest, error: Error): Promise<SessionResponse> {
    // The server closed a kept connection at the moment we used it: nothing was answered, so nothing is lost by asking once more.
    if (!idempotent.has(request.method) || !request.replayable) throw error;
    await null; // undici is still tidying up and cannot take another in this moment
    if (this.#closed) throw new SessionClosedError({ request, cause: error });
    // Its pool may have closed with its last connection.
    return this.#exchange(request, true);
  }

  stats(): TransportStats {
    return { ...this.#pools.stats(), unreadBodies: this.#unreadBodies };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#pools.close();
  }

  bodyOpened(): void {
    this.#unreadBodies += 1;
  }

  bodyClosed(): void {
    this.#unreadBodies -= 1;
  }

  #exchange(request: PreparedRequest, anew: boolean): Promise<SessionResponse> {
    const pool = this.#pools.poolFor(request);
    const exchange = new Exchange(request, dispatchOptions(request), pool, this);
    return exchange.start(anew);
  }
}

const dispatchOptions = (request: PreparedRequest): Dispatcher.DispatchOptions => {
  const { method, target, headers, body, options } = request;
  const ownCodings =
    !options.decompress ||
    headers.has('accept-encoding') ||
    headers.isRemoved('accept-encoding') ||
    headers.has('range');
  let all = ownCodings ? headers : headers.with('Accept-Encoding', acceptedCodings);
  if (body !== null && body.bytes === null && body.length !== null)
    all = all.with('Content-Length', String(body.length));
  const whole = body === null ? null : outgoing(body);
  // Without a prototype: undici would take `upgrade`, `blocking` and the like from a polluted one. (As a literal: an object from
  // Object.create(null) is a dictionary, and each read of it a hash lookup.)
  return {
    __proto__: null,
    origin: target.origin,
    path: target.path,
    method: method as Dispatcher.HttpMethod,
    headers: all.toFlat(),
    body: whole,
    // A fixed name: undici takes it from the Host header and would open a new connection for every other one.
    servername: target.hostname,
    // undici would close the connection after a HEAD, for servers that send a body all the same, and after a DELETE or GET with a body, for
    // servers that do not read it; both break their own framing.
    reset: method === 'HEAD' || body !== null ? false : null,
  } as unknown as Dispatcher.DispatchOptions;
};

const outgoing = (body: RequestBody): Uint8Array | StreamedBody =>
  body.bytes !== null && body.bytes.byteLength <= largestWhole ? body.bytes : new StreamedBody(body);
