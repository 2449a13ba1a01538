// In Deno, Bun or Chromium: what a session costs beside the fetch that it wraps.
import { fetchTransport } from '@httpsession/core';
import { Session } from 'httpsession';
import { measureRounds } from '../measure/rounds.mjs';
import { median } from '../measure/statistics.mjs';

const body = JSON.stringify({ id: 4711, name: 'An item of a list', filler: 'x'.repeat(440) });
const init = { headers: { 'content-type': 'application/json' } };

/** A fetch as quick as can be: it reads what it is given, and answers. */
const instantFetch = async (url, options) => {
  new Request(url, options);
  return new Response(body, init);
};

const measure = async ({ origin, plan }) => {
  const session = new Session();
  const instant = new Session();
  instant.mount('http://instant.example/', fetchTransport(instantFetch));
  const url = `${origin}/json`;
  const instantUrl = 'http://instant.example/json';
  const pairs = {
    'an instant fetch': [
      () => instantFetch(instantUrl).then((response) => response.json()),
      () => instant.get(instantUrl).json(),
    ],
    'the network': [() => fetch(url).then((response) => response.json()), () => session.get(url).json()],
  };
  const answer = {};
  for (const [name, [bare, wrapped]] of Object.entries(pairs)) {
    const [fetchFigure, sessionFigure] = await measureRounds(
      [
        { name: 'fetch', operation: bare },
        { name: 'session', operation: wrapped },
      ],
      plan,
    );
    const added = median(sessionFigure.cpus.map((cpu, round) => cpu - fetchFigure.cpus[round]));
    answer[name] = { fetch: fetchFigure.cpu, session: sessionFigure.cpu, added };
  }
  await session.close();
  return answer;
};

if (globalThis.process?.argv === undefined) globalThis.measureWrapper = measure;
else {
  const answer = await measure(JSON.parse(process.argv[2]));
  process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit());
}
