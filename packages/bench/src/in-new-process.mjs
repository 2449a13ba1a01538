import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { node24 } from './node24.mjs';

/** Runs a file of this folder in a new Node 24, hands it `job`, and resolves with the message it answers. */
export const inNewProcess = (file, job) => {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), {
    execPath: node24,
    execArgv: ['--expose-gc'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      ...(job.server !== undefined && { NODE_EXTRA_CA_CERTS: job.server.caFile }),
    },
  });
  child.send(job);
  return new Promise((resolve, reject) => {
    child.once('message', (answer) => {
      if (answer?.failure === undefined) resolve(answer);
      else reject(new Error(answer.failure));
    });
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code} and without an answer`)));
  });
};
