/** Runs `count` operations, `concurrency` at a time. */
export const inFlight = async (operation, count, concurrency) => {
  let left = count;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await operation();
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, worker));
};
