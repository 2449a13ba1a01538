import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { majorMinor, readGolden } from './golden.ts';

/** The versions that a golden file was made with. */
export interface OracleVersions {
  readonly python: string;
  readonly requests: string;
  readonly urllib3: string;
}

/** One operation for Python. */
export interface OracleJob {
  readonly id: string;
  readonly code: string;
  readonly names: Readonly<Record<string, string>>;
  readonly paths: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

/** Python with requests, in a process of its own. */
export interface Oracle extends AsyncDisposable {
  readonly versions: OracleVersions;
  run(job: OracleJob): Promise<unknown>;
}

/**
 * The Python to ask: of those on the path and Debian's, one whose requests is that of the golden file, else any that has requests;
 * `undefined` without one.
 */
export const pythonWithRequests: string | undefined = choosePython();

function choosePython(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin'];
  const candidates = [
    ...new Set(folders.filter((folder) => folder !== '').map((folder) => join(folder, 'python3'))),
  ];
  const wanted = majorMinor(readGolden().versions.requests);
  let other: string | undefined;
  for (const command of candidates.filter((path) => existsSync(path))) {
    const asked = spawnSync(command, ['-c', 'import requests; print(requests.__version__)'], {
      encoding: 'utf8',
    });
    if (asked.status !== 0) continue;
    if (majorMinor(asked.stdout.trim()) === wanted) return command;
    other ??= command;
  }
  return other;
}

/** Why there is no oracle here, or `undefined`. */
export const oracleMissing: string | undefined =
  pythonWithRequests === undefined ? 'there is no python3 with requests' : undefined;

/** Starts Python. */
export const startOracle = async (): Promise<Oracle> => {
  const script = fileURLToPath(new URL('./oracle.py', import.meta.url));
  if (pythonWithRequests === undefined) throw new Error(oracleMissing);
  const child = spawn(pythonWithRequests, ['-W', 'ignore', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async (): Promise<Record<string, unknown>> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the oracle has ended');
    return JSON.parse(value);
  };
  const versions = (await read()) as unknown as OracleVersions;
  return {
    versions,
    async run(job) {
      child.stdin.write(`${JSON.stringify(job)}\n`);
      const answer = await read();
      if ('crash' in answer) throw new Error(`${job.id}: ${String(answer.crash)}`);
      return answer.outcome;
    },
    [Symbol.asyncDispose]: () => stop(child),
  };
};

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
};
