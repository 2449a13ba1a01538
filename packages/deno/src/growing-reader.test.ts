import { expect, it } from 'vitest';
import { growingReader } from './growing-reader.ts';

/** A byte stream that fills what it is given, `total` bytes in all, and notes what that was. */
const byteStream = (total: number, asked: number[]): ReadableStream<Uint8Array> => {
  let left = total;
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      const { byobRequest } = controller;
      if (byobRequest?.view == null) throw new Error('no buffer was given');
      const { view } = byobRequest;
      asked.push(view.byteLength);
      const size = Math.min(left, view.byteLength);
      if (size === 0) controller.close();
      else new Uint8Array(view.buffer, view.byteOffset, size).fill(7);
      left -= size;
      byobRequest.respond(size);
    },
  });
};

const readThrough = async (stream: ReadableStream<Uint8Array>): Promise<Uint8Array[]> => {
  const reader = growingReader(stream);
  const parts: Uint8Array[] = [];
  for (let part = await reader.read(); !part.done; part = await reader.read()) parts.push(part.value);
  return parts;
};

it('gives a small body 8 KiB in all, its end included', async () => {
  const asked: number[] = [];
  const parts = await readThrough(byteStream(500, asked));
  expect(asked).toEqual([4096, 4096]);
  expect(parts.map((part) => part.length)).toEqual([500]);
});

it('comes to 64 KiB in three steps, and keeps what it has read before', async () => {
  const asked: number[] = [];
  const parts = await readThrough(byteStream(200_000, asked));
  expect(asked.slice(0, 5)).toEqual([4096, 4096, 16_384, 65_536, 65_536]);
  expect(parts.reduce((length, part) => length + part.length, 0)).toBe(200_000);
  expect(parts.every((part) => part.every((byte) => byte === 7))).toBe(true);
});

it('keeps no large buffer alive for the few bytes that came in it', async () => {
  let left = 100;
  const source: UnderlyingByteSource = {
    type: 'bytes',
    pull(controller) {
      left -= 1;
      if (left === 0) controller.close();
      controller.byobRequest?.respond(left === 0 ? 0 : 1);
    },
  };
  const drip: ReadableStream<Uint8Array> = new ReadableStream(source);
  const parts = await readThrough(drip);
  expect(parts.reduce((length, part) => length + part.length, 0)).toBe(99);
  const held = parts.reduce((length, part) => length + part.buffer.byteLength, 0);
  expect(held).toBeLessThan(16_384);
});

it('reads a stream that takes no buffers as it comes', async () => {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new Uint8Array([1, 2]));
      controller.close();
    },
  });
  expect(await readThrough(stream)).toEqual([new Uint8Array([1, 2])]);
});

it('cancels the stream with its reason, while a read waits too', async () => {
  const reasons: unknown[] = [];
  const stream = new ReadableStream<Uint8Array>({
    type: 'bytes',
    cancel: (reason) => void reasons.push(reason),
  });
  const reader = growingReader(stream);
  const waiting = reader.read();
  await reader.cancel('enough');
  expect(reasons).toEqual(['enough']);
  expect((await waiting).done).toBe(true);
});

it('passes on what breaks the stream', async () => {
  const stream = new ReadableStream<Uint8Array>({
    type: 'bytes',
    pull: () => Promise.reject(new Error('broken')),
  });
  await expect(growingReader(stream).read()).rejects.toThrow('broken');
});
