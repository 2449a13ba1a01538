import type { BodyOwner, BodySource } from '../response/body-source.ts';

/** What a decoded body has of the start of the program: see `onDemand`. */
export interface DecompressedBodyParts {
  /** Makes the error for a body that cannot be decoded. */
  readonly failed: (message: string, cause?: unknown) => Error;
  readonly readAll: (source: BodySource, limit: number) => Promise<readonly Uint8Array[]>;
}

/**
 * Undoes one content coding of a body.
 * @throws {DecodingError} for a coding that nobody knows, or that this platform cannot undo
 */
export const decompressedBody = (
  inner: BodySource,
  coding: string,
  parts: DecompressedBodyParts,
): BodySource => new DecompressedBody(inner, formatOf(coding, parts), parts);

const formatOf = (coding: string, { failed }: DecompressedBodyParts): string => {
  if (coding === 'gzip' || coding === 'x-gzip') return 'gzip';
  if (coding === 'deflate') return 'deflate';
  if (coding === 'br') return 'brotli';
  if (coding === 'zstd') return 'zstd';
  throw failed(`the body has the unknown content coding ${JSON.stringify(coding.slice(0, 40))}`);
};

/** A body undone by the platform's `DecompressionStream`. */
class DecompressedBody implements BodySource {
  readonly #inner: BodySource;
  readonly #parts: DecompressedBodyParts;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #failure: { readonly cause: unknown } | null = null;

  constructor(inner: BodySource, format: string, parts: DecompressedBodyParts) {
    this.#inner = inner;
    this.#parts = parts;
    const encoded = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: async (controller) => {
        const chunk = await this.#readInner();
        if (chunk === null) controller.close();
        else controller.enqueue(chunk as Uint8Array<ArrayBuffer>);
      },
      cancel: (reason) => inner.cancel(reason),
    });
    this.#reader = decompressed(encoded, format, parts).getReader();
  }

  whenSettled(owner: BodyOwner): void {
    this.#inner.whenSettled(owner);
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      let step: ReadableStreamReadResult<Uint8Array>;
      try {
        step = await this.#reader.read();
      } catch (cause) {
        // The connection's own failure, or a limit's, comes through the decoder as it is.
        if (this.#failure !== null) throw this.#failure.cause;
        throw this.#parts.failed('the body is not what its Content-Encoding says', cause);
      }
      if (step.done) return null;
      if (step.value.byteLength > 0) return step.value;
    }
  }

  async #readInner(): Promise<Uint8Array | null> {
    try {
      return await this.#inner.read();
    } catch (cause) {
      this.#failure = { cause };
      throw cause;
    }
  }

  readAll(limit: number): Promise<readonly Uint8Array[]> {
    return this.#parts.readAll(this, limit);
  }

  cancel(reason?: unknown): void {
    this.#inner.cancel(reason);
    void this.#reader.cancel(reason).catch(gone);
  }
}

const decompressed = (
  encoded: ReadableStream<Uint8Array<ArrayBuffer>>,
  format: string,
  { failed }: DecompressedBodyParts,
): ReadableStream<Uint8Array> => {
  try {
    return encoded.pipeThrough(
      format === 'deflate' ? inflate() : new DecompressionStream(format as CompressionFormat),
    );
  } catch (cause) {
    throw failed(`this platform cannot undo the content coding ${format}`, cause);
  }
};

/**
 * `deflate` means zlib (RFC 9110 8.4.1.2), but some servers send it without zlib's wrapper. Its first two bytes tell: method 8,
 * and a multiple of 31 (RFC 1950 2.2).
 */
const inflate = (): ReadableWritablePair<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> => {
  const decided = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
  let start = new Uint8Array(0);
  let sink: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>> | null = null;
  let done: Promise<void> | null = null;
  const open = (): WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>> => {
    const [first = 0, second = 0] = start;
    const zlib = (first & 15) === 8 && ((first << 8) | second) % 31 === 0;
    const stream = new DecompressionStream(zlib ? 'deflate' : 'deflate-raw');
    done = stream.readable.pipeTo(decided.writable);
    done.catch(gone);
    return stream.writable.getWriter();
  };
  return {
    readable: decided.readable,
    writable: new WritableStream<Uint8Array<ArrayBuffer>>({
      async write(chunk) {
        if (sink !== null) return sink.write(chunk);
        start = new Uint8Array([...start, ...chunk]);
        if (start.byteLength < 2) return;
        sink = open();
        await sink.write(start);
      },
      async close() {
        sink ??= open();
        await sink.close();
        await done;
      },
      async abort(reason) {
        await sink?.abort(reason);
      },
    }),
  };
};

const gone = (): void => undefined;
