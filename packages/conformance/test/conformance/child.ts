import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** How to run a program. */
export interface RunOptions {
  /** Milliseconds. */
  readonly timeout?: number;
  readonly env?: Record<string, string>;
  readonly cwd?: string;
}

/** Runs a program to its end and gives what it printed. @throws {Error} with what it complained of, or after `timeout` ms */
export const runToEnd = async (
  command: string,
  args: readonly string[],
  { timeout = 120_000, env = {}, cwd }: RunOptions = {},
): Promise<string> => {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
    env: { ...bare(), ...env },
    ...(cwd !== undefined && { cwd }),
  });
  const [out, complaints] = [gather(child, 'stdout'), gather(child, 'stderr')];
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ended with ${code ?? signal}: ${complaints()}${out()}`);
  return out();
};

/** Starts a program that serves until it is disposed of; it is up when its port answers. */
export const startServer = async (
  command: string,
  args: readonly string[],
  port: number,
): Promise<AsyncDisposable> => {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: bare() });
  const complaints = gather(child, 'stderr');
  const ended = once(child, 'close');
  for (let turn = 0; turn < 100; turn += 1) {
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}: ${complaints()}`);
    if (await answers(port)) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
};

/** A port of 127.0.0.1 that was free a moment ago, and where nobody listens. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
};

const answers = async (port: number): Promise<boolean> => {
  try {
    await fetch(`http://127.0.0.1:${port}/`, { method: 'HEAD', signal: AbortSignal.timeout(1_000) });
    return true;
  } catch {
    return false; // not up yet
  }
};

const gather = (child: ChildProcess, name: 'stdout' | 'stderr'): (() => string) => {
  let text = '';
  child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
};

// Without the proxies of this process: the suite sets its own.
const bare = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name)));
