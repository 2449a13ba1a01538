import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactChunks } from './exact-chunks.ts';

async function* source(chunks: readonly Uint8Array[], onReturn?: () => void) {
  try {
    for (const chunk of chunks) yield chunk;
  } finally {
    onReturn?.();
  }
}

const collect = async (chunks: readonly Uint8Array[], size: number) => {
  const list: number[][] = [];
  for await (const chunk of exactChunks(source(chunks), size)) list.push([...chunk]);
  return list;
};

describe('exactChunks', () => {
  it.each<[number[][], number, number[][]]>([
    [[], 2, []],
    [[[]], 2, []],
    [[[1, 2, 3]], 2, [[1, 2], [3]]],
    [
      [[1], [2], [3], [4]],
      2,
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [[[1], [], [2, 3, 4, 5, 6, 7]], 3, [[1, 2, 3], [4, 5, 6], [7]]],
    [[[1, 2]], 1_000_000_000, [[1, 2]]],
  ])('cuts %j by %d', async (chunks, size, expected) => {
    expect(
      await collect(
        chunks.map((chunk) => Uint8Array.from(chunk)),
        size,
      ),
    ).toEqual(expected);
  });

  it('gives the same bytes in full chunks, however they came', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array()), fc.integer({ min: 1, max: 20 }), async (chunks, size) => {
        const cut = await collect(chunks, size);
        expect(cut.flat()).toEqual(chunks.flatMap((chunk) => [...chunk]));
        expect(cut.slice(0, -1).every((chunk) => chunk.length === size)).toBe(true);
        expect(cut.every((chunk) => chunk.length > 0 && chunk.length <= size)).toBe(true);
      }),
    );
  });

  it('returns the source when the reader leaves', async () => {
    let returned = false;
    const chunks = exactChunks(
      source([Uint8Array.of(1, 2, 3)], () => (returned = true)),
      1,
    );
    for await (const _ of chunks) break;
    expect(returned).toBe(true);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '4'])(
    'refuses the size %j before anything is read',
    (size) => {
      expect(() => exactChunks(source([]), size as number)).toThrow(
        new TypeError(`size must be a whole number of 1 or more, got ${size}`),
      );
    },
  );
});
