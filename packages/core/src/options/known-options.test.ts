import { expect, test } from 'vitest';
import { knownOptions } from './known-options.ts';

interface Options {
  readonly a?: number;
  readonly b?: string;
}
const names = { a: true, b: true } as const;

test('copies own options, without a prototype', () => {
  const given: Options = Object.assign(Object.create({ b: 'inherited' }), { a: 1 });
  const own = knownOptions('thing', given, names);
  expect(Object.getPrototypeOf(own)).toBeNull();
  expect({ ...own }).toEqual({ a: 1 });
  expect(own.b).toBeUndefined();
});

test.each<[unknown, string]>([
  [{ c: 1 }, 'thing.c is not an option; there are a, b'],
  [{ toString: 1 }, 'thing.toString is not an option; there are a, b'],
  [JSON.parse('{"__proto__":1}'), 'thing.__proto__ is not an option; there are a, b'],
  [null, 'thing options must be an object, got null'],
  [[], 'thing options must be an object, got an array'],
  ['a', 'thing options must be an object, got string'],
])('refuses %j', (given, message) => {
  expect(() => knownOptions('thing', given as Options, names)).toThrow(new TypeError(message));
});
