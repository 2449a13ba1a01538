import { describe, expect, it } from 'vitest';
import { exchange, type FakeRequest, get, reply } from '../../test/auth/fake-exchange.ts';
import { type Auth, type AuthInit, toAuth } from './auth.ts';

const sent = async (auth: Auth, request = get()): Promise<FakeRequest[]> => {
  const messages: FakeRequest[] = [];
  await exchange(auth, request, (message) => {
    messages.push(message);
    return reply(messages.length === 1 ? 401 : 200);
  });
  return messages;
};

describe('toAuth', () => {
  it('makes Basic of a pair', async () => {
    const [message] = await sent(toAuth(['user', 'pass']));
    expect(message?.header('authorization')).toBe('Basic dXNlcjpwYXNz');
  });

  it('sends what a function returns, awaited or not, and the request itself when it returns nothing', async () => {
    const signed = toAuth((request) => request.withHeader('x-signature', 's'));
    const later = toAuth(async (request) => request.withHeader('x-signature', 's'));
    expect((await sent(signed))[0]?.header('x-signature')).toBe('s');
    expect((await sent(later))[0]?.header('x-signature')).toBe('s');
    const request = get();
    expect(
      (
        await sent(
          toAuth(() => undefined),
          request,
        )
      )[0],
    ).toBe(request);
    expect(
      (
        await sent(
          toAuth(async () => undefined),
          request,
        )
      )[0],
    ).toBe(request);
  });

  it('refuses a function that returns something other than a request', async () => {
    for (const wrong of [null, 'Bearer x', 7, {}]) {
      await expect(sent(toAuth((() => wrong) as never))).rejects.toThrow(
        /^auth must return a request or nothing/,
      );
      await expect(sent(toAuth((async () => wrong) as never))).rejects.toThrow(TypeError);
    }
  });

  it('drives sync and async generators alike', async () => {
    const sync: Auth = {
      *flow(request) {
        const response = yield request;
        if (response.status === 401) yield request.withHeader('authorization', 'x');
      },
    };
    const async: Auth = {
      async *flow(request) {
        const response = yield request;
        if (response.status === 401) yield request.withHeader('authorization', 'x');
      },
    };
    for (const auth of [sync, async]) {
      expect((await sent(toAuth(auth))).map((message) => message.header('authorization'))).toEqual([
        undefined,
        'x',
      ]);
    }
  });

  it.each<[unknown, RegExp]>([
    ['user:pass', /^auth must be .*, got string$/],
    [null, /got null$/],
    [undefined, /got undefined$/],
    [{}, /got an object with neither$/],
    [{ username: 'u', password: 'p' }, /got an object with neither$/],
    [['u'], /got a list of 1$/],
    [['u', 'p', 'q'], /got a list of 3$/],
    [['u', 7], /^basic password must be a string, got number$/],
    [{ sign: () => get(), origins: 'https://a.example' }, /^auth\.origins/],
    [{ sign: () => get(), origins: ['https://a.example/path'] }, /^auth\.origins/],
    [{ sign: () => get(), origins: ['ftp://a.example'] }, /^auth\.origins/],
    [{ sign: () => get(), origins: ['a.example'] }, /^auth\.origins/],
  ])('refuses %j with a TypeError that names auth', (init, message) => {
    expect(() => toAuth(init as AuthInit)).toThrow(TypeError);
    expect(() => toAuth(init as AuthInit)).toThrow(message);
  });

  it('keeps a credential with origins as it is', () => {
    const auth: Auth = {
      sign: (request) => request,
      origins: ['https://a.example', 'http://b.example:8080'],
    };
    expect(toAuth(auth)).toBe(auth);
  });
});
