// What the browser pays: gzip sizes of bundles against the budget and against the last figures, and who must never be in them.
//   node packages/tooling/src/size-budget.mjs             fails where a bundle has grown by more than a hundredth
//   node packages/tooling/src/size-budget.mjs --update    writes today's figures down
//   node packages/tooling/src/size-budget.mjs --explain   lists what weighs most
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { runMain } from './setup.mjs';
import { root } from './workspace.mjs';

/**
 * One bundle.
 * @typedef {object} Bundle
 * @property {string} name
 * @property {string} program what it imports
 * @property {readonly string[]} conditions
 * @property {number} [budget] bytes of gzip before anything is loaded on demand
 * @property {readonly RegExp[]} forbidden modules that must not be reachable, not even on demand
 */

/**
 * What a bundle weighs.
 * @typedef {object} Weight
 * @property {number} start bytes of gzip that the program starts with
 * @property {number} later bytes of gzip that are loaded on demand
 */

const node = /^node:/;
const toughCookie = /node_modules\/(?:tough-cookie|fetch-cookie|tldts)/;

/** @type {readonly Bundle[]} */
export const bundles = [
  {
    name: 'browser entry',
    program: `export * from '@httpsession/browser'`,
    conditions: ['browser'],
    budget: 8_000,
    forbidden: [node, toughCookie],
  },
  {
    name: 'umbrella in a browser: Session with retries and streaming readers, digest',
    program: `export { Session, digest } from 'httpsession'`,
    conditions: ['browser'],
    budget: 12_000,
    forbidden: [node, toughCookie],
  },
  {
    name: 'umbrella in a browser: everything',
    program: `export * from 'httpsession'`,
    conditions: ['browser'],
    forbidden: [node, toughCookie],
  },
  // Workers keep their own cookies: they may have tough-cookie.
  {
    name: 'umbrella in a worker: everything',
    program: `export * from 'httpsession'`,
    conditions: ['workerd', 'worker', 'browser'],
    forbidden: [node],
  },
];

/**
 * What is wrong with a bundle's weight: it has grown by more than a hundredth since it was last written down. Being over budget is said, but
 * what is over already cannot fail every run.
 * @param {Weight} weight
 * @param {Weight | undefined} before
 * @returns {string} empty when nothing is
 */
export const regression = (weight, before) => {
  if (before === undefined) return 'is not written down: run with --update';
  const total = (/** @type {Weight} */ { start, later }) => start + later;
  for (const [part, now, was] of /** @type {const} */ ([
    ['the start', weight.start, before.start],
    // What moves from the start to later is no loss.
    ['the whole', total(weight), total(before)],
  ])) {
    const limit = Math.ceil(was * 1.01);
    if (now > limit) return `${part} grew from ${was} to ${now} bytes (at most ${limit})`;
  }
  return '';
};

/**
 * Bundles a program from the sources, minified, as its conditions resolve it.
 * @param {Bundle} bundle
 * @returns {Promise<Weight & { reached: readonly string[], heaviest: readonly string[] }>}
 */
export const weigh = async ({ program, conditions, forbidden }) => {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: join(root, 'packages/httpsession'), loader: 'ts' },
    absWorkingDir: root,
    outdir: 'out',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    conditions: ['source', ...conditions],
    // So that they show in the list of imports instead of failing.
    external: ['node:*'],
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const outputs = new Map(Object.entries(metafile.outputs));
  const first = [...outputs].find(([, output]) => output.entryPoint !== undefined)?.[0] ?? '';
  const atStart = new Set([first]);
  for (const path of atStart) {
    for (const { path: next, kind } of outputs.get(path)?.imports ?? []) {
      if (kind === 'import-statement' && outputs.has(next)) atStart.add(next);
    }
  }
  // What only code imports that was left out is written, too, but nobody loads it.
  const loadable = new Set(atStart);
  for (const path of loadable) {
    for (const { path: next } of outputs.get(path)?.imports ?? []) if (outputs.has(next)) loadable.add(next);
  }
  const weight = { start: 0, later: 0 };
  for (const { path: file, contents } of outputFiles) {
    const path = file.slice(root.length);
    if (!loadable.has(path)) continue;
    weight[atStart.has(path) ? 'start' : 'later'] += gzipSync(contents, { level: 9 }).length;
  }
  const imported = [...outputs.values()].flatMap(({ imports }) => imports.map(({ path }) => path));
  const reached = [...Object.keys(metafile.inputs), ...imported].filter((path) =>
    forbidden.some((pattern) => pattern.test(path)),
  );
  const heaviest = Object.entries(outputs.get(first)?.inputs ?? {})
    .sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput)
    .map(([path, { bytesInOutput }]) => `${String(bytesInOutput).padStart(7)}  ${path}`);
  return { ...weight, reached, heaviest };
};

const figuresFile = join(root, 'packages/tooling/size-figures.json');
const kilobytes = (/** @type {number} */ bytes) => `${(bytes / 1000).toFixed(1)} kB`;

await runMain(import.meta.url, async () => {
  const { values } = parseArgs({ options: { update: { type: 'boolean' }, explain: { type: 'boolean' } } });
  /** @type {Record<string, Weight>} */
  const before = JSON.parse(readFileSync(figuresFile, 'utf8'));
  /** @type {Record<string, Weight>} */
  const now = {};
  let failed = 0;
  for (const bundle of bundles) {
    const { start, later, reached, heaviest } = await weigh(bundle);
    now[bundle.name] = { start, later };
    const complaint = values.update ? '' : regression({ start, later }, before[bundle.name]);
    const budget =
      bundle.budget === undefined
        ? ''
        : start > bundle.budget
          ? `, OVER its budget of ${kilobytes(bundle.budget)} by ${kilobytes(start - bundle.budget)}`
          : `, within its budget of ${kilobytes(bundle.budget)}`;
    const forbidden = reached.length > 0 ? `reaches ${[...new Set(reached)].slice(0, 5).join(', ')}` : '';
    if (complaint !== '' || forbidden !== '') failed += 1;
    console.log(
      `${bundle.name}: ${kilobytes(start)} gzip at the start, ${kilobytes(later)} on demand${budget}`,
    );
    for (const wrong of [complaint, forbidden]) if (wrong !== '') console.log(`  FAILED: ${wrong}`);
    if (values.explain) for (const line of heaviest.slice(0, 40)) console.log(line);
  }
  if (values.update) writeFileSync(figuresFile, `${JSON.stringify(now, null, 2)}\n`);
  console.log(`${bundles.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
});
