import { busySession, InstantTransport, idleSession, url } from '../clients/instant.mjs';
import { measureRounds, ratiosOf } from '../measure/rounds.mjs';
import { median } from '../measure/statistics.mjs';
import { table } from '../report/table.mjs';

/** What the session itself costs: calls over a transport that answers at once, beside a bare async call of it. */
export const pipeline = async ({ plan }) => {
  const [busy, idle] = [busySession(), idleSession()];
  const transport = new InstantTransport();
  const prepared = idle.prepare('GET', url);
  const bare = async () => transport.send(prepared);
  const [layers, idleLayers] = [await layersOf(busySession()), await layersOf(idleSession())];
  const figures = await measureRounds(
    [
      { name: 'bare async call', operation: async () => void (await bare()) },
      { name: 'every layer idle', operation: async () => void (await idle.get(url)) },
      { name: 'every layer on', operation: async () => void (await busy.get(url)) },
      { name: 'every layer on, json()', operation: () => busy.get(url).json() },
      { name: 'the layers alone, idle', operation: async () => void (await idleLayers()) },
      { name: 'the layers alone, all on', operation: async () => void (await layers()) },
      { name: 'prepare() alone', operation: async () => void busy.prepare('GET', url) },
    ],
    plan,
  );
  const [reference] = figures;
  const added = Object.fromEntries(
    figures.map(({ name, cpus }) => [name, median(cpus.map((cpu, round) => cpu - reference.cpus[round]))]),
  );
  const ratios = Object.fromEntries(
    figures.map(({ name }) => [name, ratiosOf(figures, name)['bare async call']]),
  );
  return {
    markdown: table(
      ['call', 'CPU, us', 'more than the bare call, us', 'times the bare call'],
      figures.map(({ name, cpu }) => [name, cpu, added[name], ratios[name]]),
      2,
    ),
    added,
    ratios,
    figures,
  };
};

/** What is behind the call middlewares: redirects, retry, attempt, credentials, cookies, hooks, transport. Once more for a call that was made. */
const layersOf = async (session) => {
  let layers;
  session.use((request, next) => {
    // Past the guard that a user's middleware has around its `next`.
    layers = () => next.guards(request);
    return next(request);
  });
  await session.get(url);
  return layers;
};
