import { hexOf, paddedMessage, word } from './hash-block.ts';

/**
 * MD5 (RFC 1321) in hexadecimal: Digest's default algorithm, which WebCrypto does not have.
 *
 * Broken for signatures, and here for nothing else than Digest (RFC 7616 3.3).
 */
export const md5 = (bytes: Uint8Array): string => {
  const message = paddedMessage(bytes, 64, true);
  const sums = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  for (let block = 0; block < message.byteLength; block += 64) {
    let a = word(sums, 0);
    let b = word(sums, 1);
    let c = word(sums, 2);
    let d = word(sums, 3);
    for (let step = 0; step < 64; step += 1) {
      const round = step >> 4;
      let mixed: number;
      let part: number;
      if (round === 0) {
        mixed = d ^ (b & (c ^ d));
        part = step;
      } else if (round === 1) {
        mixed = c ^ (d & (b ^ c));
        part = 5 * step + 1;
      } else if (round === 2) {
        mixed = b ^ c ^ d;
        part = 3 * step + 5;
      } else {
        mixed = c ^ (b | ~d);
        part = 7 * step;
      }
      const sum = a + mixed + word(SINES, step) + message.getInt32(block + 4 * (part & 15), true);
      const turn = word(TURNS, (round << 2) | (step & 3));
      a = d;
      d = c;
      c = b;
      b = (b + ((sum << turn) | (sum >>> (32 - turn)))) | 0;
    }
    sums.set([word(sums, 0) + a, word(sums, 1) + b, word(sums, 2) + c, word(sums, 3) + d]);
  }
  return hexOf(sums, true);
};

// RFC 1321 3.4: the integer part of 2^32 |sin i|. It takes 32 of a double's 53 bits, the same in every engine.
const SINES = Int32Array.from({ length: 64 }, (_, step) => 2 ** 32 * Math.abs(Math.sin(step + 1)));
const TURNS = Int32Array.of(7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21);
