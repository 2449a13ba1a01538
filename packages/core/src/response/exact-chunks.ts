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
): AsyncGenerator<Uint8Array, void, undefined> => {
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new TypeError(`size must be a whole number of 1 or more, got ${String(size)}`);
  }
  return cut(chunks, size);
};

async function* cut(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let parts: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of chunks) {
    let at = 0;
    while (held + chunk.length - at >= size) {
      const part = chunk.subarray(at, at + size - held);
      at += part.length;
      yield held === 0 ? part : concat([...parts, part], size);
      parts = [];
      held = 0;
    }
    if (at < chunk.length) {
      parts.push(chunk.subarray(at));
      held += chunk.length - at;
    }
  }
  if (held > 0) yield concat(parts, held);
}

const concat = (parts: readonly Uint8Array[], length: number): Uint8Array => {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};
