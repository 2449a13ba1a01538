import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { PreparedRequest, UnreplayableBodyError } from '@httpsession/core';
import { redirect, respond, text } from '@httpsession/testing';
import { describe, expect, it } from 'vitest';
import { openServer } from './support/server.ts';
import { failure, openSession } from './support/session.ts';

describe('prepare and send', () => {
  it('sends the same request as often as asked, with the cookies of the moment', async () => {
    const server = await openServer();
    server.route('/a', [respond({ headers: { 'set-cookie': 'sid=1' } }), text('ok')]);
    const session = openSession({ headers: { 'X-A': '1' }, auth: ['u', 'p'] });
    const prepared = session.prepare('post', server.url('/a'), { params: { q: 1 }, json: { a: 1 } });
    expect(prepared.method).toBe('POST');
    expect(prepared.url).toBe(server.url('/a?q=1'));
    expect(prepared.headers.toRecord()).toMatchObject({ 'X-A': '1', 'content-type': 'application/json' });
    expect(server.connections).toHaveLength(0);
    expect((await session.send(prepared)).attempts).toBe(1);
    await session.send(prepared);
    const [first, second] = server.requests;
    expect(first?.header('cookie')).toBeUndefined();
    expect(second?.header('cookie')).toBe('sid=1');
    for (const seen of server.requests) {
      expect(seen.bodyText).toBe('{"a":1}');
      expect(seen.header('authorization')).toBe(`Basic ${btoa('u:p')}`);
    }
    expect(prepared.attempts).toBe(0);
    expect(prepared.header('authorization')).toBeUndefined();
  });

  it('refuses to send a one-shot stream twice, before anything leaves', async () => {
    const server = await openServer();
    const session = openSession();
    async function* body(): AsyncGenerator<string> {
      yield 'once';
    }
    const prepared = session.prepare('POST', server.url('/'), { body: body() });
    await session.send(prepared).text();
    const error = await failure(session.send(prepared));
    expect(error).toBeInstanceOf(UnreplayableBodyError);
    expect(server.requests.map(({ bodyText }) => bodyText)).toEqual(['once']);
  });

  it('sends a body made by a function any number of times', async () => {
    const server = await openServer();
    const session = openSession();
    let made = 0;
    const prepared = session.prepare('POST', server.url('/'), { body: () => `body ${++made}` });
    await session.send(prepared);
    await session.send(prepared);
    expect(server.requests.map(({ bodyText }) => bodyText)).toEqual(['body 1', 'body 2']);
  });

  it('takes another policy, signal and hooks for one time, and nothing that belongs to the request', async () => {
    const server = await openServer();
    server.route('/a', redirect(302, '/b'));
    const session = openSession();
    const prepared = session.prepare('GET', server.url('/a'), {
      hooks: { beforeRequest: (request) => request.withHeader('x-hook', '1') },
    });
    const manual = await session.send(prepared, {
      redirect: 'manual',
      hooks: { beforeRequest: (request) => request.withHeader('x-hook', `${request.header('x-hook')}2`) },
    });
    expect(manual.status).toBe(302);
    expect(server.last?.header('x-hook')).toBe('12');
    expect((await session.send(prepared)).status).toBe(200);
    const reason = new Error('no');
    expect(await failure(session.send(prepared, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    for (const option of ['headers', 'params', 'json', 'auth', 'cookies', 'proxy'])
      expect(await failure(session.send(prepared, { [option]: {} }))).toHaveProperty(
        'message',
        `send: ${option} belongs to prepare(), the request is built already`,
      );
  });

  it('sends only what prepare() returned', async () => {
    const error = await failure(openSession().send({ method: 'GET', url: 'http://127.0.0.1:9/' } as never));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toBe('send: prepared must be what prepare() returned, got an object');
  });

  it('follows response.next by hand, as with redirect: manual in requests', async () => {
    const server = await openServer();
    server.route('/a', redirect(303, '/b', { headers: { 'set-cookie': 'sid=1' } }));
    const session = openSession({ redirect: 'manual', headers: { 'x-key': '1' } });
    const first = await session.post(server.url('/a'), { json: 1 });
    expect(first.isRedirect).toBe(true);
    expect(first.next).toBeInstanceOf(PreparedRequest);
    expect(first.next?.method).toBe('GET');
    if (first.next !== null) await session.send(first.next);
    expect(server.last?.path).toBe('/b');
    expect(server.last?.header('cookie')).toBe('sid=1');
    expect(server.last?.header('content-type')).toBeUndefined();
  });

  it('leaves nothing behind: neither what was never sent, nor a child that was never closed', async () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    const server = await openServer();
    const session = openSession();
    const forgotten = await (async () => {
      const child = session.extend({});
      await child.get(server.url('/')).text();
      return [
        new WeakRef(session.prepare('GET', server.url('/'), { timeout: 1_000 }).call),
        new WeakRef(child),
      ];
    })();
    // What a job has touched stays alive until it ends.
    for (let turn = 0; turn < 20 && forgotten.some((ref) => ref.deref() !== undefined); turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      gc();
    }
    expect(forgotten.map((ref) => ref.deref() === undefined)).toEqual([true, true]);
    expect(session.stats().pending).toBe(0);
  });
});

describe('explain', () => {
  it('tells each effective option and where it came from', () => {
    const session = openSession({
      timeout: 9_000,
      headers: { 'accept-language': 'de', 'x-key': 'secret' },
      auth: ['u', 'p'],
    });
    const found = session.explain('post', 'http://a.test/x?token=1', {
      redirect: 'manual',
      headers: { range: 'bytes=0-1', 'x-other': 'secret' },
      json: {},
    });
    expect(found).toMatchObject({
      method: 'POST',
      url: 'http://a.test/x?…',
      transport: 'node',
      auth: 'session',
    });
    expect(found.options.timeout).toMatchObject({ source: 'session', value: { total: 9_000 } });
    expect(found.options.redirect).toMatchObject({ source: 'call', value: { mode: 'manual' } });
    expect(found.options.decompress).toEqual({ source: 'default', value: true });
    expect(found.options.trustEnv).toEqual({ source: 'session', value: false });
    expect(found.headers).toMatchObject({
      accept: { source: 'default', value: '*/*' },
      'accept-language': { source: 'session', value: 'de' },
      'x-key': { source: 'session', value: '…' },
      range: { source: 'call', value: 'bytes=0-1' },
      'x-other': { source: 'call', value: '…' },
      'content-type': { source: 'call', value: 'application/json' },
    });
  });

  it('knows what a child has from its parent', () => {
    const child = openSession({ timeout: 9_000, retry: 7 }).extend({ redirect: 3 });
    const { options } = child.explain('GET', 'http://a.test/');
    expect([
      options.timeout?.source,
      options.retry?.source,
      options.redirect?.source,
      options.decompress?.source,
    ]).toEqual(['session', 'session', 'session', 'default']);
  });

  it.each([
    ['call', 'http://a.test/', { auth: ['c', 'p'] as const }],
    ['call', 'http://a.test/', { headers: { authorization: 'x' } }],
    ['none', 'http://a.test/', { auth: null }],
    ['session', 'http://u:p@a.test/', {}],
  ])('says %s for the credential of %s with %j', (source, url, options) => {
    expect(openSession({ auth: ['s', 'p'] }).explain('GET', url, options).auth).toBe(source);
  });

  it('says url for user information, none without a credential or at another origin', () => {
    expect(openSession().explain('GET', 'http://u:p@a.test/').auth).toBe('url');
    expect(openSession().explain('GET', 'http://a.test/').auth).toBe('none');
    expect(
      openSession({ baseUrl: 'http://a.test/', auth: ['u', 'p'] }).explain('GET', 'http://b.test/').auth,
    ).toBe('none');
  });
});
