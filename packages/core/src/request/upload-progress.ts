import type { Progress } from '../options/call-options.ts';
import type { RequestBody } from './request-body.ts';

const step = 64 * 1024;

/** A body that tells how much of it the transport has taken. Sent again, it starts from 0 again. */
export const uploadProgress = (body: RequestBody, tell: (progress: Progress) => void): RequestBody => ({
  kind: body.kind === 'memory' ? 'source' : body.kind,
  contentType: body.contentType,
  length: body.length,
  get replayable() {
    return body.replayable;
  },
  // As a whole it would be handed over at once, and progress would say nothing.
  bytes: null,
  stream: () => new Counted(body, tell),
});

/** Pieces of at most 64 KiB; each counts when the next one is asked for, which is when the transport has taken it. */
class Counted implements AsyncIterableIterator<Uint8Array> {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #meter: (bytes: number) => void;
  #rest: Uint8Array = new Uint8Array(0);
  #given = 0;

  constructor(body: RequestBody, tell: (progress: Progress) => void) {
    this.#chunks = body.stream()[Symbol.asyncIterator]();
    this.#meter = progressMeter(body.length, tell);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#given > 0) this.#meter(this.#given);
    this.#given = 0;
    while (this.#rest.byteLength === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) return next;
      this.#rest = next.value;
    }
    const value = this.#rest.subarray(0, step);
    this.#rest = this.#rest.subarray(step);
    this.#given = value.byteLength;
    return { done: false, value };
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    await this.#chunks.return?.();
    return { done: true, value: undefined };
  }
}

/** Counts bytes from now on and tells the sum, the total and the mean rate. */
export const progressMeter = (
  total: number | null,
  tell: (progress: Progress) => void,
): ((bytes: number) => void) => {
  const startedAt = performance.now();
  let loaded = 0;
  return (bytes) => {
    loaded += bytes;
    const seconds = (performance.now() - startedAt) / 1000;
    tell({ loaded, total, rate: seconds === 0 ? 0 : loaded / seconds });
  };
};
