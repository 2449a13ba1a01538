import { inFlight } from './in-flight.mjs';
import { median, medianRatio } from './statistics.mjs';

/**
 * Measures clients in turns. Each round starts with another client, after a collection of the young, so that neither order
 * nor another's garbage decides; connections are opened again before the clock runs. How many operations a batch has is
 * found per client: rounds are many and short, because what disturbs one is then shared by all.
 *
 * @param entries `{ name, operation }`, or `{ name, batch(count, concurrency) }` for those that measure themselves
 * @param plan `rounds`, `batchMs`: wall time of a batch, `concurrency`: operations in flight
 * @returns one `{ name, cpu, wall, cpus, walls }` each: microseconds per operation, medians and all rounds
 */
export const measureRounds = async (entries, { rounds, batchMs, concurrency = 1 }) => {
  const counts = [];
  for (const entry of entries) counts.push(await countFor(entry, batchMs, concurrency));
  const figures = entries.map(({ name }) => ({ name, cpus: [], walls: [] }));
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < entries.length; turn += 1) {
      const index = (round + turn) % entries.length;
      const count = counts[index];
      await batchOf(entries[index], Math.min(count, concurrency * 2), concurrency);
      globalThis.gc?.({ type: 'minor' });
      const { cpu, wall } = await batchOf(entries[index], count, concurrency);
      figures[index].cpus.push((cpu / count) * 1e6);
      figures[index].walls.push((wall / count) * 1e6);
    }
  }
  return figures.map((figure) => ({ ...figure, cpu: median(figure.cpus), wall: median(figure.walls) }));
};

/** What `name` costs for each unit that the others cost: medians of the rounds' ratios. */
export const ratiosOf = (figures, name, measure = 'cpus') => {
  const own = figures.find((figure) => figure.name === name);
  if (own === undefined) return {};
  return Object.fromEntries(
    figures.map((figure) => [figure.name, medianRatio(own[measure], figure[measure])]),
  );
};

/** Warms up until the compiler is done, and tells how many operations fill a batch. */
const countFor = async (entry, batchMs, concurrency) => {
  let count = concurrency;
  let took = 0;
  for (let spent = 0; spent < batchMs * 5; spent += took) {
    took = (await batchOf(entry, count, concurrency)).wall * 1e3;
    if (took < batchMs) count = Math.ceil(count * Math.min(4, batchMs / Math.max(took, 0.1)));
  }
  // The last batch may be longer than asked for: a single download is.
  return Math.max(1, Math.min(count, Math.round((count * batchMs) / took) || 1));
};

/** Seconds of CPU and wall time that a batch took. Browsers tell no CPU time: there the wall counts. */
const batchOf = async (entry, count, concurrency) => {
  if (entry.batch !== undefined) return entry.batch(count, concurrency);
  const before = globalThis.process?.cpuUsage();
  const start = performance.now();
  await inFlight(entry.operation, count, concurrency);
  const wall = (performance.now() - start) / 1e3;
  if (before === undefined) return { cpu: wall, wall };
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1e6, wall };
};
