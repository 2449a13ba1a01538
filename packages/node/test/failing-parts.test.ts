import { setTimeout as later } from 'node:timers/promises';
import { CookieJar } from '@httpsession/cookies';
import { close, respond, text } from '@httpsession/testing';
import { expect, it } from 'vitest';
import { openServer } from './support/server.ts';
import { failure, openSession } from './support/session.ts';

it('a request repeated on a new connection leaves none behind when the session closes', async () => {
  const server = await openServer();
  server.route('/', [text('1'), close(), text('3'), text('4')]);
  const session = openSession();
  await (await session.get(server.url('/'))).text();
  const again = await session.get(server.url('/'));
  expect(await again.text()).toBe('3');
  await later(20);
  expect(session.stats().sockets).toBe(1);
  expect((await session.get(server.url('/'))).connection?.id).toBe(again.connection?.id);
  await session.close();
  await later(50);
  expect(server.connections.filter((one) => one.open).length).toBe(0);
});

it('a progress function that throws holds no connection', async () => {
  const server = await openServer();
  server.route('/', respond({ body: 'x'.repeat(3_000_000) }));
  const session = openSession();
  const response = await session.get(server.url('/'), {
    onDownloadProgress: () => {
      throw new Error('mine');
    },
  });
  expect(String(await failure(response.text()))).toBe('Error: mine');
  await later(20);
  expect(session.stats()).toMatchObject({ pending: 0, unreadBodies: 0 });
});

it('a jar that fails to keep a cookie holds no connection', async () => {
  const server = await openServer();
  server.route('/', respond({ headers: { 'set-cookie': 'a=1' }, body: 'x'.repeat(3_000_000) }));
  const own = new CookieJar();
  const jar = {
    get size() {
      return 0;
    },
    getCookieString: () => '',
    setFromResponse: () => {
      throw new Error('disk full');
    },
    get: () => undefined,
    has: () => false,
    delete: () => false,
    clear: () => undefined,
    toObject: () => ({}),
    toJSON: () => ({}),
    [Symbol.iterator]: () => own[Symbol.iterator](),
  };
  const session = openSession({ cookies: jar });
  expect(String(await failure(session.get(server.url('/'))))).toBe('Error: disk full');
  await later(20);
  expect(session.stats()).toMatchObject({ pending: 0, unreadBodies: 0 });
});

it.each([
  ['another origin', (other: string) => other],
  ['none', () => null],
])(
  'a child with %s as its base does not inherit what was bound to the origin of its parent',
  async (_, base) => {
    const [home, other] = [await openServer(), await openServer()];
    const parent = openSession({
      baseUrl: home.origin,
      auth: ['u', 'p'],
      headers: { 'X-API-Key': 'k', 'Accept-Language': 'de' },
    });
    const child = parent.extend({ baseUrl: base(other.origin), headers: { 'X-Own': 'mine' } });
    await child.get(other.url('/'));
    expect(other.last?.header('authorization')).toBeUndefined();
    expect(other.last?.header('x-api-key')).toBeUndefined();
    expect(other.last?.header('accept-language')).toBe('de');
    expect(other.last?.header('x-own')).toBe('mine');
    await parent.extend({ baseUrl: home.url('/v2/') }).get('x');
    expect(home.last?.header('authorization')).toBe(`Basic ${btoa('u:p')}`);
    expect(home.last?.header('x-api-key')).toBe('k');
  },
);
