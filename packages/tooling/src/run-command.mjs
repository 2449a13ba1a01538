import { spawn } from 'node:child_process';
import { childEnvironment, root } from './workspace.mjs';

/**
 * How a program ended.
 * @typedef {object} Outcome
 * @property {boolean} ok exit code 0 within the limit
 * @property {string} reason why not; empty when ok
 * @property {string} output what it wrote, when captured
 */

/**
 * How to run a program.
 * @typedef {object} RunOptions
 * @property {'inherit' | 'capture' | 'tee'} [output] let it print, keep what it prints, or both
 * @property {number} [limit] seconds, after which the program and its children are killed
 * @property {Record<string, string>} [env] added to the environment
 * @property {string} [cwd]
 */

/**
 * Runs a program without a shell and without standard input, in a process group of its own. Nothing of the group outlives the call, also
 * when this process is interrupted.
 * @param {readonly [string, ...string[]]} command
 * @param {RunOptions} [options]
 * @returns {Promise<Outcome>}
 */
export const run = ([program, ...parameters], { output = 'inherit', limit, env, cwd = root } = {}) =>
  new Promise((resolve) => {
    const pipe = output === 'inherit' ? 'inherit' : 'pipe';
    const child = spawn(program, parameters, {
      cwd,
      env: { ...childEnvironment(), ...env },
      stdio: ['ignore', pipe, pipe],
      detached: process.platform !== 'win32',
    });
    let text = '';
    let late = false;
    /** @param {NodeJS.WriteStream} screen */
    const listen = (screen) => (/** @type {Buffer} */ chunk) => {
      text += chunk.toString();
      if (output === 'tee') screen.write(chunk);
    };
    child.stdout?.on('data', listen(process.stdout));
    child.stderr?.on('data', listen(process.stderr));

    const timer =
      limit === undefined
        ? undefined
        : setTimeout(() => {
            late = true;
            killGroup(child.pid);
          }, limit * 1000);
    const interrupted = (/** @type {NodeJS.Signals} */ signal) => {
      killGroup(child.pid);
      process.exit(signal === 'SIGINT' ? 130 : 143);
    };
    process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
    const settle = (/** @type {string} */ reason) => {
      clearTimeout(timer);
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
      resolve({ ok: reason === '', reason, output: text });
    };

    child.once('error', (error) => settle(`${program} does not start: ${error.message}`));
    // A grandchild that lives on would hold the pipes open: end the group first, then wait for the last output.
    child.once('exit', () => killGroup(child.pid));
    child.once('close', (code, signal) => {
      if (late) settle(`killed after ${limit} s`);
      else if (signal !== null) settle(`ended by ${signal}`);
      else settle(code === 0 ? '' : `exit code ${code}`);
    });
  });

/** @param {number | undefined} pid */
const killGroup = (pid) => {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // Nobody is left in the group.
  }
};
