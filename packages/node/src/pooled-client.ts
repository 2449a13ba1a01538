import type { Socket } from 'node:net';
import { Chain, type ChainLink } from '@httpsession/core';
import type { Dispatcher } from 'undici/index.js';
import type { ConnectCallback, Connector, ConnectTarget, Destroyable } from './connector.ts';
import type { Exchange } from './exchange.ts';
import { InterimSkipper } from './interim-responses.ts';
import { keepReading } from './keep-reading.ts';
import { NegotiatedClient, type NegotiatedClientSettings } from './negotiated-client.ts';
import { Client, type ClientOptions } from './undici-client.ts';

/** undici's settings for one connection. */
export interface ClientSettings {
  readonly connector: Connector;
  readonly keepAliveTimeout: number;
  readonly pipelining: number;
  readonly http2: boolean;
  /** Rewrites requests on their way out, for proxies that forward. */
  readonly intercept?: Dispatcher.DispatcherComposeInterceptor | undefined;
}

/** What a client tells its pool. */
export interface ClientOwner {
  /** The exchange is over: the client can take another. */
  released(client: PooledClient): void;
  /** A connection is there, so more may fit on it. */
  connected(client: PooledClient): void;
  /** The connection is gone. */
  disconnected(client: PooledClient): void;
  /**
   * Whoever the connection was being made for has gone away, after `age` milliseconds of it. Tells whether another exchange has taken it over.
   */
  passOn(client: PooledClient, age: number): boolean;
}

/** The part of undici's `Client` that is needed here. */
interface ConnectionClient {
  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean;
  destroy(): Promise<void>;
  on(event: 'disconnect' | 'connectionError', listener: () => void): unknown;
}

let connections = 0;

// What servers allow where they say nothing else (RFC 9113 6.5.2 recommends no less than 100).
const concurrentStreams = 100;

/** One connection at a time to one origin, and the exchanges on it. */
export class PooledClient implements ChainLink<PooledClient> {
  /** The neighbours in the pool's list of idle ones. */
  before: PooledClient | null = null;
  after: PooledClient | null = null;
  chain: object | null = null;
  /** Exchanges on this client that are not over. */
  outstanding = 0;
  /** How many exchanges may be on it at once: 1 (or `pipelining`) on HTTP/1, many on HTTP/2. */
  capacity: number;
  /** Numbers the connections of the process. */
  connectionId = 0;
  protocol = 'http/1.1';
  socket: Socket | null = null;
  readonly #client: ConnectionClient;
  readonly #dispatch: Dispatcher.Dispatch;
  readonly #owner: ClientOwner;
  readonly #pipelining: number;
  #skipper: InterimSkipper | null = null;
  /** Given to undici, not written yet. */
  readonly #waiting: Chain<Exchange> = new Chain();
  #served = 0;
  #keepsReading = false;
  #connecting: { readonly attempt: Destroyable; fail(error: Error): void } | null = null;
  #connectingSince = 0;

  constructor(origin: string, settings: ClientSettings, owner: ClientOwner) {
    this.#owner = owner;
    this.#pipelining = settings.pipelining;
    this.capacity = settings.pipelining;
    const options: ClientOptions & NegotiatedClientSettings = {
      connect: (target: ConnectTarget, callback: ConnectCallback) => {
        const once = (error: Error | null, socket: Socket | null): void => {
          if (this.#connecting === null) return;
          this.#connecting = null;
          if (socket !== null) this.#connected(socket);
          if (error !== null) callback(error, null);
          else if (socket !== null) callback(null, socket);
        };
        // Set before connecting: a connector may call back at once.
        this.#connecting = { attempt: nothing, fail: (error) => once(error, null) };
        this.#connectingSince = performance.now();
        for (let exchange = this.#waiting.first; exchange !== null; exchange = exchange.after)
          exchange.connecting();
        const attempt = settings.connector(target, (...result) => once(result[0], result[1]));
        if (this.#connecting !== null) this.#connecting = { attempt, fail: (error) => once(error, null) };
        return attempt as Socket; // undici ignores what its connector returns
      },
      // Timers are ours: undici's have a grain of a second.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: Math.min(settings.keepAliveTimeout, longestTimer),
      // What the server's Keep-Alive header allows may be less, never more.
      keepAliveMaxTimeout: Math.min(settings.keepAliveTimeout, longestTimer),
      pipelining: settings.pipelining,
      maxHeaderSize: 64 * 1024,
      allowH2: settings.http2,
      maxConcurrentStreams: concurrentStreams,
    };
    // Without a prototype, so that undici takes nothing from a polluted one.
    const own: typeof options = Object.assign(Object.create(null), options);
    this.#client = settings.http2 ? new NegotiatedClient(origin, own) : new Client(origin, own);
    const dispatch: Dispatcher.Dispatch = (options, handler) => this.#client.dispatch(options, handler);
    this.#dispatch = settings.intercept?.(dispatch) ?? dispatch;
    this.#client.on('disconnect', () => this.#disconnected());
    this.#client.on('connectionError', () => this.#disconnected());
  }

  get hasSocket(): boolean {
    return this.socket !== null && !this.socket.destroyed;
  }

  get isConnecting(): boolean {
    return this.#connecting !== null;
  }

  /** Bytes of requests that the operating system has not taken yet; `null` where streams share the connection. */
  get unsentBytes(): number | null {
    return this.protocol === 'h2' ? null : (this.socket?.writableLength ?? 0);
  }

  /** Whether bytes of an answer have come that undici has not seen. */
  get hasAnswer(): boolean {
    return this.#skipper?.hasAnswer ?? false;
  }

  /** Hands a request to undici; the exchange hears of it from then on. */
  dispatch(options: Dispatcher.DispatchOptions, exchange: Exchange): void {
    this.outstanding += 1;
    this.#waiting.add(exchange);
    this.#dispatch(options, exchange);
  }

  /** The exchange's request begins to be written. Tells whether the connection served others before. */
  started(exchange: Exchange): boolean {
    this.#waiting.remove(exchange);
    this.#skipper?.expectHead();
    this.#served += 1;
    return this.#served > 1;
  }

  /** The exchange sends a long body: the server may answer and hang up before its end. */
  uploads(): void {
    if (this.socket === null || this.#keepsReading || this.protocol === 'h2') return;
    this.#keepsReading = true;
    keepReading(this.socket);
  }

  /** The exchange is complete. */
  finished(exchange: Exchange): void {
    this.#waiting.remove(exchange);
    this.outstanding -= 1;
    this.#owner.released(this);
  }

  /** The exchange has failed. undici is still tidying up and cannot take another in this moment. */
  failed(exchange: Exchange): void {
    this.#waiting.remove(exchange);
    this.outstanding -= 1;
    queueMicrotask(() => this.#owner.released(this));
  }

  /**
   * An exchange went away while the connection was still being made. With nobody left to use it, on this client or in the pool's queue, it is
   * given up at once.
   */
  abandonedWhileConnecting(exchange: Exchange): void {
    this.#waiting.remove(exchange);
    this.outstanding -= 1;
    const connecting = this.#connecting;
    if (connecting === null || this.outstanding > 0) return;
    if (this.#owner.passOn(this, performance.now() - this.#connectingSince)) return;
    connecting.attempt.destroy();
    connecting.fail(new Error('nobody waits for this connection any more'));
  }

  destroy(): Promise<void> {
    this.#connecting?.attempt.destroy();
    this.#connecting?.fail(new Error('the session is closed'));
    return this.#client.destroy();
  }

  #connected(socket: Socket): void {
    connections += 1;
    this.connectionId = connections;
    this.#served = 0;
    this.#keepsReading = false;
    this.socket = socket;
    const isHttp2 = 'alpnProtocol' in socket && socket.alpnProtocol === 'h2';
    this.protocol = isHttp2 ? 'h2' : 'http/1.1';
    this.capacity = isHttp2 ? concurrentStreams : this.#pipelining;
    this.#skipper = isHttp2 || this.#pipelining > 1 ? null : new InterimSkipper(socket);
    this.#owner.connected(this);
  }

  #disconnected(): void {
    this.socket = null;
    this.#skipper = null;
    this.capacity = this.#pipelining;
    this.#owner.disconnected(this);
  }
}

// setTimeout fires at once above this.
const longestTimer = 2 ** 31 - 1;

const nothing: Destroyable = { destroy: () => undefined };
