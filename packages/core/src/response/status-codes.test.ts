import { STATUS_CODES } from 'node:http';
import { expect, it } from 'vitest';
import { status } from './status-codes.ts';

const words = (text: string): string => text.toLowerCase().replace(/[^a-z]/g, '');

// Node keeps the names that RFC 9110 has replaced.
const renamed: Readonly<Record<number, string>> = {
  413: 'contenttoolarge',
  422: 'unprocessablecontent',
};

it.each(Object.entries(status))('%s has the name that Node knows %i by', (name, code) => {
  expect(words(name)).toBe(renamed[code] ?? words(STATUS_CODES[code] ?? ''));
});

it('cannot be changed', () => {
  expect(Object.isFrozen(status)).toBe(true);
});
