import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Bytes } from './bytes.ts';
import { expandBytes } from './expand-bytes.ts';
import type { ConnectionRecord, RecordedConnection } from './recorded-connection.ts';
import { ConnectionGone } from './script.ts';
import type { Pace } from './steps.ts';

/**
 * A connection in the hands of a script. Each method that waits rejects when the connection goes; a script need not
 * catch that.
 */
export class Wire {
  readonly #record: ConnectionRecord;
  readonly #socket: Socket;
  readonly #controller = new AbortController();
  readonly #waiters = new Set<() => void>();
  readonly #changed: () => void;
  #stream: Duplex;
  #together: Buffer[] | undefined;
  #written = 0;
  #ended = false;
  #reading = true;

  constructor(socket: Socket, record: ConnectionRecord, changed: () => void) {
    this.#socket = socket;
    this.#stream = socket;
    this.#record = record;
    this.#changed = changed;
    socket.once('close', () => this.#gone());
  }

  /** What has happened on it so far. */
  get connection(): RecordedConnection {
    return this.#record;
  }

  /** Aborts when the connection goes. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The socket, with TLS removed: the escape hatch for what no method does. */
  get stream(): Duplex {
    return this.#stream;
  }

  /** Bytes the server has sent. */
  get bytesWritten(): number {
    return this.#written;
  }

  /** Whether the server has sent FIN or RST. */
  get ended(): boolean {
    return this.#ended || this.#controller.signal.aborted;
  }

  /** Whether the server reads the socket. */
  get reading(): boolean {
    return this.#reading;
  }

  /** Speaks through TLS from here on. */
  secure(stream: Duplex): void {
    this.#stream = stream;
  }

  /** Sends the bytes. Resolves when the operating system has taken them. */
  write(bytes: Bytes): Promise<void> {
    const buffer = expandBytes(bytes);
    this.#written += buffer.length;
    if (this.#together !== undefined) {
      this.#together.push(buffer);
      return Promise.resolve();
    }
    const written = new Promise<void>((resolve, reject) => {
      if (this.ended) reject(new ConnectionGone());
      else this.#stream.write(buffer, (error) => (error ? reject(new ConnectionGone()) : resolve()));
    });
    // A script may write without waiting: a client that leaves meanwhile must not crash the process.
    written.catch(() => undefined);
    return written;
  }

  /** Sends the bytes piece by piece. */
  async writeSlowly(bytes: Bytes, { every, size = 1 }: Pace): Promise<void> {
    const buffer = expandBytes(bytes);
    for (let start = 0; start < buffer.length; start += size) {
      if (start > 0) await this.sleep(every);
      await this.write(buffer.subarray(start, start + size));
    }
  }

  /** Collects what `steps` writes and sends it in one piece. */
  async together(steps: () => Promise<void>): Promise<void> {
    if (this.#together !== undefined) return steps();
    this.#together = [];
    try {
      await steps();
    } finally {
      const collected = Buffer.concat(this.#together);
      this.#together = undefined;
      this.#written -= collected.length;
      await this.write(collected);
    }
  }

  /** Waits, in milliseconds. */
  async sleep(milliseconds: number): Promise<void> {
    try {
      await delay(milliseconds, undefined, { signal: this.signal });
    } catch {
      // The only way for this timer to fail is the signal.
      throw new ConnectionGone();
    }
  }

  /** Waits until the client ends the connection, then rejects. */
  stall(): Promise<never> {
    return this.until(() => false).then(() => {
      throw new ConnectionGone();
    });
  }

  /** Waits until a fact about the connection or its requests holds. Rejects once it no longer can. */
  until(fact: () => boolean): Promise<void> {
    const fulfilled = new Promise<void>((resolve, reject) => {
      const check = (): void => {
        if (fact()) resolve();
        else if (this.signal.aborted || this.#record.remoteEnded) reject(new ConnectionGone());
        else return;
        this.#waiters.delete(check);
      };
      this.#waiters.add(check);
      check();
    });
    // A script may begin to wait and go on: a client that leaves meanwhile must not crash the process.
    fulfilled.catch(() => undefined);
    return fulfilled;
  }

  /** Tells waiting scripts and the server that something happened. */
  progress(): void {
    for (const check of [...this.#waiters]) check();
    this.#changed();
  }

  /** Sends FIN and closes. Resolves when the socket has taken everything. */
  async close(options: { readonly notify?: boolean; readonly linger?: boolean } = {}): Promise<void> {
    await this.#finish(options.notify ?? true);
    // No fact is waited for but the client's end, which rejects.
    if (options.linger === true) await this.until(() => false).catch(() => undefined);
    this.destroy();
  }

  /** Sends FIN and goes on reading. */
  halfClose(): Promise<void> {
    return this.#finish(true);
  }

  /** Sends RST. */
  reset(): void {
    this.#ended = true;
    // Node would send FIN before the RST (it ends the socket first), and a quick client takes that for a clean end.
    this.#socket.destroySoon = () => this.#socket.destroy();
    this.#socket.resetAndDestroy();
  }

  /** Gives the socket up at once. */
  destroy(): void {
    this.#ended = true;
    this.#socket.destroy();
  }

  /** Stops reading: the client's bytes stay in the operating system, until its window is full. */
  readNothing(): void {
    this.#reading = false;
    this.#stream.pause();
    this.#socket.pause();
  }

  /** Reads again. */
  readAgain(): void {
    this.#reading = true;
    this.#socket.resume();
    this.#stream.resume();
  }

  async #finish(notify: boolean): Promise<void> {
    if (this.ended) return;
    this.#ended = true;
    if (notify && this.#stream !== this.#socket) await this.#end(this.#stream);
    await this.#end(this.#socket);
  }

  async #end(stream: Duplex): Promise<void> {
    if (stream.writableFinished || stream.destroyed) return;
    const finished = once(stream, 'finish', { signal: this.signal });
    stream.end();
    // The signal means that the client was faster; either way there is nothing left to send.
    await finished.catch(() => undefined);
  }

  #gone(): void {
    this.#record.open = false;
    this.#controller.abort();
    this.progress();
  }
}
