import { BodyTooLargeError, TimeoutError } from '../errors.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import type { BodyOwner, BodySource } from '../response/body-source.ts';
import type { CancelListener } from '../timeout/cancel-scope.ts';
import { Timer, type TimerOwner } from '../timeout/timer.ts';
import { translateFetchError } from './fetch-errors.ts';

/** The body of a fetch backend: its stream, with our idle limit, our errors and the call's cancellation. */
export class FetchBody implements BodySource, TimerOwner, CancelListener {
  readonly #request: PreparedRequest;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #idle: Timer = new Timer(this, 'body');
  #owners: BodyOwner[] = [];
  #received = 0;
  #end: { readonly error: unknown } | 'complete' | null = null;
  #interrupt: ((error: unknown) => void) | null = null;

  constructor(request: PreparedRequest, stream: ReadableStream<Uint8Array>) {
    this.#request = request;
    this.#reader = stream.getReader();
    request.scope.subscribe(this);
  }

  whenSettled(owner: BodyOwner): void {
    if (this.#end === null) this.#owners.push(owner);
    else owner.bodySettled();
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      if (this.#end === 'complete') return null;
      if (this.#end !== null) throw this.#end.error;
      const chunk = await this.#next();
      if (chunk === null) return null;
      if (chunk.byteLength > 0) return chunk;
    }
  }

  async readAll(limit: number): Promise<readonly Uint8Array[]> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      const chunk = await this.read();
      if (chunk === null) return chunks;
      size += chunk.byteLength;
      if (size > limit) {
        const error = new BodyTooLargeError(limit, { request: this.#request });
        this.#fail(error);
        throw error;
      }
      chunks.push(chunk);
    }
  }

  cancel(reason?: unknown): void {
    if (this.#end !== null) return;
    this.#settle('complete');
    // A stream that broke in this moment rejects its cancel(); nobody reads it any more.
    void this.#reader.cancel(reason).catch(gone);
  }

  timedOut(): void {
    this.#fail(new TimeoutError('body', this.#request.options.timeout.idle, { request: this.#request }));
  }

  cancelled(reason: unknown): void {
    this.#fail(reason);
  }

  #next(): Promise<Uint8Array | null> {
    return new Promise((resolve, reject) => {
      this.#interrupt = reject;
      this.#idle.start(this.#request.options.timeout.idle);
      this.#reader.read().then(
        ({ done, value }) => {
          this.#idle.stop();
          this.#interrupt = null;
          if (done) this.#settle('complete');
          else this.#received += value.byteLength;
          resolve(done ? null : value);
        },
        (cause) => {
          this.#idle.stop();
          const failure = this.#end;
          const error =
            failure !== null && failure !== 'complete'
              ? failure.error
              : translateFetchError(cause, this.#request, { phase: 'body', received: this.#received });
          if (failure === null) this.#settle({ error });
          reject(error);
        },
      );
    });
  }

  #fail(error: unknown): void {
    if (this.#end !== null) return;
    this.#settle({ error });
    this.#interrupt?.(error);
    void this.#reader.cancel(error).catch(gone);
  }

  #settle(end: { readonly error: unknown } | 'complete'): void {
    this.#end = end;
    this.#idle.stop();
    this.#request.scope.unsubscribe(this);
    const owners = this.#owners;
    this.#owners = [];
    for (const owner of owners) owner.bodySettled();
  }
}

const gone = (): void => undefined;
