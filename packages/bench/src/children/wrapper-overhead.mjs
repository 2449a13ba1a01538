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

/** The least that a wrapper with a limit has to do: a signal, a timer, and a body that is read part by part, to see it stall. */
const byHand = async (fetch, url) => {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), 60_000);
  try {
    const headers = { accept: '*/*', 'user-agent': 'by-hand/1' };
    const init = { method: 'GET', headers, redirect: 'manual', signal: controller.signal };
    const reader = (await fetch(url, init)).body.getReader();
    const chunks = [];
    for (let part = await reader.read(); !part.done; part = await reader.read()) chunks.push(part.value);
    return JSON.parse(new TextDecoder().decode(chunks[0]));
  } finally {
    clearTimeout(timer);
  }
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
      () => byHand(instantFetch, instantUrl),
      () => instant.get(instantUrl).json(),
    ],
    'the network': [
      () => fetch(url).then((response) => response.json()),
      () => byHand((...given) => fetch(...given), url),
      () => session.get(url).json(),
    ],
  };
  const answer = {};
  for (const [name, [bare, least, wrapped]] of Object.entries(pairs)) {
    const [fetchFigure, leastFigure, sessionFigure] = await measureRounds(
      [
        { name: 'fetch', operation: bare },
        { name: 'by hand', operation: least },
        { name: 'session', operation: wrapped },
      ],
      plan,
    );
    const addedBy = ({ cpus }) => median(cpus.map((cpu, round) => cpu - fetchFigure.cpus[round]));
    answer[name] = {
      fetch: fetchFigure.cpu,
      session: sessionFigure.cpu,
      added: addedBy(sessionFigure),
      byHand: addedBy(leastFigure),
    };
  }
  await session.close();
  return answer;
};

if (globalThis.process?.argv === undefined) globalThis.measureWrapper = measure;
else {
  const answer = await measure(JSON.parse(process.argv[2]));
  process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit());
}
