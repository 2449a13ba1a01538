import { expect } from 'vitest';

/**
 * Fails when `run` costs more than linear time: four times the length must cost far less than the sixteen times of quadratic code.
 *
 * Counts the process's own CPU time, other threads' included, so it looks up to five times before it fails: whatever runs beside it, a
 * collection or another test, does not come at the same place each time, and quadratic code does.
 */
export const expectLinearTime = async (
  run: (length: number) => unknown,
  length: number = 1_048_576,
): Promise<void> => {
  await cpuTime(run, length / 16); // compiled by now
  let times = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 5 && times >= 10; look += 1) {
    const quarter = Math.max(await cpuTime(run, length / 4), 10);
    times = (await cpuTime(run, length)) / quarter;
  }
  expect(times).toBeLessThan(10);
};

const cpuTime = async (run: (length: number) => unknown, length: number): Promise<number> => {
  const before = process.cpuUsage();
  await run(length);
  return process.cpuUsage(before).user / 1000;
};
