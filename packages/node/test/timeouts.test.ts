import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type BodyInit, type CallOptions, type SessionResponse, TimeoutError } from '@httpsession/core';
import {
  drip,
  head,
  raw,
  readNothing,
  redirect,
  repeat,
  repeated,
  respond,
  sequence,
  sleep,
  stall,
  text,
} from '@httpsession/testing';
import { describe, expect, it } from 'vitest';
import { failureOf, newSession, start, timedFailureOf, until } from './support/open-session.ts';

const expectTimeout = (error: unknown, phase: string, limit: number): void => {
  expect(error).toBeInstanceOf(TimeoutError);
  expect(error).toMatchObject({ phase, limit, code: 'ERR_TIMEOUT' });
};

const headOfTen = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc\n';

describe('the queue limit', () => {
  it('ends the wait for a connection that an unread body holds', async () => {
    const { server, session } = await start({ pool: { connections: 1 }, timeout: { queue: 120 } });
    server.route('/big', respond({ body: repeated('x', 8 << 20) }));
    const held = await session.get(server.url('/big'));
    const { error, took } = await timedFailureOf(session.get(server.url('/other')));
    expectTimeout(error, 'queue', 120);
    expect(took).toBeGreaterThan(110);
    expect(took).toBeLessThan(400);
    expect(error).toMatchObject({ requestSent: false, attempts: 1 });
    expect(session.stats()).toMatchObject({ unreadBodies: 1, queued: 0 });
    await held[Symbol.asyncDispose]();
    server.route('/other', text('free'));
    expect(await session.get(server.url('/other')).text()).toBe('free');
  });
});

describe('the connect limit', () => {
  it('ends a wait for a connection that nobody accepts', async () => {
    const child = fork(fileURLToPath(new URL('./support/deaf-server.mjs', import.meta.url)));
    const [port] = (await once(child, 'message')) as [number];
    const fillers = [1, 2, 3, 4].map(() => connect(port, '127.0.0.1').on('error', () => undefined));
    await new Promise((resolve) => setTimeout(resolve, 200));
    const session = newSession({ retry: 0, timeout: { connect: 150 } });
    const { error, took } = await timedFailureOf(session.post(`http://127.0.0.1:${port}/`, { body: 'x' }));
    for (const filler of fillers) filler.destroy();
    child.kill('SIGKILL');
    expectTimeout(error, 'connect', 150);
    expect(error).toMatchObject({ requestSent: false });
    expect(took).toBeGreaterThan(140);
    expect(took).toBeLessThan(600);
    expect(session.stats()).toMatchObject({ sockets: 0, pending: 0 });
  });

  it('ends a TLS handshake that the server does not answer, and destroys its socket', async () => {
    const { server, session } = await start({ retry: 0, timeout: { connect: 100 } }, { tls: true });
    let hungUp = false;
    server.onConnect((wire) => {
      wire.stream.on('end', () => {
        hungUp = true;
      });
      wire.stream.resume();
      return wire.stall();
    });
    const { error, took } = await timedFailureOf(session.get(server.url('/')));
    expectTimeout(error, 'connect', 100);
    expect(error).toMatchObject({ requestSent: false });
    expect(took).toBeLessThan(400);
    await until(() => hungUp);
    expect(session.stats()).toMatchObject({ sockets: 0, pending: 0 });
  });

  it('holds again for the connection that replaces a closed one', async () => {
    const { server, session } = await start(
      {
        retry: 0,
        tls: { verify: false },
        pool: { connections: 1 },
        timeout: { connect: 150, headers: 5000 },
      },
      { tls: true },
    );
    server.onConnect([sleep(0), stall()]);
    server.route('/last', text('bye', { headers: { connection: 'close' } }));
    const first = session.get(server.url('/last')).text();
    const second = timedFailureOf(session.get(server.url('/last')));
    expect(await first).toBe('bye');
    const { error } = await second;
    expectTimeout(error, 'connect', 150);
  });

  it('is tried again, whatever the method: nothing has been sent', async () => {
    const { server, session } = await start(
      { tls: { verify: false }, retry: { limit: 2, backoff: { base: 0 } }, timeout: { connect: 60 } },
      { tls: true },
    );
    server.onConnect(stall());
    const error = await failureOf(session.post(server.url('/'), { body: 'x' }));
    expectTimeout(error, 'connect', 60);
    expect(error).toMatchObject({ attempts: 3 });
    await server.waitFor(() => server.connections.length === 3);
  });
});

describe('the headers limit', () => {
  it('ends the wait for an answer that never comes', async () => {
    const { server, session } = await start({ retry: 0, timeout: { headers: 100 } });
    server.route('/', stall());
    const { error, took } = await timedFailureOf(session.get(server.url('/')));
    expectTimeout(error, 'headers', 100);
    expect(took).toBeGreaterThan(95);
    expect(took).toBeLessThan(400);
    expect(String(error)).toContain('no response headers within 100 ms');
    await server.waitFor(() => server.openConnections === 0);
  });

  it.each([
    ['headers that trickle', raw(`HTTP/1.1 200 OK\r\nX-Slow: ${'x'.repeat(500)}`, { every: 20 })],
    ['interim responses', repeat('forever', head({ status: 103 }), sleep(20))],
  ])('is not extended by %s', async (_what, script) => {
    const { server, session } = await start({ retry: 0, timeout: { headers: 150 } });
    server.route('/', script);
    const { error, took } = await timedFailureOf(session.get(server.url('/')));
    expectTimeout(error, 'headers', 150);
    expect(took).toBeLessThan(500);
  });

  it('starts anew with each request of a kept connection', async () => {
    const { server, session } = await start({ retry: 0, timeout: { headers: 150 } });
    server.route('/', sequence(sleep(90), text('ok')));
    for (let n = 0; n < 4; n += 1) expect(await session.get(server.url('/')).text()).toBe('ok');
    expect(server.connections.length).toBe(1);
  });
});

describe('the send limit', () => {
  const never = sequence(readNothing(), stall());

  it.each<[string, () => BodyInit]>([
    ['bytes', () => new Uint8Array(32 << 20)],
    ['a generator', () => endless()],
    ['a Blob', () => new Blob([new Uint8Array(32 << 20)])],
  ])('ends an upload of %s that the server does not read', async (_what, body) => {
    const { server, session } = await start({ retry: 0, timeout: { headers: 200 } });
    server.route('/', never);
    const { error, took } = await timedFailureOf(session.post(server.url('/'), { body: body() }));
    expectTimeout(error, 'send', 200);
    expect(took).toBeLessThan(1500);
    expect(session.stats()).toMatchObject({ sockets: 0, pending: 0 });
  });

  it('allows an upload of bytes that is slow but goes on', async () => {
    const { server, session } = await start({ retry: 0, timeout: { headers: 400 } });
    server.route('/', async (exchange) => {
      for (let n = 0; n < 40 && exchange.request.body.length < 24 << 20; n += 1) {
        exchange.wire.readNothing();
        await exchange.sleep(60);
        exchange.wire.readAgain();
        await exchange.sleep(4);
      }
      await exchange.body();
      await exchange.respond({ body: 'done' });
    });
    const startedAt = performance.now();
    const response = await session.post(server.url('/'), { body: new Uint8Array(24 << 20) });
    expect(await response.text()).toBe('done');
    expect(performance.now() - startedAt).toBeGreaterThan(400);
  });

  it("does not count the time that the caller's own stream takes", async () => {
    const { server, session } = await start({ retry: 0, timeout: { headers: 100 } });
    server.route('/', text('ok'));
    const body = (async function* () {
      yield 'a';
      await new Promise((resolve) => setTimeout(resolve, 350));
      yield 'b';
    })();
    expect(await session.post(server.url('/'), { body }).text()).toBe('ok');
    expect(server.last?.bodyText).toBe('ab');
  });
});

describe('the idle limit', () => {
  const ways: [string, (response: SessionResponse) => Promise<unknown>][] = [
    ['text()', (response) => response.text()],
    ['json()', (response) => response.json()],
    ['bytes()', (response) => response.bytes()],
    ['blob()', (response) => response.blob()],
    ['lines()', (response) => drain(response.lines())],
    ['chunks()', (response) => drain(response.chunks(2))],
    ['a reader', (response) => readToEnd(response.body)],
    ['for await', (response) => drain(response.body as AsyncIterable<Uint8Array>)],
    ['a clone', (response) => response.clone().text()],
    ['both halves of a clone', (response) => Promise.all([response.clone().text(), response.text()])],
    ['a plain Response', (response) => response.toResponse().text()],
  ];

  it.each(ways)('ends a body that stalls while it is read by %s', async (_way, read) => {
    const { server, session } = await start({ timeout: { idle: 100 } });
    server.route('/', sequence(raw(headOfTen), stall()));
    const response = await session.get(server.url('/'));
    const { error, took } = await timedFailureOf(read(response));
    expectTimeout(error, 'body', 100);
    expect(took).toBeLessThan(400);
    await server.waitFor(() => server.openConnections === 0);
  });

  it('ends a compressed body that stalls', async () => {
    const { server, session } = await start({ timeout: { idle: 100 } });
    const gzip = Buffer.from('1f8b08000000000000034b4c4a06', 'hex');
    server.route(
      '/',
      sequence(
        raw('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 90\r\n\r\n'),
        raw(gzip),
        stall(),
      ),
    );
    expectTimeout(await failureOf(session.get(server.url('/')).text()), 'body', 100);
  });

  it('is extended by every byte', async () => {
    const { server, session } = await start({ timeout: { idle: 120 } });
    server.route('/', drip('0123456789', { every: 40 }));
    expect(await session.get(server.url('/')).text()).toBe('0123456789');
  });

  it('does not run while nobody reads, be the body buffered or held back', async () => {
    const { server, session } = await start({ timeout: { idle: 200 } });
    server.route('/small', sequence(raw(headOfTen), sleep(350), raw('567890')));
    server.route('/big', respond({ body: repeated('x', 4 << 20) }));
    const small = await session.get(server.url('/small'));
    const big = await session.get(server.url('/big'));
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await small.text()).toBe('abc\n567890');
    const reader = big.body?.getReader();
    let size = 0;
    for (let n = 0; ; n += 1) {
      const step = await reader?.read();
      if (step === undefined || step.done) break;
      size += step.value.byteLength;
      if (n % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 250));
    }
    expect(size).toBe(4 << 20);
  });
});

describe('the attempt limit', () => {
  it('repeats an attempt whose headers trickle', async () => {
    const { server, session } = await start({
      retry: { limit: 2, backoff: { base: 0 } },
      timeout: { attempt: 150 },
    });
    server.route('/', [
      raw(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(500)}`, { every: 30 }),
      stall(),
      text('third'),
    ]);
    const response = await session.get(server.url('/'));
    expect(await response.text()).toBe('third');
    expect(response.attempts).toBe(3);
    expect(server.requests.length).toBe(3);
  });

  it('ends a body that trickles', async () => {
    const { server, session } = await start({ timeout: { attempt: 200 } });
    server.route('/', drip('x'.repeat(100), { every: 50 }));
    const response = await session.get(server.url('/'));
    expectTimeout(await failureOf(response.text()), 'attempt', 200);
    await server.waitFor(() => server.openConnections === 0);
  });

  it('does not wait for a credential that is never ready', async () => {
    const { server, session } = await start({ retry: 0, timeout: { attempt: 80 } });
    const auth = () => new Promise<never>(() => undefined);
    const { error, took } = await timedFailureOf(session.get(server.url('/'), { auth }));
    expectTimeout(error, 'attempt', 80);
    expect(took).toBeLessThan(400);
  });
});

describe('the total limit', () => {
  const limit = 250;
  const never = () => new Promise<never>(() => undefined);

  it('ends a body that trickles, which every byte would extend otherwise', async () => {
    const { server, session } = await start({ timeout: { total: limit, idle: 240 } });
    server.route('/', drip('x'.repeat(100), { every: 200 }));
    const { error, took } = await timedFailureOf(session.get(server.url('/')).text());
    expectTimeout(error, 'total', limit);
    expect(took).toBeLessThan(600);
    await server.waitFor(() => server.openConnections === 0);
  });

  it('runs through redirects', async () => {
    const { server, session } = await start({ timeout: limit });
    server.route('/', sequence(sleep(60), redirect(302, '/')));
    const { error, took } = await timedFailureOf(session.get(server.url('/')));
    expectTimeout(error, 'total', limit);
    expect(took).toBeLessThan(600);
  });

  it('ends a wait in the queue', async () => {
    const { server, session } = await start({ pool: { connections: 1 } });
    server.route('/', stall());
    const first = failureOf(session.get(server.url('/')));
    const { error } = await timedFailureOf(session.get(server.url('/'), { timeout: limit }));
    expectTimeout(error, 'total', limit);
    await session.close();
    await first;
  });

  it('ends a wait that an earlier answer asked for only when that was short enough to begin with', async () => {
    const { server, session } = await start({ timeout: limit });
    server.route('/', respond({ status: 503, headers: { 'retry-after': '2' } }));
    const startedAt = performance.now();
    // Waiting could only end in a timeout: the answer is worth more.
    expect((await session.get(server.url('/'))).status).toBe(503);
    expect(performance.now() - startedAt).toBeLessThan(limit);
  });

  it('ends an attempt that follows a wait', async () => {
    const { server, session } = await start({
      timeout: limit,
      retry: { backoff: { base: 100, jitter: 'none' } },
    });
    server.route('/', [respond(503), stall()]);
    const { error } = await timedFailureOf(session.get(server.url('/')));
    expectTimeout(error, 'total', limit);
    expect(server.requests.length).toBe(2);
  });

  it.each([
    ['beforeRequest', { hooks: { beforeRequest: never } }],
    ['afterExchange', { hooks: { afterExchange: never } }],
    ['beforeRetry', { hooks: { beforeRetry: never } }],
    ['beforeRedirect', { hooks: { beforeRedirect: never } }],
    ['afterResponse', { hooks: { afterResponse: never } }],
  ])('ends a %s hook that never returns', async (name, options: CallOptions) => {
    const { server, session } = await start({ timeout: 100, retry: { backoff: { base: 0 } } });
    const script =
      name === 'beforeRetry' ? respond(503) : name === 'beforeRedirect' ? redirect(302, '/x') : text('ok');
    server.route('/', script);
    const { error, took } = await timedFailureOf(session.get(server.url('/'), options));
    expectTimeout(error, 'total', 100);
    expect(took).toBeLessThan(400);
  });
});

describe('limits as such', () => {
  it.each([2 ** 31, 2 ** 31 + 5000, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY, null])(
    'do not fire at once at %s',
    async (limit) => {
      const timeout = {
        queue: limit,
        connect: limit,
        headers: limit,
        idle: limit,
        attempt: limit,
        total: limit,
      };
      const { server, session } = await start({ timeout });
      server.route('/', sequence(sleep(50), drip('ok', { every: 50 })));
      expect(await session.get(server.url('/')).text()).toBe('ok');
    },
  );

  it('are all off with timeout: null', async () => {
    const { server, session } = await start({ timeout: { headers: 30, total: 60 } });
    server.route('/', sequence(sleep(120), text('ok')));
    expect(await session.get(server.url('/'), { timeout: null }).text()).toBe('ok');
  });

  it('of a fraction of a millisecond end a call instead of being no limit', async () => {
    const { server, session } = await start({ retry: 0, timeout: 0.5 });
    server.route('/', stall());
    expectTimeout(await failureOf(session.get(server.url('/'))), 'total', 0.5);
  });

  it('leave no timer behind', async () => {
    const before = timers();
    const { server, session } = await start({ timeout: { total: 60_000, attempt: 50_000 } });
    server.route('/', text('ok'));
    for (let n = 0; n < 5; n += 1) await session.get(server.url('/')).text();
    await session.close();
    await until(() => timers() <= before);
  });
});

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield new Uint8Array(1 << 20);
}

const drain = async (items: AsyncIterable<unknown>): Promise<void> => {
  for await (const item of items) void item;
};

const readToEnd = async (stream: ReadableStream<Uint8Array> | null): Promise<void> => {
  const reader = stream?.getReader();
  while (reader !== undefined && !(await reader.read()).done);
};
