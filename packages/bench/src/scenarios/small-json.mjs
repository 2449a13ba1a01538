import { allPeers, withPeers } from '../clients/peers.mjs';
import { measureRounds } from '../measure/rounds.mjs';
import { roundReport } from '../report/round-report.mjs';

/** GET of 500 bytes of JSON, read as JSON. */
export const smallJson =
  ({ concurrency, where = 'http', names = allPeers, cookies }) =>
  ({ server, plan, clients = names }) => {
    const origin = server[where];
    const target = {
      origin,
      ...(where !== 'http' && { ca: server.ca, http2: where === 'http2' }),
      ...(cookies !== undefined && { cookies }),
    };
    return withPeers(
      target,
      clients.filter((name) => names.includes(name)),
      async (open) => {
        const url = `${origin}/json`;
        const entries = open.map(({ name, get, batch }) =>
          batch === undefined
            ? { name, operation: () => get(url) }
            : { name, batch: (count, width) => batch(url, count, width) },
        );
        return roundReport(await measureRounds(entries, { ...plan, concurrency }));
      },
    );
  };
