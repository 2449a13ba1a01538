import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runStep } from '../src/run-step.mjs';
import { steps } from '../src/steps.mjs';

// The double dash keeps the reporter flags that vitest would get from Node itself.
const node = (code: string): [string, ...string[]] => [process.execPath, '-e', code, '--'];
const step = (counts: 'exit' | 'vitest' | 'output', code: string, needs: readonly string[] = []) => ({
  name: 'sample',
  title: 'a sample',
  command: node(code),
  counts,
  needs,
});

describe('runStep', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'httpsession-steps-'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ['a success', step('exit', ''), [1, 0, 0, '']],
    ['a failure', step('exit', 'process.exit(2)'), [0, 1, 0, 'exit code 2']],
    ['counted tests', step('output', 'console.log("ok | 3 passed | 0 failed | 1 ignored")'), [3, 0, 1, '']],
    [
      'failed tests',
      step('output', 'console.log("ok | 3 passed | 2 failed"); process.exit(1)'),
      [3, 2, 0, 'exit code 1'],
    ],
    [
      'passed tests and a bad exit code',
      step('output', 'console.log("ok | 3 passed | 0 failed"); process.exit(1)'),
      [3, 1, 0, 'exit code 1'],
    ],
    [
      'failed tests and a good exit code',
      step('output', 'console.log("ok | 3 passed | 1 failed")'),
      [3, 1, 0, 'exit code 0 with failed tests'],
    ],
    ['no tests at all', step('output', 'console.log("ok | 0 passed | 0 failed")'), [0, 1, 0, 'no test ran']],
    ['silence', step('output', ''), [0, 1, 0, 'no test ran']],
    ['vitest without a report', step('vitest', ''), [0, 1, 0, 'no test ran']],
    ['a missing program', step('exit', 'process.exit(1)', ['squid', 'redis']), [0, 0, 1, 'needs squid']],
  ])('judges %s', async (_, sample, [passed, failed, skipped, reason]) => {
    expect(await runStep(sample, new Set(['squid']), folder)).toMatchObject({
      passed,
      failed,
      skipped,
      reason,
    });
  });

  it('takes the counts of vitest from its report', async () => {
    const assertionResults = [{ status: 'passed', fullName: 'a' }];
    const report = JSON.stringify({ testResults: [{ status: 'passed', message: '', assertionResults }] });
    const source = join(folder, 'source.json');
    await writeFile(source, report);
    const code = `
      const flag = process.argv.find((text) => text.startsWith('--outputFile.json='));
      require('fs').copyFileSync(${JSON.stringify(source)}, flag.split('=')[1]);`;
    expect(await runStep(step('vitest', code), new Set(), folder)).toMatchObject({
      passed: 1,
      failed: 0,
      skipped: 0,
    });
  });
});

it('names every step once', () => {
  const names = steps.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
