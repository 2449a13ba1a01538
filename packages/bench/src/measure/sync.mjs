import { median } from './statistics.mjs';

/** Microseconds of wall time per call of a synchronous `operation(n)`: the median of the rounds. */
export const measureSync = (operation, { rounds, batchMs }) => {
  const limit = Math.min(batchMs, 50);
  let count = 1;
  let n = 0;
  const batch = () => {
    const start = performance.now();
    for (let done = 0; done < count; done += 1) operation(n++);
    return performance.now() - start;
  };
  for (let took = batch(); took < limit; took = batch()) count *= 2;
  return median(Array.from({ length: rounds }, () => (batch() / count) * 1e3));
};
