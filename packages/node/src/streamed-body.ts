import type { RequestBody } from '@httpsession/core';

const pieceSize = 256 * 1024;

/** From how many bytes on a body in memory goes out in pieces: each piece that is taken shows that the server still reads. */
export const largestWhole: number = pieceSize;

/**
 * A request body that is sent piece by piece, as undici takes it: it looks like a `Blob`, so that it can be opened once more for a second
 * send, and so that HTTP/2 sends it beside other streams (a stream would have to wait until the connection has nothing else to do).
 */
export class StreamedBody {
  readonly #body: RequestBody;
  #opened: OpenedBody | null = null;

  constructor(body: RequestBody) {
    this.#body = body;
  }

  /** Bytes; `null` sends chunks. */
  get size(): number | null {
    return this.#body.length;
  }

  /** Whether it can be opened (again). */
  get replayable(): boolean {
    return this.#body.replayable;
  }

  /** What the caller's own stream threw, if it did. */
  get failure(): { readonly error: unknown } | null {
    return this.#opened?.failure ?? null;
  }

  /** The content from its start. A one-shot stream that was opened before fails when it is read, with an `UnreplayableBodyError`. */
  stream(): AsyncIterable<Uint8Array> {
    this.#opened = new OpenedBody(this.#body);
    return this.#opened;
  }

  /** Nobody takes the rest: the caller's stream is told at once, even while it is asked for more. */
  cancel(): void {
    void this.#opened?.return();
  }

  // What undici recognises it by.
  get [Symbol.toStringTag](): string {
    return 'Blob';
  }
}

/** One reading of a body, that can be broken off from outside the loop that reads. */
class OpenedBody implements AsyncIterableIterator<Uint8Array> {
  failure: { readonly error: unknown } | null = null;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #ended = false;

  constructor(body: RequestBody) {
    this.#chunks = body.bytes === null ? opened(body) : pieces(body.bytes);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#ended) return done;
    try {
      const step = await this.#chunks.next();
      if (step.done === true) this.#ended = true;
      // Broken off meanwhile: what came late is not sent.
      return this.#ended ? done : step;
    } catch (error) {
      if (!this.#ended) this.failure = { error };
      this.#ended = true;
      throw error;
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    if (!this.#ended) {
      this.#ended = true;
      // What the source throws while it is given up is nobody's concern any more.
      await this.#chunks.return?.().catch(() => undefined);
    }
    return done;
  }
}

const done: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/** undici asks for the stream where nobody would catch what it throws: the process would end. */
const opened = (body: RequestBody): AsyncIterator<Uint8Array> => {
  try {
    return body.stream()[Symbol.asyncIterator]();
  } catch (error) {
    return { next: () => Promise.reject(error) };
  }
};

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += pieceSize) yield bytes.subarray(at, at + pieceSize);
}
