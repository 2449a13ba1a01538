import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { exchange, get, reply } from '../../test/auth/fake-exchange.ts';
import type { Auth } from './auth.ts';
import { bearer, type TokenSource } from './bearer.ts';

const authorizationOf = async (auth: Auth): Promise<string | undefined> => {
  let seen: string | undefined;
  await exchange(auth, get(), (message) => {
    seen = message.header('authorization');
    return reply(200);
  });
  return seen;
};

describe('bearer', () => {
  it.each(['mF_9.B5f-4.1JqM', 'abc==', '1|sanctum', 'user:key'])('sends the token %s', async (token) => {
    expect(await authorizationOf(bearer(token))).toBe(`Bearer ${token}`);
  });

  it('asks a function before every message, awaited or not', async () => {
    let count = 0;
    const counting = bearer(() => `t${++count}`);
    expect([await authorizationOf(counting), await authorizationOf(counting)]).toEqual([
      'Bearer t1',
      'Bearer t2',
    ]);
    expect(await authorizationOf(bearer(async () => 'later'))).toBe('Bearer later');
  });

  it.each<[unknown]>([
    [''],
    ['a b'],
    ['sec\r\nret'],
    ['sec\0ret'],
    ['sécret'],
    ['sec\u{1f511}ret'],
    [undefined],
    [null],
    [7],
  ])('refuses the token %j, given or made by a function, without showing it', async (token) => {
    expect(() => bearer(token as TokenSource)).toThrow(/^bearer token must be/);
    for (const source of [() => token, async () => token]) {
      const failure = await authorizationOf(bearer(source as TokenSource)).catch((error) => error);
      expect(failure).toBeInstanceOf(TypeError);
      expect(String(failure)).not.toMatch(/sec|séc/);
    }
  });

  it('does not show the token when printed', () => {
    expect(inspect(bearer('hunter2'), { depth: 10, showHidden: true })).not.toContain('hunter2');
  });
});
