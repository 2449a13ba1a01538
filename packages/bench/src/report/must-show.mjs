import { table } from './table.mjs';

const ratio = (scenario, client) => (results) => results[scenario]?.ratios?.[client];
const overhead = (runtime) => (results) =>
  results['wrapper-overhead']?.overhead?.[runtime]?.['an instant fetch']?.added;
const growth = (direction) => (results) => results['resident-size']?.growth?.['full session']?.[direction];
const added = (name) => (results) => results.pipeline?.added?.[name];
const worst = (pattern) => (results) => {
  const found = Object.entries(results['cookie-jar']?.figures ?? {}).filter(([title]) => pattern.test(title));
  return found.length === 0 ? undefined : Math.max(...found.map(([, figure]) => figure));
};

/** The figures that the library is held to: what, at most, from which scenario's result. */
export const mustShow = [
  [
    'everything on, CPU per request / undici.request with the same headers',
    1.1,
    ratio('json-32', 'undici.request'),
  ],
  ['everything on / undici.fetch', 0.33, ratio('json-32', 'undici.fetch')],
  ['everything on / fetch', 0.28, ratio('json-32', 'fetch')],
  ['everything on / got with jar and retry', 0.12, ratio('json-32', 'got')],
  ['everything on / fetch-cookie over fetch', 0.25, ratio('json-32', 'fetch-cookie')],
  ['100 MB download as a stream, CPU / undici.request', 1.1, ratio('download', 'undici.request')],
  ['100 MB upload from a file stream, CPU / undici.request', 1.1, ratio('upload', 'undici.request')],
  ['growth of the process while 1 GB comes down, MB', 40, growth('down')],
  ['growth of the process while 1 GB goes up, MB', 40, growth('up')],
  ['more than bare fetch on Deno, us', 5, overhead('Deno')],
  ['more than bare fetch on Bun, us', 5, overhead('Bun')],
  ['more than bare fetch in Chromium, us', 5, overhead('Chromium')],
  ["import 'httpsession' / import 'undici', wall", 1.3, (results) => results['cold-start']?.importRatio],
  ['a whole call with every layer on, over an instant transport, us', 2, added('every layer on')],
  ['the layers alone, all on, us', 2, added('the layers alone, all on')],
  ['the layers alone, idle, us', 0.2, added('the layers alone, idle')],
  ['Cookie header of 1 to 100 cookies, us', 0.5, worst(/^Cookie header of \d+(?!.*jar of)/)],
  ['Cookie header, 50,000 cookies on 5,000 hosts, us', 0.5, worst(/^Cookie header.*jar of/)],
  ['Set-Cookie stored, us', 2, worst(/^Set-Cookie stored/)],
].map(([figure, limit, of]) => ({ figure, limit, of }));

/** Each figure with its limit, as far as its scenario ran. */
export const mustShowTable = (results) =>
  table(
    ['figure', 'at most', 'measured', ''],
    mustShow.map(({ figure, limit, of }) => {
      const value = of(results);
      if (value === undefined) return [figure, String(limit), '-', 'not measured'];
      return [figure, String(limit), value.toFixed(value < 10 ? 2 : 0), value <= limit ? 'ok' : '**not**'];
    }),
  );
