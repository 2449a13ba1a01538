import { withPeers } from '../clients/peers.mjs';
import { measureRounds } from '../measure/rounds.mjs';
import { roundReport } from '../report/round-report.mjs';

/** POST of a form, 302 with two Set-Cookie, GET of the page behind: the server refuses that one without the cookie. */
export const login = ({ server, plan, clients }) =>
  withPeers({ origin: server.http, cookies: [] }, clients ?? undefined, async (open) => {
    const entries = open
      .filter((client) => client.login !== undefined)
      .map((client) => ({
        name: client.name,
        operation: () => client.login(`${server.http}/login`, { user: 'me', password: 'pw' }),
      }));
    return roundReport(await measureRounds(entries, { ...plan, concurrency: 8 }), { operation: 'login' });
  });
