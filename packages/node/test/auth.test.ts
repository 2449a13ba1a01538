import { type Auth, apiKey, basic, bearer, digest, refreshing } from '@httpsession/core';
import { redirect, respond, text } from '@httpsession/testing';
import { describe, expect, it } from 'vitest';
import { DigestServer } from '../../core/test/auth/digest-server.ts';
import { FakeRequest } from '../../core/test/auth/fake-exchange.ts';
import { openServer } from './support/server.ts';
import { failure, openSession, quickRetry } from './support/session.ts';

const basicHeader = (user: string, password: string) => `Basic ${btoa(`${user}:${password}`)}`;

describe('the auth option', () => {
  it.each<[string, unknown, string]>([
    ['basic()', basic('u', 'p'), basicHeader('u', 'p')],
    ['a tuple', ['u', 'p'], basicHeader('u', 'p')],
    ['bearer()', bearer('t1'), 'Bearer t1'],
    ['bearer() of a function', bearer(() => 't2'), 'Bearer t2'],
    ['bearer() of an async function', bearer(async () => 't3'), 'Bearer t3'],
    [
      'a function',
      (request: { withHeader(name: string, value: string): unknown }) =>
        request.withHeader('authorization', 'F'),
      'F',
    ],
    [
      'an async function',
      async (request: { withHeader(name: string, value: string): unknown }) =>
        request.withHeader('authorization', 'A'),
      'A',
    ],
    [
      'an instance of a class',
      new (class {
        sign = (request: { withHeader(name: string, value: string): unknown }) =>
          request.withHeader('authorization', 'C');
      })(),
      'C',
    ],
  ])('takes %s', async (_title, auth, expected) => {
    const server = await openServer();
    await openSession().get(server.url('/'), { auth: auth as Auth });
    expect(server.last?.header('authorization')).toBe(expected);
  });

  it('takes an API key for a header or the query', async () => {
    const server = await openServer();
    const session = openSession();
    await session.get(server.url('/a?x=1'), { auth: apiKey('X-Key', 'k') });
    await session.get(server.url('/a?x=1'), { auth: apiKey('key', 'k', { in: 'query' }) });
    expect(server.requests.map((seen) => [seen.header('x-key'), seen.target])).toEqual([
      ['k', '/a?x=1'],
      [undefined, '/a?x=1&key=k'],
    ]);
  });

  it('signs every attempt afresh', async () => {
    const server = await openServer();
    server.route('/', [respond({ status: 503 }), text('ok')]);
    let turn = 0;
    await openSession({ retry: quickRetry(1) })
      .get(server.url('/'), { auth: bearer(() => `t${++turn}`) })
      .text();
    expect(server.requests.map((seen) => seen.header('authorization'))).toEqual(['Bearer t1', 'Bearer t2']);
  });

  it('goes to its origins and nowhere else', async () => {
    const [home, sister, other] = [await openServer(), await openServer(), await openServer()];
    const session = openSession({
      baseUrl: home.origin,
      origins: [sister.origin],
      auth: ['u', 'p'],
      headers: { 'x-key': '1' },
    });
    for (const server of [home, sister, other]) await session.get(server.url('/'));
    expect(
      [home, sister, other].map(({ last }) => [
        last?.header('authorization') !== undefined,
        last?.header('x-key'),
      ]),
    ).toEqual([
      [true, '1'],
      [true, '1'],
      [false, undefined],
    ]);
    const own: Auth = {
      sign: (request) => request.withHeader('authorization', 'own'),
      origins: [other.origin],
    };
    for (const server of [home, other]) await openSession({ auth: own }).get(server.url('/'));
    expect([home, other].map(({ last }) => last?.header('authorization'))).toEqual([undefined, 'own']);
  });

  it('stays at home on a redirect, and applies again when the chain returns', async () => {
    const [home, other] = [await openServer(), await openServer()];
    home.route('/a', redirect(302, other.url('/b')));
    other.route('/b', redirect(302, home.url('/c')));
    await openSession({ auth: ['u', 'p'] })
      .get(home.url('/a'))
      .text();
    expect(other.last?.header('authorization')).toBeUndefined();
    expect(home.requests.map((seen) => seen.header('authorization'))).toEqual([
      basicHeader('u', 'p'),
      basicHeader('u', 'p'),
    ]);
  });

  it('must not move the request, nor answer with something else', async () => {
    const server = await openServer();
    const session = openSession();
    expect(
      (await failure(
        session.get(server.url('/'), { auth: (request) => request.withUrl('http://127.0.0.1:9/') }),
      )) as Error,
    ).toHaveProperty('code', 'ERR_REQUEST');
    for (const auth of [
      () => 'x',
      () => null,
      { sign: () => ({}) },
      {
        *flow() {
          yield {};
        },
      },
    ] as unknown as Auth[])
      expect(await failure(session.get(server.url('/'), { auth }))).toBeInstanceOf(TypeError);
    expect(server.connections).toHaveLength(0);
  });
});

describe('a flow', () => {
  const answering: Auth = {
    *flow(request) {
      const response = yield request;
      if (response.status === 401)
        yield request.withHeader('authorization', `Answer ${response.headers.get('x-nonce')}`);
    },
  };

  it('answers a challenge once, with the cookies that came with it and the same body', async () => {
    const server = await openServer();
    server.route('/', [
      respond({ status: 401, body: 'who?', headers: { 'x-nonce': 'n1', 'set-cookie': 'c=1' } }),
      text('in'),
    ]);
    const response = await openSession({ auth: answering }).post(server.url('/'), { json: { a: 1 } });
    expect(await response.text()).toBe('in');
    expect(server.last?.header('authorization')).toBe('Answer n1');
    expect(server.last?.header('cookie')).toBe('c=1');
    expect(server.requests.map(({ bodyText }) => bodyText)).toEqual(['{"a":1}', '{"a":1}']);
    expect(response.history.map(({ status, tag }) => [status, tag])).toEqual([[401, 'challenge']]);
    expect(response.attempts).toBe(1);
    expect(server.connections).toHaveLength(1);
  });

  it('never sends a one-shot body a second time', async () => {
    const server = await openServer();
    server.route('/', respond({ status: 401 }));
    const error = await failure(
      openSession({ auth: answering }).post(server.url('/'), { body: new Blob(['x']).stream() }),
    );
    expect(error).toHaveProperty('code', 'ERR_BODY_NOT_REPLAYABLE');
    expect(server.requests).toHaveLength(1);
  });

  it('that never ends is ended', async () => {
    const server = await openServer();
    server.route('/', respond({ status: 401 }));
    const endless: Auth = {
      *flow(request) {
        for (;;) yield request;
      },
    };
    const session = openSession({ auth: endless });
    expect((await failure(session.get(server.url('/')))) as Error).toHaveProperty('code', 'ERR_REQUEST');
    expect(server.requests).toHaveLength(8);
    expect(session.stats().unreadBodies).toBe(0);
  });

  it('of digest() logs in, and answers in advance from then on', async () => {
    const server = await openServer();
    const lions = new DigestServer({ user: 'u', password: 'p' });
    server.otherwise(async (exchange) => {
      const { method, rawHeaders } = exchange.request;
      const headers = new Map(rawHeaders.map(([name, value]) => [name.toLowerCase(), value]));
      const body = await exchange.body();
      const url = server.url(exchange.request.target);
      const answer = lions.handle(new FakeRequest(url, { method, headers, body }));
      await exchange.respond({
        status: answer.status,
        headers: { 'www-authenticate': answer.headers.get('www-authenticate') ?? 'none' },
      });
    });
    const session = openSession({ auth: digest('u', 'p') });
    const response = await session.post(server.url('/a?b=1'), { json: { a: 1 } });
    expect(response.status).toBe(200);
    expect(response.history.map(({ status, tag }) => [status, tag])).toEqual([[401, 'challenge']]);
    expect((await session.get(server.url('/c'))).history).toEqual([]);
    expect((await openSession({ auth: digest('u', 'wrong') }).get(server.url('/'))).status).toBe(401);
  });

  it('of refreshing() refreshes once for 200 that were refused', async () => {
    const server = await openServer();
    server.otherwise(async (exchange) => {
      await exchange.body();
      const fresh = exchange.request.header('authorization') === 'Bearer fresh';
      await exchange.respond(fresh ? { body: 'in' } : { status: 401, body: 'expired' });
    });
    let refreshes = 0;
    const auth = refreshing({
      token: 'stale',
      refresh: async () => {
        refreshes += 1;
        await new Promise((resolve) => setImmediate(resolve));
        return 'fresh';
      },
    });
    const session = openSession({ auth, pool: { connections: 50 } });
    const texts = await Promise.all(
      Array.from({ length: 200 }, () => session.post(server.url('/'), { json: 1 }).text()),
    );
    expect(new Set(texts)).toEqual(new Set(['in']));
    expect(refreshes).toBe(1);
  });
});
