import { ConnectionError, decorate, UnreplayableBodyError } from '@httpsession/core';
import { redirect, respond, ScenarioServer, stall, text } from '@httpsession/testing';
import fetchCookie from 'fetch-cookie';
import fetchRetry from 'fetch-retry';
import { CookieJar } from 'tough-cookie';
import { describe, expect, it, onTestFinished } from 'vitest';
import { decorateFetch } from '../../../examples/decorate-fetch.ts';
import { openSession } from './support/session.ts';

const start = async (): Promise<ScenarioServer> => {
  const server = await ScenarioServer.start();
  onTestFinished(() => server.close());
  server.otherwise(text('hello'));
  return server;
};

describe('decorators from npm', () => {
  it('fetch-retry repeats a call; its earlier answers are history and hold no connection', async () => {
    const server = await start();
    server.route('/', [
      respond({ status: 409, body: 'x'.repeat(1000) }),
      respond({ status: 409, body: 'y'.repeat(100_000) }),
      text('done'),
    ]);
    const session = openSession({ pool: { connections: 1 }, headers: { 'X-App': '1' } });
    session.use(
      decorate((fetch) => fetchRetry(fetch, { retryOn: [409], retries: 3, retryDelay: 0 }) as typeof fetch),
    );
    const response = await session.put(server.url('/'), { json: { a: 1 } });
    expect(await response.text()).toBe('done');
    expect(response.history.map(({ status, tag }) => [status, tag])).toEqual([
      [409, 'retry'],
      [409, 'retry'],
    ]);
    expect((await response.history[0]?.text())?.length).toBe(1000);
    expect(server.requests.length).toBe(3);
    for (const request of server.requests) {
      expect([
        request.method,
        request.bodyText,
        request.header('x-app'),
        request.header('content-type'),
      ]).toEqual(['PUT', '{"a":1}', '1', 'application/json']);
    }
    expect(session.stats().unreadBodies).toBe(0);
  });

  it('fetch-retry repeats what never connected', async () => {
    const server = await start();
    await server.close();
    let tries = 0;
    const session = openSession();
    const retryOn = (attempt: number, error: Error | null): boolean => {
      tries += 1;
      expect(error).toBeInstanceOf(ConnectionError);
      return attempt < 2;
    };
    session.use(decorate((fetch) => fetchRetry(fetch, { retryOn, retryDelay: 0 }) as typeof fetch));
    await expect(session.get(server.url('/'))).rejects.toBeInstanceOf(ConnectionError);
    expect(tries).toBe(3);
  });

  it('fetch-cookie keeps a jar of its own, message by message, beside redirects that are ours', async () => {
    const server = await start();
    server.route('/login', redirect(302, '/home', { headers: { 'set-cookie': 'sid=1' } }));
    const jar = new CookieJar();
    const session = openSession({ cookies: false });
    session.use(
      decorate((fetch) => fetchCookie(fetch as never, jar) as never),
      'exchange',
    );
    await session.post(server.url('/login'), { form: { a: 'b' } }).text();
    await session.get(server.url('/again')).text();
    expect(server.requests.map((request) => request.header('cookie'))).toEqual([undefined, 'sid=1', 'sid=1']);
    expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET']);
    expect(jar.getCookieStringSync(server.url('/'))).toBe('sid=1');
  });

  it('the example runs', async () => {
    const server = await start();
    server.route('/', [respond(409), respond(409), respond(204)]);
    const lines: string[] = [];
    await decorateFetch(server.url('/'), (line) => lines.push(line));
    expect(lines).toEqual([
      ...Array.from({ length: 3 }, () => `PUT ${server.url('/')}`),
      '204 after 2 refusals',
    ]);
    expect(new Set(server.requests.map((request) => request.header('x-request-id'))).size).toBe(3);
  });
});

describe('a decorator', () => {
  it('is made once, whatever the number of calls', async () => {
    const server = await start();
    let made = 0;
    const session = openSession().use(
      decorate((fetch) => {
        made += 1;
        return fetch;
      }),
    );
    await Promise.all([1, 2, 3].map((number) => session.get(server.url(`/${number}`)).text()));
    expect(made).toBe(1);
    expect(server.requests.length).toBe(3);
  });

  it('may change method, URL, headers and body; spelling and order of what it leaves alone stay', async () => {
    const server = await start();
    const session = openSession({ headers: null }).use(
      decorate((fetch) => (input, init) => {
        const headers = new Headers(init.headers);
        headers.set('X-New', '1');
        headers.delete('X-Gone');
        return fetch(`${input}?changed`, {
          ...init,
          method: 'PUT',
          headers: headers as never,
          body: new TextEncoder().encode('new body'),
        });
      }),
    );
    await session
      .post(server.url('/'), { body: 'old', headers: { 'X-Zeta': '1', 'X-GONE': '1', 'x-Alpha': '2' } })
      .text();
    const { last } = server;
    expect([last?.method, last?.target, last?.bodyText, last?.header('content-length')]).toEqual([
      'PUT',
      '/?changed',
      'new body',
      '8',
    ]);
    expect(last?.rawHeaders.map(([name]) => name).filter((name) => /^x-/i.test(name))).toEqual([
      'X-Zeta',
      'x-Alpha',
      'x-new', // Headers writes it so
    ]);
  });

  it('may answer by itself', async () => {
    const server = await start();
    const session = openSession().use(
      decorate(
        (fetch) => async (input, init) =>
          input.endsWith('/cached')
            ? new Response('cached', { status: 203, headers: { 'X-Cache': 'hit' } })
            : fetch(input, init),
      ),
    );
    const cached = await session.get(server.url('/cached'));
    expect([cached.status, cached.headers.get('x-cache'), await cached.text(), cached.url]).toEqual([
      203,
      'hit',
      'cached',
      server.url('/cached'),
    ]);
    expect(await session.get(server.url('/other')).text()).toBe('hello');
    expect(server.requests.length).toBe(1);
  });

  it('may wrap the answer that it got', async () => {
    const server = await start();
    const session = openSession().use(
      decorate((fetch) => async (input, init) => {
        const response = await fetch(input, init);
        return new Response(
          response.body
            ?.pipeThrough(new TextDecoderStream())
            .pipeThrough(new TransformStream({ transform: (part, to) => to.enqueue(part.toUpperCase()) }))
            .pipeThrough(new TextEncoderStream()),
          response,
        );
      }),
    );
    expect(await session.get(server.url('/')).text()).toBe('HELLO');
    expect(session.stats().unreadBodies).toBe(0);
  });

  it('may end its message by a signal of its own, in the headers and in the body, and hears that of the call', async () => {
    const server = await start();
    server
      .route('/stall', stall())
      .route('/body', { sequence: [{ raw: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc' }, stall()] });
    const heard: unknown[] = [];
    const session = openSession().use(
      decorate((fetch) => (input, init) => {
        init.signal?.addEventListener('abort', () => heard.push(init.signal?.reason), { once: true });
        const own = AbortSignal.timeout(60);
        return fetch(input, { ...init, signal: init.signal ? AbortSignal.any([init.signal, own]) : own });
      }),
    );
    await expect(session.get(server.url('/stall'))).rejects.toMatchObject({ name: 'TimeoutError' });
    const response = await session.get(server.url('/body'));
    await expect(response.text()).rejects.toMatchObject({ name: 'TimeoutError' });
    const reason = new Error('mine');
    await expect(
      session.get(server.url('/stall'), { signal: AbortSignal.timeout(10) }),
    ).rejects.toMatchObject({ name: 'TimeoutError' });
    const controller = new AbortController();
    const pending = session.get(server.url('/stall'), { signal: controller.signal });
    controller.abort(reason);
    await expect(pending).rejects.toBe(reason);
    expect(heard).toContain(reason);
    expect(await session.get(server.url('/')).text()).toBe('hello');
  });

  it('that sends a one-shot stream twice is told so, and the server sees it once', async () => {
    const server = await start();
    server.route('/', [respond(409), text('never')]);
    const session = openSession().use(
      decorate((fetch) => fetchRetry(fetch, { retryOn: [409], retries: 1, retryDelay: 0 }) as typeof fetch),
    );
    const body = (async function* () {
      yield 'payload';
    })();
    await expect(session.post(server.url('/'), { body })).rejects.toBeInstanceOf(UnreplayableBodyError);
    expect(server.requests.map(({ bodyText }) => bodyText)).toEqual(['payload']);
  });

  it('that loses the init, or answers nothing, is named', async () => {
    const server = await start();
    const lost = openSession().use(
      decorate((fetch) => (input) => fetch(new Request(input) as never, undefined as never)),
    );
    await expect(lost.get(server.url('/'))).rejects.toThrow(
      'decorate: the decorator must pass on the init that it was given',
    );
    const silent = openSession().use(decorate(() => async () => undefined as never));
    await expect(silent.get(server.url('/'))).rejects.toThrow(
      'decorate: the decorator must answer a Response, got undefined',
    );
    expect(server.requests.length).toBe(0);
  });

  it('at the exchange stage sees each message as it leaves, once per message', async () => {
    const server = await start();
    server
      .route('/a', redirect(302, '/b', { headers: { 'set-cookie': 'sid=1' } }))
      .route('/b', [respond(503), text('end')]);
    const seen: string[] = [];
    const session = openSession({ retry: { limit: 1, backoff: { base: 0 } }, auth: ['user', 'pass'] }).use(
      decorate((fetch) => (input, init) => {
        seen.push(
          `${new URL(input).pathname} ${init.headers.cookie ?? init.headers.Cookie} ${Object.keys(init.headers).some((name) => /^authorization$/i.test(name))}`,
        );
        return fetch(input, init);
      }),
      'exchange',
    );
    expect(await session.get(server.url('/a')).text()).toBe('end');
    expect(seen).toEqual(['/a undefined true', '/b sid=1 true', '/b sid=1 true']);
  });
});
