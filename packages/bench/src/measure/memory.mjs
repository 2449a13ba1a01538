/** Bytes of heap, buffers and process, after full collections. Needs --expose-gc. */
export const settledMemory = async () => {
  for (let turn = 0; turn < 3; turn += 1) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
};

/** Runs `work` and tells by how many bytes the process grew beyond its size before, at the worst moment. */
export const peakGrowth = async (work) => {
  await settledMemory();
  const before = process.memoryUsage.rss();
  let peak = before;
  const look = () => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const timer = setInterval(look, 10);
  await work();
  look();
  clearInterval(timer);
  return peak - before;
};
