import { fetchTransport, type Jar, type Platform, Session, type SessionOptions } from '@httpsession/core';
import { CookieJar as ToughCookieJar } from 'tough-cookie';
import { describe, expect, it } from 'vitest';
import { CookieJar } from './cookie-jar.ts';
import { cookieSupport } from './cookie-support.ts';

const home = 'https://app.example.com/';

type Answers = Record<string, { status?: number; headers?: [string, string][] }>;

/** A session over a server in memory that answers by path, and what that server saw. */
const sessionOver = (answers: Answers, options: SessionOptions = {}) => {
  const seen: { method: string; url: string; headers: Record<string, string> }[] = [];
  const platform: Platform = {
    name: 'test',
    userAgent: null,
    cookies: cookieSupport,
    createTransport: () =>
      fetchTransport((url, init) => {
        const headers = new Headers(init.headers);
        seen.push({ method: init.method ?? '', url, headers: Object.fromEntries(headers) });
        const { pathname } = new URL(url);
        const answer = Object.hasOwn(answers, pathname) ? answers[pathname] : undefined;
        return new Response('ok', { status: answer?.status ?? 200, headers: answer?.headers ?? [] });
      }),
  };
  const session = new Session({ retry: null, ...options }, platform);
  return { session, seen, cookies: () => seen.map(({ headers }) => headers.cookie ?? null) };
};

describe('cookieMiddleware', () => {
  it('sends the cookie set by a 302 to the page it points at, and later', async () => {
    const { session, cookies } = sessionOver({
      '/login': {
        status: 302,
        headers: [
          ['location', '/home'],
          ['set-cookie', 'sid=1; Path=/'],
        ],
      },
    });
    const page = await session.post(`${home}login`);
    await session.get(`${home}other`);
    expect(cookies()).toEqual([null, 'sid=1', 'sid=1']);
    expect(page.history.map(({ status }) => status)).toEqual([302]);
  });

  it('keeps one Set-Cookie with a comma one cookie, and the order of several', async () => {
    const { session, cookies } = sessionOver({
      '/': {
        headers: [
          ['set-cookie', 'a=1, b=2; Expires=Wed, 21 Oct 2099 07:28:00 GMT'],
          ['set-cookie', 'c=1'],
          ['set-cookie', 'c=2'],
        ],
      },
    });
    await session.get(home);
    await session.get(`${home}next`);
    expect(cookies()).toEqual([null, 'a=1, b=2; c=2']);
  });

  it('lays the Cookie header over the jar and the cookies of the call over both, for this call only', async () => {
    const { session, cookies } = sessionOver({});
    (session.cookies as CookieJar).set('a', 'jar', { url: home });
    (session.cookies as CookieJar).set('b', 'jar', { url: home });
    (session.cookies as CookieJar).set('d', 'jar', { url: home });
    await session.get(home, { headers: { cookie: 'b=header; c=header' }, cookies: { c: 'call', d: null } });
    await session.get(home);
    expect(cookies()).toEqual(['a=jar; b=header; c=call', 'a=jar; b=jar; d=jar']);
  });

  it('leaves every other header of the request as it was', async () => {
    const { session, seen } = sessionOver({}, { headers: { 'x-a': '1' } });
    (session.cookies as CookieJar).set('a', '1', { url: home });
    await session.post(home, { json: {}, headers: { 'x-b': '2' } });
    expect(seen[0]).toEqual({
      method: 'POST',
      url: home,
      headers: { accept: '*/*', 'content-type': 'application/json', cookie: 'a=1', 'x-a': '1', 'x-b': '2' },
    });
  });

  it('keeps cookies of error responses and of retried ones', async () => {
    const { session, cookies } = sessionOver(
      { '/': { status: 503, headers: [['set-cookie', 'seen=1']] } },
      { retry: { limit: 1, backoff: { base: 0 } } },
    );
    expect((await session.get(home)).status).toBe(503);
    expect(cookies()).toEqual([null, 'seen=1']);
  });

  it("passes over cookies that break a rule, and takes another site's for nobody", async () => {
    const { session } = sessionOver({
      '/': {
        headers: [
          ['set-cookie', 'evil=1; Domain=example.org'],
          ['set-cookie', '__Host-x=1; Path=/deep; Secure'],
          ['set-cookie', 'fine=1'],
        ],
      },
    });
    await session.get(home);
    expect([...session.cookies].map(({ name }) => name)).toEqual(['fine']);
  });

  it('takes as many cookies of one response as the jar allows', async () => {
    const headers = Array.from({ length: 200 }, (_, at): [string, string] => ['set-cookie', `c${at}=1`]);
    const few = sessionOver({ '/': { headers } });
    const response = await few.session.get(home);
    expect(few.session.cookies.size).toBe(50);
    expect(response.headers.getSetCookie()).toHaveLength(200);
    const more = sessionOver(
      { '/': { headers } },
      { cookies: new CookieJar({ limits: { perResponse: 120 } }) },
    );
    await more.session.get(home);
    expect(more.session.cookies.size).toBe(120);
  });

  it('sends no cookies of the jar to schemes other than http and https', async () => {
    const { session } = sessionOver({});
    (session.cookies as CookieJar).set('a', '1', { url: home });
    const service: string[] = [];
    session.mount(
      'app://service',
      fetchTransport((_url, init) => {
        service.push(new Headers(init.headers).get('cookie') ?? '');
        return new Response('ok', { headers: { 'set-cookie': 'c=3' } });
      }),
    );
    await session.get('app://service/path', { cookies: { b: '2' } });
    expect(service).toEqual(['b=2']);
    expect(session.cookies.size).toBe(1);
  });

  it('hands on what the transport rejects with', async () => {
    const failure = new Error('gone');
    const platform: Platform = {
      name: 'test',
      userAgent: null,
      cookies: cookieSupport,
      createTransport: () => ({
        ...fetchTransport(() => new Response()),
        send: () => Promise.reject(failure),
      }),
    };
    await expect(new Session({}, platform).get(home)).rejects.toBe(failure);
  });
});

describe('the cookies option', () => {
  it('uses a jar as it is', () => {
    const jar = new CookieJar();
    expect(sessionOver({}, { cookies: jar }).session.cookies).toBe(jar);
  });

  it('sets a record for the baseUrl', async () => {
    const { session, cookies } = sessionOver({}, { baseUrl: home, cookies: { a: '1' } });
    await session.get('');
    await session.get('https://other.example.com/');
    expect(cookies()).toEqual(['a=1', null]);
  });

  it.each([
    ['a record without a baseUrl', { a: '1' }, /need a baseUrl/],
    ['a list', ['a=1'] as never, /got a list/],
    ['text', 'a=1' as never, /got string/],
    ['a value that is no text', { a: 1 } as never, /must be a string, got number|need a baseUrl/],
  ])('refuses %s', (_, cookies, message) => {
    expect(() => sessionOver({}, { cookies })).toThrow(message);
  });

  it('refuses a value that would be two cookies', () => {
    expect(() => sessionOver({}, { baseUrl: home, cookies: { a: '1; b=2' } })).toThrow(/value of cookie a/);
  });

  it('takes a jar that somebody else wrote', async () => {
    const lines: string[] = [];
    const jar = {
      getCookieString: () => 'own=1',
      setFromResponse: (given: readonly string[]) => void lines.push(...given),
    } as unknown as Jar;
    const { session, cookies } = sessionOver({ '/': { headers: [['set-cookie', 'a=1']] } }, { cookies: jar });
    await session.get(home);
    expect(cookies()).toEqual(['own=1']);
    expect(lines).toEqual(['a=1']);
  });
});

describe('a tough-cookie jar', () => {
  it('is used as it is, both ways', async () => {
    const tough = new ToughCookieJar();
    await tough.setCookie('before=1', home);
    const { session, cookies } = sessionOver(
      { '/': { headers: [['set-cookie', 'server=2']] } },
      { cookies: tough, baseUrl: home },
    );
    await session.get('');
    const jar = session.cookies as CookieJar;
    jar.set('own', '3');
    jar.delete('before');
    await session.get('next');
    expect(cookies()).toEqual(['before=1', 'server=2; own=3']);
    expect(await tough.getCookieString(home)).toBe('server=2; own=3');
    expect(jar.toObject()).toEqual({ server: '2', own: '3' });
    expect([jar.size, jar.has('server'), jar.get('before')]).toEqual([2, true, undefined]);
    jar.clear();
    expect(await tough.getCookieString(home)).toBe('');
    expect(jar.toTough()).toBe(tough);
    expect(() => jar.onChange(() => undefined)).toThrow(TypeError);
  });

  it('serves requests with an asynchronous store too', async () => {
    const inner = new ToughCookieJar();
    const tough = {
      store: { synchronous: false },
      getCookieString: async (url: string) => inner.getCookieString(url),
      setCookie: async (line: string, url: string) => inner.setCookie(line, url),
      serializeSync: () => undefined,
    };
    const { session, cookies } = sessionOver(
      { '/': { headers: [['set-cookie', 'a=1']] } },
      { cookies: tough },
    );
    await session.get(home);
    await session.get(home);
    expect(cookies()).toEqual([null, 'a=1']);
    expect(() => session.cookies.size).toThrow(/synchronous store/);
  });
});
