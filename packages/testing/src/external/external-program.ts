import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The path of an installed program, `undefined` where it is missing. Daemons live in `sbin`. */
export function findProgram(name: string): string | undefined {
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Missing or not executable: either way it cannot be used.
    return false;
  }
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A directory for one program, that a program which gives up its rights can still use. */
export const temporaryDirectory = (name: string): Promise<string> =>
  mkdtemp(join(tmpdir(), `httpsession-${name}-`));

/** A running program that listens on a port of 127.0.0.1. */
export interface ExternalProgram extends AsyncDisposable {
  readonly port: number;
}

/**
 * Starts a program and waits until it accepts connections.
 *
 * @param directory - removed when the program has ended
 * @param stopSignal - what ends it; SIGKILL follows after 2 s
 * @throws {Error} with what the program wrote, when it ends or does not listen within 10 s
 */
export async function startProgram(
  command: string,
  parameters: readonly string[],
  port: number,
  directory: string,
  stopSignal: NodeJS.Signals = 'SIGTERM',
): Promise<ExternalProgram> {
  const child = spawn(command, parameters, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4096);
    });
  }
  const stop = async (): Promise<void> => {
    await end(child, stopSignal);
    await rm(directory, { recursive: true, force: true });
  };
  const deadline = performance.now() + START_LIMIT;
  while (!(await accepts(port))) {
    if (child.exitCode === null && child.signalCode === null && performance.now() < deadline) continue;
    await stop();
    throw new Error(`${command} does not listen: ${output}`);
  }
  return { port, [Symbol.asyncDispose]: stop };
}

const START_LIMIT = 10_000;
const STOP_LIMIT = 2_000;
const RETRY_DELAY = 20;

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => setTimeout(resolve, RETRY_DELAY, false));
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT);
  await exited;
  clearTimeout(timer);
}
