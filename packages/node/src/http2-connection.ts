import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici/index.js';
import { http2CodeName } from './http2-code-name.ts';
import { Http2Error } from './http2-error.ts';
import { Http2Exchange } from './http2-exchange.ts';
import { requestHeaders } from './http2-headers.ts';

/** What a connection tells its client. */
export interface Http2ConnectionOwner {
  /** No new stream may be opened: the server said GOAWAY, or the connection is gone. Streams that are open may still end well. */
  retired(connection: Http2Connection): void;
  /** Nothing is left of it. */
  closed(connection: Http2Connection): void;
}

interface EarlyRequest {
  readonly options: Dispatcher.DispatchOptions;
  readonly handler: Dispatcher.DispatchHandler;
}

/**
 * One HTTP/2 connection and its streams, for handlers of undici's dispatcher.
 *
 * In place of undici's own HTTP/2, which (7.30) sends one POST at a time, cuts every stream off at a graceful GOAWAY, cannot tell a refused
 * stream from a broken one, drops the end of a paused body when trailers come, and goes on reading a request body whose stream is gone.
 */
export class Http2Connection {
  readonly #session: ClientHttp2Session;
  readonly #socket: Socket;
  readonly #origin: string;
  readonly #owner: Http2ConnectionOwner;
  readonly #idleLimit: number;
  readonly #exchanges: Set<Http2Exchange> = new Set();
  #idle: NodeJS.Timeout | undefined;
  readonly #early: EarlyRequest[] = [];
  #knowsLimits = false;
  #retired = false;
  #isSetUp = false;
  /** The last stream that the server will process, once it has said so. */
  #lastStream = Number.POSITIVE_INFINITY;
  #failure: Error | undefined;

  readonly #pingLimit: number;
  #pinging: NodeJS.Timeout | undefined;

  /**
   * @param idleLimit - milliseconds that the connection is kept without a stream
   * @param pingLimit - milliseconds that the server may take to answer a ping
   */
  constructor(
    origin: string,
    socket: Socket,
    idleLimit: number,
    owner: Http2ConnectionOwner,
    pingLimit = 5_000,
  ) {
    this.#pingLimit = pingLimit;
    this.#socket = socket;
    this.#origin = origin;
    this.#owner = owner;
    this.#idleLimit = idleLimit;
    this.#session = connect(origin, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: streamWindow },
    });
    setImmediate(() => {
      this.#isSetUp = true;
    });
    // It comes to a session that has been destroyed, too.
    this.#session.once('connect', () => {
      if (!this.#session.destroyed) this.#session.setLocalWindowSize(connectionWindow);
    });
    this.#session.once('remoteSettings', () => {
      this.#knowsLimits = true;
      for (const { options, handler } of this.#early.splice(0)) this.send(options, handler);
    });
    this.#session.on('goaway', (code, lastStream) => this.#goneAway(code, lastStream));
    this.#session.on('error', (error: Error) => {
      this.#failure ??= error;
      this.#retire();
    });
    this.#session.once('close', () => this.#closed());
    this.#session.unref();
  }

  /** Opens a stream; the handler hears of it from then on. */
  send(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    // A burst that is larger than the server allows would be refused: all but the first wait until it has said how many it takes.
    if (!this.#knowsLimits && this.#exchanges.size > 0) {
      this.#early.push({ options, handler });
      return;
    }
    const session = this.#session;
    const openStream = (): ClientHttp2Stream =>
      session.request(requestHeaders(this.#origin, options), { endStream: options.body == null });
    const exchange = new Http2Exchange(options, handler, {
      again: openStream,
      get isConnected() {
        return !session.destroyed;
      },
      isRefused: (id) => id === undefined || id > this.#lastStream,
      ended: () => this.#ended(exchange),
      unanswered: () => this.#ping(),
      failure: () => this.#failure,
    });
    if (!exchange.begin()) {
      this.#rest();
      return;
    }
    this.#exchanges.add(exchange);
    this.#wake();
    try {
      exchange.attach(openStream(), options.body);
    } catch (error) {
      const isGone = this.#session.closed || this.#session.destroyed;
      exchange.fail(
        isGone
          ? new Http2Error('ERR_HTTP2_REFUSED', 'the connection was just closing', error)
          : new Http2Error('ERR_HTTP2_REQUEST', 'the request cannot be sent by HTTP/2', error),
      );
    }
  }

  /** Takes no new streams; those that are open go on. */
  close(): void {
    this.#retire();
    this.#whenSetUp(() => this.#session.close());
  }

  /** Ends the connection and every stream on it. */
  destroy(): Promise<void> {
    this.#retire();
    clearTimeout(this.#idle);
    if (this.#session.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#session.once('close', () => resolve());
      this.#whenSetUp(() => {
        this.#session.destroy();
        // Node waits for the server to hang up when the session was closing already.
        this.#socket.destroy();
      });
    });
  }

  /**
   * Node hands a new session what its socket has read already some ticks later, and throws out of its own callback, which nobody can catch,
   * when the session has been destroyed by then.
   */
  #whenSetUp(act: () => void): void {
    if (this.#isSetUp) act();
    else setImmediate(act);
  }

  #goneAway(code: number, lastStream: number): void {
    this.#lastStream = lastStream;
    if (code !== constants.NGHTTP2_NO_ERROR) {
      this.#failure ??= new Error(`the server closed the connection: ${http2CodeName(code)}`);
    }
    this.#retire();
    if (this.#exchanges.size === 0) this.close();
  }

  #retire(): void {
    if (this.#retired) return;
    this.#retired = true;
    this.#owner.retired(this);
  }

  /** Is anybody there? On a connection whose peer has fallen silent, every later request would wait until its time is up. */
  #ping(): void {
    if (this.#pinging !== undefined || this.#session.destroyed) return;
    const silent = new Error('the server answered no ping');
    this.#pinging = setTimeout(() => this.#session.destroy(silent), this.#pingLimit);
    this.#pinging.unref();
    this.#session.ping(() => {
      clearTimeout(this.#pinging);
      this.#pinging = undefined;
    });
  }

  #closed(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#pinging);
    this.#retire();
    // Each stream has said what became of it; whatever has not must not wait for ever.
    const error = new Http2Error('ECONNRESET', 'the connection closed', this.#failure);
    for (const exchange of [...this.#exchanges]) exchange.fail(error);
    const unsent = new Http2Error(
      'ERR_HTTP2_REFUSED',
      'the connection closed before the request was sent',
      this.#failure,
    );
    for (const { handler } of this.#early.splice(0)) handler.onError?.(unsent);
    this.#owner.closed(this);
  }

  #ended(exchange: Http2Exchange): void {
    if (this.#exchanges.delete(exchange)) this.#rest();
  }

  /** With nothing on it, the connection is kept for a while, and keeps no process alive. */
  #rest(): void {
    if (this.#exchanges.size > 0) return;
    if (this.#retired) {
      this.close();
      return;
    }
    if (this.#early.length > 0) return;
    this.#session.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.close(), Math.min(this.#idleLimit, longestTimer));
    this.#idle.unref();
  }

  #wake(): void {
    clearTimeout(this.#idle);
    this.#session.ref();
  }
}

// The protocol's own windows of 64 KiB would limit a download to one window per round trip.
const streamWindow = 1024 * 1024;
const connectionWindow = 16 * 1024 * 1024;

// setTimeout fires at once above this.
const longestTimer = 2 ** 31 - 1;
