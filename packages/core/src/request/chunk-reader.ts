/**
 * Reads a source chunk by chunk and can be broken off at any moment: a stream that is being asked for more is cancelled at once.
 *
 * (The `return()` of a generator would wait until the source has answered, which may be never.)
 */
export class ChunkReader implements AsyncIterableIterator<Uint8Array, undefined, undefined> {
  readonly #open: () => ChunkSource | Promise<ChunkSource>;
  readonly #convert: (chunk: unknown) => Uint8Array;
  #source: ChunkSource | null = null;
  #ended = false;

  /** @param convert makes bytes of a chunk, or throws; empty bytes are left out */
  constructor(open: () => ChunkSource | Promise<ChunkSource>, convert: (chunk: unknown) => Uint8Array) {
    this.#open = open;
    this.#convert = convert;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      for (;;) {
        if (this.#ended) return ended;
        const chunk = await this.#next();
        // Broken off meanwhile: nobody takes what came late.
        if (this.#ended) return ended;
        if (chunk.byteLength > 0) return { done: false, value: chunk };
      }
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#ended) return ended;
    this.#ended = true;
    await this.#source?.cancel();
    return ended;
  }

  async #next(): Promise<Uint8Array> {
    if (this.#source === null) {
      const source = await this.#open();
      this.#source = source;
      if (this.#ended) await source.cancel();
    }
    const step = this.#ended ? ended : await this.#source.next();
    if (step.done !== true) return this.#convert(await step.value);
    this.#ended = true;
    return nothing;
  }
}

/** Where a {@link ChunkReader} reads. */
export interface ChunkSource {
  next(): IteratorResult<unknown> | Promise<IteratorResult<unknown>>;
  /** Nobody reads on. Does not reject. */
  cancel(): Promise<void>;
}

/** The chunks of a WHATWG stream (not iterable in every browser), of a Node `Readable`, or of anything iterable. */
export const chunkSource = (
  source: ReadableStream<unknown> | AsyncIterable<unknown> | Iterable<unknown>,
): ChunkSource => {
  if ('getReader' in source) return streamSource(source);
  const chunks = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  return {
    next: () => chunks.next(),
    cancel: async () => {
      // A Node stream that waits for its source would not hear of return().
      if ('destroy' in source && typeof source.destroy === 'function') source.destroy();
      await Promise.resolve(chunks.return?.()).catch(gone);
    },
  };
};

const streamSource = (stream: ReadableStream<unknown>): ChunkSource => {
  const reader = stream.getReader();
  return {
    next: async () => {
      const step = await reader.read();
      if (step.done) reader.releaseLock();
      return step;
    },
    cancel: async () => {
      await reader.cancel().catch(gone);
      reader.releaseLock();
    },
  };
};

const ended: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });
const nothing: Uint8Array = new Uint8Array(0);

// A source that fails while it is given up concerns nobody any more.
const gone = (): void => undefined;
