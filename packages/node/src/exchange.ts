import {
  BodyTooLargeError,
  type CancelListener,
  ChunkQueue,
  ConnectionError,
  type PhaseOwner,
  PhaseTimer,
  type PreparedRequest,
  type Producer,
  SessionResponse,
  TimeoutError,
} from '@httpsession/core';
import type { Dispatcher } from 'undici/index.js';
import { withDecodedBody } from './decoded-body.ts';
import type { OriginPool } from './origin-pool.ts';
import type { PooledClient } from './pooled-client.ts';
import { RawHeaderSource } from './raw-headers.ts';
import { isDeadConnection, translateUndiciError } from './undici-errors.ts';

type Phase = 'queue' | 'connect' | 'send' | 'headers' | 'body';

/** What an exchange tells its transport. */
export interface ExchangeOwner {
  bodyOpened(exchange: Exchange): void;
  bodyClosed(exchange: Exchange): void;
}

/** A connection that had served before was dead: the request may go out once more. */
export class DeadConnectionError extends Error {}

// RFC 9110 15.2 allows any number; a thousand are an attack.
const maxInterimResponses = 100;

/**
 * One message on its way: undici's handler, the response's producer, and every limit and cancellation of both.
 *
 * Calls of undici come in the form that its HTTP/1 client uses itself (`onConnect`, `onHeaders`, ...), so that no adapter stands between.
 */
export class Exchange implements Dispatcher.DispatchHandler, Producer, CancelListener, PhaseOwner<Phase> {
  readonly response: Promise<SessionResponse>;
  readonly #request: PreparedRequest;
  readonly #options: Dispatcher.DispatchOptions;
  readonly #pool: OriginPool;
  readonly #owner: ExchangeOwner;
  readonly #timer: PhaseTimer<Phase> = new PhaseTimer<Phase>(this);
  readonly #sentAt: number = performance.now();
  #resolve: (response: SessionResponse) => void = unset;
  #reject: (error: unknown) => void = unset;
  #client: PooledClient | null = null;
  #abort: ((reason?: Error) => void) | null = null;
  #resume: (() => void) | null = null;
  #body: ChunkQueue | null = null;
  #connectedAt: number | undefined;
  #reused = false;
  #anyByte = false;
  #interim = 0;
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
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  start(): void {
    this.#request.scope.subscribe(this);
    if (this.#ended === null) this.#pool.send(this);
  }

  // ── from the pool ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** No connection is free. */
  queued(): void {
    this.#timer.enter('queue', this.#request.options.timeout.queue, this.#sentAt);
  }

  /** A client takes the request. */
  assigned(client: PooledClient): void {
    this.#client = client;
    const { timeout } = this.#request.options;
    if (client.hasSocket) this.#timer.enter('headers', timeout.headers, performance.now());
    else this.#timer.enter('connect', timeout.connect, performance.now());
    try {
      client.dispatch(this.#options, this);
    } catch (error) {
      this.onError(error as Error);
    }
  }

  // ── from undici ────────────────────────────────────────────────────────────────────────────────────────────────────

  onConnect(abort: (reason?: Error) => void): void {
    if (this.#ended !== null) {
      abort(abortReason);
      return;
    }
    this.#abort = abort;
    this.#connectedAt = performance.now();
    this.#reused = this.#client?.started() ?? false;
    const { timeout } = this.#request.options;
    const streamed = this.#request.body !== null && this.#request.body.bytes === null;
    this.#timer.enter(streamed ? 'send' : 'headers', timeout.headers, this.#connectedAt);
  }

  onBodySent(): void {
    this.#timer.moved(performance.now());
  }

  onRequestSent(): void {
    if (this.#body === null && this.#ended === null) {
      this.#timer.enter('headers', this.#request.options.timeout.headers, performance.now());
    }
  }

  onResponseStarted(): void {
    this.#anyByte = true;
  }

  onHeaders(status: number, rawHeaders: Buffer[], resume: () => void, statusText: string): boolean {
    if (this.#ended !== null) return true;
    if (status < 200) {
      this.#interim += 1;
      if (this.#interim > maxInterimResponses) {
        this.#end(new ConnectionError(`more than ${maxInterimResponses} interim responses`, this.#failure()));
      }
      return true;
    }
    const now = performance.now();
    const request = this.#request;
    this.#resume = resume;
    this.#timer.enter('body', request.options.timeout.idle, now);
    const body = new ChunkQueue(this);
    this.#body = body;
    this.#owner.bodyOpened(this);
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
      hasNoBody(request.method, status) ? null : body,
    );
    try {
      this.#resolve(withDecodedBody(request, response));
    } catch (error) {
      this.#end(error);
    }
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#body === null || this.#ended !== null) return true;
    this.#received += chunk.byteLength;
    if (this.#body.push(chunk)) {
      this.#timer.moved(performance.now());
      return true;
    }
    this.#timer.pause();
    return false;
  }

  onComplete(): void {
    this.#release();
    this.#body?.end();
  }

  onError(cause: Error): void {
    const dead = this.#body === null && this.#reused && !this.#anyByte && isDeadConnection(cause);
    this.#release();
    if (this.#ended !== null) return;
    this.#ended = { reason: cause };
    const error = dead
      ? new DeadConnectionError('the kept connection was dead', {
          cause: translateUndiciError(cause, this.#request, this.#state()),
        })
      : translateUndiciError(cause, this.#request, this.#state());
    if (this.#body === null) this.#reject(error);
    else this.#body.fail(error);
  }

  onUpgrade(): void {
    this.#end(new ConnectionError('answered 101 without being asked to switch protocols', this.#failure()));
  }

  // ── from the response's reader ─────────────────────────────────────────────────────────────────────────────────────

  pause(): void {
    this.#timer.pause();
  }

  resume(): void {
    this.#timer.enter('body', this.#request.options.timeout.idle, performance.now());
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
    const requestSent = this.#connectedAt !== undefined;
    this.#end(new TimeoutError(this.#stalledPhase(phase), limit, { request: this.#request, requestSent }));
  }

  cancelled(reason: unknown): void {
    this.#end(reason);
  }

  /** Ends the exchange at once; undici follows. */
  #end(reason: unknown): void {
    if (this.#ended !== null || (this.#released && this.#body !== null)) return;
    this.#ended = { reason };
    this.#timer.stop();
    this.#request.scope.unsubscribe(this);
    if (this.#body === null) this.#reject(reason);
    else {
      this.#body.fail(reason);
      this.#reject(reason);
    }
    if (this.#client === null) this.#pool.leave(this);
    else if (this.#abort !== null) this.#abort(abortReason);
    else this.#client.abandonedWhileConnecting();
  }

  #release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#timer.stop();
    this.#request.scope.unsubscribe(this);
    if (this.#body !== null) this.#owner.bodyClosed(this);
    this.#client?.finished();
  }

  // A body given as bytes is written at once: a server that does not read it shows in what the socket still holds.
  #stalledPhase(phase: Phase): Phase {
    return phase === 'headers' && (this.#client?.socket?.writableLength ?? 0) > 0 ? 'send' : phase;
  }

  #state(): { requestSent: boolean; headersReceived: boolean; received: number } {
    return {
      requestSent: this.#connectedAt !== undefined,
      headersReceived: this.#body !== null,
      received: this.#received,
    };
  }

  #failure(): { request: PreparedRequest; requestSent: boolean; phase: 'headers' } {
    return { request: this.#request, requestSent: true, phase: 'headers' };
  }
}

const unset = (): void => undefined;

// undici is told no reason of the caller's: it would end up in its own error objects.
const abortReason = new Error('aborted');

// RFC 9110 6.4.1
const hasNoBody = (method: string, status: number): boolean =>
  method === 'HEAD' || status === 204 || status === 304 || status === 205;
