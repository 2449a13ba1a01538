import { fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { node24 } from './node24.mjs';

const script = fileURLToPath(new URL('./server/server.mjs', import.meta.url));

/** Starts the server in a process of its own. `caFile` is its authority's certificate, for NODE_EXTRA_CA_CERTS. */
export const startServer = async () => {
  const child = fork(script, { execPath: node24, stdio: 'inherit' });
  const origins = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  const folder = await mkdtemp(join(tmpdir(), 'httpsession-bench-'));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, origins.ca);
  return {
    ...origins,
    caFile,
    folder,
    close: async () => {
      child.disconnect();
      await rm(folder, { recursive: true });
    },
  };
};
