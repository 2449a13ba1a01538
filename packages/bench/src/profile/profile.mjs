// pnpm --filter bench run profile [CLIENT ...]: where the CPU time of a small GET goes, microseconds per request.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { node24 } from '../node24.mjs';
import { startServer } from '../start-server.mjs';

const concurrency = 32;
const script = fileURLToPath(new URL('./worker.mjs', import.meta.url));
const names =
  process.argv.length > 2
    ? process.argv.slice(2)
    : ['full session', 'undici.request', 'pipeline, every layer on', 'pipeline, idle'];

/** Without a network a request takes a tenth of the time. */
const countOf = (name) => (name.startsWith('pipeline') ? 300_000 : 40_000);

const profileOf = async (server, name) => {
  const child = fork(script, [server.http, name, String(countOf(name)), String(concurrency)], {
    execPath: node24,
    env: { ...process.env, NODE_ENV: 'production' },
  });
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`${name}: the worker ended with ${code}`)));
  });
};

const table = (title, rows, count, most) => {
  console.log(`\n| ${title} | us per request |\n|---|---|`);
  for (const [name, micros] of rows.slice(0, most))
    console.log(`| ${name.replaceAll(' | ', ': ')} | ${(micros / count).toFixed(2)} |`);
};

const server = await startServer();
for (const name of names) {
  const { user, system, byGroup, bySelf, byTotal } = await profileOf(server, name);
  console.log(
    `\n## ${name}: ${user.toFixed(1)} us user + ${system.toFixed(1)} us system per GET, profiled, ${concurrency} in flight`,
  );
  const count = countOf(name);
  table('self time by group', byGroup, count, 20);
  table('self time by function', bySelf, count, 50);
  if (byTotal.length > 0) table('inclusive time, ours', byTotal, count, 50);
}
await server.close();
