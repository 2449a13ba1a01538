// In a process of its own: kilobytes per request while `count` requests wait for their answer, each on its own connection.
import { withPeers } from '../clients/peers.mjs';
import { settledMemory } from '../measure/memory.mjs';

process.once('message', async ({ server, name, count }) => {
  const origin = server.http;
  const figures = await withPeers({ origin, connections: count }, [name], async ([client]) => {
    await client.get(`${origin}/json`);
    const before = await settledMemory();
    const waiting = Array.from({ length: count }, () => client.get(`${origin}/hold`));
    await until(async () => Number(await textOf(`${origin}/held`)) === count);
    const during = await settledMemory();
    await textOf(`${origin}/release`);
    await Promise.all(waiting);
    return {
      heap: (during.heap - before.heap) / count / 1024,
      rss: (during.rss - before.rss) / count / 1024,
    };
  });
  process.send(figures, () => process.exit());
});

// Not by the client: its connections are all taken.
const textOf = async (url) => {
  const { get } = await import('node:http');
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, async (answer) =>
      resolve(Buffer.concat(await answer.toArray()).toString()),
    ).on('error', reject);
  });
};

const until = async (condition) => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
};
