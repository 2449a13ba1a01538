import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectLinearTime } from '../../test/support/linear-time.ts';
import { canonicalEncoding, charsetOf, encodingOf, parseContentType } from './content-type.ts';

describe('parseContentType', () => {
  it.each<[string, string, Record<string, string>]>([
    ['text/html', 'text/html', {}],
    ['TEXT/HTML;CHARSET=UTF-8', 'text/html', { charset: 'UTF-8' }],
    [' text/html ; charset = utf-8 ', 'text/html', { charset: 'utf-8' }],
    ['text/html;charset="utf-8"', 'text/html', { charset: 'utf-8' }],
    ['text/html;charset="ut\\f-8"', 'text/html', { charset: 'utf-8' }],
    ['text/html;charset="utf-8"x;a=b', 'text/html', { charset: 'utf-8', a: 'b' }],
    ['text/html;charset="utf-8', 'text/html', { charset: 'utf-8' }],
    [
      'text/html;a="x;charset=latin1";charset=utf-8',
      'text/html',
      { a: 'x;charset=latin1', charset: 'utf-8' },
    ],
    ['text/html;charset=utf-8;charset=latin1', 'text/html', { charset: 'utf-8' }],
    ['text/html;;;charset=utf-8;', 'text/html', { charset: 'utf-8' }],
    ['text/html;flag;charset=utf-8', 'text/html', { flag: '', charset: 'utf-8' }],
    ['text/html;=x;charset=utf-8', 'text/html', { charset: 'utf-8' }],
    ['text/html;a=b,c', 'text/html', { a: 'b,c' }],
    ['text/html;a=""', 'text/html', { a: '' }],
    ['application/vnd.api+json', 'application/vnd.api+json', {}],
    ['text;charset=utf-8', '', { charset: 'utf-8' }],
    ['text/', '', {}],
    ['/html', '', {}],
    ['a/b/c', '', {}],
    ['te xt/html', '', {}],
    ['', '', {}],
    [';', '', {}],
    ['x/y;__proto__=1;constructor=2', 'x/y', JSON.parse('{"__proto__":"1","constructor":"2"}')],
  ])('understands %j', (value, type, parameters) => {
    const parsed = parseContentType(value);
    expect(parsed.type).toBe(type);
    expect([...parsed.parameters]).toEqual(Object.entries(parameters));
  });

  it('never fails', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'a/;="\\ \t,é\0') }),
        (value) => void parseContentType(value),
      ),
    );
  });

  it('reads back any parameter written as a quoted-string', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const quoted = value.replace(/["\\]/g, '\\$&');
        expect(parseContentType(`a/b; x="${quoted}"; y=1`).parameters).toEqual(
          new Map([
            ['x', value],
            ['y', '1'],
          ]),
        );
      }),
    );
  });

  it.each([
    'a',
    ';',
    '=',
    '"',
    '\\',
    ' ',
    '"\\',
    ';a=',
    ';a="',
    ';a="\\"',
    '/',
    'a/',
    '\t;',
    ';x=y',
    '";"',
    ';charset=',
  ])('takes linear time for a megabyte of %j', async (unit) => {
    await expectLinearTime((length) => {
      const value = `a/b;${unit.repeat(length / unit.length)}`;
      charsetOf(`${value};charset=utf-8`);
      parseContentType(value.slice(4));
    });
  });
});

describe('the encoding a content type names', () => {
  it.each<[string | null, string | null, string | null]>([
    [null, null, null],
    ['', null, null],
    ['text/html', null, null],
    ['text/html; charset=', '', null],
    ['text/html; charset=utf-8', 'utf-8', 'utf-8'],
    ['text/html; charset=UTF8', 'UTF8', 'utf-8'],
    ['text/html; charset=latin1', 'latin1', 'windows-1252'],
    ['text/html; charset=ISO-8859-1', 'ISO-8859-1', 'windows-1252'],
    ["text/html; charset='shift_jis'", 'shift_jis', 'shift_jis'],
    ['text/html; Charset="EUC-KR"', 'EUC-KR', 'euc-kr'],
    ['text/html; charset=klingon', 'klingon', null],
    ['text/html; charset=utf-7', 'utf-7', null],
    ['text/html; xcharset=latin1', null, null],
    ['text/html; x="charset=latin1"', null, null],
    ['text/charset=latin1', null, null],
  ])('is, for %j, written %j and canonically %j', (value, charset, encoding) => {
    expect(charsetOf(value)).toBe(charset);
    expect(encodingOf(value)).toBe(encoding);
  });

  it('is not known for a label that the Encoding Standard replaces', () => {
    expect(canonicalEncoding('iso-2022-kr')).toBeNull();
  });
});
