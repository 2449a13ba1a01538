import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { md5 } from './md5.ts';
import { sha256, sha512t256 } from './sha2.ts';

describe.each([
  ['md5', md5],
  ['sha256', sha256],
  ['sha512-256', sha512t256],
] as const)('%s', (name, hash) => {
  const reference = (bytes: Uint8Array): string => createHash(name).update(bytes).digest('hex');

  it('equals node:crypto for every length up to three blocks', () => {
    for (let length = 0; length <= 384; length += 1) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 131 + length) & 255);
      expect(hash(bytes)).toBe(reference(bytes));
    }
  });

  it('equals node:crypto for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        expect(hash(bytes)).toBe(reference(bytes));
      }),
    );
  });

  it('equals node:crypto for a view into a larger buffer and for a megabyte of ones', () => {
    const ones = new Uint8Array(1_000_003).fill(255);
    for (const bytes of [ones, ones.subarray(3, 77)]) expect(hash(bytes)).toBe(reference(bytes));
  });
});
