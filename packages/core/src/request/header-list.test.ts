import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectLinearTime } from '../../test/support/linear-time.ts';
import { InvalidHeaderError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { Session } from '../session/session.ts';
import { fetchTransport } from '../transport/fetch-transport.ts';
import { HeaderList, type HeadersInit } from './header-list.ts';

const pairs = (...layers: readonly (HeadersInit | null | undefined)[]): [string, string][] =>
  HeaderList.from(...layers).toPairs();

describe('merging', () => {
  it.each<[what: string, layers: (HeadersInit | null | undefined)[], result: [string, string][]]>([
    [
      'case and order stay as given',
      [{ 'X-b': '1', 'x-A': '2' }],
      [
        ['X-b', '1'],
        ['x-A', '2'],
      ],
    ],
    [
      'a later layer wins, spelling too, in the earlier place',
      [{ 'x-a': '1', b: '2' }, { 'X-A': '3' }],
      [
        ['X-A', '3'],
        ['b', '2'],
      ],
    ],
    ['null removes by any case', [{ 'User-Agent': 'x', b: '2' }, { 'user-AGENT': null }], [['b', '2']]],
    ['null for a missing header changes nothing', [{ b: '2' }, { a: null }], [['b', '2']]],
    ['undefined inherits', [{ a: '1' }, { a: undefined }], [['a', '1']]],
    ['of two spellings in one record the last wins', [{ 'X-A': '1', 'x-a': '2' }], [['x-a', '2']]],
    [
      'null after a value in one layer removes',
      [
        [
          ['a', '1'],
          ['A', null],
        ],
      ],
      [],
    ],
    [
      'a value after null in one layer stands',
      [
        { a: '0' },
        [
          ['a', null],
          ['A', '1'],
        ],
      ],
      [['A', '1']],
    ],
    ['an empty value is a value', [{ a: '' }], [['a', '']]],
    [
      'numbers and booleans are text',
      [{ a: 1, b: true }],
      [
        ['a', '1'],
        ['b', 'true'],
      ],
    ],
    ['spaces and tabs around a value go', [{ a: ' \tx y\t ' }], [['a', 'x y']]],
    ['a no-break space is part of the value', [{ a: '\u00a0x' }], [['a', '\u00a0x']]],
    [
      'Headers, Map and generator are lists of pairs',
      [
        new Headers({ a: '1' }),
        new Map([['b', '2']]),
        (function* () {
          yield ['c', '3'] as const;
        })(),
      ],
      [
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
      ],
    ],
    ['null and undefined layers are none', [null, { a: '1' }, undefined], [['a', '1']]],
    ['a header named __proto__ is a header', [[['__proto__', 'x']]], [['__proto__', 'x']]],
  ])('%s', (_what, layers, result) => {
    expect(pairs(...layers)).toEqual(result);
  });

  it('remembers what was removed, for those who would add it by themselves', () => {
    const list = HeaderList.from({ A: '1', b: '2' }, { a: null, 'Accept-Encoding': null });
    expect([list.isRemoved('a'), list.isRemoved('accept-encoding'), list.isRemoved('b')]).toEqual([
      true,
      true,
      false,
    ]);
    const derived = list
      .with('c', '3')
      .filter((name) => name !== 'b')
      .merge({ d: '4' });
    expect(derived.isRemoved('accept-encoding')).toBe(true);
    expect(HeaderList.from(derived.toInit()).isRemoved('accept-encoding')).toBe(true);
    expect(derived.merge({ A: '5' }).isRemoved('a')).toBe(false);
  });

  it('reads own properties only', () => {
    expect(pairs(Object.create({ 'x-inherited': '1' }))).toEqual([]);
  });

  it('never changes what it was given, nor an earlier list', () => {
    const given = Object.freeze({ A: '1' });
    const list = HeaderList.from(given);
    list.with('a', '2');
    list.merge({ A: null, b: '1' });
    list.filter(() => false);
    expect(list.toPairs()).toEqual([['A', '1']]);
  });

  it('hands out records without prototype', () => {
    expect(Object.getPrototypeOf(HeaderList.from({ a: '1' }).toRecord())).toBe(null);
  });
});

describe('refusals', () => {
  it.each([
    'a\r\nb: c',
    'a\rb',
    'a\nb',
    'a\n',
    '\r\na',
    '\0',
    'a\x7fb',
    'a\x1bb',
    '\u010a',
    '\u560d',
    '\ud800',
  ])('the value %j is refused', (value) => {
    expect(() => HeaderList.from({ 'x-a': value })).toThrow(InvalidHeaderError);
    expect(() => HeaderList.from({ 'x-a': value })).toThrow(
      'header x-a has a character that no header value may have',
    );
  });

  it.each(['', ' a', 'a ', 'a b', 'a:', 'a\r\nb', 'a\0', 'ä', '(a)'])('the name %j is refused', (name) => {
    expect(() => HeaderList.from({ [name]: '1' })).toThrow(InvalidHeaderError);
  });

  it('never shows the value', () => {
    expect(() => HeaderList.from({ authorization: 'secret\n' })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('secret') }),
    );
  });

  it.each<[what: string, init: unknown, message: string]>([
    ['text', 'a: b', 'headers must be a Headers, a record or a list of pairs, got string'],
    ['a list of texts', ['ab'], 'headers: a list must hold [name, value] pairs, got string'],
    ['a triple', [['a', 'b', 'c']], 'headers: a list must hold [name, value] pairs, got an array of 3'],
    ['a list of null', [null], 'headers: a list must hold [name, value] pairs, got null'],
    [
      'an object as value',
      { a: { toString: () => 'x' } },
      'header a must be a string, number or boolean, got object',
    ],
    ['an array as value', { a: ['x'] }, 'header a must be a string, number or boolean, got an array of 1'],
    ['a symbol as name', [[Symbol('a'), 'b']], 'headers: a name must be a string, got symbol'],
  ])('%s is no header', (_what, init, message) => {
    expect(() => HeaderList.from(init as HeadersInit)).toThrow(new TypeError(message));
  });
});

describe('properties', () => {
  const token = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,12}$/);
  const value = fc.string({
    unit: fc.constantFrom('a', 'é', ' ', '\t', '"', ',', ';', '\x7e'),
    maxLength: 12,
  });
  const record = fc.array(fc.tuple(token, fc.oneof(value, fc.constant(null))), { maxLength: 12 });

  it('holds each name once, by lower case', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 4 }), (layers) => {
        const names = pairs(...layers).map(([name]) => name.toLowerCase());
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });

  it('agrees with a plain map of lower-case names', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 4 }), (layers) => {
        const model = new Map<string, string>();
        for (const [name, given] of layers.flat()) {
          if (given === null) model.delete(name.toLowerCase());
          else model.set(name.toLowerCase(), given.replace(/^[\t ]+|[\t ]+$/g, ''));
        }
        const list = HeaderList.from(...layers);
        expect(new Map(list.toPairs().map(([name, text]) => [name.toLowerCase(), text]))).toEqual(model);
        for (const [name, text] of model) expect(list.get(name)).toBe(text);
      }),
    );
  });

  it('lets no line break, NUL or wide character through, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, text) => {
        let list: HeaderList;
        try {
          list = HeaderList.from({ [name]: text });
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidHeaderError);
          return;
        }
        for (const part of list.toFlat()) expect(part).toMatch(/^[\t\x20-\x7e\x80-\xff]*$/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('deriving the same list again', () => {
  it('hands out the list made before, and makes another one for another value', () => {
    const defaults = HeaderList.from({ accept: '*/*' });
    const first = defaults.with('Cookie', 'a=1');
    expect(defaults.with('Cookie', 'a=1')).toBe(first);
    expect(defaults.with('cookie', 'a=1').toPairs()).toContainEqual(['cookie', 'a=1']);
    expect(defaults.with('Cookie', 'a=2').get('cookie')).toBe('a=2');
    expect(defaults.with('Cookie', null).has('cookie')).toBe(false);
    expect(first.get('cookie')).toBe('a=1');
  });

  it('checks what it has not seen', () => {
    const defaults = HeaderList.from({ accept: '*/*' });
    defaults.with('x-a', '1');
    expect(() => defaults.with('x-a', '1\r\nx-b: 2')).toThrow(InvalidHeaderError);
  });

  it('keeps nothing on the list that all sessions share', () => {
    expect(HeaderList.empty.with('authorization', 'secret')).not.toBe(
      HeaderList.empty.with('authorization', 'secret'),
    );
    const platform: Platform = {
      name: 'test',
      userAgent: null,
      cookies: null,
      createTransport: () => fetchTransport(() => new Response()),
    };
    new Session({}, platform).prepare('GET', 'http://a.test/', { headers: null });
    expect(HeaderList.empty.checkedFor).toBeNull();
  });
});

it('white space around a value is no part of it, white space inside is', () => {
  const value = (given: string) => HeaderList.from({ 'x-a': given }).get('x-a');
  expect([value(' \ta b\t '), value('  '), value('a  b'), value('\t')]).toEqual(['a b', '', 'a  b', '']);
});

it.each(['a', ''])('takes linear time for a value of %j and a megabyte of spaces in it', async (edge) => {
  await expectLinearTime((length) => {
    HeaderList.from({ 'x-a': `${edge}${' '.repeat(length)}\t${edge}` });
  });
});
