import { describe, expect, it } from 'vitest';
import type { BodySource } from './body-source.ts';
import { bodyStream } from './body-stream.ts';

const owner = { bodyDisturbed: () => undefined, bodyLost: null };

/** Chunks that are there at once, or a moment later. */
const sourceOf = (chunks: Uint8Array[], more: { handsOver?: true; late?: boolean } = {}): BodySource => ({
  ...(more.handsOver && { handsOver: true }),
  read() {
    const chunk = chunks.shift() ?? null;
    return more.late === true ? Promise.resolve(chunk) : chunk;
  },
  readAll: () => Promise.resolve(chunks),
  cancel: () => undefined,
  whenSettled: () => undefined,
});

const textOf = (source: BodySource): Promise<string> => new Response(bodyStream(source, owner)).text();

describe('bodyStream', () => {
  it.each([false, true])('yields every byte in order and ends (chunks come later: %s)', async (late) => {
    const chunks = ['one ', 'two ', 'three'].map((text) => new TextEncoder().encode(text));
    expect(await textOf(sourceOf(chunks, { late }))).toBe('one two three');
  });

  it('leaves the chunks of a source that may serve them again as they are', async () => {
    const chunk = new TextEncoder().encode('again');
    expect(await textOf(sourceOf([chunk]))).toBe('again');
    expect(await textOf(sourceOf([chunk]))).toBe('again');
  });

  it('takes over a whole buffer that is handed over, without a copy', async () => {
    const chunk = new Uint8Array([104, 105]);
    expect(await textOf(sourceOf([chunk], { handsOver: true }))).toBe('hi');
    expect(chunk.byteLength).toBe(0);
  });

  it('never takes a buffer of which a chunk is only a part', async () => {
    const buffer = new TextEncoder().encode('first second');
    const chunks = [buffer.subarray(0, 6), buffer.subarray(6)];
    expect(await textOf(sourceOf(chunks, { handsOver: true }))).toBe('first second');
    expect(buffer.byteLength).toBe(12);
  });

  it('ends a read into a buffer of the reader', async () => {
    const reader = bodyStream(sourceOf([new Uint8Array([1, 2])]), owner).getReader({ mode: 'byob' });
    const first = await reader.read(new Uint8Array(4));
    expect([...(first.value ?? [])]).toEqual([1, 2]);
    expect((await reader.read(new Uint8Array(4))).done).toBe(true);
  });

  it('breaks with what the source throws', async () => {
    const source = sourceOf([]);
    const broken = { ...source, read: () => Promise.reject(new RangeError('broken')) };
    await expect(bodyStream(broken, owner).getReader().read()).rejects.toThrow('broken');
  });
});
