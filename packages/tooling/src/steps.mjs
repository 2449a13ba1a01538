// What `npm test` runs, in this order. A new suite is one more entry in `steps`.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildCommand } from './setup.mjs';
import { root } from './workspace.mjs';

/**
 * One step of `npm test`.
 * @typedef {object} Step
 * @property {string} name short, for `npm test -- --only name,name`
 * @property {string} title what it shows
 * @property {readonly [string, ...string[]]} command program and parameters, run in the root
 * @property {'exit' | 'vitest' | 'output'} counts one test per exit code; vitest's JSON; or the closing lines that the program prints
 * @property {readonly string[]} [needs] names from debian-packages.mjs without which it is skipped
 * @property {number} [limit] seconds, 600 by default
 * @property {Record<string, string>} [env] added to the environment
 */

/**
 * A script that a dependency ships, run by this Node or by another binary.
 * @param {string} path from the root
 * @param {readonly string[]} parameters
 * @param {string} [node] the Node to run it with, such as {@link nodeBinary}`('node24')`
 * @returns {[string, ...string[]]}
 */
export const script = (path, parameters, node = process.execPath) => [node, join(root, path), ...parameters];

/**
 * Another Node, from the npm package `node` under an alias.
 * @param {string} alias such as `node24`
 * @param {string} [packageFolder] the workspace package that depends on it
 */
const nodeBinary = (alias, packageFolder = 'packages/conformance') =>
  join(root, packageFolder, 'node_modules', alias, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** @param {...string} parameters */
const tsc = (...parameters) => script('node_modules/typescript/bin/tsc', parameters);

/** @param {...string} parameters */
const vitest = (...parameters) => script('node_modules/vitest/vitest.mjs', ['run', ...parameters]);

// Builds, packs and installs: a step of its own, with a limit of its own.
const consumerTests = 'packages/conformance/test/consumers.test.ts';
// The conformance suite: a step per runtime.
const conformance = 'packages/conformance/test/conformance';

/**
 * The conformance suite inside a runtime that is no Node. A runtime that is not there is a skipped test that says so.
 * @param {string} name of its test file
 * @param {string} title
 * @returns {Step}
 */
const runtime = (name, title) => ({
  name,
  title: `conformance ${title}`,
  command: vitest('--project', 'integration', `${conformance}-${name}.test.ts`),
  counts: 'vitest',
  limit: 300,
});

/**
 * The conformance suite on another Node.
 * @param {string} major
 * @returns {Step}
 */
const otherNode = (major) => {
  const node = nodeBinary(`node${major}`);
  const missing = `no Node ${major} at ${node}\n0 passed, 0 failed, 1 skipped`;
  return {
    name: `node${major}`,
    title: `conformance on Node ${major}`,
    limit: 300,
    env: { HTTPSESSION_NODE_MAJOR: major },
    // Looked for when the step runs: on a fresh clone nothing is installed when this list is read.
    /** @returns {[string, ...string[]]} */
    get command() {
      return existsSync(node)
        ? script(
            'node_modules/vitest/vitest.mjs',
            ['run', '--project', 'integration', `${conformance}.test.ts`],
            node,
          )
        : [process.execPath, '-e', `console.log(${JSON.stringify(missing)})`];
    },
    get counts() {
      return existsSync(node) ? 'vitest' : 'output';
    },
  };
};

/** @type {readonly Step[]} */
export const steps = [
  {
    name: 'lint',
    title: 'format and lint',
    command: script('node_modules/@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.']),
    counts: 'exit',
  },
  { name: 'build', title: 'packages and examples build', command: buildCommand, counts: 'exit' },
  {
    name: 'types',
    title: 'tests, examples and tooling type-check, type tests hold',
    command: tsc('-p', 'packages/tsconfig.types.json'),
    counts: 'exit',
  },
  {
    name: 'size',
    title: 'browser bundles stay small and carry nothing of Node',
    command: script('packages/tooling/src/size-budget.mjs', []),
    counts: 'output',
  },
  {
    name: 'vitest',
    title: 'unit and integration tests',
    command: vitest('--exclude', consumerTests, '--exclude', `${conformance}-*.test.ts`),
    counts: 'vitest',
    limit: 900,
  },
  otherNode('22'),
  otherNode('24'),
  otherNode('26'),
  runtime('deno', 'by deno test'),
  runtime('bun', 'by bun test'),
  runtime('workerd', 'inside workerd'),
  { ...runtime('chromium', 'inside Chromium'), needs: ['chromium'] },
  { ...runtime('firefox', 'inside Firefox'), needs: ['firefox'] },
  {
    name: 'consumers',
    title: 'packages as users get them, in every kind of program',
    command: vitest(consumerTests),
    counts: 'vitest',
    limit: 240,
  },
  {
    name: 'jsr',
    title: 'JSR takes the packages',
    command: script('packages/tooling/src/publish-to-jsr.mjs', ['--dry-run']),
    counts: 'exit',
  },
  {
    // The last: nothing else runs beside it. Half a minute; longer only where a figure is measured again.
    name: 'budget',
    title: 'what a session costs beside its peers stays within limits',
    command: script('packages/bench/src/budget.mjs', []),
    counts: 'exit',
    limit: 240,
  },
];
