// A session keeps its connections. (So do our module functions, which share one cookieless session: a session per request is the
// slow way, in either language.)
import { get, Session } from 'httpsession';

const [base = 'http://127.0.0.1:8000'] = process.argv.slice(2);
const TURNS = 20;

const timed = async (name: string, connectionOf: () => PromiseLike<string>): Promise<void> => {
  const start = performance.now();
  const used = new Set<string>();
  for (let turn = 0; turn < TURNS; turn += 1) used.add(await connectionOf());
  const took = performance.now() - start;
  console.log(`${name}: ${TURNS} requests, ${used.size} connections, ${Math.round(took)} ms`);
};

await timed('without a session', async () => {
  await using one = new Session();
  return await one.get(`${base}/connection`).text();
});
await using session = new Session();
await timed('with a session', () => session.get(`${base}/connection`).text());
await timed('with module functions', () => get(`${base}/connection`).text());
