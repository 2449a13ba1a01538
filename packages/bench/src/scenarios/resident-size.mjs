import { inNewProcess } from '../in-new-process.mjs';
import { table } from '../report/table.mjs';

const names = ['full session', 'undici.request', 'fetch'];

/** Growth of the process while 1 GB goes through it, one process per client and direction. */
export const residentSize = async ({ server, quick, clients = names }) => {
  const megabytes = quick ? 256 : 1024;
  const growth = {};
  for (const name of clients.filter((one) => names.includes(one))) {
    growth[name] = {};
    for (const direction of ['down', 'up']) {
      growth[name][direction] = await inNewProcess('./children/stream-a-gigabyte.mjs', {
        server,
        name,
        direction,
        megabytes,
      });
    }
  }
  const rows = Object.entries(growth).map(([name, { down, up }]) => [name, down, up]);
  return {
    markdown: table(
      ['client', `MB of growth, ${megabytes} MB down`, `MB of growth, ${megabytes} MB up`],
      rows,
    ),
    growth,
  };
};
