import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendParams, mergePairs, type ParamsInit } from './query.ts';
import { parseRequestURL } from './request-url.ts';

const PAGE = 'http://h/p';

const append = (href: string, ...layers: readonly (ParamsInit | null | undefined)[]): string => {
  const url = appendParams(parseRequestURL(href), ...layers);
  return url.href + url.fragment;
};

describe('appendParams', () => {
  it.each<[string, ParamsInit, string]>([
    ['a record', { a: 1, b: 'x y' }, '?a=1&b=x+y'],
    [
      'pairs, in their order',
      [
        ['a', 1],
        ['b', 2],
        ['a', 3],
      ],
      '?a=1&b=2&a=3',
    ],
    ['a URLSearchParams', new URLSearchParams('a=1&a=2'), '?a=1&a=2'],
    ['a Map', new Map([['a', 1]]), '?a=1'],
    ['a string', 'x=y%20z', '?x=y+z'],
    ['a string with its question mark', '?x=1', '?x=1'],
    ['an array that repeats, nulls left out', { a: [1, null, 2, undefined] }, '?a=1&a=2'],
    ['nothing for an empty array', { a: [], b: 1 }, '?b=1'],
    ['an empty string', { c: '' }, '?c='],
    ['booleans', { t: true, f: false }, '?t=true&f=false'],
    ['bigint', { n: 9007199254740993n }, '?n=9007199254740993'],
    ['exponents', { n: 1e21, z: -0 }, '?n=1e%2B21&z=0'],
    ['a Date as ISO 8601', { d: new Date(0) }, '?d=1970-01-01T00%3A00%3A00.000Z'],
    ['special characters as URLSearchParams', { q: "~*!'()é&=#" }, '?q=%7E*%21%27%28%29%C3%A9%26%3D%23'],
    ['lone surrogates as U+FFFD', { q: '\ud800' }, '?q=%EF%BF%BD'],
    ['an own __proto__', JSON.parse('{"__proto__":"x"}'), '?__proto__=x'],
  ])('sends %s', (_, params, query) => {
    expect(append(PAGE, params)).toBe(PAGE + query);
  });

  it.each<[string, string]>([
    ['http://h/p', 'http://h/p?a=b'],
    ['http://h/p?', 'http://h/p?a=b'],
    ['http://h/p?x=1', 'http://h/p?x=1&a=b'],
    ['http://h/p?x&', 'http://h/p?x&&a=b'],
    ['http://h/p?a=1', 'http://h/p?a=1&a=b'],
    ['http://h/p#f', 'http://h/p?a=b#f'],
    ['http://h/p?#f', 'http://h/p?a=b#f'],
    ['http://h/p?x=%7e~#f?g', 'http://h/p?x=%7e~&a=b#f?g'],
    ['http://h/p#f?g', 'http://h/p?a=b#f?g'],
  ])('keeps the query and fragment of %s as they are', (href, expected) => {
    expect(append(href, { a: 'b' })).toBe(expected);
  });

  it.each<[string, ParamsInit | null | undefined, ParamsInit | null | undefined, string]>([
    ['replaces by name, in place', { a: 1, b: 2, c: 3 }, { b: [9, 8], d: 4 }, '?a=1&b=9&b=8&c=3&d=4'],
    ['removes what the call says is null', { a: 1, b: 2 }, { a: null }, '?b=2'],
    ['removes with an empty array', { a: 1, b: 2 }, { a: [] }, '?b=2'],
    ['inherits undefined', { a: 1 }, { a: undefined }, '?a=1'],
    [
      'merges a list with a record',
      { a: 1 },
      [
        ['b', 1],
        ['b', 2],
      ],
      '?a=1&b=1&b=2',
    ],
    ['merges a string', new URLSearchParams('a=1&b=2'), 'b=3', '?a=1&b=3'],
    [
      'replaces every repeated value',
      [
        ['a', 1],
        ['b', 1],
        ['a', 2],
      ],
      { a: 7 },
      '?a=7&b=1',
    ],
    ['keeps empty calls out', { a: 1 }, {}, '?a=1'],
    ['drops the session layer at null', { a: 1 }, null, ''],
    ['null in the session is nothing', { a: null }, undefined, ''],
    ['names are case-sensitive', { a: 1 }, { A: 2 }, '?a=1&A=2'],
  ])('%s', (_, session, call, query) => {
    expect(append(PAGE, session, call)).toBe(PAGE + query);
  });

  it('gives the same URL back when there is nothing to add', () => {
    const url = parseRequestURL('http://h/p?#f');
    expect(appendParams(url, undefined, {})).toBe(url);
    expect(appendParams(url, new URLSearchParams(), null)).toBe(url);
  });

  it('reads own properties only', () => {
    expect(append(PAGE, Object.create({ polluted: 1 }))).toBe(PAGE);
  });

  it.each<[unknown, RegExp]>([
    [{ a: {} }, /^params\.a must be .* got an object$/],
    [{ a: [[1]] }, /^params\.a must be .* got an array$/],
    [{ a: Symbol('s') }, /^params\.a must be .* got symbol$/],
    [{ a: new Date(Number.NaN) }, /^params\.a must be .*valid Date/],
    [['a=1'], /^params must hold \[name, value\] pairs, got string$/],
    [[['a', 1, 2]], /^params must hold \[name, value\] pairs/],
    [[[1, 'a']], /^params must hold \[name, value\] pairs, got an array$/],
    [7, /^params must be a record or pairs, got number$/],
    [Promise.resolve(), /got a Promise$/],
    [new Date(), /got a Date$/],
  ])('refuses %o by name', (params, message) => {
    expect(() => append(PAGE, params as ParamsInit)).toThrow(TypeError);
    expect(() => append(PAGE, params as ParamsInit)).toThrow(message);
  });
});

describe('properties of the merge', () => {
  const pairs = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })));
  const wellFormed = pairs.filter((list) => list.flat().every((text) => text.isWellFormed()));

  it('a server reads back exactly the pairs of a single layer', () => {
    fc.assert(
      fc.property(wellFormed, (list) => {
        expect([...new URL(append(`${PAGE}#f`, list)).searchParams]).toEqual(list);
      }),
    );
  });

  it('every name has the values of the last layer that gives it', () => {
    const narrow = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', '__proto__'), fc.string()));
    fc.assert(
      fc.property(narrow, narrow, (session, call) => {
        const merged = mergePairs('params', [session, call]);
        const valuesIn = (list: [string, string][], name: string) =>
          list.filter(([other]) => other === name).map(([, value]) => value);
        for (const [name] of [...session, ...call]) {
          const own = valuesIn(call, name);
          expect(valuesIn(merged, name)).toEqual(own.length > 0 ? own : valuesIn(session, name));
        }
        expect(merged.length).toBeLessThanOrEqual(session.length + call.length);
      }),
    );
  });

  const url = fc
    .tuple(
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
      fc.constantFrom('', '?', '?x', '??', '#', '?#f', '#f?g'),
    )
    .map(([href, end]) => parseRequestURL(href + end));

  it('the existing query and fragment survive byte for byte', () => {
    fc.assert(
      fc.property(url, (given) => {
        const { href, fragment } = appendParams(given, { a: 1 });
        expect(href.startsWith(given.href)).toBe(true);
        expect(href.endsWith('a=1')).toBe(true);
        expect(fragment).toBe(given.fragment);
      }),
    );
  });

  it('what comes out is what a URL parser makes of it', () => {
    fc.assert(
      fc.property(
        url,
        fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }))),
        (given, list) => {
          const { href, fragment, ...rest } = appendParams(given, list);
          expect({ href, fragment, ...rest }).toEqual(parseRequestURL(href + fragment));
        },
      ),
    );
  });
});
