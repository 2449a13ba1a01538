import { open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withPeers } from '../clients/peers.mjs';
import { measureRounds } from '../measure/rounds.mjs';
import { roundReport } from '../report/round-report.mjs';

const megabyte = 1024 * 1024;
const milliseconds = { operation: '100 MB', unit: 'ms', scale: 1e3 };

/** A body read chunk by chunk and dropped. */
export const download = ({ server, plan, clients }) =>
  withPeers({ origin: server.http }, clients, async (open) => {
    const size = 100 * megabyte;
    const entries = open
      .filter((client) => client.download !== undefined)
      .map(({ name, download: read }) => ({
        name,
        operation: async () => {
          const bytes = await read(`${server.http}/bytes/${size}`);
          if (bytes !== size) throw new Error(`${name} read ${bytes} bytes of ${size}`);
        },
      }));
    return roundReport(await measureRounds(entries, singly(plan)), milliseconds);
  });

/** A file sent as a stream: in chunks, by all. */
export const upload = ({ server, plan, clients }) =>
  withPeers({ origin: server.http }, clients, async (open) => {
    const size = 100 * megabyte;
    const path = await fileOf(join(server.folder, 'upload.bin'), size);
    const entries = open
      .filter((client) => client.upload !== undefined)
      .map(({ name, upload: send }) => ({
        name,
        operation: async () => {
          const status = await send(`${server.http}/upload/${size}`, path);
          if (status !== 200) throw new Error(`${name}: the upload was answered ${status}`);
        },
      }));
    return roundReport(await measureRounds(entries, singly(plan)), milliseconds);
  });

/** One transfer is a batch. */
const singly = (plan) => ({ rounds: Math.max(3, Math.ceil(plan.rounds / 2)), batchMs: 1, concurrency: 1 });

const fileOf = async (path, size) => {
  const file = await openFile(path, 'w');
  const block = Buffer.alloc(megabyte, 'x');
  for (let at = 0; at < size; at += block.length) await file.write(block);
  await file.close();
  return path;
};
