export const median = (numbers) => {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** The median of the rounds' own ratios: what slows a whole round down does not show in it. */
export const medianRatio = (numbers, reference) =>
  median(numbers.map((number, round) => number / reference[round]));
