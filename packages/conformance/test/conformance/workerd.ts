import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle } from './bundle.ts';
import { freePort, startServer } from './child.ts';
import { binary } from './native-run.ts';

/** A worker that runs in workerd until it is disposed of. */
export interface Worker extends AsyncDisposable {
  readonly url: string;
}

/** Starts workerd with a bundled worker that may reach this machine. */
export const startWorker = async ({ path, folder }: Bundle, bindings = ''): Promise<Worker> => {
  const port = await freePort();
  const config = join(folder, 'config.capnp');
  await writeFile(config, configOf(port, path.slice(folder.length + 1), bindings));
  const server = await startServer(binary('workerd'), ['serve', config], port);
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
};

const configOf = (
  port: number,
  module: string,
  bindings: string,
): string => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "program", esModule = embed "${module}")],
      compatibilityDate = "2026-11-01",
      bindings = [${bindings}],
      globalOutbound = "net")),
    (name = "net", network = (
      allow = ["public", "private"],
      tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`;
