import { median, medianRatio } from '../measure/statistics.mjs';
import { node24 } from '../node24.mjs';
import { printedByNewProcess } from '../printed-by-new-process.mjs';
import { table } from '../report/table.mjs';

const specifiers = {
  httpsession: 'full session',
  undici: 'undici.request',
  got: 'got',
  axios: 'axios',
  ky: 'ky',
  ofetch: 'ofetch',
  wretch: 'wretch',
  'node-fetch': 'node-fetch',
  'make-fetch-happen': 'make-fetch-happen',
  superagent: 'superagent',
  'fetch-cookie': 'fetch-cookie',
  impit: 'impit',
};

/** `import` and the first GET, each in a fresh process. */
export const coldStart = async ({ server, plan, clients }) => {
  const chosen = ([specifier, client]) =>
    clients === undefined || clients.includes(specifier) || clients.includes(client);
  const names = Object.entries(specifiers)
    .filter(chosen)
    .map(([specifier]) => specifier);
  const runs = Object.fromEntries(names.map((name) => [name, { imports: [], firsts: [] }]));
  for (let round = 0; round < plan.rounds; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      const specifier = names[(round + turn) % names.length];
      const { imported, answered } = await printedByNewProcess([node24], './children/cold-start.mjs', {
        origin: server.http,
        specifier,
        client: specifiers[specifier],
      });
      runs[specifier].imports.push(imported);
      runs[specifier].firsts.push(answered);
    }
  }
  const ratioTo = (name) =>
    runs.httpsession === undefined ? undefined : medianRatio(runs.httpsession.imports, runs[name].imports);
  const rows = names.map((name) => [
    name,
    median(runs[name].imports),
    median(runs[name].firsts),
    ratioTo(name)?.toFixed(2),
  ]);
  return {
    markdown: table(['package', 'import, ms', 'first GET after it, ms', 'import: httpsession / it'], rows),
    importRatio: runs.undici === undefined ? undefined : ratioTo('undici'),
    runs,
  };
};
