// In a process of its own: kilobytes of heap per client that was made, and per client that has sent a request and is idle.
import { clientModules } from '../clients/peers.mjs';
import { settledMemory } from '../measure/memory.mjs';
import { plainHeaders, twoCookies } from '../setting.mjs';

process.once('message', async ({ server, name, count }) => {
  const { open } = await clientModules[name]();
  const target = { origin: server.http, cookies: twoCookies, headers: plainHeaders(twoCookies) };
  const first = await open(target);
  await first.get(`${server.http}/json`);
  const start = await settledMemory();
  const clients = [];
  for (let n = 0; n < count; n += 1) clients.push(await open(target));
  const made = await settledMemory();
  for (const client of clients) await client.get(`${server.http}/json`);
  const used = await settledMemory();
  const kilobytes = (after) => (after.heap - start.heap) / count / 1024;
  process.send({ unused: kilobytes(made), used: kilobytes(used), clients: clients.length }, () =>
    process.exit(),
  );
});
