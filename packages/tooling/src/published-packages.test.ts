import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Exports, publishedPackages } from './published-packages.mjs';

const packages = publishedPackages();
const json = (folder: string, name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

it('finds the packages that are not private, with the sources of their entries', () => {
  const names = packages.map(({ manifest }) => manifest.name);
  expect(names).toContain('httpsession');
  expect(names).toContain('@httpsession/core');
  expect(names).not.toContain('tooling');
  for (const { folder, entries } of packages) {
    expect(entries).not.toHaveLength(0);
    for (const { source } of entries)
      expect(existsSync(join(folder, source)), `${folder}: ${source}`).toBe(true);
  }
});

it.each(packages.map((published) => [published.manifest.name, published] as const))(
  '%s leaves its code to the bundler, its sources out of what is published, and has one version',
  (_, { folder, manifest }) => {
    expect(json(folder, 'tsconfig.json').compilerOptions.emitDeclarationOnly).toBe(true);
    expect(conditionsOf(manifest.publishConfig.exports)).not.toContain('source');
    expect(Object.keys(manifest.publishConfig.exports)).toEqual(Object.keys(manifest.exports));
    if (existsSync(join(folder, 'jsr.json'))) {
      expect(json(folder, 'jsr.json').version).toBe(manifest.version);
    }
  },
);

const conditionsOf = (exports: Exports): string[] =>
  typeof exports === 'string'
    ? []
    : Object.entries(exports).flatMap(([condition, target]) => [condition, ...conditionsOf(target)]);
