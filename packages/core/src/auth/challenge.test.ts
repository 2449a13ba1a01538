import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectLinearTime } from '../../test/support/linear-time.ts';
import { type Challenge, MAX_CHALLENGES, parseAuthParams, parseChallenges } from './challenge.ts';

type Plain = [scheme: string, token68OrParams?: string | Record<string, string>];

const plain = (challenges: readonly Challenge[]): Plain[] =>
  challenges.map(({ scheme, token68, params }) =>
    token68 !== null ? [scheme, token68] : params.size > 0 ? [scheme, Object.fromEntries(params)] : [scheme],
  );

describe('parseChallenges', () => {
  it.each<[string, readonly string[], readonly Plain[]]>([
    ['nothing', [], []],
    ['an empty header', [''], []],
    ['a bare scheme', ['Negotiate'], [['negotiate']]],
    ['one challenge', ['Basic realm="simple"'], [['basic', { realm: 'simple' }]]],
    [
      'the two challenges of RFC 9110 11.6.1',
      ['Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""'],
      [
        ['basic', { realm: 'simple' }],
        ['newauth', { realm: 'apps', type: '1', title: 'Login to "apps"' }],
      ],
    ],
    [
      'several lines',
      ['Digest realm=a', 'BASIC Realm=b'],
      [
        ['digest', { realm: 'a' }],
        ['basic', { realm: 'b' }],
      ],
    ],
    [
      'two of one scheme',
      ['Digest a=1, Digest a=2'],
      [
        ['digest', { a: '1' }],
        ['digest', { a: '2' }],
      ],
    ],
    [
      'commas and equals signs in quotes',
      ['Digest realm="a, Basic b=c"'],
      [['digest', { realm: 'a, Basic b=c' }]],
    ],
    ['escapes', [String.raw`Digest realm="a\\b\"c\d"`], [['digest', { realm: 'a\\b"cd' }]]],
    ['a token68', ['Negotiate YII='], [['negotiate', 'YII=']]],
    [
      'a token68 without padding before another scheme',
      ['NTLM TlRM, Basic realm=x'],
      [
        ['ntlm', 'TlRM'],
        ['basic', { realm: 'x' }],
      ],
    ],
    [
      'bare schemes in a list',
      ['Negotiate, NTLM, Basic realm="x"'],
      [['negotiate'], ['ntlm'], ['basic', { realm: 'x' }]],
    ],
    ['empty list elements', [', ,Digest ,, a=1,, ,b=2 , '], [['digest', { a: '1', b: '2' }]]],
    ['spaces around the equals sign', ['Digest a = "1" ,b\t=\t2'], [['digest', { a: '1', b: '2' }]]],
    [
      'unquoted values that are no tokens',
      ['Digest domain=/a, nonce=ab/c+d=='],
      [['digest', { domain: '/a', nonce: 'ab/c+d==' }]],
    ],
    ['an empty value', ['Digest opaque="", a=, b=2'], [['digest', { opaque: '', a: '', b: '2' }]]],
    ['a repeated name', ['Digest a=1, A=2'], [['digest', { a: '2' }]]],
    ['a missing comma', ['Digest a="1"b="2"'], [['digest', { a: '1', b: '2' }]]],
    ['a missing closing quote', ['Digest a=1, realm="x, b=2'], [['digest', { a: '1', realm: 'x, b=2' }]]],
    ['a lone escape at the end', ['Digest realm="x\\'], [['digest', { realm: 'x' }]]],
    ['text that is no token', ['(), "a", =b, Digest a=1, {}, b=2'], [['digest', { a: '1', b: '2' }]]],
    ['parameters without a scheme', ['a=1, Digest b=2'], [['digest', { b: '2' }]]],
    [
      'names of Object.prototype',
      ['Digest __proto__=1, constructor=2'],
      [
        [
          'digest',
          Object.fromEntries([
            ['__proto__', '1'],
            ['constructor', '2'],
          ]),
        ],
      ],
    ],
    ['characters above ASCII', ['Digest realm="caf\u00e9"'], [['digest', { realm: 'caf\u00e9' }]]],
    ['a NUL in one of two lines', ['Digest nonce="a\0b"', 'Basic realm=x'], [['basic', { realm: 'x' }]]],
    ['a line end', ['Digest nonce="a\r\nb"'], []],
    ['a delete character', ['Digest nonce="a\x7fb"'], []],
  ])('reads %s', (_title, values, expected) => {
    expect(plain(parseChallenges(values))).toEqual(expected);
  });

  it('reads back any challenges that were written by the grammar', () => {
    const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9a-z]{1,8}$/);
    const text = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    });
    const params = fc.dictionary(token, text, { minKeys: 1, maxKeys: 5 });
    const challenge = fc.tuple(token, params);
    const quoted = (value: string) => `"${value.replace(/["\\]/g, '\\$&')}"`;
    fc.assert(
      fc.property(
        fc.array(challenge, { maxLength: 6 }),
        fc.constantFrom(', ', ',', ' ,\t,'),
        (challenges, comma) => {
          const line = challenges
            .map(
              ([scheme, pairs]) =>
                `${scheme} ${Object.entries(pairs)
                  .map(([name, value]) => `${name}=${quoted(value)}`)
                  .join(comma)}`,
            )
            .join(comma);
          const read = parseChallenges([line]).map(({ scheme, params }) => [scheme, [...params]]);
          expect(read).toEqual(challenges.map(([scheme, pairs]) => [scheme, Object.entries(pairs)]));
        },
      ),
    );
  });

  it('never throws, whatever the line is', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'aD=",\\ \t/;\0é'.split('')), maxLength: 60 });
    fc.assert(fc.property(fc.array(noise), (lines) => parseChallenges(lines).length <= MAX_CHALLENGES));
  });

  it('stops after 32 challenges', () => {
    expect(parseChallenges(['a,'.repeat(1000), 'b'])).toHaveLength(MAX_CHALLENGES);
  });

  it.each([
    ',',
    'a,',
    'a ',
    'a=,',
    'a=b ',
    'a="',
    '"',
    '\\',
    'a="\\"',
    'Digest ',
    'a b,',
    'a===',
    '=',
    ' ',
    ', ',
    'a="b",',
    '\t,',
    'a=b,',
    'é',
    '""',
  ])('reads a megabyte of %j in linear time', async (unit) => {
    await expectLinearTime((length) => {
      parseChallenges([`Digest x="${unit.repeat(length / unit.length)}`]);
      parseChallenges([`Digest ${unit.repeat(length / unit.length)}`]);
    });
  });
});

describe('parseAuthParams', () => {
  it.each<[string, Record<string, string>]>([
    ['nextnonce="abc==", qop=auth, nc=00000001', { nextnonce: 'abc==', qop: 'auth', nc: '00000001' }],
    ['rspauth="a"', { rspauth: 'a' }],
    ['qop=auth', { qop: 'auth' }],
    ['', {}],
    ['nextnonce="a\0"', {}],
  ])('reads %j', (value, expected) => {
    expect(Object.fromEntries(parseAuthParams(value))).toEqual(expected);
  });
});
