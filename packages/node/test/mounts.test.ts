import {
  fetchTransport,
  InvalidURLError,
  type MountPattern,
  type Session,
  type Transport,
  UnsupportedOptionError,
} from '@httpsession/core';
import { redirect } from '@httpsession/testing';
import { describe, expect, it } from 'vitest';
import { openServer } from './support/server.ts';
import { failure, openSession } from './support/session.ts';

/** Answers with its name and the URL it was asked for. */
const named = (name: string): Transport =>
  fetchTransport(async (url) => new Response(`${name} ${url}`), { name });

const served = async (session: Session, url: string): Promise<string> =>
  (await session.get(url).text()).split(' ')[0] ?? '';

describe('mount', () => {
  const all = (): Transport => named('fallback');

  it.each<[MountPattern, string, boolean]>([
    ['http://localhost', 'http://localhost/', true],
    ['http://localhost', 'http://LOCALHOST/a', true],
    ['http://localhost', 'http://localhost:80/a?b', true],
    ['http://localhost', 'http://localhost.evil.com/', false],
    ['http://localhost', 'http://localhost@evil.com/', false],
    ['http://localhost', 'http://localhost:8080/', false],
    ['http://localhost', 'https://localhost/', false],
    ['http://a.test/v1', 'http://a.test/v1', true],
    ['http://a.test/v1', 'http://a.test/v1?x=1', true],
    ['http://a.test/v1/', 'http://a.test/v1/items', true],
    ['http://a.test/v1', 'http://a.test/v10', false],
    ['http://a.test/v1', 'http://a.test/x/v1', false],
    ['http://a.test/v1', 'http://a.test/v1/../admin', false],
    ['http:', 'http://any.test/', true],
    ['https://', 'http://any.test/', false],
    [/\/items$/, 'http://a.test/items', true],
    [/\/items$/, 'http://a.test/other', false],
    [(url: URL) => url.port === '81', 'http://a.test:81/', true],
    [(url: URL) => url.port === '81', 'http://a.test/', false],
    [{ test: (url: string) => url.endsWith('?q=1') }, 'http://a.test/?q=1', true],
  ])('%s serves %s: %s', async (pattern, url, serves) => {
    const session = openSession()
      .mount('http://', all())
      .mount('https://', all())
      .mount(pattern, named('mounted'));
    expect(await served(session, url)).toBe(serves ? 'mounted' : 'fallback');
  });

  it('takes the most specific pattern, whatever the order, and of equals the later', async () => {
    const session = openSession()
      .mount('http://a.test/v1/items', named('items'))
      .mount(/./, named('pattern'))
      .mount('http://a.test/v1', named('version'))
      .mount('http://a.test', named('origin'))
      .mount('http://', named('scheme'));
    const urls = ['http://a.test/v1/items/5', 'http://a.test/v1/x', 'http://a.test/x', 'http://b.test/'];
    const names = [];
    for (const url of urls) names.push(await served(session, url));
    expect(names).toEqual(['items', 'version', 'origin', 'pattern']);
    session.mount('HTTP://A.TEST:80/v1/', named('again'));
    expect(await served(session, 'http://a.test/v1/x')).toBe('again');
  });

  it('keeps apart patterns that only look alike', async () => {
    const on = (host: string) => (url: URL) => url.host === host;
    const session = openSession()
      .mount('http:', all())
      .mount(on('a.test'), named('a'))
      .mount(on('b.test'), named('b'));
    expect(await served(session, 'http://a.test/')).toBe('a');
    expect(await served(session, 'http://b.test/')).toBe('b');
  });

  it('does not remember where a global RegExp stopped', async () => {
    const session = openSession()
      .mount('http:', all())
      .mount(/a\.test/g, named('mounted'));
    for (let turn = 0; turn < 3; turn += 1) expect(await served(session, 'http://a.test/')).toBe('mounted');
  });

  // Node has it from 24 on.
  it.skipIf(!('URLPattern' in globalThis))('takes a URLPattern, and keeps two of them apart', async () => {
    const Pattern = Reflect.get(globalThis, 'URLPattern') as new (
      init: object,
    ) => { test(url: string): boolean };
    const session = openSession()
      .mount(new Pattern({ pathname: '/a/:id' }), named('a'))
      .mount(new Pattern({ pathname: '/b/*' }), named('b'));
    expect(await served(session, 'http://x.test/a/5')).toBe('a');
    expect(await served(session, 'http://x.test/b/5/6')).toBe('b');
  });

  it('serves a custom scheme, its URL left as it is', async () => {
    const session = openSession().mount('mock://', named('mock'));
    expect(await session.get('mock://Some.Host:99/a b', { params: { q: '1 2' } }).text()).toBe(
      'mock mock://Some.Host:99/a%20b?q=1+2',
    );
    expect(await failure(session.get('other://x/'))).toBeInstanceOf(InvalidURLError);
  });

  it('is chosen anew for each hop', async () => {
    const server = await openServer();
    server.route('/a', redirect(302, 'http://service.test/b'));
    const session = openSession({ auth: ['u', 'p'] }).mount(
      'http://service.test',
      fetchTransport(
        async (url, init) => new Response(`${url} ${new Headers(init.headers).get('authorization')}`),
      ),
    );
    expect(await session.get(server.url('/a')).text()).toBe('http://service.test/b null');
    expect(server.requests).toHaveLength(1);
  });

  it('refuses a redirect that would lose an option of the connection', async () => {
    const server = await openServer();
    server.route('/a', redirect(302, 'http://service.test/b'));
    const session = openSession({ tls: {} }).mount('http://service.test', named('other'));
    expect(await failure(session.get(server.url('/a')))).toBeInstanceOf(UnsupportedOptionError);
    expect(await failure(session.get('http://service.test/'))).toHaveProperty('option', 'tls');
  });

  it('takes the fetch of a server framework', async () => {
    const app = {
      fetch: async (request: Request): Promise<Response> => {
        const url = new URL(request.url);
        if (url.pathname === '/login') {
          const user = new URLSearchParams(await request.text()).get('user');
          return new Response(null, {
            status: 303,
            headers: { location: '/me', 'set-cookie': `user=${user}; HttpOnly` },
          });
        }
        return Response.json({ method: request.method, cookie: request.headers.get('cookie') });
      },
    };
    const session = openSession({ baseUrl: 'https://app.test/' }).mount(
      'https://app.test',
      fetchTransport((url, init) => app.fetch(new Request(url, init))),
    );
    const response = await session.post('login', { form: { user: 'ada' } });
    expect(await response.json()).toEqual({ method: 'GET', cookie: 'user=ada' });
    expect(response.history.map(({ status }) => status)).toEqual([303]);
  });

  it('closes with the session it was mounted on, and not with a child of it', async () => {
    const closed: string[] = [];
    const closing = (name: string) =>
      fetchTransport(async () => new Response('ok'), { close: async () => void closed.push(name) });
    const session = openSession().mount('mock://a', closing('parent'));
    const child = session.extend({}).mount('mock://b', closing('child'));
    await child.close();
    expect(closed).toEqual(['child']);
    expect(await session.get('mock://a/').text()).toBe('ok');
    await session.close();
    expect(closed).toEqual(['child', 'parent']);
  });
});
