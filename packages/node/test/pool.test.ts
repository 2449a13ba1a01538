import type { CallOptions } from '@httpsession/core';
import {
  close,
  drip,
  proceed,
  redirect,
  repeated,
  reset,
  respond,
  sequence,
  sleep,
  stall,
  text,
  whileIdle,
} from '@httpsession/testing';
import { describe, expect, it } from 'vitest';
import { failureOf, newSession, start, until } from './support/open-session.ts';

describe('one connection', () => {
  it.each([
    ['GET', () => text('hello')],
    ['POST', () => text('hello')],
    ['HEAD', () => text('hello')],
    ['DELETE', () => respond(204)],
    ['GET', () => respond(304)],
    ['GET', () => respond({ status: 205, headers: { 'content-length': '0' } })],
    ['GET', () => respond({ body: '' })],
    ['GET', () => respond({ body: 'in chunks', framing: 'chunked' })],
    ['PUT', () => respond({ status: 404, body: 'no' })],
  ] as const)('serves 100 sequential requests by %s', async (method, script) => {
    const { server, session } = await start({ retry: 0 });
    server.route('/', script());
    for (let n = 0; n < 100; n += 1) {
      const options = method === 'POST' || method === 'PUT' ? { json: { n } } : {};
      const response = await session.request(method, server.url('/'), options);
      await response.text();
      expect(response.connection?.reused).toBe(n > 0);
    }
    expect(server.requests.length).toBe(100);
    expect(server.connections.length).toBe(1);
  });

  it('serves redirects, retries and challenges of one call after the other', async () => {
    const { server, session } = await start({ retry: { backoff: { base: 0 } } });
    server
      .route('/a', redirect(302, '/b', { body: 'moved' }))
      .route('/b', [respond({ status: 503, body: 'busy' }), redirect(307, '/c')])
      .route('/c', text('here'));
    for (let n = 0; n < 20; n += 1) expect(await session.get(server.url('/a')).text()).toBe('here');
    expect(server.connections.length).toBe(1);
  });

  it('serves requests that each start in the turn in which the body before was read', async () => {
    const { server, session } = await start();
    server.route('/', text('x'));
    let chain: Promise<unknown> = Promise.resolve();
    for (let n = 0; n < 50; n += 1) chain = chain.then(() => session.get(server.url('/')).text());
    await chain;
    expect(server.connections.length).toBe(1);
  });
});

describe('the pool', () => {
  it('opens at most pool.connections for 100 parallel requests, and all are answered', async () => {
    const { server, session } = await start({ pool: { connections: 7 } });
    server.route('/', sequence(sleep(2), text('ok')));
    const calls = Array.from({ length: 100 }, () => session.get(server.url('/')).text());
    await until(() => session.stats().queued > 0);
    expect(session.stats()).toMatchObject({ pending: 7, queued: 93 });
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 100 }, () => 'ok'));
    expect(server.connections.length).toBe(7);
    expect(session.stats()).toEqual({ sockets: 7, pending: 0, queued: 0, unreadBodies: 0 });
  });

  it.each([
    ['a server that closes after each answer', text('ok', { headers: { connection: 'close' } })],
    ['a server that resets after each answer', sequence(text('ok'), reset())],
  ])('of one connection serves 20 parallel requests to %s', async (_what, script) => {
    const { server, session } = await start({ pool: { connections: 1 } });
    server.route('/', script);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        session
          .get(server.url('/'))
          .text()
          .catch((error: unknown) => error),
      ),
    );
    expect(answers).toEqual(Array.from({ length: 20 }, () => 'ok'));
  });

  it('of one connection fails 20 parallel requests where nothing listens, each by itself', async () => {
    const { server } = await start();
    await server.close();
    const session = newSession({ retry: 0, pool: { connections: 1 } });
    const errors = await Promise.all(
      Array.from({ length: 20 }, () => failureOf(session.get(server.url('/')))),
    );
    for (const error of errors) expect(error).toMatchObject({ code: 'ERR_CONNECTION', phase: 'connect' });
    expect(session.stats()).toEqual({ sockets: 0, pending: 0, queued: 0, unreadBodies: 0 });
  });

  it.each(['length', 'chunked'] as const)(
    'of one connection is not held by redirects with 4 MiB of body (%s)',
    async (framing) => {
      const { server, session } = await start({ pool: { connections: 1 }, timeout: 8000 });
      server
        .route('/a', redirect(302, '/b', { body: repeated('x', 4 << 20), framing }))
        .route('/b', redirect(307, '/c', { body: repeated('y', 4 << 20), framing }))
        .route('/c', text('here'));
      expect(await Promise.all([1, 2, 3].map(() => session.get(server.url('/a')).text()))).toEqual([
        'here',
        'here',
        'here',
      ]);
    },
  );

  it('gives a connection back when a body is cancelled, disposed of, or left by break', async () => {
    const { server, session } = await start({ pool: { connections: 1 }, timeout: 8000 });
    server.route('/big', respond({ body: repeated('x', 8 << 20) })).route('/', text('ok'));
    const ok = async () => expect(await session.get(server.url('/')).text()).toBe('ok');
    await (await session.get(server.url('/big'))).body?.cancel();
    await ok();
    {
      await using response = await session.get(server.url('/big'));
      expect(response.status).toBe(200);
    }
    await ok();
    for await (const chunk of (await session.get(server.url('/big'))).chunks(1000)) {
      expect(chunk.byteLength).toBe(1000);
      break;
    }
    await ok();
    for await (const line of (await session.get(server.url('/big'))).lines({ maxLength: 1e9 })) {
      void line;
      break;
    }
    await ok();
    expect(await failureOf(session.get(server.url('/big'), { maxResponseSize: 1000 }).bytes())).toMatchObject(
      {
        code: 'ERR_BODY_TOO_LARGE',
      },
    );
    await ok();
    expect(session.stats()).toMatchObject({ unreadBodies: 0, pending: 0 });
  });

  it('gives a connection back when a shortcut raises on the status', async () => {
    const { server, session } = await start({ pool: { connections: 1 }, retry: 0, timeout: 4000 });
    server.route('/', text('no', { status: 404 }));
    for (let n = 0; n < 5; n += 1) await failureOf(session.get(server.url('/')).json());
    for (let n = 0; n < 5; n += 1) await failureOf(session.get(server.url('/'), { raiseForStatus: true }));
    expect(server.requests.length).toBe(10);
  });

  it('closes connections that were idle for keepAliveTimeout, and those that the server wants closed sooner', async () => {
    const { server, session } = await start({ pool: { keepAliveTimeout: 120 } });
    server.route('/', text('ok')).route('/long', text('ok', { headers: { 'keep-alive': 'timeout=600' } }));
    await session.get(server.url('/')).text();
    await server.waitFor(() => server.openConnections === 0, { timeout: 2000 });
    await session.get(server.url('/long')).text();
    await server.waitFor(() => server.openConnections === 0, { timeout: 2000 });
    expect(session.stats()).toMatchObject({ sockets: 0 });
    expect(server.connections.length).toBe(2);
  });

  it('keeps connections for ever with keepAliveTimeout: Infinity', async () => {
    const { server, session } = await start({ pool: { keepAliveTimeout: Number.POSITIVE_INFINITY } });
    server.route('/', text('ok'));
    await session.get(server.url('/')).text();
    await session.get(server.url('/')).text();
    expect(server.connections.length).toBe(1);
  });

  it('does not use a connection that the server has closed while it was idle', async () => {
    const { server, session } = await start({ retry: 0 });
    server.route('/', sequence(whileIdle(1, close()), text('ok')));
    for (let n = 0; n < 50; n += 1) {
      expect(await session.post(server.url('/'), { body: 'x' }).text()).toBe('ok');
      await server.waitFor(
        () => server.connections.at(-1)?.remoteEnded === true || server.openConnections === 0,
      );
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(server.requests.length).toBe(50);
  });
});

describe('a connection that dies on reuse, before any byte of an answer', () => {
  const run = async (method: string, options: CallOptions, death = reset()) => {
    const { server, session } = await start({ retry: 0 });
    server.route('/warm', text('warm')).route('/', [death, text('ok')]);
    await session.get(server.url('/warm')).text();
    const outcome = await session.request(method, server.url('/'), options).then(
      ({ status, attempts }) => ({ status, attempts }),
      (error: unknown) => error,
    );
    return { outcome, seen: server.requestsTo('/').length, connections: server.connections.length };
  };

  it.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'QUERY'])(
    'gets %s sent once more, uncounted',
    async (method) => {
      for (const death of [reset(), close()]) {
        const { outcome, seen, connections } = await run(method, {}, death);
        expect(outcome).toEqual({ status: 200, attempts: 1 });
        expect([seen, connections]).toEqual([2, 2]);
      }
    },
  );

  it.each(['POST', 'PATCH'])('does not get %s sent again', async (method) => {
    const { outcome, seen } = await run(method, { body: 'once' });
    expect(outcome).toMatchObject({ code: 'ERR_CONNECTION', requestSent: true });
    expect(seen).toBe(1);
  });

  it('does not get a stream sent again', async () => {
    const { outcome, seen } = await run('PUT', { body: new Blob(['x']).stream() });
    expect(outcome).toMatchObject({ code: 'ERR_CONNECTION', requestSent: true });
    expect(seen).toBe(1);
  });

  it('is only excused once: the second connection is a new one', async () => {
    const { server, session } = await start({ retry: 0, pool: { connections: 3 } });
    server.route('/warm', sequence(sleep(20), text('warm'))).route('/', [reset(), reset(), text('ok')]);
    await Promise.all([1, 2, 3].map(() => session.get(server.url('/warm')).text()));
    expect(server.connections.length).toBe(3);
    expect(await failureOf(session.get(server.url('/')))).toMatchObject({ code: 'ERR_CONNECTION' });
    expect(server.requestsTo('/').map(({ connection }) => connection)).toEqual([expect.any(Number), 4]);
    expect(await session.get(server.url('/')).text()).toBe('ok');
  });

  it('is a failure when the answer had begun', async () => {
    const { server, session } = await start({ retry: 0 });
    server.route('/warm', text('warm')).route('/', async (exchange) => {
      await exchange.write('HTTP/1.1 2');
      await exchange.sleep(20);
      exchange.reset();
    });
    await session.get(server.url('/warm')).text();
    await failureOf(session.get(server.url('/')));
    expect(server.requestsTo('/').length).toBe(1);
  });
});

describe('pipelining', () => {
  it('sends requests ahead on one connection, in order', async () => {
    const { server, session } = await start({ pool: { connections: 1, pipelining: 4 } });
    server.route('*', async (exchange) => {
      await exchange.sleep(30);
      await exchange.respond({ body: exchange.request.path });
    });
    const paths = ['/0', '/1', '/2', '/3', '/4', '/5'];
    const answers = await Promise.all(paths.map((path) => session.get(server.url(path)).text()));
    expect(answers).toEqual(paths);
    expect(server.connections.length).toBe(1);
  });

  it('answers all that waited on a kept connection that turns out to be dead', async () => {
    const { server, session } = await start({ retry: 0, pool: { connections: 1, pipelining: 4 } });
    server.route('/warm', text('warm')).route('/0', [reset(), text('/0')]);
    for (const path of ['/1', '/2']) server.route(path, text(path));
    await session.get(server.url('/warm')).text();
    const paths = ['/0', '/1', '/2'];
    const answers = await Promise.all(paths.map((path) => session.get(server.url(path)).text()));
    expect(answers).toEqual(paths);
  });

  it('never sends a POST twice when a neighbour is aborted', async () => {
    const { server, session } = await start({ retry: 0, pool: { connections: 1, pipelining: 4 } });
    server.route('/post', drip('0123456789', { every: 20 })).route('/get', stall());
    const posted = session
      .post(server.url('/post'), { body: 'pay' })
      .text()
      .catch((error: unknown) => error);
    const controller = new AbortController();
    const got = failureOf(session.get(server.url('/get'), { signal: controller.signal }));
    await server.waitFor(1);
    await new Promise((resolve) => setTimeout(resolve, 60));
    controller.abort('stop');
    expect(await got).toBe('stop');
    await posted;
    expect(server.requestsTo('/post').length).toBe(1);
  });

  it('gives up a second connection when all that wait for it have gone away', async () => {
    const { server, session } = await start(
      { retry: 0, pool: { connections: 1, pipelining: 4 }, tls: { verify: false } },
      { tls: true },
    );
    server.route('/warm', text('warm')).route('*', reset());
    server.onConnect([
      proceed(),
      (wire) => {
        wire.stream.on('end', () => wire.destroy()).resume();
        return wire.stall();
      },
    ]);
    await session.get(server.url('/warm')).text();
    const controllers = [1, 2, 3].map(() => new AbortController());
    const calls = controllers.map(({ signal }, n) =>
      failureOf(session.post(server.url(`/${n}`), { body: 'x', signal })),
    );
    // The first was written and is lost with the connection; the others are to be sent on the next.
    expect(await calls[0]).toMatchObject({ code: 'ERR_CONNECTION' });
    await until(() => server.connections.length === 2);
    for (const controller of controllers) controller.abort('enough');
    expect(await Promise.all(calls.slice(1))).toEqual(['enough', 'enough']);
    await until(() => server.openConnections === 0);
    expect(session.stats()).toEqual({ sockets: 0, pending: 0, queued: 0, unreadBodies: 0 });
    expect([server.connections.length, server.requests.length]).toEqual([2, 2]);
  });
});

describe('stats()', () => {
  it('counts sockets, what is pending and queued, and unread bodies', async () => {
    const { server, session } = await start({ pool: { connections: 2 } });
    server.route('/big', respond({ body: repeated('x', 1 << 20) })).route('/stall', stall());
    const big = await session.get(server.url('/big'));
    const stalled = failureOf(session.get(server.url('/stall')));
    const queued = failureOf(session.get(server.url('/stall')));
    await server.waitFor(2);
    expect(session.stats()).toEqual({ sockets: 2, pending: 2, queued: 1, unreadBodies: 1 });
    expect((await big.bytes()).byteLength).toBe(1 << 20);
    await server.waitFor(3);
    expect(session.stats()).toEqual({ sockets: 2, pending: 2, queued: 0, unreadBodies: 0 });
    await session.close();
    await Promise.all([stalled, queued]);
    expect(session.stats()).toEqual({ sockets: 0, pending: 0, queued: 0, unreadBodies: 0 });
  });
});
