import { concatBytes } from '../request/byte-chunks.ts';

const atMost = 1024 * 1024;
const waitAtMost = 10;

/**
 * A stream as bytes when all of it is there already, else as the stream it is.
 *
 * A `Request` shows its text, bytes or small form only as a stream. Sent as such it would be chunked, which servers refuse, and could
 * not be sent again after a 307, a challenge or a 503. So up to 1 MiB is read ahead; a stream that pauses for 10 ms is a real one.
 */
export const readAhead = async (
  stream: ReadableStream<Uint8Array>,
): Promise<Uint8Array | AsyncIterable<Uint8Array>> => {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const pause = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, waitAtMost, null);
  });
  try {
    while (size <= atMost) {
      const read = reader.read();
      // The loser is not lost: a read that is late becomes the first of the rest.
      const result = await Promise.race([read, pause]);
      if (result === null) return rest(reader, chunks, read);
      if (result.done) return concatBytes(chunks);
      chunks.push(result.value);
      size += result.value.byteLength;
    }
    const late = reader.read();
    // It may fail before anybody asks for it, or without anybody ever asking.
    late.catch(alreadyBroken);
    return rest(reader, chunks, late);
  } finally {
    clearTimeout(timer);
  }
};

async function* rest(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  chunks: readonly Uint8Array[],
  late: ReturnType<typeof reader.read>,
): AsyncGenerator<Uint8Array, void> {
  let finished = false;
  try {
    yield* chunks;
    for (let read = await late; !read.done; read = await reader.read()) yield read.value;
    finished = true;
  } finally {
    if (!finished) await reader.cancel().catch(alreadyBroken);
  }
}

// Its own error is on the way to the caller.
const alreadyBroken = (): void => undefined;
