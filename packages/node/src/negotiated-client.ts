import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici/index.js';
import type { Connector } from './connector.ts';
import type { Http2Connection, Http2ConnectionOwner } from './http2-connection.ts';
import { Http2Error } from './http2-error.ts';
import { Client, type ClientOptions } from './undici-client.ts';

/** How a client connects, and what an HTTP/1 connection gets. */
export interface NegotiatedClientSettings extends Omit<ClientOptions, 'connect'> {
  readonly connect: Connector;
  readonly keepAliveTimeout: number;
}

type Http2Module = typeof import('./http2-connection.ts');

// node:http2 takes 5 ms to load: only sessions that ask for HTTP/2 pay for it.
let loaded: Promise<Http2Module> | null = null;
const loadHttp2 = (): Promise<Http2Module> => {
  loaded ??= import('./http2-connection.ts');
  return loaded;
};

interface Waiting {
  readonly options: Dispatcher.DispatchOptions;
  readonly handler: Dispatcher.DispatchHandler;
}

/**
 * A client whose first connection decides by ALPN whether it speaks HTTP/2 or HTTP/1.1. Has the part of undici's `Client` that a pool needs,
 * its `disconnect` and `connectionError` events included.
 */
export class NegotiatedClient extends EventEmitter implements Http2ConnectionOwner {
  readonly #origin: string;
  readonly #settings: NegotiatedClientSettings;
  readonly #waiting: Waiting[] = [];
  #isConnecting = false;
  #isDestroyed = false;
  #http1: Client | null = null;
  #http2: Http2Connection | null = null;
  readonly #retired: Set<Http2Connection> = new Set();

  constructor(origin: string, settings: NegotiatedClientSettings) {
    super();
    this.#origin = origin;
    this.#settings = settings;
    void loadHttp2(); // while the connection is being made
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (this.#http1 !== null) return this.#http1.dispatch(options, handler);
    if (this.#http2 !== null) {
      this.#http2.send(options, handler);
      return true;
    }
    this.#waiting.push({ options, handler });
    if (!this.#isConnecting) this.#connect();
    return true;
  }

  async destroy(): Promise<void> {
    this.#isDestroyed = true;
    this.#fail(new Error('the session is closed'));
    const connections = [...this.#retired, ...(this.#http2 === null ? [] : [this.#http2])];
    await Promise.all([...connections.map((one) => one.destroy()), this.#http1?.destroy()]);
  }

  retired(connection: Http2Connection): void {
    this.#retired.add(connection);
    if (this.#http2 !== connection) return;
    this.#http2 = null;
    this.emit('disconnect');
  }

  closed(connection: Http2Connection): void {
    this.#retired.delete(connection);
  }

  #connect(): void {
    this.#isConnecting = true;
    const { protocol, hostname, host, port } = new URL(this.#origin);
    const name = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
    this.#settings.connect({ protocol, hostname: name, host, port }, (...[error, socket]) => {
      if (error !== null) {
        this.#isConnecting = false;
        this.#fail(error);
        this.emit('connectionError');
      } else if ('alpnProtocol' in socket && socket.alpnProtocol === 'h2') {
        void loadHttp2().then((module) => this.#useHttp2(module, socket));
      } else {
        this.#http1 = this.#makeHttp1(socket);
        this.#begin();
      }
    });
  }

  #useHttp2(module: Http2Module, socket: Socket): void {
    if (this.#isDestroyed || socket.destroyed) {
      socket.destroy();
      this.#isConnecting = false;
      this.#fail(new Http2Error('ERR_HTTP2_REFUSED', 'the connection closed before the request was sent'));
      this.emit('disconnect');
      return;
    }
    this.#http2 = new module.Http2Connection(this.#origin, socket, this.#settings.keepAliveTimeout, this);
    this.#begin();
  }

  #begin(): void {
    this.#isConnecting = false;
    for (const { options, handler } of this.#waiting.splice(0)) this.dispatch(options, handler);
  }

  #makeHttp1(first: Socket): Client {
    const { connect, ...settings } = this.#settings;
    let ready: Socket | null = first;
    const client = new Client(this.#origin, {
      ...settings,
      allowH2: true, // a later connection may agree on it
      connect: (target, callback) => {
        if (ready === null) return connect(target, callback) as Socket; // undici ignores what its connector returns
        const socket = ready;
        ready = null;
        queueMicrotask(() => callback(null, socket)); // undici gets stuck when it is called back at once
        return socket;
      },
    });
    client.on('disconnect', () => this.emit('disconnect'));
    client.on('connectionError', () => this.emit('connectionError'));
    return client;
  }

  #fail(error: Error): void {
    for (const { handler } of this.#waiting.splice(0)) handler.onError?.(error);
  }
}
