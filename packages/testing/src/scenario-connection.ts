import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { isPreflight, preflightHeaders } from './cors.ts';
import { Exchange, type Relay } from './exchange.ts';
import type { ConnectionRecord } from './recorded-connection.ts';
import { RequestRecord } from './recorded-request.ts';
import { RequestParser } from './request-parser.ts';
import { connectMoment, runConnectScript } from './run-connect-script.ts';
import { runScript } from './run-script.ts';
import { ConnectionGone, type ConnectScript, type Script } from './script.ts';
import type { Moment } from './steps.ts';
import { Wire } from './wire.ts';

/** What a connection needs from its server. */
export interface ConnectionHost {
  readonly cors: boolean;
  readonly relay: Relay | undefined;
  /** Does the TLS handshake, on a TLS server. */
  readonly secure:
    | ((socket: Socket, record: ConnectionRecord, mayRead: () => boolean) => Promise<TLSSocket>)
    | undefined;
  scriptFor(request: RequestRecord): Script;
  recorded(request: RequestRecord): void;
  changed(): void;
  failed(error: unknown): void;
}

/** One accepted socket: its connection script, its TLS, and its requests in turn. */
export class ScenarioConnection {
  readonly record: ConnectionRecord;
  readonly wire: Wire;
  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  readonly #parser: RequestParser;
  /** The script of a request whose head is not all here, and whether it has begun. */
  #early: { readonly script: Script; readonly begun: boolean } | undefined;
  #tail: Promise<void> = Promise.resolve();
  #serving = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(socket: Socket, record: ConnectionRecord, host: ConnectionHost) {
    this.#socket = socket;
    this.record = record;
    this.#host = host;
    this.wire = new Wire(socket, record, () => host.changed());
    this.#parser = new RequestParser({
      begin: () => this.#begin(),
      requestLine: (request) => this.#requestLine(request),
      head: (request) => this.#head(request),
      progress: () => this.wire.progress(),
      complete: () => this.wire.progress(),
      malformed: (reason) => this.#malformed(reason),
    });
    // 'close' follows every error: the record keeps the code, the scripts see the connection go.
    socket.on('error', (error) => this.#broke(error));
    socket.once('close', () => clearTimeout(this.#idle));
  }

  /** Runs the connection script, shakes hands, and serves requests until the socket closes. */
  async serve(script: ConnectScript): Promise<void> {
    if (!(await this.#meet(script, 'accept'))) return;
    if (this.#host.secure !== undefined) {
      const stream = await this.#secure(this.#host.secure);
      if (stream === undefined) return;
      if (!(await this.#meet(script, 'tls'))) return;
    }
    const { stream } = this.wire;
    stream.on('data', (bytes: Buffer) => this.#received(bytes));
    stream.on('end', () => this.#remoteEnded());
    if (this.wire.reading) stream.resume();
    else stream.pause();
  }

  async #meet(script: ConnectScript, moment: Moment): Promise<boolean> {
    if (connectMoment(script) === moment) {
      try {
        await runConnectScript(script, this.wire);
      } catch (error) {
        this.#stop(error);
      }
    }
    return !this.#socket.destroyed;
  }

  async #secure(secure: NonNullable<ConnectionHost['secure']>): Promise<TLSSocket | undefined> {
    if (!this.wire.reading) return undefined;
    try {
      const stream = await secure(this.#socket, this.record, () => this.wire.reading);
      stream.on('error', (error: Error) => this.#broke(error));
      stream.once('close', () => this.#socket.destroySoon());
      this.wire.secure(stream);
      this.#host.changed();
      return stream;
    } catch (error) {
      this.#broke(error);
      // Not at once: the alert that tells the client why is still on its way.
      await this.wire.close();
      return undefined;
    }
  }

  #received(bytes: Buffer): void {
    clearTimeout(this.#idle);
    this.record.add(bytes);
    // What comes behind our FIN reaches no application on a real server.
    if (!this.wire.ended || this.#serving > 0) this.#parser.push(bytes);
    this.wire.progress();
  }

  #begin(): RequestRecord {
    this.record.requests += 1;
    return new RequestRecord(this.record.id, this.record.requests, this.#host.secure !== undefined);
  }

  #requestLine(request: RequestRecord): void {
    // Whether an OPTIONS is a preflight shows in its headers only, and a preflight takes no turn of a route.
    if (this.#host.cors && request.method === 'OPTIONS') return;
    const script = this.#host.scriptFor(request);
    const begun = startsAtRequestLine(script);
    this.#early = { script, begun };
    if (!begun) return;
    this.#host.recorded(request);
    this.#enqueue(request, script);
  }

  #head(request: RequestRecord): void {
    const early = this.#early;
    this.#early = undefined;
    if (early === undefined && isPreflight(request)) {
      this.record.requests -= 1;
      this.#enqueue(request, { respond: { status: 204, headers: preflightHeaders(request) } });
    } else if (early?.begun !== true) {
      this.#host.recorded(request);
      this.#enqueue(request, early?.script ?? this.#host.scriptFor(request));
    }
    this.wire.progress();
  }

  #enqueue(request: RequestRecord, script: Script): void {
    const exchange = new Exchange(request, this.wire, {
      cors: this.#host.cors,
      relay: this.#host.relay,
      takeOver: (sink) => this.#parser.takeOver(sink),
    });
    this.#serving += 1;
    this.#tail = this.#tail.then(() => this.#answer(exchange, script));
  }

  async #answer(exchange: Exchange, script: Script): Promise<void> {
    const before = this.wire.bytesWritten;
    try {
      if (this.wire.ended) throw new ConnectionGone();
      await runScript(script, exchange);
      if (this.wire.bytesWritten === before && !this.wire.ended) {
        throw new Error('the script ended without an answer: stall() is the way to say nothing');
      }
      if (exchange.closes) await exchange.close();
    } catch (error) {
      this.#stop(error, `${exchange.request.method} ${exchange.request.target}`);
    }
    this.#serving -= 1;
    this.#parser.resume();
    if (this.#serving > 0 || this.wire.ended) return;
    if (this.record.remoteEnded) await this.wire.close();
    else if (exchange.idle !== undefined) this.#whenIdle(exchange.idle);
  }

  #whenIdle({ step, after }: NonNullable<Exchange['idle']>): void {
    this.#idle = setTimeout(() => {
      runConnectScript(step, this.wire).catch((error: unknown) => this.#stop(error));
    }, after);
  }

  /** Ends a script that failed: with its connection, so that the client does not hang on a broken test. */
  #stop(error: unknown, where = `connection ${this.record.id}`): void {
    if (error instanceof ConnectionGone) {
      if (!this.wire.ended) this.wire.destroy();
      return;
    }
    this.#host.failed(
      new Error(`${where}: ${error instanceof Error ? error.message : String(error)}`, { cause: error }),
    );
    this.wire.reset();
  }

  #malformed(reason: string): void {
    this.record.malformed = reason;
    if (this.#serving > 0) {
      this.wire.progress();
      return;
    }
    const answer = this.wire.write(
      'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
    );
    answer.then(() => this.wire.close({ linger: true })).catch(() => this.wire.destroy());
    this.wire.progress();
  }

  #remoteEnded(): void {
    this.record.remoteEnded = true;
    this.wire.progress();
    // A client may send FIN behind its request and still wait for the answer.
    if (this.#serving === 0 && !this.wire.ended) void this.wire.close();
  }

  #broke(error: unknown): void {
    this.record.error ??= error instanceof Error && 'code' in error ? String(error.code) : String(error);
    this.#host.changed();
  }
}

function startsAtRequestLine(script: Script): boolean {
  if (typeof script === 'function') return false;
  if ('sequence' in script)
    return script.sequence[0] !== undefined && startsAtRequestLine(script.sequence[0]);
  return 'at' in script && script.at === 'request-line';
}
