import { fileURLToPath } from 'node:url';
import { printedByChromium } from '../printed-by-chromium.mjs';
import { printedByNewProcess } from '../printed-by-new-process.mjs';
import { table } from '../report/table.mjs';

const binary = (name) => fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url));

const file = './children/wrapper-overhead.mjs';

const runtimes = {
  Deno: (job) => printedByNewProcess([binary('deno'), 'run', '--quiet', '--allow-all'], file, job),
  Bun: (job) => printedByNewProcess([binary('bun'), 'run'], file, job),
  Chromium: (job) => printedByChromium(file, job),
};

/**
 * What a session adds to the runtime's own fetch. `instant`: over a fetch that makes a Request and a Response and answers at
 * once; the network's noise is larger than what is measured. `network`: the difference on the loopback, for comparison. What a wrapper
 * of twenty lines adds tells what of it is the runtime's: signals, timers, streams.
 */
export const wrapperOverhead = async ({ server, plan }) => {
  const rows = [];
  const overhead = {};
  for (const [runtime, run] of Object.entries(runtimes)) {
    const answer = await run({ origin: server.http, plan }).catch((error) => ({
      failure: String(error.message ?? error),
    }));
    overhead[runtime] = answer;
    if (answer.failure !== undefined)
      rows.push([runtime, `not measured: ${answer.failure.split('\n').slice(0, 2).join(' ')}`]);
    else
      for (const [name, { fetch, session, added, byHand }] of Object.entries(answer))
        rows.push([runtime, name, fetch, session, added, byHand]);
  }
  return {
    markdown: table(['runtime', 'over', 'fetch, us', 'session, us', 'more, us', 'by hand more, us'], rows, 2),
    overhead,
  };
};
