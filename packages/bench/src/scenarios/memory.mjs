import { inNewProcess } from '../in-new-process.mjs';
import { table } from '../report/table.mjs';

const names = ['full session', 'plain session', 'undici.request', 'fetch', 'got', 'axios'];

/** Memory of sessions that have nothing to do, and of requests that wait for their answer. */
export const memory = async ({ server, quick, clients = names }) => {
  const inFlight = quick ? 1_000 : 10_000;
  const figures = {};
  for (const name of clients.filter((one) => names.includes(one))) {
    const idle = await inNewProcess('./children/idle-memory.mjs', {
      server,
      name,
      count: quick ? 100 : 1_000,
    });
    const waiting = await inNewProcess('./children/in-flight-memory.mjs', { server, name, count: inFlight });
    figures[name] = { ...idle, ...waiting };
  }
  const rows = Object.entries(figures).map(([name, { unused, used, heap, rss }]) => [
    name,
    unused,
    used,
    heap,
    rss,
  ]);
  return {
    markdown: table(
      [
        'client',
        'kB per new one',
        'kB per idle one with its connection',
        `kB of heap per request, ${inFlight} in flight`,
        'kB of process per request',
      ],
      rows,
    ),
    figures,
  };
};
