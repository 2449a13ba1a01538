import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectLinearTime } from '../../test/support/linear-time.ts';
import { findNetrc, parseNetrc } from './netrc.ts';

describe('parseNetrc', () => {
  it.each([
    ['one line', 'machine a.test login me password pw', [{ machine: 'a.test', login: 'me', password: 'pw' }]],
    [
      'many lines',
      'machine A.test\n\tlogin me\r\n\tpassword pw\r\n',
      [{ machine: 'a.test', login: 'me', password: 'pw' }],
    ],
    ['an account', 'machine a account acc password pw', [{ machine: 'a', account: 'acc', password: 'pw' }]],
    [
      'the default entry',
      'machine a password x default login d password y',
      [
        { machine: 'a', password: 'x' },
        { machine: null, login: 'd', password: 'y' },
      ],
    ],
    [
      'quotes and escapes',
      'machine "a" login "my \\"name\\"" password "a\\\\b\\tc d"',
      [{ machine: 'a', login: 'my "name"', password: 'a\\b\tc d' }],
    ],
    ['an empty quoted value', 'machine a login "" password x', [{ machine: 'a', login: '', password: 'x' }]],
    ['a quote in the middle as itself', 'machine a password p"w"', [{ machine: 'a', password: 'p"w"' }]],
    [
      'a quote that is not closed to the end of its line',
      'machine a password "p w\nlogin me',
      [{ machine: 'a', password: 'p w', login: 'me' }],
    ],
    [
      'comments',
      '# machine b password no\nmachine a # here\n#login no\nlogin me',
      [{ machine: 'a', login: 'me' }],
    ],
    ['a # in a value', 'machine a login #me password p#w', [{ machine: 'a', login: '#me', password: 'p#w' }]],
    [
      'nothing in a macro',
      'machine a login me\nmacdef init\nmachine evil password x\n\nmachine b password y',
      [
        { machine: 'a', login: 'me' },
        { machine: 'b', password: 'y' },
      ],
    ],
    ['nothing behind a macro without an end', 'macdef init\nmachine evil password x', []],
    ['past unknown words', 'port 21 machine a protocol ftp password x', [{ machine: 'a', password: 'x' }]],
    [
      'values that look like keywords',
      'machine a login machine password default',
      [{ machine: 'a', login: 'machine', password: 'default' }],
    ],
    ['no values before a machine', 'login me password x machine a', [{ machine: 'a' }]],
    [
      'nothing for a machine without a name',
      'machine a password x machine',
      [{ machine: 'a', password: 'x' }],
    ],
    ['a byte order mark', '\ufeffmachine a password x', [{ machine: 'a', password: 'x' }]],
    ['an empty file', ' \n ', []],
  ])('reads %s', (_title, text, expected) => {
    expect(parseNetrc(text)).toEqual(expected);
  });

  it('finds back what was written, whatever the values', () => {
    const quote = (value: string): string =>
      `"${value.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r')}"`;
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: 'binary' }), (login, password) => {
        const text = `machine a.test login ${quote(login)} password ${quote(password)} machine b`;
        expect(parseNetrc(text)).toEqual([{ machine: 'a.test', login, password }, { machine: 'b' }]);
      }),
    );
  });

  it.each(['"', '\\', '#', ' ', '\n', 'macdef a\n', 'machine ', '"\\', '\t\n '])(
    'reads a megabyte of %j in linear time',
    async (unit) => {
      await expectLinearTime((length) =>
        parseNetrc(`machine a password ${unit.repeat(length / unit.length)}`),
      );
    },
  );
});

describe('findNetrc', () => {
  const entries = parseNetrc(`
    machine a.test login bob password 1
    machine a.test login amy password 2
    machine ::1 password 3
    default login anyone password 4
    machine late.test password 5`);
  it.each([
    ['a.test', undefined, '1'],
    ['A.TEST', undefined, '1'],
    ['a.test', 'amy', '2'],
    ['a.test', 'eve', undefined],
    ['[::1]', undefined, '3'],
    ['late.test', undefined, '5'],
    ['other.test', undefined, '4'],
    ['sub.a.test', undefined, '4'],
    ['a.test.evil', undefined, '4'],
    ['a.test.', undefined, '4'],
  ])('%s for %s: %s', (hostname, user, password) => {
    expect(findNetrc(entries, hostname, user)?.password).toBe(password);
  });

  it('finds nothing without a default entry', () => {
    expect(findNetrc(parseNetrc('machine a password 1'), 'b')).toBeUndefined();
  });
});
