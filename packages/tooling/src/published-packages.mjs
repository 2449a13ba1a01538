// The packages that go to the registries, as their package.json files describe them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace.mjs';

/**
 * What the tooling reads of a package.json.
 * @typedef {object} PackageManifest
 * @property {string} name
 * @property {string} version
 * @property {boolean} [private]
 * @property {Record<string, Exports>} exports of the workspace, with the sources
 * @property {{ exports: Record<string, Exports> }} publishConfig
 * @property {Record<string, string>} [dependencies]
 */

/** @typedef {string | { [condition: string]: Exports }} Exports */

/**
 * A package that is published.
 * @typedef {object} PublishedPackage
 * @property {string} folder absolute
 * @property {PackageManifest} manifest
 * @property {readonly { source: string, built: string }[]} entries files relative to the folder: `src/index.ts` and `dist/index.js`
 */

/** @returns {readonly PublishedPackage[]} */
export const publishedPackages = () =>
  readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, manifest: readManifest(folder) }))
    .filter(({ manifest }) => manifest.private !== true)
    .map((published) => ({ ...published, entries: entriesOf(published.manifest) }));

/**
 * @param {string} folder
 * @returns {PackageManifest}
 */
const readManifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** @param {PackageManifest} manifest */
const entriesOf = (manifest) => {
  const built = new Set(filesOf(manifest.exports).filter((file) => /^\.\/dist\/.*\.js$/.test(file)));
  return [...built].map((file) => ({
    source: file.replace('./dist/', 'src/').replace(/\.js$/, '.ts'),
    built: file.slice('./'.length),
  }));
};

/**
 * @param {Exports} exports
 * @returns {readonly string[]}
 */
const filesOf = (exports) =>
  typeof exports === 'string' ? [exports] : Object.values(exports).flatMap(filesOf);
