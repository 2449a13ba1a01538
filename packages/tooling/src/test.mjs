// Behind `npm test`: sets everything up, runs every step, and goes on after a failure.
//   npm test -- --only lint,types    only these steps
//   npm test -- --list               names them
//   npm test -- --no-apt             installs no Debian packages
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { countOutput, countVitest } from './count-tests.mjs';
import { installDebianPackages, missingRequirements, requirements } from './debian-packages.mjs';
import { run } from './run-command.mjs';
import { buildPackages, installDependencies, runMain, SetupError } from './setup.mjs';
import { steps } from './steps.mjs';

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

/**
 * Prints each step with its time, what was skipped and why, and the closing line.
 * @param {readonly StepResult[]} results
 * @param {ReadonlySet<string>} missing
 * @param {string} whyMissing
 * @returns {number} the exit code
 */
const summarise = (results, missing, whyMissing) => {
  console.log('\nSummary');
  for (const { step, seconds, passed, failed, skipped, reason } of results) {
    const verdict = failed > 0 ? 'FAILED ' : passed > 0 ? 'ok     ' : 'skipped';
    const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
    console.log(
      `  ${verdict} ${step.name.padEnd(14)} ${seconds.toFixed(1).padStart(6)} s  ${counts}${reason && `  (${reason})`}`,
    );
  }
  const names = results.flatMap(({ skippedNames = [] }) => skippedNames);
  if (missing.size > 0) {
    console.log(`\nMissing on this machine (${whyMissing || 'not installed'}):`);
    for (const { name, tests } of requirements.filter((requirement) => missing.has(requirement.name))) {
      console.log(`  ${name}: ${tests} are skipped`);
    }
  }
  if (names.length > 0) {
    console.log('\nSkipped tests:');
    for (const name of names.slice(0, LISTED)) console.log(`  ${name}`);
    if (names.length > LISTED) console.log(`  and ${names.length - LISTED} more`);
  }
  const sum = (/** @type {'passed' | 'failed' | 'skipped'} */ key) =>
    results.reduce((total, result) => total + result[key], 0);
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
  return sum('failed') > 0 ? 1 : 0;
};

const LISTED = 40;

/**
 * @param {string | undefined} only
 * @returns {readonly import('./steps.mjs').Step[]}
 */
const chooseSteps = (only) => {
  if (only === undefined) return steps;
  const names = only.split(',');
  const unknown = names.find((name) => !steps.some((step) => step.name === name));
  if (unknown !== undefined) {
    throw new SetupError(
      `no step is called ${unknown}; there are ${steps.map(({ name }) => name).join(', ')}`,
    );
  }
  return steps.filter(({ name }) => names.includes(name));
};

await runMain(import.meta.url, async () => {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, list: { type: 'boolean' }, 'no-apt': { type: 'boolean' } },
  });
  if (values.list) {
    for (const { name, title } of steps) console.log(`${name.padEnd(14)} ${title}`);
    return 0;
  }
  const chosen = chooseSteps(values.only);
  await installDependencies();
  const whyMissing = values['no-apt'] ? 'called with --no-apt' : await installDebianPackages();
  const missing = missingRequirements();
  // A broken build is one failed step among others; tests read the sources.
  await buildPackages().catch((/** @type {Error} */ error) => console.error(error.message));

  const folder = mkdtempSync(join(tmpdir(), 'httpsession-test-'));
  // Also when interrupted.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  /** @type {StepResult[]} */
  const results = [];
  for (const step of chosen) {
    console.log(`\n=== ${step.name}: ${step.title}`);
    results.push(await runStep(step, missing, folder));
  }
  return summarise(results, missing, whyMissing);
});
