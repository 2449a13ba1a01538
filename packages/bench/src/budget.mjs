// pnpm --filter bench run budget: fails when a figure that must not creep does. Measures the built workspace; takes under a minute.
import { inNewProcess } from './in-new-process.mjs';
import { attempts, budget, plans } from './report/budget.mjs';
import { table } from './report/table.mjs';
import { startServer } from './start-server.mjs';

const server = await startServer();
const { close: _, ...reachable } = server;
const results = {};
const best = new Map();

/** Measures the scenario again for as long as one of its figures is beyond its limit, and keeps the best of each. */
const measure = async (scenario) => {
  const own = budget.filter((one) => one.scenario === scenario);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    results[scenario] = await inNewProcess('./children/run-scenario.mjs', {
      scenario,
      server: reachable,
      quick: true,
      ...plans[scenario],
    });
    for (const one of own)
      best.set(one, Math.min(best.get(one) ?? Number.POSITIVE_INFINITY, one.of(results)));
    if (own.every((one) => best.get(one) <= one.limit)) return;
  }
};

for (const scenario of Object.keys(plans)) await measure(scenario);
await server.close();

const within = (one) => best.get(one) <= one.limit;
console.log(
  table(
    ['figure', 'at most', 'measured', ''],
    budget.map((one) => [
      one.figure,
      String(one.limit),
      best.get(one).toFixed(2),
      within(one) ? 'ok' : '**exceeded**',
    ]),
  ),
);
if (!budget.every(within)) process.exitCode = 1;
