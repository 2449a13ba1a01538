// Behind `npm test`: sets everything up, runs every step, and goes on after a failure.
//   npm test -- --only lint,types    only these steps
//   npm test -- --list               names them
//   npm test -- --no-apt             installs no Debian packages
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installDebianPackages, missingRequirements, requirements } from './debian-packages.mjs';
import { runStep } from './run-step.mjs';
import { buildPackages, installDependencies, runMain, SetupError } from './setup.mjs';
import { steps } from './steps.mjs';

/**
 * Prints each step with its time, what was skipped and why, and the closing line.
 * @param {readonly import('./run-step.mjs').StepResult[]} results
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
  /** @type {import('./run-step.mjs').StepResult[]} */
  const results = [];
  for (const step of chosen) {
    console.log(`\n=== ${step.name}: ${step.title}`);
    results.push(await runStep(step, missing, folder));
  }
  return summarise(results, missing, whyMissing);
});
