import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { echo, ProxyServer, ScenarioServer, testAuthority } from '@httpsession/testing';
import { Session } from 'httpsession';
import type { Bench, ParityCase, ServerName } from './parity-case.ts';

/** A bench with its servers running, the case's files written and its environment ready. */
export interface RunningBench extends AsyncDisposable {
  readonly bench: Bench;
  readonly servers: Readonly<Partial<Record<ServerName, ScenarioServer>>>;
  /** The case's environment, filled in. */
  readonly env: Readonly<Record<string, string>>;
}

/** Starts what a case needs. */
export const startBench = async (parity: ParityCase): Promise<RunningBench> => {
  const cleanUps = new CleanUps();
  try {
    return await start(parity, cleanUps);
  } catch (error) {
    await cleanUps.run();
    throw error;
  }
};

/** What is undone at the end, the last first. `AsyncDisposableStack` came with Node 24. */
class CleanUps {
  readonly #list: (() => unknown)[] = [];

  add(cleanUp: () => unknown): void {
    this.#list.push(cleanUp);
  }

  async run(): Promise<void> {
    for (const cleanUp of this.#list.splice(0).reverse()) await cleanUp();
  }
}

const start = async (parity: ParityCase, cleanUps: CleanUps): Promise<RunningBench> => {
  const servers: Partial<Record<ServerName, ScenarioServer>> = {};
  let proxy: ProxyServer | null = null;
  for (const name of parity.uses ?? ['a']) {
    const server =
      name === 'proxy'
        ? await ProxyServer.start()
        : await ScenarioServer.start({ tls: name === 't' ? (parity.tls ?? true) : false });
    if (server instanceof ProxyServer) proxy = server;
    else server.otherwise(echo());
    servers[name] = server;
    cleanUps.add(() => server.close());
  }
  const paths = await writeFiles(parity.files ?? {}, cleanUps);
  const [refused, full] = [await refusedOrigin(), await fullOrigin(parity, cleanUps)];
  const sessions = new Set<Session>();
  cleanUps.add(async () => {
    for (const session of sessions) await session.close();
  });
  const need = (name: ServerName): ScenarioServer => {
    const server = servers[name];
    if (server === undefined) throw new TypeError(`${parity.id} does not use ${name}`);
    return server;
  };
  const bench: Bench = {
    get a() {
      return need('a');
    },
    get b() {
      return need('b');
    },
    get t() {
      return need('t');
    },
    get proxy() {
      if (proxy === null) throw new TypeError(`${parity.id} does not use proxy`);
      return proxy;
    },
    session(options = {}) {
      const session = new Session(options);
      sessions.add(session);
      return session;
    },
    paths,
    refused,
    full,
    ca: (await testAuthority()).ca,
  };
  parity.script?.(bench);
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(parity.env ?? {})) env[name] = fillIn(value, servers, paths);
  return { bench, servers, env, [Symbol.asyncDispose]: () => cleanUps.run() };
};

/** The letters of a server in records and in Python. */
export const letterOf = (name: ServerName): string => (name === 'proxy' ? 'P' : name.toUpperCase());

const fillIn = (
  value: string,
  servers: Partial<Record<ServerName, ScenarioServer>>,
  paths: Record<string, string>,
): string => {
  let filled = value.replace(/\{file:([^}]+)\}/g, (_, name: string) => paths[name] ?? '');
  for (const [name, server] of Object.entries(servers)) {
    const letter = letterOf(name as ServerName);
    filled = filled
      .replaceAll(`{${letter}}`, server.origin)
      .replaceAll(`{${letter}.host}`, new URL(server.origin).host)
      .replaceAll(`{${letter}.port}`, String(server.port));
  }
  return filled;
};

const writeFiles = async (
  files: Readonly<Record<string, string>>,
  cleanUps: CleanUps,
): Promise<Record<string, string>> => {
  const entries = Object.entries(files);
  if (entries.length === 0) return {};
  const directory = await mkdtemp(join(tmpdir(), 'httpsession-parity-'));
  cleanUps.add(() => rm(directory, { recursive: true, force: true }));
  const paths: Record<string, string> = {};
  for (const [name, content] of entries) {
    paths[name] = join(directory, name);
    // netrc wants to be private.
    await writeFile(paths[name], await contentOf(content), { mode: 0o600 });
  }
  return paths;
};

const contentOf = async (content: string): Promise<string> => {
  const authority = await testAuthority();
  if (content === '{CA}') return authority.ca;
  if (content !== '{CLIENT}') return content;
  const { cert, key } = await authority.clientCertificate('client');
  return `${cert}\n${key}\n`;
};

const refusedOrigin = async (): Promise<string> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
};

// A listener whose thread never turns to it again: once the kernel's queue is full, SYNs are dropped and connecting hangs.
const HUNG_LISTENER = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 20);
  });`;

const fullOrigin = async (parity: ParityCase, cleanUps: CleanUps): Promise<string> => {
  if (!/\bFULL\b/.test(parity.python)) return '';
  const worker = new Worker(HUNG_LISTENER, { eval: true });
  cleanUps.add(() => worker.terminate());
  const [port] = (await once(worker, 'message')) as [number];
  await new Promise((resolve) => setTimeout(resolve, 60));
  const fillers: Socket[] = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', ignore));
  cleanUps.add(() => {
    for (const filler of fillers) filler.destroy();
  });
  await new Promise((resolve) => setTimeout(resolve, 60));
  return `http://127.0.0.1:${port}`;
};

const ignore = (): void => {
  // A filler only takes a place in the queue.
};
