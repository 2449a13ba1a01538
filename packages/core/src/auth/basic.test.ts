import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exchange, get, reply } from '../../test/auth/fake-exchange.ts';
import { type BasicOptions, basic, basicAuthorization } from './basic.ts';

const decode = (authorization: string, encoding: BufferEncoding): string =>
  Buffer.from(authorization.slice('Basic '.length), 'base64').toString(encoding);

describe('basic', () => {
  it.each<[string, string, BasicOptions | undefined, string]>([
    ['Aladdin', 'open sesame', undefined, 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='], // RFC 7617 2
    ['test', '123£', undefined, 'Basic dGVzdDoxMjPCow=='], // RFC 7617 2.1
    ['test', '123£', { encoding: 'latin1' }, 'Basic dGVzdDoxMjOj'],
    ['key', '', undefined, 'Basic a2V5Og=='],
    ['', 'pass:with:colons', undefined, 'Basic OnBhc3M6d2l0aDpjb2xvbnM='],
    ['e\u0301', 'p', undefined, 'Basic w6k6cA=='], // RFC 7617 2.1: normalization form C
  ])('encodes %j and %j with %j', (user, password, options, expected) => {
    expect(basicAuthorization(user, password, options)).toBe(expected);
  });

  it('sets Authorization on a derived request', async () => {
    const request = get();
    await exchange(basic('u', 'p'), request, (message) => {
      expect(message.header('authorization')).toBe('Basic dTpw');
      return reply(200);
    });
    expect(request.header('authorization')).toBeUndefined();
  });

  it.each<[unknown, unknown, unknown, RegExp]>([
    ['us:er', 'secret', {}, /^basic user must not contain a colon$/],
    ['user', 'sec\r\nret', {}, /^basic password must not contain control characters/],
    ['us\0er', 'secret', {}, /^basic user must not contain control characters/],
    ['user', 'secret\x7f', {}, /control characters/],
    ['user', 'secret\ud800', {}, /lone surrogates/],
    ['user', 'secret€', { encoding: 'latin1' }, /^basic user and password must fit into latin1$/],
    [7, 'secret', {}, /^basic user must be a string, got number$/],
    ['user', null, {}, /^basic password must be a string, got null$/],
    ['user', 'secret', { encoding: 'utf16' }, /^basic encoding must be utf-8 or latin1, got utf16$/],
  ])('refuses %j, %j, %j without showing the secret', (user, password, options, message) => {
    const act = () => basic(user as string, password as string, options as BasicOptions);
    expect(act).toThrow(TypeError);
    expect(act).toThrow(message);
    expect(act).not.toThrow(/secret/);
  });

  it('shows neither user nor password when printed', () => {
    expect(inspect(basic('alice', 'hunter2'), { depth: 10, showHidden: true })).not.toMatch(
      /alice|hunter2|YWxpY2U/,
    );
  });

  it('round-trips any text without control characters, ending the user at the first colon', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !/[\p{Cc}\p{Cs}]/u.test(value));
    fc.assert(
      fc.property(
        text.filter((user) => !user.includes(':')),
        text,
        (user, password) => {
          const [, decodedUser, decodedPassword] =
            /^([^:]*):(.*)$/su.exec(decode(basicAuthorization(user, password), 'utf8')) ?? [];
          expect([decodedUser, decodedPassword]).toEqual([user.normalize('NFC'), password.normalize('NFC')]);
        },
      ),
    );
  });
});
