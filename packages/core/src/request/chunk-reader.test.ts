import { describe, expect, it } from 'vitest';
import { ChunkReader, chunkSource } from './chunk-reader.ts';

const asIs = (chunk: unknown) => chunk as Uint8Array;

describe('ChunkReader', () => {
  it('cancels a stream that is being asked for more at once, and ends the wait', async () => {
    let cancelled = false;
    const stream = new ReadableStream({
      cancel: () => {
        cancelled = true;
      },
    });
    const reader = new ChunkReader(() => chunkSource(stream), asIs);
    const next = reader.next();
    await Promise.resolve();
    await reader.return();
    expect(cancelled).toBe(true);
    expect(await next).toEqual({ done: true, value: undefined });
    expect(stream.locked).toBe(false);
  });

  it('cancels a source that is opened after it was broken off', async () => {
    const seen: string[] = [];
    let open: (source: ReturnType<typeof chunkSource>) => void = () => undefined;
    const opening = new Promise<ReturnType<typeof chunkSource>>((resolve) => {
      open = resolve;
    });
    const reader = new ChunkReader(() => opening, asIs);
    const next = reader.next();
    await reader.return();
    open({
      next: () => {
        seen.push('next');
        return { done: true, value: undefined };
      },
      cancel: async () => void seen.push('cancel'),
    });
    expect((await next).done).toBe(true);
    expect(seen).toEqual(['cancel']);
  });

  it('runs the finally of a generator when left, and when a chunk cannot be used', async () => {
    for (const fails of [false, true]) {
      let finished = 0;
      const source = async function* () {
        try {
          yield new Uint8Array(1);
          yield new Uint8Array(2);
        } finally {
          finished += 1;
        }
      };
      const reader = new ChunkReader(
        () => chunkSource(source()),
        (chunk) => {
          if (fails) throw new TypeError('not this one');
          return asIs(chunk);
        },
      );
      if (fails) await expect(reader.next()).rejects.toThrow('not this one');
      else {
        await reader.next();
        await reader.return();
      }
      expect(finished).toBe(1);
      expect((await reader.next()).done).toBe(true);
    }
  });
});
