import { describe, expect, it } from 'vitest';
import { accepting, type Checks, flag, laySettings, wholeNumber } from './lay-settings.ts';

interface Settings {
  readonly many: number;
  readonly on: boolean;
}

const inherited: Settings = Object.freeze({ many: 1, on: true });
const checks: Checks<Settings> = { many: wholeNumber, on: flag };
const laid = (given: unknown): Settings => laySettings('group', 'an object', given, inherited, checks);

describe('laySettings', () => {
  it('lays what was given over what is inherited, and undefined over nothing', () => {
    expect(laid({ many: 2 })).toEqual({ many: 2, on: true });
    expect(laid({ many: undefined, on: false })).toEqual({ many: 1, on: false });
    expect(laid({})).toEqual(inherited);
    expect(laid(Object.create({ many: 7 }))).toEqual(inherited);
  });

  it.each([
    [null, 'group must be an object, got null'],
    [[], 'group must be an object, got an array'],
    ['many', 'group must be an object, got string'],
    [{ more: 1 }, 'group.more is not an option; there are many, on'],
    [{ toString: 1 }, 'group.toString is not an option; there are many, on'],
    [JSON.parse('{"__proto__":{}}'), 'group.__proto__ is not an option; there are many, on'],
    [{ many: -1 }, 'group.many must be a whole number of 0 or more, got -1'],
    [{ many: 1.5 }, 'group.many must be a whole number of 0 or more, got 1.5'],
    [{ many: Number.NaN }, 'group.many must be a whole number of 0 or more, got NaN'],
    [{ many: 'secret' }, 'group.many must be a whole number of 0 or more, got string'],
    [{ on: 1 }, 'group.on must be true or false, got number'],
    [{ on: null }, 'group.on must be true or false, got null'],
  ])('refuses %j', (given, message) => {
    expect(() => laid(given)).toThrow(new TypeError(message));
  });

  it('takes Infinity for a whole number', () => {
    expect(laid({ many: Number.POSITIVE_INFINITY }).many).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('accepting', () => {
  it('tells what came only as far as its caller wants', () => {
    const color = (show?: (value: unknown) => string) =>
      accepting<string>("'red'", (value) => value === 'red', show);
    expect(color()('red', 'color', '')).toBe('red');
    expect(() => color()('blue', 'color', '')).toThrow(new TypeError("color must be 'red', got string"));
    expect(() => color(String)('blue', 'color', '')).toThrow(new TypeError("color must be 'red', got blue"));
  });
});
