import { concatBytes } from '../request/byte-chunks.ts';

/** The chunks as one array with a buffer of its own: those of sockets are views of larger ones. */
export const ownBytes = (chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const [first] = chunks;
  if (chunks.length === 1 && first !== undefined) {
    const whole = first.byteLength === first.buffer.byteLength && first.constructor === Uint8Array;
    return whole ? (first as Uint8Array<ArrayBuffer>) : new Uint8Array(first);
  }
  return concatBytes(chunks) as Uint8Array<ArrayBuffer>;
};
