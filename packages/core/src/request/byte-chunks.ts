import { kindOf } from '../kind-of.ts';
import { ChunkReader, chunkSource } from './chunk-reader.ts';

/** Anything that yields bytes or text. A Node `Readable` is one. */
export type ByteSource =
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | ArrayBuffer | string>
  | Iterable<Uint8Array | ArrayBuffer | string>;

/**
 * Reads a source chunk by chunk, no faster than it is asked. Text is encoded as UTF-8, and empty chunks are left out,
 * because one would end a chunked body (RFC 9112 7.1). Leaving the loop early cancels the source.
 *
 * @param option how errors name the argument
 * @throws {TypeError} when a chunk is neither bytes nor text
 */
export const byteChunks = (
  option: string,
  source: ByteSource,
): AsyncIterableIterator<Uint8Array, undefined, undefined> =>
  new ChunkReader(
    () => {
      if (typeof source !== 'object' || source === null)
        throw new TypeError(`${option} must be bytes, text, a Blob or a stream, got ${kindOf(source)}`);
      return chunkSource(source);
    },
    (chunk) => {
      const bytes = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : asBytes(chunk);
      if (bytes === null) throw new TypeError(`${option} must yield bytes or text, got ${kindOf(chunk)}`);
      return bytes;
    },
  );

/** The bytes of a buffer or of a view of one, without a copy; null for anything else. */
export const asBytes = (value: unknown): Uint8Array | null => {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  // Buffers of another realm are no instance of our ArrayBuffer.
  const isBuffer = Object.prototype.toString.call(value) === '[object ArrayBuffer]';
  return isBuffer ? new Uint8Array(value as ArrayBuffer) : null;
};

/** One array of many. A single one is returned as it is. */
export const concatBytes = (chunks: readonly Uint8Array[]): Uint8Array => {
  if (chunks.length === 1 && chunks[0] !== undefined) return chunks[0];
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
};
