import { hexOf, paddedMessage, word } from './hash-block.ts';

/** SHA-256 (FIPS 180-4 6.2) in hexadecimal. WebCrypto's is missing on pages without TLS. */
export const sha256 = (bytes: Uint8Array): string => {
  const [keys, initial] = constants();
  const message = paddedMessage(bytes, 64, false);
  const words = new Int32Array(64);
  // SHA-256 has the upper halves of SHA-512's constants.
  const sums = Int32Array.from({ length: 8 }, (_, index) => word(initial, 2 * index));
  for (let block = 0; block < message.byteLength; block += 64) {
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = sums;
    for (let step = 0; step < 64; step += 1) {
      if (step < 16) {
        words[step] = message.getInt32(block + 4 * step);
      } else {
        const far = word(words, step - 15);
        const near = word(words, step - 2);
        words[step] =
          ((turn(far, far, 7) ^ turn(far, far, 18) ^ (far >>> 3)) +
            (turn(near, near, 17) ^ turn(near, near, 19) ^ (near >>> 10)) +
            word(words, step - 16) +
            word(words, step - 7)) |
          0;
      }
      const chosen = (turn(e, e, 6) ^ turn(e, e, 11) ^ turn(e, e, 25)) + choose(e, f, g);
      const added = (h + chosen + word(keys, 2 * step) + word(words, step)) | 0;
      const major = (turn(a, a, 2) ^ turn(a, a, 13) ^ turn(a, a, 22)) + majority(a, b, c);
      h = g;
      g = f;
      f = e;
      e = (d + added) | 0;
      d = c;
      c = b;
      b = a;
      a = (added + major) | 0;
    }
    const ends = [a, b, c, d, e, f, g, h];
    for (const [index, end] of ends.entries()) sums[index] = word(sums, index) + end;
  }
  return hexOf(sums, false);
};

/** SHA-512/256 (FIPS 180-4 6.7) in hexadecimal. WebCrypto has it nowhere. */
export const sha512t256 = (bytes: Uint8Array): string => {
  // FIPS 180-4 5.3.6: it starts from a hash of its own name.
  truncated ??= wordsOf(
    sha512(
      new TextEncoder().encode('SHA-512/256'),
      constants()[1].map((value) => value ^ 0xa5a5a5a5),
    ),
  );
  return sha512(bytes, truncated).slice(0, 64);
};

// A word of 64 bits is two of 32, the upper one first. With BigInt a block takes 147 us instead of 7.
const sha512 = (bytes: Uint8Array, initial: Int32Array): string => {
  const [keys] = constants();
  const message = paddedMessage(bytes, 128, false);
  const words = new Int32Array(160);
  const sums = initial.slice();
  const state = new Int32Array(16);
  for (let block = 0; block < message.byteLength; block += 128) {
    state.set(sums);
    for (let at = 0; at < 160; at += 2) {
      if (at < 32) {
        words[at] = message.getInt32(block + 4 * at);
        words[at + 1] = message.getInt32(block + 4 * at + 4);
      } else {
        const fh = word(words, at - 30);
        const fl = word(words, at - 29);
        const nh = word(words, at - 4);
        const nl = word(words, at - 3);
        const low =
          unsigned(turn(fl, fh, 1) ^ turn(fl, fh, 8) ^ turn(fl, fh, 7)) +
          unsigned(turn(nl, nh, 19) ^ turn(nh, nl, 29) ^ turn(nl, nh, 6)) +
          unsigned(word(words, at - 31)) +
          unsigned(word(words, at - 13));
        words[at + 1] = low;
        words[at] =
          (turn(fh, fl, 1) ^ turn(fh, fl, 8) ^ (fh >>> 7)) +
          (turn(nh, nl, 19) ^ turn(nl, nh, 29) ^ (nh >>> 6)) +
          word(words, at - 32) +
          word(words, at - 14) +
          carry(low);
      }
      const eh = word(state, 8);
      const el = word(state, 9);
      const addedLow =
        unsigned(word(state, 15)) +
        unsigned(turn(el, eh, 14) ^ turn(el, eh, 18) ^ turn(eh, el, 9)) +
        unsigned(choose(el, word(state, 11), word(state, 13))) +
        unsigned(word(keys, at + 1)) +
        unsigned(word(words, at + 1));
      const added =
        word(state, 14) +
        (turn(eh, el, 14) ^ turn(eh, el, 18) ^ turn(el, eh, 9)) +
        choose(eh, word(state, 10), word(state, 12)) +
        word(keys, at) +
        word(words, at) +
        carry(addedLow);
      const ah = word(state, 0);
      const al = word(state, 1);
      const newLow =
        unsigned(addedLow) +
        unsigned(turn(al, ah, 28) ^ turn(ah, al, 2) ^ turn(ah, al, 7)) +
        unsigned(majority(al, word(state, 3), word(state, 5)));
      const newHigh =
        added +
        (turn(ah, al, 28) ^ turn(al, ah, 2) ^ turn(al, ah, 7)) +
        majority(ah, word(state, 2), word(state, 4)) +
        carry(newLow);
      state.copyWithin(2, 0, 14);
      const nextLow = unsigned(word(state, 9)) + unsigned(addedLow);
      state[9] = nextLow;
      state[8] = word(state, 8) + added + carry(nextLow);
      state[1] = newLow;
      state[0] = newHigh;
    }
    for (let at = 0; at < 16; at += 2) {
      const low = unsigned(word(sums, at + 1)) + unsigned(word(state, at + 1));
      sums[at + 1] = low;
      sums[at] = word(sums, at) + word(state, at) + carry(low);
    }
  }
  return hexOf(sums, false);
};

// The upper half of a pair of words turned right; with the halves exchanged, the lower.
const turn = (high: number, low: number, bits: number): number => (high >>> bits) | (low << (32 - bits));
const choose = (x: number, y: number, z: number): number => z ^ (x & (y ^ z));
const majority = (x: number, y: number, z: number): number => (x & y) ^ (z & (x ^ y));
const unsigned = (sum: number): number => sum >>> 0;
const carry = (sum: number): number => Math.floor(sum / 2 ** 32);

// Both are computed on first use, in 0.5 ms: as tables they would be 1.5 kB of digits that do not compress.
let tables: readonly [keys: Int32Array, initial: Int32Array] | undefined;
let truncated: Int32Array | undefined;

const constants = (): readonly [keys: Int32Array, initial: Int32Array] => {
  if (tables) return tables;
  const primes: number[] = [];
  for (let number = 2; primes.length < 80; number += 1) {
    if (primes.every((prime) => number % prime)) primes.push(number);
  }
  const fractions = (count: number, degree: bigint): Int32Array =>
    wordsOf(
      primes
        .slice(0, count)
        .map((prime) => rootFraction(BigInt(prime), degree))
        .join(''),
    );
  tables = [fractions(80, 3n), fractions(8, 2n)];
  return tables;
};

// FIPS 180-4 4.2.3, 5.3.5: the first 64 bits of the fraction of a prime's root, by Newton's method from above.
const rootFraction = (prime: bigint, degree: bigint): string => {
  const power = prime << (64n * degree);
  let root = 0n;
  for (let next = 1n << 69n; root === 0n || next < root; ) {
    root = next;
    next = ((degree - 1n) * root + power / root ** (degree - 1n)) / degree;
  }
  return BigInt.asUintN(64, root).toString(16).padStart(16, '0');
};

const wordsOf = (digits: string): Int32Array =>
  Int32Array.from(digits.match(/.{8}/g) ?? [], (word) => Number(`0x${word}`));
