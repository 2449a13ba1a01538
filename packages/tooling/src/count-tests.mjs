/**
 * How many tests of a step passed, failed and were skipped, and the names of the skipped ones.
 * @typedef {object} Tally
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {readonly string[]} [skippedNames]
 */

/**
 * Reads what `vitest --reporter=json` wrote.
 * @param {string} json
 * @returns {Tally}
 */
export const countVitest = (json) => {
  /** @type {{ testResults: readonly { status: string, message: string, assertionResults: readonly { status: string, fullName: string }[] }[] }} */
  const { testResults } = JSON.parse(json);
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  // A file that fails while it is imported has no tests to fail.
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const skipped = tests.filter(({ status }) => status !== 'passed' && status !== 'failed');
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: tests.filter(({ status }) => status === 'failed').length + brokenFiles.length,
    skipped: skipped.length,
    skippedNames: skipped.map(({ fullName }) => fullName.trim()),
  };
};

/**
 * Reads the closing lines of `deno test`, `bun test` or of any program that ends with `N passed, N failed[, N skipped]`.
 * @param {string} output
 * @returns {Tally | undefined} `undefined` where no such line is found
 */
export const countOutput = (output) => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  const lines = output.replace(/\u001b\[[0-9;]*m/g, '').split('\n');
  for (const line of lines.reverse()) {
    // deno: `ok | 12 passed (3 steps) | 0 failed | 2 ignored (41ms)`; ours: `12 passed, 0 failed, 2 skipped`
    const passed = /(?:^|\| )(\d+) passed/.exec(line)?.[1];
    const failed = /[,|] (\d+) failed/.exec(line)?.[1];
    if (passed !== undefined && failed !== undefined) {
      const skipped = /[,|] (\d+) (?:ignored|skipped)/.exec(line)?.[1] ?? '0';
      return { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
    }
  }
  return countBun(lines);
};

/**
 * bun: ` 12 pass`, ` 2 skip`, ` 0 fail`, each on a line of its own.
 * @param {readonly string[]} lines
 * @returns {Tally | undefined}
 */
const countBun = (lines) => {
  /** @param {string} word */
  const count = (word) => {
    const line = lines.find((text) => new RegExp(`^ *\\d+ ${word}$`).test(text));
    return line === undefined ? undefined : Number.parseInt(line, 10);
  };
  const passed = count('pass');
  const failed = count('fail');
  if (passed === undefined || failed === undefined) return undefined;
  return { passed, failed, skipped: (count('skip') ?? 0) + (count('todo') ?? 0) };
};
