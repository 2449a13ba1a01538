import { withPeers } from '../clients/peers.mjs';
import { measureRounds } from '../measure/rounds.mjs';
import { roundReport } from '../report/round-report.mjs';

/** POST of a JSON value of about `size` bytes; the answer is small. */
export const postJson =
  ({ size, concurrency }) =>
  ({ server, plan, clients }) =>
    withPeers({ origin: server.http }, clients, async (open) => {
      const value = {
        items: Array.from({ length: Math.ceil(size / 100) }, (_, id) => ({ id, text: 'x'.repeat(80) })),
      };
      const entries = open
        .filter((client) => client.post !== undefined)
        .map(({ name, post }) => ({ name, operation: () => post(`${server.http}/post`, value) }));
      return roundReport(await measureRounds(entries, { ...plan, concurrency }));
    });
