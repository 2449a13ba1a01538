import { type BodyInHand, loadReaders, readWith } from './load-readers.ts';

/**
 * Cuts a stream of bytes into chunks of exactly `size` bytes; only the last may be shorter, and none is empty.
 *
 * A chunk may share memory with the one it came in. Leaving the loop early returns the source.
 *
 * @throws {TypeError} at once, when `size` is not a whole number of 1 or more
 */
export const exactChunks = (
  chunks: AsyncIterable<Uint8Array>,
  size: number,
  response?: BodyInHand,
): AsyncGenerator<Uint8Array, void, undefined> => {
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new TypeError(`size must be a whole number of 1 or more, got ${String(size)}`);
  }
  return readWith(loadReaders, response, ({ cutChunks }) => cutChunks(chunks, size));
};
