import { describe, expect, it } from 'vitest';
import { countOutput, countVitest } from './count-tests.mjs';

const report = (testResults: readonly unknown[]): string => JSON.stringify({ testResults });
const test = (status: string, fullName: string) => ({ status, fullName });

describe('countVitest', () => {
  it('counts tests by status and names the ones that did not run', () => {
    const assertionResults = [
      test('passed', 'a'),
      test('failed', 'b'),
      test('skipped', ' c'),
      test('todo', 'd'),
    ];
    expect(countVitest(report([{ status: 'failed', message: '', assertionResults }]))).toEqual({
      passed: 1,
      failed: 1,
      skipped: 2,
      skippedNames: ['c', 'd'],
    });
  });

  it('counts a file that cannot be loaded as a failure', () => {
    const broken = { status: 'failed', message: 'SyntaxError', assertionResults: [] };
    const sound = { status: 'passed', message: '', assertionResults: [test('passed', 'a')] };
    expect(countVitest(report([broken, sound]))).toMatchObject({ passed: 1, failed: 1, skipped: 0 });
  });
});

describe('countOutput', () => {
  it.each([
    ['deno', 'ok | 12 passed (3 steps) | 0 failed | 2 ignored (41ms)\n', [12, 0, 2]],
    ['deno with a failure', 'FAILED | 3 passed | 1 failed (5ms)\nerror: Test failed\n', [3, 1, 0]],
    [
      'deno in colour',
      '\u001b[0m\u001b[32mok\u001b[0m | 5 passed | 0 failed \u001b[90m(9ms)\u001b[0m\n',
      [5, 0, 0],
    ],
    [
      'bun',
      ' 12 pass\n 1 skip\n 2 todo\n 3 fail\n 40 expect() calls\nRan 18 tests across 2 files.\n',
      [12, 3, 3],
    ],
    ['bun without skips', ' 7 pass\n 0 fail\n', [7, 0, 0]],
    ['our own closing line', 'chatter\n4 passed, 1 failed, 2 skipped\n', [4, 1, 2]],
    ['our own closing line, nothing skipped', '4 passed, 0 failed\n', [4, 0, 0]],
  ])('reads the closing lines of %s', (_, output, [passed, failed, skipped]) => {
    expect(countOutput(output)).toEqual({ passed, failed, skipped });
  });

  it.each(['', 'no tests here\n', ' 12 pass\n', 'passed, failed\n'])('finds no counts in %j', (output) => {
    expect(countOutput(output)).toBeUndefined();
  });
});
