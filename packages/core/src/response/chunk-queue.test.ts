import { describe, expect, it } from 'vitest';
import { ChunkQueue, type Producer } from './chunk-queue.ts';

class Recorder implements Producer {
  readonly calls: string[] = [];
  onResume: () => void = () => undefined;

  awaited(): void {
    this.calls.push('awaited');
  }

  resume(): void {
    this.calls.push('resume');
    this.onResume();
  }

  abandon(): void {
    this.calls.push('abandon');
  }

  tooLarge(limit: number): Error {
    return new Error(`more than ${limit}`);
  }
}

const bytes = (length: number) => new Uint8Array(length);
const filled = () => {
  const producer = new Recorder();
  return { producer, queue: new ChunkQueue(producer) };
};

describe('ChunkQueue', () => {
  it('hands out what is there at once, and says when somebody waits for more', async () => {
    const { producer, queue } = filled();
    queue.push(bytes(3));
    expect(queue.read()).toEqual(bytes(3));
    expect(queue.isAwaited).toBe(false);
    const next = queue.read();
    expect([queue.isAwaited, producer.calls]).toEqual([true, ['awaited']]);
    queue.push(bytes(2));
    expect(queue.isAwaited).toBe(false);
    expect(await next).toEqual(bytes(2));
    queue.end();
    expect(queue.read()).toBeNull();
  });

  it('asks for a pause at 64 KiB, and for more below 32 KiB', () => {
    const { producer, queue } = filled();
    expect(queue.push(bytes(40_000))).toBe(true);
    expect(queue.push(bytes(30_000))).toBe(false);
    queue.read();
    expect(producer.calls).toEqual(['resume']);
  });

  it('takes what is pushed while it resumes', async () => {
    const { producer, queue } = filled();
    queue.push(bytes(70_000));
    producer.onResume = () => {
      queue.push(bytes(5));
      queue.end();
    };
    expect((await queue.readAll(1e6)).map(({ byteLength }) => byteLength)).toEqual([70_000, 5]);
  });

  it('refuses more than the limit, whether it comes later, waits already, or is complete', async () => {
    const later = filled();
    const reading = later.queue.readAll(10);
    later.queue.push(bytes(11));
    await expect(reading).rejects.toThrow('more than 10');
    expect(later.producer.calls).toEqual(['awaited', 'abandon']);
    for (const complete of [false, true]) {
      const { queue } = filled();
      queue.push(bytes(11));
      if (complete) queue.end();
      await expect(queue.readAll(10)).rejects.toThrow('more than 10');
      await expect(queue.readAll(100)).rejects.toThrow('more than 10');
    }
  });

  it('gives what came before a failure, then the failure', async () => {
    const { queue } = filled();
    const failure = new Error('broken');
    queue.push(bytes(1));
    queue.fail(failure);
    expect(queue.read()).toEqual(bytes(1));
    await expect(queue.read()).rejects.toBe(failure);
    await expect(queue.readAll(10)).rejects.toBe(failure);
  });

  it('tells those who keep timers for it once, however it ends', () => {
    for (const end of ['end', 'fail', 'cancel'] as const) {
      const { queue } = filled();
      let told = 0;
      const owner = {
        bodySettled: () => {
          told += 1;
        },
      };
      queue.whenSettled(owner);
      queue[end](undefined);
      queue.end();
      expect(told).toBe(1);
      queue.whenSettled(owner);
      expect(told).toBe(2);
    }
  });
});
