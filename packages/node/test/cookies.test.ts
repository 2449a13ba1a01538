import { type CallOptions, InvalidCookieError, type Session, type SessionOptions } from '@httpsession/core';
import { redirect, respond, ScenarioServer, text } from '@httpsession/testing';
import { CookieJar as ToughCookieJar } from 'tough-cookie';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSession, quickRetry } from './support/session.ts';

const start = async (options?: Parameters<typeof ScenarioServer.start>[0]): Promise<ScenarioServer> => {
  const server = await ScenarioServer.start(options);
  onTestFinished(() => server.close());
  return server;
};

// Names of our own, all of them 127.0.0.1.
const named = (options: SessionOptions = {}): Session =>
  openSession({
    lookup: ((_name: string, how: { all?: boolean }, done: (...found: unknown[]) => void) =>
      how.all === true
        ? done(null, [{ address: '127.0.0.1', family: 4 }])
        : done(null, '127.0.0.1', 4)) as never,
    ...options,
  });

const setCookie = (...lines: string[]): { headers: [string, string][] } => ({
  headers: lines.map((line) => ['Set-Cookie', line]),
});

const cookiesTo = (server: ScenarioServer, path: string): (string | undefined)[] =>
  server.requestsTo(path).map((request) => request.header('cookie'));

describe('cookies of every message are kept and sent on', () => {
  it.each([301, 302, 303, 307, 308])('of a %i, on the hop it leads to', async (status) => {
    const server = await start();
    server
      .route('/login', redirect(status, '/home', setCookie('sid=1; Path=/; HttpOnly')))
      .route('/home', text('home'));
    const session = openSession();
    const response = await session.get(server.url('/login'));
    expect(cookiesTo(server, '/home')).toEqual(['sid=1']);
    expect(response.cookies.size).toBe(0);
    expect(response.history[0]?.cookies.get('sid')?.value).toBe('1');
    expect(response.history[0]?.cookies.get('sid')?.attributes.get('httponly')).toBe('');
    expect(session.cookies.get('sid')?.value).toBe('1');
  });

  it('of a 401, on the answer to its challenge', async () => {
    const server = await start();
    server.route('/', [
      respond({ status: 401, headers: { 'www-authenticate': 'Basic', 'set-cookie': 'nonce=1' } }),
      text('in'),
    ]);
    const session = openSession({
      auth: {
        async *flow(request) {
          const response = yield request;
          if (response.status === 401) yield request.withHeader('authorization', 'Basic x');
        },
      },
    });
    expect(await session.get(server.url('/')).text()).toBe('in');
    expect(cookiesTo(server, '/')).toEqual([undefined, 'nonce=1']);
  });

  it('of a 401 that is the answer, on the next call', async () => {
    const server = await start();
    server.route('/', respond({ status: 401, ...setCookie('sid=1') }));
    const session = openSession();
    await (await session.get(server.url('/'))).bytes();
    await (await session.get(server.url('/'))).bytes();
    expect(cookiesTo(server, '/')).toEqual([undefined, 'sid=1']);
  });

  it('of a retried 503, on the next attempt', async () => {
    const server = await start();
    server.route('/', [
      respond({ status: 503, ...setCookie('backend=b2') }),
      respond({ status: 503, ...setCookie('backend=b3') }),
      text('ok'),
    ]);
    const session = openSession({ retry: quickRetry(3) });
    expect(await session.get(server.url('/')).text()).toBe('ok');
    expect(cookiesTo(server, '/')).toEqual([undefined, 'backend=b2', 'backend=b3']);
  });

  it('by path, host and name, as the jar has them: a login over three hops', async () => {
    const server = await start();
    server
      .route('/a/r', redirect(307, '/b/t', setCookie('pa=1; Path=/a', 'pb=1; Path=/b', 'all=1; Path=/')))
      .route('/b/t', redirect(302, '/c', setCookie('all=2; Path=/', 'pb=; Max-Age=0; Path=/b')))
      .route('/c', text('c'))
      .route('/b/u', text('u'));
    const session = openSession();
    await session.post(server.url('/a/r'), { body: 'x' }).text();
    await session.get(server.url('/b/u')).text();
    expect(cookiesTo(server, '/b/t')).toEqual(['pb=1; all=1']);
    expect(cookiesTo(server, '/c')).toEqual(['all=2']);
    expect(cookiesTo(server, '/b/u')).toEqual(['all=2']);
  });

  it('one Set-Cookie with a comma is one cookie', async () => {
    const server = await start();
    server.route(
      '/',
      respond(
        setCookie('pref=x, admin=1; Path=/; HttpOnly', 'when=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT'),
      ),
    );
    const session = openSession();
    const response = await session.get(server.url('/'));
    expect(response.cookies.get('pref')?.value).toBe('x, admin=1');
    expect(response.headers.getSetCookie().length).toBe(2);
    await (await session.get(server.url('/'))).bytes();
    expect(cookiesTo(server, '/')[1]).toBe('pref=x, admin=1; when=1');
    expect(session.cookies.has('admin')).toBe(false);
  });

  it('expired ones are neither sent nor shown', async () => {
    const server = await start();
    server
      .route(
        '/set',
        respond(
          setCookie(
            'old=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
            'gone=1; Max-Age=0',
            'live=1; Max-Age=60',
          ),
        ),
      )
      .route('/', text('x'));
    const session = openSession();
    await (await session.get(server.url('/set'))).bytes();
    await session.get(server.url('/')).text();
    expect(cookiesTo(server, '/')).toEqual(['live=1']);
    expect([...session.cookies].map(({ name }) => name)).toEqual(['live']);
  });

  it('parallel calls share them', async () => {
    const server = await start();
    server.route('/set', respond(setCookie('sid=1'))).route('/', text('x'));
    const session = openSession();
    await (await session.get(server.url('/set'))).bytes();
    await Promise.all(Array.from({ length: 10 }, () => session.get(server.url('/')).text()));
    expect(cookiesTo(server, '/')).toEqual(Array.from({ length: 10 }, () => 'sid=1'));
  });
});

describe('whose they are', () => {
  it('a host-only cookie never reaches a subdomain, nor the parent, over a redirect', async () => {
    const server = await start();
    const url = (name: string, path: string): string => `http://${name}:${server.port}${path}`;
    server
      .route('/start', redirect(302, url('sub.home.test', '/sub'), setCookie('hostonly=SECRET')))
      .route(
        '/sub',
        redirect(302, url('home.test', '/back'), setCookie('subonly=SECRET2', 'wide=1; Domain=home.test')),
      )
      .route('/back', text('back'));
    await named().get(url('home.test', '/start')).text();
    expect(cookiesTo(server, '/sub')).toEqual([undefined]);
    expect(cookiesTo(server, '/back')).toEqual(['hostonly=SECRET; wide=1']);
  });

  it('a server cannot set them for another', async () => {
    const server = await start();
    server.route(
      '/set',
      respond(setCookie('evil=1; Domain=home.test', 'suffix=1; Domain=test', 'ip=1; Domain=0.0.1')),
    );
    const session = named();
    await (await session.get(`http://evil.test:${server.port}/set`)).bytes();
    expect(session.cookies.size).toBe(0);
  });

  it('the jar goes by the URL, never by a Host header', async () => {
    const server = await start();
    server.route('/set', respond(setCookie('sid=1'))).route('/', text('x'));
    const session = named();
    await (
      await session.get(`http://real.test:${server.port}/set`, { headers: { Host: 'fake.test' } })
    ).bytes();
    await session.get(`http://fake.test:${server.port}/`).text();
    await session.get(`http://real.test:${server.port}/`).text();
    expect(cookiesTo(server, '/')).toEqual([undefined, 'sid=1']);
  });

  it('Secure ones stay off http, also after a redirect down', async () => {
    const secure = await start({ tls: { certificate: { names: ['home.test'] } } });
    const plain = await start();
    secure.route('/', redirect(302, `http://home.test:${plain.port}/`, setCookie('s=SECRET; Secure', 'p=1')));
    plain.route('/', text('x'));
    const session = named({ tls: { ca: secure.ca }, redirect: { allowDowngrade: true } });
    await session.get(`https://home.test:${secure.port}/`).text();
    expect(cookiesTo(plain, '/')).toEqual(['p=1']);
  });

  it('sessions keep them apart, children share them', async () => {
    const server = await start();
    server.route('/set', respond(setCookie('sid=1'))).route('/', text('x'));
    const first = openSession();
    const second = openSession();
    const child = first.extend({ headers: { 'X-Child': '1' } });
    const alone = first.extend({ cookies: {} });
    await (await first.get(server.url('/set'))).bytes();
    for (const session of [second, child, alone]) await session.get(server.url('/')).text();
    expect(cookiesTo(server, '/')).toEqual([undefined, 'sid=1', undefined]);
  });

  it('with cookies: false nothing is kept, and what the call brings is sent', async () => {
    const server = await start();
    server.route('/', respond(setCookie('sid=1')));
    const session = openSession({ cookies: false });
    await (await session.get(server.url('/'))).bytes();
    const response = await session.get(server.url('/'), { cookies: { mine: '1' } });
    expect(response.cookies.get('sid')?.value).toBe('1');
    await response.bytes();
    await (await session.get(server.url('/'), { headers: { Cookie: 'own=1' } })).bytes();
    expect(cookiesTo(server, '/')).toEqual([undefined, 'mine=1', 'own=1']);
    expect(() => session.cookies).toThrow('cookies: false');
  });

  it("a jar of tough-cookie's is filled and read as it is", async () => {
    const server = await start();
    server.route('/set', redirect(302, '/', setCookie('sid=1'))).route('/', text('x'));
    const jar = new ToughCookieJar();
    jar.setCookieSync('before=1', server.url('/'));
    await openSession({ cookies: jar }).get(server.url('/set')).text();
    expect(cookiesTo(server, '/')).toEqual(['before=1; sid=1']);
    expect(jar.getCookieStringSync(server.url('/'))).toBe('before=1; sid=1');
  });
});

describe('what the call brings', () => {
  const cases: readonly [what: string, options: CallOptions, header: string | undefined][] = [
    ['nothing: the jar', {}, 'a=jar; b=jar'],
    ['a cookie beside them', { cookies: { c: '3' } }, 'a=jar; b=jar; c=3'],
    ['one of the same name, once', { cookies: { a: '9' } }, 'b=jar; a=9'],
    ['null, which leaves one out', { cookies: { a: null } }, 'b=jar'],
    ['undefined, which changes nothing', { cookies: { a: undefined } }, 'a=jar; b=jar'],
    ['an empty value', { cookies: { a: '' } }, 'b=jar; a='],
    ['null for all: no Cookie header', { cookies: { a: null, b: null } }, undefined],
    ['a Cookie header', { headers: { Cookie: 'h=1; a=9' } }, 'b=jar; h=1; a=9'],
    ['both', { headers: { cookie: 'h=1; b=8' }, cookies: { h: '2', d: '4' } }, 'a=jar; b=8; h=2; d=4'],
  ];
  it.each(cases)('%s', async (_what, options, header) => {
    const server = await start();
    server.route('/', text('x'));
    const session = openSession();
    session.cookies.setFromResponse(['a=jar', 'b=jar'], server.url('/'));
    await session.get(server.url('/'), options).text();
    expect(server.last?.headers('cookie')).toEqual(header === undefined ? [] : [header]);
    // Nothing given to a call is kept.
    await session.get(server.url('/')).text();
    expect(server.last?.header('cookie')).toBe('a=jar; b=jar');
  });

  it('leaves two cookies of one name and two paths alone', async () => {
    const server = await start();
    server.route('/p/x', text('x'));
    const session = openSession();
    session.cookies.setFromResponse(['a=wide; Path=/', 'a=deep; Path=/p'], server.url('/'));
    await session.get(server.url('/p/x'), { cookies: { b: '1' } }).text();
    await session.get(server.url('/p/x'), { cookies: { a: '1' } }).text();
    expect(cookiesTo(server, '/p/x')).toEqual(['a=deep; a=wide; b=1', 'a=1']);
  });

  it('goes with the redirects of its origin, and with retries, and nowhere else', async () => {
    const server = await start();
    const other = await start();
    server
      .route('/1', redirect(302, '/2'))
      .route('/2', [respond(503), redirect(302, other.url('/3'))])
      .route('/4', text('x'));
    other.route('/3', redirect(302, server.url('/4')));
    const session = openSession({ retry: quickRetry(1) });
    await session.get(server.url('/1'), { cookies: { mine: '1' } }).text();
    expect(cookiesTo(server, '/1')).toEqual(['mine=1']);
    expect(cookiesTo(server, '/2')).toEqual(['mine=1', 'mine=1']);
    expect(cookiesTo(other, '/3')).toEqual([undefined]);
    expect(cookiesTo(server, '/4')).toEqual(['mine=1']);
    expect(session.cookies.size).toBe(0);
  });

  it.each<[cookies: unknown, error: new (message: string) => Error]>([
    [{ a: 'b;c=d' }, InvalidCookieError],
    [{ a: 'b\r\nSet: x' }, InvalidCookieError],
    [{ a: 'b c' }, InvalidCookieError],
    [{ a: 'ü' }, InvalidCookieError],
    [{ 'a b': '1' }, InvalidCookieError],
    [{ 'a=b': '1' }, InvalidCookieError],
    [{ a: 1 }, TypeError],
    [['a=1'], TypeError],
    ['a=1', TypeError],
  ])('%j is refused before anything is sent', async (cookies, error) => {
    const server = await start();
    await expect(openSession().get(server.url('/'), { cookies: cookies as never })).rejects.toThrow(error);
    expect(server.connections.length).toBe(0);
  });

  it('cookies named like members of Object are cookies', async () => {
    const server = await start();
    server.route('/', [respond(setCookie('__proto__=1', 'constructor=2')), text('x')]);
    const session = openSession();
    const first = await session.get(server.url('/'));
    expect(first.cookies.get('__proto__')?.value).toBe('1');
    expect(first.cookies.get('toString')).toBe(undefined);
    await first.bytes();
    await session.get(server.url('/'), { cookies: { hasOwnProperty: '3' } }).text();
    expect(cookiesTo(server, '/')[1]).toBe('__proto__=1; constructor=2; hasOwnProperty=3');
  });
});
