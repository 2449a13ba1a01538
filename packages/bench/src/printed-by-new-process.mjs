import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Runs a file of this folder in a new process, without a channel to it (which would load half of what is to be measured), and
 * reads what it prints as JSON.
 */
export const printedByNewProcess = async (program, file, job) => {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const { stdout } = await run(program[0], [...program.slice(1), path, JSON.stringify(job)], {
    env: { ...process.env, NODE_ENV: 'production', NO_COLOR: '1' },
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout);
};
