import type { Duplex } from 'node:stream';
import type { Bytes } from './bytes.ts';
import { corsHeaders } from './cors.ts';
import type { RecordedConnection } from './recorded-connection.ts';
import type { RecordedRequest, RequestRecord } from './recorded-request.ts';
import { chunkedBytes, headBytes, responseBytes } from './response-bytes.ts';
import { runScript } from './run-script.ts';
import type { Script } from './script.ts';
import type { ChunkedSpec, HeaderInput, HeadSpec, ResponseSpec, Step } from './steps.ts';
import type { Wire } from './wire.ts';

/** What an exchange needs from its server. */
export interface ExchangeContext {
  readonly cors: boolean;
  /** Gives the connection's bytes to `sink` from here on. */
  takeOver(sink: (bytes: Buffer) => void): void;
  /** How a proxy server carries out `forward` and `tunnel`. */
  readonly relay: Relay | undefined;
}

/** The two things a proxy does with a request. */
export interface Relay {
  forward(exchange: Exchange): Promise<void>;
  tunnel(exchange: Exchange, options: { readonly reply?: Bytes; readonly to?: string }): Promise<void>;
}

/**
 * One request and its answer in the hands of a script. Each method that waits rejects when the connection goes; a
 * script need not catch that.
 */
export class Exchange {
  /** The request, live: at the start its headers are here, its body may still be coming. */
  readonly request: RecordedRequest;
  /** The connection, for what an exchange does not do. */
  readonly wire: Wire;
  /** Whether a step has to see the whole request before it acts; cleared by scripts that act earlier. */
  awaitsBody = true;
  /** What happens when the connection stays idle after this exchange. */
  idle: { readonly step: Step; readonly after: number } | undefined = undefined;
  /** Whether the connection ends with the script. */
  closes = false;
  /** How `forward` and `tunnel` are done, on a proxy. */
  readonly relay: Relay | undefined;
  readonly #record: RequestRecord;
  readonly #context: ExchangeContext;

  constructor(request: RequestRecord, wire: Wire, context: ExchangeContext) {
    this.request = request;
    this.wire = wire;
    this.relay = context.relay;
    this.#record = request;
    this.#context = context;
  }

  get connection(): RecordedConnection {
    return this.wire.connection;
  }

  /** Aborts when the connection goes. */
  get signal(): AbortSignal {
    return this.wire.signal;
  }

  /** The socket, with TLS removed. */
  get stream(): Duplex {
    return this.wire.stream;
  }

  /** Waits for the whole body. Answers `Expect: 100-continue` with 100 first, unless told not to. */
  async body(options: { readonly sendContinue?: boolean } = {}): Promise<Buffer> {
    await this.#continue(options.sendContinue ?? true);
    await this.wire.until(() => this.#record.complete);
    return this.#record.body;
  }

  /** Waits until `count` bytes of the body are here. */
  async bodyBytes(count: number, options: { readonly sendContinue?: boolean } = {}): Promise<void> {
    await this.#continue(options.sendContinue ?? true);
    await this.wire.until(() => this.#record.bodyLength >= count || this.#record.complete);
  }

  /** Sends exactly these bytes. */
  write(bytes: Bytes): Promise<void> {
    return this.wire.write(bytes);
  }

  /** Sends a response. */
  async respond(spec: ResponseSpec | number = {}): Promise<void> {
    const response = typeof spec === 'number' ? { status: spec } : spec;
    const bytes = responseBytes(response, this.#record, this.#cors(response.headers));
    this.closes ||= bytes.closes;
    if (response.pace === undefined) return this.wire.write(Buffer.concat([bytes.head, bytes.body]));
    await this.wire.write(bytes.head);
    await this.wire.writeSlowly(bytes.body, response.pace);
  }

  /** Sends a chunked response, chunk by chunk. */
  async chunked(spec: ChunkedSpec): Promise<void> {
    const bytes = chunkedBytes(spec, this.#record, this.#cors(spec.headers));
    this.closes ||= bytes.closes;
    await this.wire.write(bytes.head);
    for (const [index, chunk] of bytes.chunks.entries()) {
      if (index > 0 && spec.every !== undefined) await this.wire.sleep(spec.every);
      await this.wire.write(chunk);
    }
    if (bytes.end.length > 0) await this.wire.write(bytes.end);
  }

  /** Sends a status line and headers exactly as given. */
  head(spec: HeadSpec): Promise<void> {
    return this.wire.write(headBytes(spec));
  }

  /** Runs steps, or another script. */
  run(...scripts: readonly Script[]): Promise<void> {
    return runScript({ sequence: scripts }, this);
  }

  /** Waits, in milliseconds. */
  sleep(milliseconds: number): Promise<void> {
    return this.wire.sleep(milliseconds);
  }

  /** Waits until the client ends the connection, then rejects. */
  stall(): Promise<never> {
    return this.wire.stall();
  }

  /** Sends FIN and closes; while an upload is still coming it is read to its end first, unless `linger` is `false`. */
  close(options: { readonly notify?: boolean; readonly linger?: boolean } = {}): Promise<void> {
    return this.wire.close({ linger: !this.#record.complete, ...options });
  }

  /** Sends FIN and goes on reading. */
  halfClose(): Promise<void> {
    return this.wire.halfClose();
  }

  /** Sends RST. */
  reset(): void {
    this.wire.reset();
  }

  /** From here on the connection is no HTTP: its bytes go to `sink`, after a 101 or a CONNECT. */
  takeOver(sink: (bytes: Buffer) => void): void {
    this.#context.takeOver(sink);
  }

  async #continue(wanted: boolean): Promise<void> {
    const expected = this.#record.lists('expect', '100-continue') && !this.#record.complete;
    if (!wanted || !expected || this.#record.bodyLength > 0 || this.#continued) return;
    this.#continued = true;
    await this.wire.write('HTTP/1.1 100 Continue\r\n\r\n');
  }
  #continued = false;

  #cors(headers: HeaderInput | undefined): [name: string, value: string][] {
    return this.#context.cors ? corsHeaders(this.#record, headers) : [];
  }
}
