import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { hastenCollection } from './hasten-collection.ts';

const collections = async (chunk: Uint8Array, times: number): Promise<number> => {
  let count = 0;
  const observer = new PerformanceObserver((entries) => {
    count += entries.getEntries().length;
  });
  observer.observe({ entryTypes: ['gc'] });
  for (let turn = 0; turn < times; turn += 1) hastenCollection(chunk);
  await nextTurn();
  await nextTurn();
  observer.disconnect();
  return count;
};

it('brings on a collection for every few megabytes of large chunks, once it is optimized as well', async () => {
  // 512 MB, and no young generation has more than 64.
  expect(await collections(new Uint8Array(64 * 1024), 8192)).toBeGreaterThan(4);
  expect(await collections(new Uint8Array(64 * 1024), 8192)).toBeGreaterThan(4);
});

it('leaves small chunks alone', async () => {
  expect(await collections(new Uint8Array(1024), 8192)).toBeLessThan(4);
});
