import { HTTPError, type SessionResponse, UnsafeRedirectError } from '@httpsession/core';
import { json, respond } from '@httpsession/testing';
import { describe, expect, it } from 'vitest';
import { openServer } from './support/server.ts';
import { failure, openSession } from './support/session.ts';

const page = (value: unknown, next?: string) =>
  json(
    value,
    next === undefined ? {} : { headers: { link: `<${next}>; rel="next", </first>; rel="first"` } },
  );

const collect = async (pages: AsyncIterable<SessionResponse>): Promise<unknown[]> => {
  const found: unknown[] = [];
  for await (const response of pages) found.push(await response.json());
  return found;
};

describe('paginate', () => {
  it('follows the Link header, with the parameters of the first page only', async () => {
    const server = await openServer();
    server.route('/items', [page(1, '/items?page=2&per=5'), page(2, '?page=3'), page(3)]);
    const session = openSession({ params: { per: 9 }, headers: { 'x-key': '1' } });
    expect(await collect(session.paginate(server.url('/items'), { params: { q: 'x' } }))).toEqual([1, 2, 3]);
    expect(server.requests.map(({ target }) => target)).toEqual([
      '/items?per=9&q=x',
      '/items?page=2&per=5',
      '/items?page=3&per=9',
    ]);
    expect(server.requests.map((seen) => seen.header('x-key'))).toEqual(['1', '1', '1']);
  });

  it('takes another rule for the next page, and stops where the rule does', async () => {
    const server = await openServer();
    server.route('/items', [json({ next: '/items?cursor=b' }), json({ next: null })]);
    const session = openSession();
    const pages = session.paginate(server.url('/items'), {
      next: async (response) => (await response.clone().json<{ next: string | null }>()).next,
    });
    expect(await collect(pages)).toEqual([{ next: '/items?cursor=b' }, { next: null }]);
  });

  it('ends where a page names itself or an earlier one, with whatever fragment', async () => {
    const server = await openServer();
    server.route('/a', page('a', '/b'));
    server.route('/b', page('b', '/a#top'));
    server.route('/self', page('self', '/self#x'));
    expect(await collect(openSession().paginate(server.url('/a')))).toEqual(['a', 'b']);
    expect(await collect(openSession().paginate(server.url('/self')))).toEqual(['self']);
  });

  it('stops after maxPages, without asking for the next', async () => {
    const server = await openServer();
    let turn = 0;
    server.route(
      '/items',
      Array.from({ length: 9 }, () => page(++turn, `/items?page=${turn}`)),
    );
    expect(await collect(openSession().paginate(server.url('/items'), { maxPages: 3 }))).toEqual([1, 2, 3]);
    expect(server.requests).toHaveLength(3);
    for (const maxPages of [0, -1, 1.5, Number.NaN])
      expect(
        await failure(collect(openSession().paginate(server.url('/items'), { maxPages }))),
      ).toBeInstanceOf(TypeError);
  });

  it('raises for a page that is an error', async () => {
    const server = await openServer();
    server.route('/items', [page(1, '/items?page=2'), respond({ status: 404 })]);
    expect(await failure(collect(openSession().paginate(server.url('/items'))))).toBeInstanceOf(HTTPError);
  });

  it('gives the credentials of session and call to no other origin that the server names', async () => {
    const [home, evil] = [await openServer(), await openServer()];
    evil.route('/items', page(2, home.url('/items?page=3')));
    home.route('/items', [page(1, evil.url('/items')), page(3)]);
    const session = openSession({
      auth: ['u', 'p'],
      headers: { 'x-key': '1', 'accept-language': 'de' },
      params: { token: 't' },
    });
    const options = { headers: { 'x-call': '2', accept: 'application/json' }, cookies: { a: '1' } };
    expect(await collect(session.paginate(home.url('/items'), options))).toEqual([1, 2, 3]);
    const [seen] = evil.requests;
    expect(seen?.target).toBe('/items');
    for (const name of ['authorization', 'x-key', 'x-call', 'cookie'])
      expect(seen?.header(name)).toBeUndefined();
    expect(seen?.header('accept-language')).toBe('de');
    expect(seen?.header('accept')).toBe('application/json');
    expect(home.last?.header('x-key')).toBe('1');
    expect(home.last?.header('authorization')).toBe(`Basic ${btoa('u:p')}`);
  });

  it('lets the session go to its own further origins', async () => {
    const [home, sister] = [await openServer(), await openServer()];
    home.route('/items', page(1, sister.url('/items')));
    sister.route('/items', page(2));
    const session = openSession({ baseUrl: home.origin, origins: [sister.origin], auth: ['u', 'p'] });
    await collect(session.paginate('/items', { headers: { 'x-call': '1' } }));
    expect(sister.last?.header('authorization')).toBe(`Basic ${btoa('u:p')}`);
    expect(sister.last?.header('x-call')).toBeUndefined();
  });

  it('does not go down from https to http', async () => {
    const server = await openServer({ tls: true });
    server.route('/items', page(1, 'http://127.0.0.1:9/items'));
    const session = openSession({ tls: { ca: server.ca } });
    expect(await failure(collect(session.paginate(server.url('/items'))))).toBeInstanceOf(
      UnsafeRedirectError,
    );
  });
});

describe('toJSON', () => {
  it('has cookies, params and plain headers; credentials only when asked for', async () => {
    const server = await openServer();
    server.route('/', respond({ headers: { 'set-cookie': 'sid=1' } }));
    const session = openSession({
      baseUrl: server.url('/').replace('//', '//u:secret@'),
      headers: { 'X-API-Key': 'k', 'Accept-Language': 'de' },
      params: { a: 1 },
      auth: ['u', 'secret'],
    });
    await session.get('');
    const plain = session.toJSON();
    expect(plain).toMatchObject({ version: 1, baseUrl: server.url('/'), params: [['a', '1']] });
    expect(plain.headers).toContainEqual(['Accept-Language', 'de']);
    expect(JSON.stringify(plain)).toContain('sid');
    expect(JSON.stringify(plain)).not.toMatch(/secret|X-API-Key/);
    expect(session.toJSON({ credentials: true }).headers).toContainEqual(['X-API-Key', 'k']);
    expect(JSON.parse(JSON.stringify(session))).toEqual({
      session: 'node',
      baseUrl: server.url('/'),
      closed: false,
    });
  });
});
