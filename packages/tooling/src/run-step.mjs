import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { countOutput, countVitest } from './count-tests.mjs';
import { run } from './run-command.mjs';

/**
 * What came of a step.
 * @typedef {import('./count-tests.mjs').Tally & { step: import('./steps.mjs').Step, seconds: number, reason: string }} StepResult
 */

/**
 * Runs one step.
 * @param {import('./steps.mjs').Step} step
 * @param {ReadonlySet<string>} missing
 * @param {string} folder for report files
 * @returns {Promise<StepResult>}
 */
export const runStep = async (step, missing, folder) => {
  const lacking = (step.needs ?? []).filter((name) => missing.has(name));
  if (lacking.length > 0) {
    return { step, seconds: 0, passed: 0, failed: 0, skipped: 1, reason: `needs ${lacking.join(', ')}` };
  }
  const started = performance.now();
  const report = join(folder, `${step.name}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  /** @type {readonly [string, ...string[]]} */
  const command = step.counts === 'vitest' ? [...step.command, ...reporters] : step.command;
  const { ok, reason, output } = await run(command, {
    limit: step.limit ?? 600,
    output: step.counts === 'output' ? 'tee' : 'inherit',
    ...(step.env && { env: step.env }),
  });
  const seconds = (performance.now() - started) / 1000;
  const tally = await tallyOf(step, ok, report, output);
  if (tally === undefined)
    return { step, seconds, passed: 0, failed: 1, skipped: 0, reason: reason || 'no test ran' };
  // An exit code says more than the counts: an error outside any test, a leak, a coverage limit.
  if (!ok && tally.failed === 0) return { step, seconds, ...tally, failed: 1, reason };
  if (ok && tally.failed > 0) return { step, seconds, ...tally, reason: 'exit code 0 with failed tests' };
  return { step, seconds, ...tally, reason };
};

/**
 * @param {import('./steps.mjs').Step} step
 * @param {boolean} ok
 * @param {string} report
 * @param {string} output
 * @returns {Promise<import('./count-tests.mjs').Tally | undefined>} `undefined` where nothing was counted
 */
const tallyOf = async (step, ok, report, output) => {
  if (step.counts === 'exit') return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
  const tally =
    step.counts === 'output'
      ? countOutput(output)
      : await readFile(report, 'utf8').then(countVitest, () => undefined);
  return tally === undefined || tally.passed + tally.failed + tally.skipped === 0 ? undefined : tally;
};
