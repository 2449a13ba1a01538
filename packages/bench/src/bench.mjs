// pnpm bench [--scenario NAME,...] [--clients NAME,...] [--rounds N] [--quick] [--no-build]
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { buildFirst } from './build-first.mjs';
import { inNewProcess } from './in-new-process.mjs';
import { mustShowTable } from './report/must-show.mjs';
import { scenarios } from './scenarios/list.mjs';
import { startServer } from './start-server.mjs';

const { values: given } = parseArgs({
  options: {
    scenario: { type: 'string', short: 's' },
    clients: { type: 'string', short: 'c' },
    rounds: { type: 'string', short: 'r' },
    quick: { type: 'boolean', short: 'q', default: false },
    build: { type: 'boolean', default: true },
  },
  allowNegative: true,
});

const listOf = (text) => text?.split(',').map((name) => name.trim());
const wanted = listOf(given.scenario);
for (const name of wanted ?? []) {
  if (!scenarios.some((scenario) => scenario.name === name)) {
    throw new TypeError(
      `no scenario is called ${name}; there are ${scenarios.map((one) => one.name).join(', ')}`,
    );
  }
}
const rounds = Number(given.rounds ?? (given.quick ? 5 : 21));
if (!Number.isInteger(rounds) || rounds < 1)
  throw new TypeError(`--rounds must be a whole number of 1 or more, got ${given.rounds}`);
const clients = listOf(given.clients);

if (given.build) buildFirst();

const server = await startServer();
const { close: _, ...reachable } = server;
const context = {
  server: reachable,
  quick: given.quick,
  plan: { rounds, batchMs: given.quick ? 60 : 120 },
  ...(clients !== undefined && { clients }),
};

const started = new Date();
const results = {};
console.log(
  `Node 24, ${availableParallelism()} cores (${cpus()[0]?.model.trim()}), load ${loadavg()[0].toFixed(1)}, medians of ${rounds} rounds\n`,
);
for (const { name, title } of scenarios.filter((scenario) => wanted?.includes(scenario.name) ?? true)) {
  console.log(`## ${title}\n`);
  try {
    results[name] = await inNewProcess('./children/run-scenario.mjs', { scenario: name, ...context });
    console.log(`${results[name].markdown}\n`);
  } catch (error) {
    console.log(`Not measured: ${error.message}\n`);
    process.exitCode = 1;
  }
}
console.log(`## Must show\n\n${mustShowTable(results)}\n`);
await server.close();

const folder = new URL('../results/', import.meta.url);
await mkdir(folder, { recursive: true });
const file = new URL(`${started.toISOString().replaceAll(':', '-').slice(0, 19)}.json`, folder);
await writeFile(file, JSON.stringify({ started, rounds, quick: given.quick, results }, null, 2));
