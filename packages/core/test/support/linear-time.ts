import { expect } from 'vitest';

/**
 * Fails when `run` costs more than linear time: four times the length must cost far less than the sixteen times of quadratic code.
 *
 * Counts the process's own CPU time, and looks again before it fails, so that a loaded machine changes nothing.
 */
export const expectLinearTime = async (
  run: (length: number) => unknown,
  length: number = 1_048_576,
): Promise<void> => {
  await cpuTime(run, length / 16); // compiled by now
  const limit = Math.max(await cpuTime(run, length / 4), 10) * 10;
  let spent = await cpuTime(run, length);
  for (let again = 0; again < 2 && spent >= limit; again += 1) spent = await cpuTime(run, length);
  expect(spent).toBeLessThan(limit);
};

const cpuTime = async (run: (length: number) => unknown, length: number): Promise<number> => {
  const before = process.cpuUsage();
  await run(length);
  return process.cpuUsage(before).user / 1000;
};
