import { readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { exportedNames, publishedEntries } from './public/exported-names.ts';

// Each platform of the umbrella has an entry; they export the same names, so that one list stands for all.
const entries = publishedEntries;
const listOf = (source: string): string =>
  exportedNames(source)
    .map(({ name, kind }) => `${kind === 'value' ? 'value' : 'type '} ${name}\n`)
    .join('');
const fileOf = (name: string): string =>
  `api/${name
    .replace(/^httpsession\/.*/, 'httpsession')
    .replace('@httpsession/', '')
    .replace('/', '-')}.txt`;

describe('the public names', () => {
  it.each(entries)(
    'of $name are those of the list: `npx vitest -u` writes a change to it',
    async ({ name, source }) => {
      await expect(listOf(source)).toMatchFileSnapshot(fileOf(name));
    },
  );

  it.each(entries)('of $name that are values are there when it is imported', async ({ source }) => {
    const module: object = await import(pathToFileURL(source).href);
    const values = exportedNames(source).filter(({ kind }) => kind === 'value');
    expect(Object.keys(module).sort()).toEqual(values.map(({ name }) => name).sort());
  });

  it('have no list without an entry', () => {
    const lists = readdirSync(new URL('api', import.meta.url)).map((name) => `api/${name}`);
    expect(lists.sort()).toEqual([...new Set(entries.map(({ name }) => fileOf(name)))].sort());
  });
});
