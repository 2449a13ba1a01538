import { relative } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../src/workspace.mjs';
import { exportedNames, publishedEntries } from './public/exported-names.ts';

it.each(publishedEntries)('every export of $name has a doc comment', ({ source }) => {
  const bare = exportedNames(source)
    .filter(({ documented }) => !documented)
    .map(({ name, file }) => `${relative(root, file)}: ${name}`);
  expect(bare).toEqual([]);
});
