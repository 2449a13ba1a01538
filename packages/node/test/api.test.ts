import {
  bearer,
  type CallOptions,
  Session,
  SessionClosedError,
  type SessionOptions,
} from '@httpsession/core';
import { redirect, respond, sequence, stall, text } from '@httpsession/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePlatform } from '../src/node-platform.ts';
import { openServer } from './support/server.ts';
import { failure, openSession } from './support/session.ts';

const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    for (const member of Object.values(value)) deepFreeze(member);
    Object.freeze(value);
  }
  if (Array.isArray(value)) for (const member of Object.freeze(value)) deepFreeze(member);
  return value;
};

describe('merging of headers', () => {
  it('lays the call over the session: its value and spelling win, null removes, undefined inherits', async () => {
    const server = await openServer();
    const session = openSession({ headers: { 'X-One': '1', 'X-Two': '2', 'X-Three': '3' } });
    await session
      .get(server.url('/'), { headers: { 'x-one': 'one', 'X-TWO': null, 'x-three': undefined } })
      .text();
    const seen = server.last?.rawHeaders.filter(([name]) => /^x-/i.test(name));
    expect(seen).toEqual([
      ['x-one', 'one'],
      ['X-Three', '3'],
    ]);
  });

  it('sends the defaults unless null removes them', async () => {
    const server = await openServer();
    const session = openSession();
    await session.get(server.url('/'));
    expect(server.last?.header('accept')).toBe('*/*');
    expect(server.last?.header('user-agent')).toMatch(/^httpsession\/\d/);
    await session.get(server.url('/'), { headers: { accept: null, 'User-Agent': null } });
    expect(server.last?.headers('accept')).toEqual([]);
    expect(server.last?.headers('user-agent')).toEqual([]);
    await openSession({ headers: null }).get(server.url('/'));
    expect(server.last?.headers('accept')).toEqual([]);
  });

  it('sends none of the session headers when the call says headers: null', async () => {
    const server = await openServer();
    await openSession({ headers: { 'x-one': '1' } }).get(server.url('/'), { headers: null });
    expect(server.last?.header('x-one')).toBeUndefined();
    expect(server.last?.header('accept')).toBeUndefined();
  });

  it('follows live changes of session.headers', async () => {
    const server = await openServer();
    const session = openSession({ headers: { 'x-a': '1' } });
    session.headers.set('X-B', '2');
    session.headers.delete('x-a');
    await session.get(server.url('/'));
    session.headers.set('X-B', '3');
    session.headers.append('x-b', '4');
    await session.get(server.url('/'));
    expect(server.requests.map((seen) => [seen.header('x-a'), seen.header('x-b')])).toEqual([
      [undefined, '2'],
      [undefined, '3, 4'],
    ]);
  });

  it('reads a generator of headers once, also where it removes the credential', async () => {
    const server = await openServer();
    const session = openSession({ auth: ['u', 'p'] });
    function* headers(): Generator<readonly [string, string | null]> {
      yield ['x-a', '1'];
      yield ['Authorization', null];
    }
    await session.get(server.url('/'), { headers: headers() });
    expect(server.last?.header('x-a')).toBe('1');
    expect(server.last?.header('authorization')).toBeUndefined();
  });

  it('merges any headers as a plain model does', async () => {
    const session = openSession();
    const name = fc.constantFrom('x-a', 'X-A', 'x-b', 'X-b', 'x-c');
    const value = fc.option(fc.stringMatching(/^[a-z]{1,4}$/), { nil: null });
    const record = fc.dictionary(name, fc.oneof(value, fc.constant(undefined)));
    fc.assert(
      fc.property(record, record, (ofSession, ofCall) => {
        const child = session.extend({ headers: ofSession });
        const model = new Map<string, string>();
        for (const layer of [ofSession, ofCall]) {
          const removed = new Set<string>();
          for (const [key, given] of Object.entries(layer)) {
            if (given === undefined) continue;
            if (given === null) removed.add(key.toLowerCase());
            else {
              model.set(key.toLowerCase(), given);
              removed.delete(key.toLowerCase());
            }
          }
          for (const key of removed) model.delete(key);
        }
        const sent = child.prepare('GET', 'http://a.test/', { headers: ofCall }).headers.toPairs();
        const own = sent
          .map(([key, given]) => [key.toLowerCase(), given])
          .filter(([key]) => key?.startsWith('x-'));
        expect(Object.fromEntries(own)).toEqual(Object.fromEntries(model));
      }),
    );
  });
});

describe('merging of params', () => {
  it.each<[string, SessionOptions['params'], CallOptions['params'], string, string]>([
    [
      'a list keeps the session params',
      { a: 1 },
      [
        ['b', 1],
        ['b', 2],
      ],
      '',
      '?a=1&b=1&b=2',
    ],
    ['a string keeps the session params', { a: 1 }, 'x=y%20z', '', '?a=1&x=y+z'],
    [
      'null inside a list, an empty list, an empty text',
      undefined,
      { a: [1, null, 2], b: [], c: '', d: ['x', 'y'] },
      '',
      '?a=1&a=2&c=&d=x&d=y',
    ],
    ['a name of the call replaces that of the session', { a: 1, b: 2 }, { a: 9 }, '', '?a=9&b=2'],
    ['null removes, undefined inherits', { a: 1, b: 2 }, { a: null, b: undefined }, '', '?b=2'],
    ['null for all removes all', { a: 1 }, null, '', ''],
    ['the own query of the URL stays as it is', undefined, { a: 'b' }, '?x=1', '?x=1&a=b'],
    ['an empty query', undefined, { a: 'b' }, '?', '?a=b'],
    ['an odd query', undefined, { a: 'b' }, '?x&', '?x&&a=b'],
    ['repeated names are not merged with the URL', undefined, { x: 2 }, '?x=1', '?x=1&x=2'],
    ['before the fragment', undefined, { a: 'b' }, '#end', '?a=b'],
  ])('%s', async (_title, ofSession, ofCall, url, expected) => {
    const server = await openServer();
    await openSession({ params: ofSession }).get(server.url(`/p${url}`), { params: ofCall });
    expect(server.last?.target).toBe(`/p${expected}`);
  });

  it('those of a session stay at its origins: they may hold a key', async () => {
    const [home, other, third] = [await openServer(), await openServer(), await openServer()];
    const session = openSession({
      baseUrl: home.url('/'),
      origins: [third.origin],
      params: { api_key: 'SECRET' },
    });
    await session.get('x');
    await session.get(other.url('/x'), { params: { own: 1 } });
    await session.get(third.url('/x'));
    await session.extend({ baseUrl: other.url('/') }).get('child');
    await session.extend({ baseUrl: home.url('/v1/') }).get('child');
    expect([home, other, third].map(({ requests }) => requests.map(({ target }) => target))).toEqual([
      ['/x?api_key=SECRET', '/v1/child?api_key=SECRET'],
      ['/x?own=1', '/child'],
      ['/x?api_key=SECRET'],
    ]);
  });

  it('follows live changes of session.params', async () => {
    const server = await openServer();
    const session = openSession({ params: { a: 1 } });
    session.params.set('b', '2');
    session.params.delete('a');
    await session.get(server.url('/'));
    expect(server.last?.target).toBe('/?b=2');
  });
});

describe('credentials', () => {
  const user = (name: string) => `Basic ${btoa(`${name}:p`)}`;

  it.each<[string, SessionOptions, CallOptions, string | undefined]>([
    [
      'call auth beats all',
      { auth: ['s', 'p'] },
      { auth: ['c', 'p'], headers: { authorization: 'h' } },
      user('c'),
    ],
    [
      'the header of the call beats session and URL',
      { auth: ['s', 'p'] },
      { headers: { Authorization: 'h' } },
      'h',
    ],
    ['session auth beats the URL', { auth: ['s', 'p'] }, {}, user('s')],
    ['the URL comes last', {}, {}, user('u')],
    ['the URL comes before the session header', { headers: { authorization: 'h' } }, {}, user('u')],
    ['auth: null is none at all', { auth: ['s', 'p'] }, { auth: null }, undefined],
    [
      'a removed header is none at all',
      { auth: ['s', 'p'] },
      { headers: { AUTHORIZATION: null } },
      undefined,
    ],
    ['auth: undefined inherits', { auth: ['s', 'p'] }, { auth: undefined }, user('s')],
  ])('%s', async (_title, ofSession, ofCall, expected) => {
    const server = await openServer();
    await openSession(ofSession).get(server.url('/').replace('//', '//u:p@'), ofCall);
    expect(server.last?.header('authorization')).toBe(expected);
    expect(server.last?.target).toBe('/');
  });

  it('follows a live change of session.auth and takes what the option takes', async () => {
    const server = await openServer();
    const session = openSession();
    session.auth = bearer('one');
    await session.get(server.url('/'));
    Reflect.set(session, 'auth', ['u', 'p']);
    await session.get(server.url('/'));
    session.auth = null;
    await session.get(server.url('/'));
    expect(server.requests.map((seen) => seen.header('authorization'))).toEqual([
      'Bearer one',
      user('u'),
      undefined,
    ]);
  });

  it('keeps nothing that was given to a call', async () => {
    const server = await openServer();
    server.route('/1', text('ok'));
    const session = openSession();
    await session.get(server.url('/1'), {
      headers: { 'x-a': '1' },
      params: { b: 2 },
      auth: ['u', 'p'],
      cookies: { c: '3' },
      timeout: { headers: 1 * 5_000 },
      retry: 4,
      redirect: 'manual',
      hooks: { afterResponse: () => undefined },
      raiseForStatus: true,
      baseUrl: 'http://elsewhere.test/',
    });
    expect(server.last?.header('cookie')).toBe('c=3');
    server.route('/2', respond({ status: 404 }));
    const response = await session.get(server.url('/2'));
    expect(server.last?.target).toBe('/2');
    for (const name of ['x-a', 'authorization', 'cookie']) expect(server.last?.header(name)).toBeUndefined();
    expect(response.request.options).toBe(session.prepare('GET', server.url('/2')).options);
  });
});

describe('options objects', () => {
  it('may be deeply frozen, and are never changed', async () => {
    const server = await openServer();
    server.route('/a', redirect(302, '/b'));
    const ofSession = deepFreeze({
      headers: { 'X-A': '1' },
      params: { a: [1, 2] },
      auth: ['u', 'p'],
      timeout: { connect: 1000 },
      retry: { limit: 1, methods: ['GET'] },
      redirect: { max: 3, forwardHeaders: ['x-a'] },
      hooks: { beforeRequest: [() => undefined] },
      trustEnv: { proxy: false },
      pool: { connections: 2 },
    } as const);
    const headers = new Headers({ 'x-b': '2' });
    const call = deepFreeze({
      headers: { 'x-c': '3' },
      params: { b: 1 },
      cookies: { d: '4' },
      json: { e: [5] },
    } as const);
    const before = JSON.stringify([ofSession, call]);
    const session = openSession(ofSession as SessionOptions);
    await session.get(server.url('/a'), { headers });
    await session.post(server.url('/b'), call);
    await session.extend(ofSession as SessionOptions).get(server.url('/a'));
    expect(JSON.stringify([ofSession, call])).toBe(before);
    expect([...headers]).toEqual([['x-b', '2']]);
  });

  it('do not reach the session when they change later', async () => {
    const server = await openServer();
    const options = {
      headers: { 'x-a': '1' },
      params: { p: '1' },
      redirect: { max: 2 },
      pool: { connections: 1 },
    };
    const session = openSession(options);
    options.headers['x-a'] = '2';
    options.params.p = '2';
    options.redirect.max = 0;
    server.route('/a', redirect(302, '/b'));
    const response = await session.get(server.url('/a'));
    expect(response.url).toBe(server.url('/b'));
    expect(server.requestsTo('/a')[0]?.header('x-a')).toBe('1');
    expect(server.requestsTo('/a')[0]?.target).toBe('/a?p=1');
  });
});

describe('closing', () => {
  it('ends calls in flight, waiting and reading, and refuses later ones', async () => {
    const server = await openServer();
    server.route('/silent', stall());
    server.route('/body', sequence({ raw: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc' }, stall()));
    const session = openSession();
    const reading = await session.get(server.url('/body'));
    const text = failure(reading.text());
    const waiting = failure(session.get(server.url('/silent')));
    await server.waitFor(2);
    await Promise.all([session.close(), session.close()]);
    for (const error of [await text, await waiting, await failure(session.get(server.url('/')))])
      expect(error).toBeInstanceOf(SessionClosedError);
    expect(server.requests).toHaveLength(2);
    await server.waitFor((seen) => seen.openConnections === 0);
    expect(String(session)).not.toContain('undefined');
  });

  it('happens at the end of an await using block', async () => {
    const server = await openServer();
    let kept: Session | undefined;
    {
      await using session = new Session({ trustEnv: false }, nodePlatform);
      kept = session;
      await session.get(server.url('/')).text();
    }
    expect(await failure(kept.get(server.url('/')))).toBeInstanceOf(SessionClosedError);
  });
});

describe('HEAD', () => {
  it('does not follow redirects unless told to, though request() does', async () => {
    const server = await openServer();
    server.route('/a', redirect(302, '/b'));
    const session = openSession();
    expect((await session.head(server.url('/a'))).status).toBe(302);
    expect((await session.head(server.url('/a'), { redirect: 'follow' })).status).toBe(200);
    expect((await session.request('HEAD', server.url('/a'))).status).toBe(200);
    expect(
      (await failure(openSession({ redirect: 'error' }).head(server.url('/a')))) as Error,
    ).toHaveProperty('code', 'ERR_REDIRECT');
  });
});

describe('methods', () => {
  it('are sent in upper case', async () => {
    const server = await openServer();
    const session = openSession();
    const url = server.url('/');
    await session.get(url);
    await session.options(url);
    await session.post(url);
    await session.put(url);
    await session.patch(url);
    await session.delete(url);
    await session.query(url);
    await session.request('propfind', url);
    expect(server.requests.map(({ method }) => method)).toEqual([
      'GET',
      'OPTIONS',
      'POST',
      'PUT',
      'PATCH',
      'DELETE',
      'QUERY',
      'PROPFIND',
    ]);
  });
});
