import { spawnSync } from 'node:child_process';
import {
  type ExternalProgram,
  findProgram,
  freePort,
  startProgram,
  temporaryDirectory,
} from './external-program.ts';

// Debian's package belongs to Debian's Python; another one on the path would not find it.
const pythons: readonly string[] = ['/usr/bin/python3', findProgram('python3') ?? ''];

let found: string | undefined;

const findPython = (): string | undefined => {
  found ??=
    pythons.find((command) => command !== '' && spawnSync(command, ['-c', 'import httpbin']).status === 0) ??
    '';
  return found === '' ? undefined : found;
};

/** Why httpbin cannot be started here, `undefined` when it can: the reason a test is skipped with. */
export const httpbinMissing = (): string | undefined =>
  findPython() === undefined ? 'httpbin (python3-httpbin) is not installed' : undefined;

/** A running httpbin. */
export interface Httpbin extends ExternalProgram {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
}

/** Starts httpbin on 127.0.0.1. Its server speaks HTTP/1.0: a connection for each request. */
export async function startHttpbin(): Promise<Httpbin> {
  const command = findPython();
  if (command === undefined) throw new Error('httpbin is not installed');
  const port = await freePort();
  const parameters = ['-W', 'ignore', '-m', 'httpbin.core', '--host', '127.0.0.1', '--port', String(port)];
  const program = await startProgram(command, parameters, port, await temporaryDirectory('httpbin'));
  return { ...program, origin: `http://127.0.0.1:${port}` };
}
