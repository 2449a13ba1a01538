import { BodyTooLargeError, DecodingError } from '../errors.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import { progressMeter } from '../request/upload-progress.ts';
import type { BodyOwner, BodySource } from '../response/body-source.ts';
import type { SessionResponse } from '../response/session-response.ts';

// Nobody stacks more than two in earnest; twenty are an attack (CVE-2022-32206 and its kin).
const maxCodings = 5;

/**
 * The content codings that are left to undo, in the order in which they are to be undone.
 * @throws {DecodingError} for more than five
 */
export const codingsOf = (response: SessionResponse): readonly string[] => {
  const header = response.headers.get('content-encoding');
  if (header === null) return [];
  const codings = header
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length > maxCodings)
    throw new DecodingError(`the body has ${codings.length} content codings`, { response });
  return codings.reverse();
};

/** Wraps the body in what it still needs: decoding, and progress. For backends that are a fetch. */
export const withDecodedBody = (
  request: PreparedRequest,
  response: SessionResponse,
  decodes: readonly string[],
  decodesStacked = false,
): SessionResponse => {
  const { source } = response;
  if (source === null || request.method === 'HEAD') return response;
  const { options } = request;
  let wrapped: BodySource = source;
  try {
    const codings = options.decompress ? codingsOf(response) : [];
    // What the backend decodes by itself, it decodes as a whole or not at all.
    const native = codings.length <= 1 || decodesStacked;
    if (!(native && codings.every((coding) => decodes.includes(coding)))) {
      for (const coding of codings)
        wrapped = new DecompressedBody(wrapped, formatOf(coding, response), response);
    }
  } catch (error) {
    source.cancel(error);
    throw error;
  }
  if (options.onDownloadProgress !== null)
    wrapped = countedBody(wrapped, response, options.onDownloadProgress);
  return wrapped === source ? response : response.derive({ source: wrapped });
};

const formatOf = (coding: string, response: SessionResponse): string => {
  if (coding === 'gzip' || coding === 'x-gzip') return 'gzip';
  if (coding === 'deflate') return 'deflate';
  if (coding === 'br') return 'brotli';
  if (coding === 'zstd') return 'zstd';
  throw new DecodingError(`the body has the unknown content coding ${JSON.stringify(coding.slice(0, 40))}`, {
    response,
  });
};

/** A body undone by the platform's `DecompressionStream`. */
class DecompressedBody implements BodySource {
  readonly #inner: BodySource;
  readonly #response: SessionResponse;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(inner: BodySource, format: string, response: SessionResponse) {
    this.#inner = inner;
    this.#response = response;
    this.#reader = decompressed(inner, format, response).getReader();
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
        throw cause instanceof TypeError
          ? new DecodingError('the body is not what its Content-Encoding says', {
              response: this.#response,
              cause,
            })
          : cause;
      }
      if (step.done) return null;
      if (step.value.byteLength > 0) return step.value;
    }
  }

  async readAll(limit: number): Promise<readonly Uint8Array[]> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (let chunk = await this.read(); chunk !== null; chunk = await this.read()) {
      size += chunk.byteLength;
      if (size > limit) {
        this.cancel();
        throw new BodyTooLargeError(limit, { response: this.#response });
      }
      chunks.push(chunk);
    }
    return chunks;
  }

  cancel(reason?: unknown): void {
    this.#inner.cancel(reason);
    void this.#reader.cancel(reason).catch(gone);
  }
}

const decompressed = (
  inner: BodySource,
  format: string,
  response: SessionResponse,
): ReadableStream<Uint8Array> => {
  const raw = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const chunk = await inner.read();
      if (chunk === null) controller.close();
      else controller.enqueue(chunk as Uint8Array<ArrayBuffer>);
    },
    cancel: (reason) => inner.cancel(reason),
  });
  try {
    return raw.pipeThrough(
      format === 'deflate' ? inflate() : new DecompressionStream(format as CompressionFormat),
    );
  } catch (cause) {
    throw new DecodingError(`this platform cannot undo the content coding ${format}`, { response, cause });
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

/** A body that tells how much of it has been read. */
export const countedBody = (
  inner: BodySource,
  response: SessionResponse,
  tell: Parameters<typeof progressMeter>[1],
): BodySource => {
  const length = response.headers.get('content-length');
  const encoded = response.headers.has('content-encoding');
  const meter = progressMeter(length === null || encoded ? null : Number(length), tell);
  const read = async (): Promise<Uint8Array | null> => {
    const chunk = await inner.read();
    if (chunk !== null) meter(chunk.byteLength);
    return chunk;
  };
  return {
    read,
    async readAll(limit) {
      const chunks: Uint8Array[] = [];
      let size = 0;
      for (let chunk = await read(); chunk !== null; chunk = await read()) {
        size += chunk.byteLength;
        if (size > limit) {
          inner.cancel();
          throw new BodyTooLargeError(limit, { response });
        }
        chunks.push(chunk);
      }
      return chunks;
    },
    cancel: (reason) => inner.cancel(reason),
    whenSettled: (owner) => inner.whenSettled(owner),
  };
};

const gone = (): void => undefined;
