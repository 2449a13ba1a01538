import {
  BodyTooLargeError,
  type CancelListener,
  type ChainLink,
  ChunkQueue,
  ConnectionError,
  Deferred,
  type PhaseOwner,
  PhaseTimer,
  type PreparedRequest,
  type Producer,
  SessionClosedError,
  SessionResponse,
  TimeoutError,
} from '@httpsession/core';
import type { Dispatcher } from 'undici/index.js';
import { abortReason, ranOut } from './abort-reason.ts';
import { withDecodedBody } from './decoded-body.ts';
import { hastenCollection } from './hasten-collection.ts';
import type { OriginPool } from './origin-pool.ts';
import type { PooledClient } from './pooled-client.ts';
import { RawHeaderSource } from './raw-headers.ts';
import { StreamedBody } from './streamed-body.ts';
import { isDeadConnection, translateUndiciError } from './undici-errors.ts';

type Phase = 'queue' | 'connect' | 'send' | 'headers' | 'body';

/** What an exchange tells its transport. */
export interface ExchangeOwner {
  bodyOpened(exchange: Exchange): void;
  bodyClosed(exchange: Exchange): void;
  /** A connection that had served before was dead when the request was written to it: the answer to it, or to one more of the same. */
  connectionDied(request: PreparedRequest, error: Error): Promise<SessionResponse>;
}

/**
 * One message on its way: undici's handler, the response's producer, and every limit and cancellation of both.
 *
 * Calls of undici come in the form that its HTTP/1 client uses itself (`onConnect`, `onHeaders`, ...), so that no adapter stands between.
 */
export class Exchange
  implements Dispatcher.DispatchHandler, Producer, CancelListener, PhaseOwner<Phase>, ChainLink<Exchange>
{
  /** The neighbours in the pool's queue, and then on the client. */
  before: Exchange | null = null;
  after: Exchange | null = null;
  chain: object | null = null;
  readonly #outcome: Deferred<SessionResponse> = new Deferred();
  readonly #request: PreparedRequest;
  readonly #options: Dispatcher.DispatchOptions;
  readonly #pool: OriginPool;
  readonly #owner: ExchangeOwner;
  readonly #upload: StreamedBody | null;
  readonly #timer: PhaseTimer<Phase> = new PhaseTimer<Phase>(this);
  readonly #sentAt: number = performance.now();
  #client: PooledClient | null = null;
  #abort: ((reason?: Error) => void) | null = null;
  #unsentBytes: (() => number) | null = null;
  #resume: (() => void) | null = null;
  #body: ChunkQueue | null = null;
  /** Whether the body's bytes are wanted: responses to HEAD and some statuses have none, whatever the server sends. */
  #wanted = true;
  #connectedAt: number | undefined;
  #anew = false;
  #reused = false;
  #anyByte = false;
  #received = 0;
  /** What ended the exchange before undici did. */
  #ended: { readonly reason: unknown } | null = null;
  #released = false;

  constructor(
    request: PreparedRequest,
    options: Dispatcher.DispatchOptions,
    pool: OriginPool,
    owner: ExchangeOwner,
  ) {
    this.#request = request;
    this.#options = options;
    this.#pool = pool;
    this.#owner = owner;
    const body: unknown = options.body;
    this.#upload = body instanceof StreamedBody ? body : null;
  }

  /** Sends it, on a connection made for it when `anew`. */
  start(anew: boolean): Promise<SessionResponse> {
    this.#anew = anew;
    this.#request.scope.subscribe(this);
    if (this.#ended === null) {
      if (anew) this.#pool.sendAnew(this);
      else this.#pool.send(this);
    }
    return this.#outcome.promise;
  }

  // ── from the pool ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** How long it would wait for a connection that is being made for it, in milliseconds. */
  get connectLimit(): number {
    return this.#request.options.timeout.connect;
  }

  /** No connection is free. */
  queued(): void {
    this.#timer.enter('queue', this.#request.options.timeout.queue, this.#sentAt);
  }

  /** A client takes the request. */
  assigned(client: PooledClient): void {
    this.#client = client;
    const { hasSocket } = client;
    if (!hasSocket) this.connecting();
    try {
      client.dispatch(this.#options, this);
    } catch (error) {
      this.onError(error as Error);
    }
    // Usually it has been written by now.
    if (hasSocket && this.#connectedAt === undefined && this.#ended === null && !this.#released)
      this.#timer.enter('headers', this.#request.options.timeout.headers, performance.now());
  }

  /** There is no connection yet, or no longer: one is being made. */
  connecting(): void {
    this.#timer.enter('connect', this.#request.options.timeout.connect, performance.now());
  }

  /** The pool is closed: there will be no connection. */
  refused(): void {
    this.#end(new SessionClosedError({ request: this.#request }));
  }

  // ── from undici ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** @param unsentBytes - given where streams share the connection, which cannot tell whose bytes wait in it */
  onConnect(abort: (reason?: Error) => void, unsentBytes?: () => number): void {
    // Thrown, it fails this request alone; `abort` would take down the connection that others may wait for.
    if (this.#ended !== null) throw abortReason;
    if (this.#abort !== null && !this.#mayBeSentAgain()) throw sentTwice;
    this.#abort = abort;
    this.#unsentBytes = unsentBytes ?? null;
    this.#connectedAt = performance.now();
    this.#reused = this.#client?.started(this) ?? false;
    if (this.#upload !== null) this.#client?.uploads();
    const { timeout } = this.#request.options;
    this.#timer.enter(this.#upload === null ? 'headers' : 'send', timeout.headers, this.#connectedAt);
  }

  onBodySent(): void {
    this.#timer.moved(performance.now());
  }

  onRequestSent(): void {
    if (this.#body === null && this.#ended === null && this.#upload !== null) {
      this.#timer.enter('headers', this.#request.options.timeout.headers, performance.now());
    }
  }

  onResponseStarted(): void {
    this.#anyByte = true;
  }

  onHeaders(status: number, rawHeaders: Buffer[], resume: () => void, statusText: string): boolean {
    if (this.#ended !== null) return true;
    if (status < 200) {
      if (status === 101) this.onUpgrade();
      return true;
    }
    const now = performance.now();
    const request = this.#request;
    this.#resume = resume;
    this.#wanted = hasBody(request.method, status);
    const body = new ChunkQueue(this);
    this.#body = body;
    this.#owner.bodyOpened(this);
    // A body runs out of time while somebody reads it; the rest of a message that nobody can read does so by itself.
    if (this.#wanted) this.#timer.pause();
    else this.#timer.enter('body', request.options.timeout.idle, now);
    const response = new SessionResponse(
      request,
      {
        status,
        statusText,
        headers: new RawHeaderSource(rawHeaders),
        connection:
          this.#client === null
            ? undefined
            : { id: this.#client.connectionId, reused: this.#reused, protocol: this.#client.protocol },
        sentAt: this.#sentAt,
        connectedAt: this.#connectedAt,
        headersAt: now,
      },
      this.#wanted ? body : null,
    );
    this.#outcome.resolve(withDecodedBody(request, response));
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#body === null || this.#ended !== null) return true;
    this.#received += chunk.byteLength;
    if (!this.#wanted) {
      if (this.#received > maxUnwanted) this.#end(undefined);
      return true;
    }
    const more = this.#body.push(chunk);
    // After a push, only a reader of the whole waits on; it keeps the chunks.
    if (this.#body.isAwaited) this.#timer.moved(performance.now());
    else {
      this.#timer.pause();
      hastenCollection(chunk);
    }
    return more;
  }

  onComplete(): void {
    if (this.#body === null) this.#endUnanswered('ended without a response');
    if (this.#release()) this.#client?.finished(this);
    this.#body?.end();
  }

  onError(cause: Error): void {
    const dead = this.#reused && !this.#anew && !this.#isAnswered() && isDeadConnection(cause);
    if (this.#release()) this.#client?.failed(this);
    if (this.#ended !== null) return;
    const failure = this.#upload?.failure ?? null;
    const reason = failure === null ? this.#translated(cause) : failure.error;
    this.#ended = { reason };
    if (this.#body !== null) this.#body.fail(reason);
    else if (dead && reason instanceof Error && failure === null)
      this.#outcome.resolve(this.#owner.connectionDied(this.#request, reason));
    else this.#outcome.reject(reason);
  }

  onUpgrade(): void {
    this.#endUnanswered('answered 101 without being asked to switch protocols');
  }

  // ── from the response's reader ─────────────────────────────────────────────────────────────────────────────────────

  awaited(): void {
    this.#timer.enter('body', this.#request.options.timeout.idle, performance.now());
  }

  resume(): void {
    this.#resume?.();
  }

  abandon(reason: unknown): void {
    this.#end(reason);
  }

  tooLarge(limit: number): Error {
    return new BodyTooLargeError(limit, { request: this.#request });
  }

  // ── limits and cancellation ────────────────────────────────────────────────────────────────────────────────────────

  phaseTimedOut(phase: Phase, limit: number): void {
    const unsent = this.#unsentBytes?.() ?? this.#client?.unsentBytes ?? 0;
    if (phase === 'send' && unsent === 0) {
      // Everything has been taken: the caller's own stream is slow, not the server.
      this.#timer.enter('send', limit, performance.now());
      return;
    }
    const requestSent = this.#connectedAt !== undefined;
    const stalled = phase === 'headers' && unsent > 0 ? 'send' : phase;
    this.#end(new TimeoutError(stalled, limit, { request: this.#request, requestSent }));
  }

  cancelled(reason: unknown): void {
    this.#end(reason);
  }

  /** What came is no answer to the request, and would be none to another. */
  #endUnanswered(text: string): void {
    this.#end(
      new ConnectionError(text, {
        request: this.#request,
        requestSent: true,
        phase: 'headers',
        retryable: false,
      }),
    );
  }

  /** Ends the exchange at once; undici follows. */
  #end(reason: unknown): void {
    if (this.#ended !== null || this.#released) return;
    this.#ended = { reason };
    this.#timer.stop();
    this.#request.scope.unsubscribe(this);
    this.#upload?.cancel();
    this.#body?.fail(reason);
    this.#outcome.reject(reason);
    if (this.#client === null) this.#pool.leave(this);
    else if (this.#abort !== null) this.#abort(reason instanceof TimeoutError ? ranOut : abortReason);
    // undici drops the request when its turn comes; its place is free now.
    else if (this.#client.isConnecting && this.#release()) this.#client.abandonedWhileConnecting(this);
  }

  /** undici is done with it. Tells whether that is news. */
  #release(): boolean {
    if (this.#released) return false;
    this.#released = true;
    this.#timer.stop();
    this.#request.scope.unsubscribe(this);
    // An answer may come before the end of the upload.
    this.#upload?.cancel();
    if (this.#body !== null) this.#owner.bodyClosed(this);
    return true;
  }

  #isAnswered(): boolean {
    return this.#anyByte || (this.#client?.hasAnswer ?? false);
  }

  /**
   * undici sends the requests that were pipelined on a lost connection again, POST included. (A proxy's challenge, which was answered with
   * bytes, is another reason for a second send.)
   */
  #mayBeSentAgain(): boolean {
    if (this.#body !== null) return false;
    const answered = this.#anyByte;
    this.#anyByte = false;
    return answered || (this.#upload === null && /^(?:GET|HEAD)$/.test(this.#request.method));
  }

  #translated(cause: Error): Error {
    return translateUndiciError(cause, this.#request, {
      requestSent: this.#connectedAt !== undefined,
      headersReceived: this.#body !== null,
      received: this.#received,
    });
  }
}

// What may come where nothing should: enough for an error page behind a 205, too little to wait for.
const maxUnwanted = 64 * 1024;

const sentTwice: Error = Object.assign(new Error('the connection closed'), { code: 'UND_ERR_SOCKET' });

// RFC 9110 6.4.1, 15.3.6
const hasBody = (method: string, status: number): boolean =>
  method !== 'HEAD' && status !== 204 && status !== 304 && status !== 205;
