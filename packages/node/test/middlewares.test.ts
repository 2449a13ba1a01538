import { basic, decorate, type Middleware, responseFrom } from '@httpsession/core';
import { redirect, respond, text } from '@httpsession/testing';
import { describe, expect, it } from 'vitest';
import { openServer } from './support/server.ts';
import { failure, openSession, quickRetry } from './support/session.ts';

const noting =
  (events: string[], name: string): Middleware =>
  async (request, next) => {
    events.push(`> ${name}`);
    const response = await next(request);
    events.push(`< ${name} ${response.status}`);
    return response;
  };

describe('a call middleware', () => {
  it('runs once per call, in the order of use()', async () => {
    const server = await openServer();
    server.route('/a', [respond({ status: 503 }), redirect(302, '/b')]);
    const events: string[] = [];
    const session = openSession({ retry: quickRetry(1) })
      .use(noting(events, 'one'))
      .use(noting(events, 'two'));
    await session.get(server.url('/a')).text();
    expect(events).toEqual(['> one', '> two', '< two 200', '< one 200']);
    expect(server.requests).toHaveLength(3);
  });

  it('may answer without sending', async () => {
    const server = await openServer();
    const session = openSession().use(async (request) => responseFrom(request, new Response('cached')));
    expect(await session.get(server.url('/a')).text()).toBe('cached');
    expect(server.connections).toHaveLength(0);
  });

  it('may send several times: an earlier response is freed when the next one is asked for', async () => {
    const server = await openServer();
    server.route('/a', [text('x'.repeat(200_000)), text('x'.repeat(200_000)), text('last')]);
    const session = openSession({ pool: { connections: 1 }, timeout: { queue: 2_000 } }).use(
      async (request, next) => {
        await next(request);
        await next(request.withHeader('x-turn', '2'));
        return next(request.withHeader('x-turn', '3'));
      },
    );
    expect(await session.get(server.url('/a')).text()).toBe('last');
    expect(server.requests.map((seen) => seen.header('x-turn'))).toEqual([undefined, '2', '3']);
  });

  it('frees what it got when it throws, or answers with something else', async () => {
    const server = await openServer();
    server.route('/a', text('x'.repeat(200_000)));
    const own = new Error('mine');
    const throwing = openSession().use(async (request, next) => {
      await next(request);
      throw own;
    });
    expect(await failure(throwing.get(server.url('/a')))).toBe(own);
    expect(throwing.stats().unreadBodies).toBe(0);
    const replacing = openSession().use(async (request, next) => {
      await next(request);
      return responseFrom(request, new Response('other'));
    });
    expect(await replacing.get(server.url('/a')).text()).toBe('other');
    expect(replacing.stats().unreadBodies).toBe(0);
  });

  it('may wrap the body that it got', async () => {
    const server = await openServer();
    server.route('/a', text('quiet'));
    const session = openSession().use(async function shout(request, next) {
      const { body } = await next(request);
      const upper = new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, out) =>
          out.enqueue(new TextEncoder().encode(new TextDecoder().decode(chunk).toUpperCase())),
      });
      return responseFrom(request, new Response(body?.pipeThrough(upper)));
    });
    expect(await session.get(server.url('/a')).text()).toBe('QUIET');
  });

  it('can be added between two calls', async () => {
    const server = await openServer();
    const session = openSession();
    await session.get(server.url('/a')).text();
    session.use((request, next) => next(request.withHeader('x-late', '1')));
    await session.get(server.url('/b')).text();
    expect(server.requests.map((seen) => seen.header('x-late'))).toEqual([undefined, '1']);
  });

  it.each<[string, Middleware, RegExp]>([
    [
      'returns nothing',
      async function forgetful(request, next) {
        await next(request);
        return undefined as never;
      },
      /^call middleware forgetful must return a SessionResponse, got undefined$/,
    ],
    [
      'returns a plain Response',
      async function plain() {
        return new Response('x') as never;
      },
      /^call middleware plain must return a SessionResponse, got a Response; responseFrom/,
    ],
    [
      'calls next without a request',
      async function lost(_request, next) {
        return next({ url: 'x' } as never);
      },
      /^call middleware lost must call next with a request, got an object$/,
    ],
    [
      'returns nothing and has no name',
      () => undefined as never,
      /^call middleware \(anonymous\) must return/,
    ],
  ])('that %s is named', async (_title, middleware, message) => {
    const server = await openServer();
    const session = openSession().use(middleware);
    const error = await failure(session.get(server.url('/')));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toMatch(message);
    expect(session.stats().unreadBodies).toBe(0);
  });
});

describe('an exchange middleware', () => {
  it('runs for every message that leaves, with its cookies and credentials', async () => {
    const server = await openServer();
    server.route('/a', [
      respond({ status: 503 }),
      redirect(302, '/b', { headers: { 'set-cookie': 'sid=1' } }),
    ]);
    const seen: unknown[] = [];
    const session = openSession({ retry: quickRetry(1), auth: basic('u', 'p') }).use((request, next) => {
      seen.push([request.target.path, request.header('authorization'), request.header('cookie')]);
      return next(request.withHeader('x-signed', String(seen.length)));
    }, 'exchange');
    await session.get(server.url('/a')).text();
    const authorization = `Basic ${btoa('u:p')}`;
    expect(seen).toEqual([
      ['/a', authorization, undefined],
      ['/a', authorization, undefined],
      ['/b', authorization, 'sid=1'],
    ]);
    expect(server.requests.map((request) => request.header('x-signed'))).toEqual(['1', '2', '3']);
  });

  it('must leave the request at its origin', async () => {
    const server = await openServer();
    const session = openSession().use(function astray(request, next) {
      return next(request.withUrl('http://127.0.0.1:9/'));
    }, 'exchange');
    expect((await failure(session.get(server.url('/')))) as Error).toHaveProperty(
      'message',
      `exchange middleware astray must leave the request at the origin it was signed for, ${server.origin}, got http://127.0.0.1:9`,
    );
  });

  it('made by decorate() is decorated once, however many requests go through it', async () => {
    const server = await openServer();
    let decorated = 0;
    const counting = decorate((fetch) => {
      decorated += 1;
      let calls = 0;
      return (input, init) => {
        calls += 1;
        return fetch(input, { ...init, headers: { ...init.headers, 'x-call': String(calls) } });
      };
    });
    const session = openSession().use(counting, 'exchange').use(counting);
    for (let turn = 0; turn < 3; turn += 1) await session.get(server.url('/')).text();
    expect(decorated).toBe(2);
    expect(server.requests.map((request) => request.header('x-call'))).toEqual(['1', '2', '3']);
  });
});
