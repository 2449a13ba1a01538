// In a process of its own: how far it grows while a body of many megabytes passes.
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { withPeers } from '../clients/peers.mjs';
import { peakGrowth } from '../measure/memory.mjs';

const megabyte = 1024 * 1024;

process.once('message', async ({ server, name, direction, megabytes }) => {
  const grown = await withPeers({ origin: server.http }, [name], async ([client]) => {
    const transfer = async (size) => {
      if (direction === 'down') return client.download(`${server.http}/bytes/${size}`);
      return client.upload(`${server.http}/upload/${size}`, await sparseFile(server.folder, size));
    };
    // The code, the pools and the heap's first pages are no growth.
    for (let turn = 0; turn < 3; turn += 1) await transfer(64 * megabyte);
    return peakGrowth(() => transfer(megabytes * megabyte));
  });
  process.send(grown / megabyte, () => process.exit());
});

/** A file that takes no room on the disk. */
const sparseFile = async (folder, size) => {
  const path = join(folder, `sparse-${size}`);
  const file = await open(path, 'w');
  await file.truncate(size);
  await file.close();
  return path;
};
