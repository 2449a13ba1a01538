import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../src/workspace.mjs';
import { bareMembers } from './public/bare-members.ts';
import { exportedNames, publishedEntries } from './public/exported-names.ts';

it.each(publishedEntries)('every export of $name has a doc comment', ({ source }) => {
  const bare = exportedNames(source)
    .filter(({ documented }) => !documented)
    .map(({ name, file }) => `${relative(root, file)}: ${name}`);
  expect(bare).toEqual([]);
});

// Documented where `Promise` is.
const ofPromises = ['then', 'catch', 'finally'];

describe('every member has a doc comment', () => {
  // What programs are written against; members of the other types say by name and type what they are.
  const isHeldToIt = (name: string): boolean =>
    (/(?:Options|Limits)$/.test(name) && !name.startsWith('Resolved')) ||
    ['Session', 'ResponsePromise', 'CookieJar', 'Hooks', 'Transport', 'TlsInit'].includes(name);
  const types = new Map(
    publishedEntries
      .flatMap(({ source }) => exportedNames(source))
      .filter(({ name }) => isHeldToIt(name))
      .map(({ name, file }) => [
        `${relative(root, file)}: ${name}`,
        bareMembers(readFileSync(file, 'utf8'), name),
      ]),
  );

  it.each([...types].filter(([, bare]) => bare !== null))('of %s', (_where, bare) => {
    expect(bare?.filter((member) => !ofPromises.includes(member))).toEqual([]);
  });
});
