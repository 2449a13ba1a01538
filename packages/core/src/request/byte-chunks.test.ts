import { describe, expect, it } from 'vitest';
import { asBytes, type ByteSource, byteChunks } from './byte-chunks.ts';

const collect = async (source: ByteSource) => {
  const chunks: number[][] = [];
  for await (const chunk of byteChunks('body', source)) chunks.push([...chunk]);
  return chunks;
};

async function* mixed() {
  yield 'é';
  yield '';
  yield Uint8Array.of(1);
  yield new Uint8Array();
  yield Uint8Array.of(2, 3).buffer;
}

describe('byteChunks', () => {
  it('reads text and bytes of any source, without empty chunks', async () => {
    const expected = [[0xc3, 0xa9], [1], [2, 3]];
    expect(await collect(mixed())).toEqual(expected);
    expect(await collect(['é', '', Uint8Array.of(1), Uint8Array.of(2, 3)])).toEqual(expected);
    const stream = new ReadableStream({
      async start(controller) {
        for await (const chunk of mixed()) controller.enqueue(chunk);
        controller.close();
      },
    });
    expect(await collect(stream)).toEqual(expected);
    expect(stream.locked).toBe(false);
  });

  it('pulls a stream no faster than it is read, and cancels it when the reader leaves', async () => {
    const seen: string[] = [];
    const stream = new ReadableStream(
      {
        pull(controller) {
          seen.push('pull');
          controller.enqueue(Uint8Array.of(1));
        },
        cancel: () => void seen.push('cancel'),
      },
      { highWaterMark: 0 },
    );
    for await (const _ of byteChunks('body', stream)) {
      if (seen.length === 2) break;
    }
    expect(seen).toEqual(['pull', 'pull', 'cancel']);
  });

  it('passes the failure of the source on', async () => {
    const failure = new Error('disk gone');
    const stream = new ReadableStream({ pull: (controller) => controller.error(failure) });
    await expect(collect(stream)).rejects.toBe(failure);
  });

  it.each([7, null, {}])('refuses the chunk %j', async (chunk) => {
    await expect(collect([chunk as unknown as string])).rejects.toThrow(
      /^body must yield bytes or text, got/,
    );
  });
});

describe('asBytes', () => {
  it('views buffers and parts of buffers without a copy', () => {
    const whole = Uint8Array.of(1, 2, 3, 4);
    expect(asBytes(whole)).toBe(whole);
    expect(asBytes(whole.buffer)).toEqual(whole);
    expect(asBytes(new DataView(whole.buffer, 1, 2))).toEqual(Uint8Array.of(2, 3));
    expect(asBytes('text')).toBeNull();
  });
});
