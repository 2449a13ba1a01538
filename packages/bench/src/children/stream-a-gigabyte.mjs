// In a process of its own: how far it grows while a body of many megabytes passes.
import { withPeers } from '../clients/peers.mjs';
import { peakGrowth } from '../measure/memory.mjs';

const megabyte = 1024 * 1024;

process.once('message', async ({ server, name, direction, megabytes }) => {
  const grown = await withPeers({ origin: server.http }, [name], async ([client]) => {
    const transfer = (size) =>
      direction === 'down'
        ? client.download(`${server.http}/bytes/${size}`)
        : client.uploadStream(`${server.http}/upload/${size}`, () => blocks(size));
    // The code, the pools and the heap's first pages are no growth.
    for (let turn = 0; turn < 3; turn += 1) await transfer(16 * megabyte);
    return peakGrowth(() => transfer(megabytes * megabyte));
  });
  process.send(grown / megabyte, () => process.exit());
});

async function* blocks(size) {
  for (let at = 0; at < size; at += 65_536) yield Buffer.alloc(65_536, 'x');
}
