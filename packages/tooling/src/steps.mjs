// What `npm test` runs, in this order. A new suite is one more entry in `steps`.
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
export const nodeBinary = (alias, packageFolder = 'packages/conformance') =>
  join(root, packageFolder, 'node_modules', alias, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** @param {...string} parameters */
const tsc = (...parameters) => script('node_modules/typescript/bin/tsc', parameters);

/** @param {...string} parameters */
const vitest = (...parameters) => script('node_modules/vitest/vitest.mjs', ['run', ...parameters]);

// Builds, packs and installs: a step of its own, with a limit of its own.
const consumerTests = 'packages/conformance/test/consumers.test.ts';

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
    command: vitest('--exclude', consumerTests),
    counts: 'vitest',
    limit: 900,
  },
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
];
