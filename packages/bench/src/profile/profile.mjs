// pnpm --filter bench run profile [--in-flight N] [--over http|https|http2] [NAME ...]
// Where the CPU time of a small GET goes, microseconds per request.
import { parseArgs } from 'node:util';
import { inNewProcess } from '../in-new-process.mjs';
import { startServer } from '../start-server.mjs';
import { isWithoutNetwork } from './operations.mjs';

const { values, positionals } = parseArgs({
  options: {
    'in-flight': { type: 'string', default: '32' },
    over: { type: 'string', default: 'http' },
  },
  allowPositionals: true,
});
const concurrency = Number(values['in-flight']);
const names =
  positionals.length > 0
    ? positionals
    : ['full session', 'undici.request', 'pipeline, every layer on', 'pipeline, idle'];

const section = (title, rows, count, most) => {
  console.log(`\n| ${title} | us per request |\n|---|---|`);
  for (const [name, micros] of rows.slice(0, most)) {
    console.log(`| ${name.replaceAll(' | ', ': ')} | ${(micros / count).toFixed(2)} |`);
  }
};

const server = await startServer();
const { close: _, ...reachable } = server;
const target = {
  origin: server[values.over],
  ...(values.over !== 'http' && { ca: server.ca, http2: values.over === 'http2' }),
};
for (const name of names) {
  // Without a network a request takes a tenth of the time.
  const count = isWithoutNetwork(name) ? 300_000 : 40_000;
  const { user, system, byGroup, bySelf, byTotal } = await inNewProcess('./profile/worker.mjs', {
    server: reachable,
    name,
    target,
    count,
    concurrency,
  });
  console.log(
    `\n## ${name}: ${user.toFixed(1)} us user + ${system.toFixed(1)} us system per GET, profiled, ${concurrency} in flight, ${values.over}`,
  );
  section('self time by group', byGroup, count, 20);
  section('self time by function', bySelf, count, 50);
  if (byTotal.length > 0) section('inclusive time, ours', byTotal, count, 50);
}
await server.close();
