import type { BodySource } from './body-source.ts';

/**
 * All bytes that a source has left, read chunk by chunk: `readAll` of sources that know no quicker way. For more than `limit` bytes it
 * cancels the source and throws what `tooLarge` makes.
 */
export const readAllOf = async (
  source: Pick<BodySource, 'read' | 'cancel'>,
  limit: number,
  tooLarge: (limit: number) => Error,
): Promise<readonly Uint8Array[]> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let chunk = await source.read(); chunk !== null; chunk = await source.read()) {
    size += chunk.byteLength;
    if (size > limit) {
      source.cancel();
      throw tooLarge(limit);
    }
    chunks.push(chunk);
  }
  return chunks;
};
