const cookieFigure = (results, title) => results['cookie-jar'].figures[title];
const big = 'Cookie header of 10, jar of 50000 on 5,000 hosts, hosts in turn';

/**
 * What CI holds the library to: ratios within one run, wide enough for a small shared machine. `pnpm bench` measures against
 * the figures proper. `scenario` is run again before a figure counts as exceeded.
 */
export const budget = [
  {
    figure: 'session with everything on / undici.request, CPU',
    scenario: 'json-32',
    limit: 1.25,
    of: (results) => results['json-32'].ratios['undici.request'],
  },
  {
    figure: 'session with everything on / fetch, CPU',
    scenario: 'json-32',
    limit: 0.45,
    of: (results) => results['json-32'].ratios.fetch,
  },
  {
    figure: 'download of 100 MB as a stream / undici.request, CPU',
    scenario: 'download',
    limit: 1.4,
    of: (results) => results.download.ratios['undici.request'],
  },
  {
    figure: 'a whole call with every layer on / a bare async call',
    scenario: 'pipeline',
    limit: 20,
    of: (results) => results.pipeline.ratios['every layer on'],
  },
  {
    figure: 'a whole call with every layer idle / a bare async call',
    scenario: 'pipeline',
    limit: 8,
    of: (results) => results.pipeline.ratios['every layer idle'],
  },
  {
    figure: 'the layers alone, idle / a bare async call',
    scenario: 'pipeline',
    limit: 3,
    of: (results) => results.pipeline.ratios['the layers alone, idle'],
  },
  {
    figure: 'Cookie header of 100 / of 1',
    scenario: 'cookie-jar',
    limit: 4,
    of: (results) =>
      cookieFigure(results, 'Cookie header of 100') / cookieFigure(results, 'Cookie header of 1'),
  },
  {
    figure: 'Cookie header of 10 in a jar of 50,000 / in a jar of 10',
    scenario: 'cookie-jar',
    limit: 5,
    of: (results) => cookieFigure(results, big) / cookieFigure(results, 'Cookie header of 10'),
  },
  {
    figure: "import 'httpsession' / import 'undici'",
    scenario: 'cold-start',
    limit: 1.3,
    of: (results) => results['cold-start'].importRatio,
  },
];

/** How often a scenario may be measured until its figures are within their limits: a neighbour's minute fails no build. */
export const attempts = 3;

export const plans = {
  'json-32': { clients: ['full session', 'undici.request', 'fetch'], plan: { rounds: 21, batchMs: 60 } },
  download: { clients: ['full session', 'undici.request'], plan: { rounds: 13, batchMs: 1 } },
  pipeline: { plan: { rounds: 15, batchMs: 30 } },
  'cookie-jar': { plan: { rounds: 7, batchMs: 10 } },
  'cold-start': { clients: ['httpsession', 'undici'], plan: { rounds: 7, batchMs: 0 } },
};
