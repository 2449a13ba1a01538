import { setTimeout as later } from 'node:timers/promises';
import {
  fetchTransport,
  type HTTPError,
  RequestError,
  type RetryOutcome,
  responseFrom,
  type SessionResponse,
  type Transport,
  UnsupportedOptionError,
} from '@httpsession/core';
import { close, head, raw, redirect, reset, respond, sequence, stall, text } from '@httpsession/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openServer } from './support/server.ts';
import { failure, openSession, quickRetry } from './support/session.ts';

const quickBackoff = { backoff: { base: 0, max: 0 } };

const unhandled = (): unknown[] => {
  const reasons: unknown[] = [];
  const listener = (reason: unknown): void => void reasons.push(reason);
  process.on('unhandledRejection', listener);
  onTestFinished(() => void process.off('unhandledRejection', listener));
  return reasons;
};
describe('a transport that answers a plain Response', () => {
  const plain = (): Transport => ({
    name: 'plain',
    capabilities: fetchTransport(fetch).capabilities,
    send: async () => new Response('x') as unknown as SessionResponse,
    close: async () => undefined,
  });
  it.each([{}, { timeout: { attempt: 5000 } }])(
    'is named, and the call does not hang with %j',
    async (options) => {
      const reasons = unhandled();
      const session = openSession().mount('http://plain.test', plain());
      const error = await failure(
        Promise.race([session.get('http://plain.test/', options), later(500, 'hangs')]).then((v) => {
          throw v;
        }),
      );
      await later(20);
      expect(String(error)).toContain('plain');
      expect(error).toBeInstanceOf(TypeError);
      expect(reasons).toEqual([]);
    },
  );
});

it('a request prepared elsewhere is judged again by the transport that sends it', async () => {
  const elsewhere = openSession();
  const prepared = elsewhere.prepare('GET', 'http://app.test/', { proxy: 'http://127.0.0.1:9' });
  let sent = 0;
  const session = openSession().mount(
    'http://app.test',
    fetchTransport(async () => {
      sent += 1;
      return new Response('x');
    }),
  );
  expect(await failure(session.send(prepared))).toBeInstanceOf(UnsupportedOptionError);
  expect(sent).toBe(0);
});

it("a body stream that breaks after the fetch has failed is nobody's unhandled rejection", async () => {
  const reasons = unhandled();
  const session = openSession();
  const body = new ReadableStream({
    async start(controller) {
      await later(60);
      controller.error(new Error('broke'));
    },
  });
  const request = new Request('http://127.0.0.1:1/', { method: 'POST', body, duplex: 'half' } as RequestInit);
  await failure(session.fetch(request));
  const other = new ReadableStream({
    async start(controller) {
      await later(60);
      controller.error(new Error('broke'));
    },
  });
  await failure(
    session.fetch(
      new Request('ftp://127.0.0.1:1/', { method: 'POST', body: other, duplex: 'half' } as RequestInit),
    ),
  );
  await later(120);
  expect(reasons).toEqual([]);
});

it('a middleware that races two sends holds no connection', async () => {
  const server = await openServer();
  const big = 'x'.repeat(300_000);
  server.route('/', text(big));
  const session = openSession();
  session.use(async (request, next) => Promise.race([next(request), next(request)]));
  const response = await session.get(server.url('/'));
  await response.text();
  await later(200);
  expect(session.stats()).toMatchObject({ pending: 0, unreadBodies: 0 });
});

it.each(['shouldRetry', 'throwOnExhausted'])('a policy whose %s throws holds no connection', async (name) => {
  const server = await openServer();
  server.route('/', respond({ status: 503, body: 'x'.repeat(300_000) }));
  const session = openSession({
    retry:
      name === 'shouldRetry'
        ? {
            shouldRetry: () => {
              throw new Error('policy');
            },
          }
        : {
            limit: 0,
            budget: null,
            classify: () => 'status' as const,
            delayAfter: () => null,
            throwOnExhausted: () => {
              throw new Error('policy');
            },
          },
  });
  expect(String(await failure(session.get(server.url('/'))))).toBe('Error: policy');
  await later(50);
  expect(session.stats()).toMatchObject({ pending: 0, unreadBodies: 0 });
});

it.each<[what: string, onRetry: () => Promise<void> | void]>([
  [
    'throws',
    () => {
      throw new Error('onRetry');
    },
  ],
  ['rejects', () => Promise.reject(new Error('onRetry'))],
])('an onRetry that %s fails the call, and holds no connection', async (_what, onRetry) => {
  const server = await openServer();
  server.route('/', respond({ status: 503, body: 'x'.repeat(300_000) }));
  const session = openSession({ retry: { ...quickBackoff, onRetry } });
  expect(String(await failure(session.get(server.url('/'))))).toBe('Error: onRetry');
  await later(50);
  expect(session.stats()).toMatchObject({ pending: 0, unreadBodies: 0 });
  expect(server.requests).toHaveLength(1);
});

it('an onRetry that takes its time is waited for, within the deadline', async () => {
  const server = await openServer();
  server.route('/', [respond(503), text('ok')]);
  const session = openSession({ retry: { ...quickBackoff, onRetry: () => later(80) } });
  const began = performance.now();
  expect(await session.get(server.url('/')).text()).toBe('ok');
  expect(performance.now() - began).toBeGreaterThan(75);
  server.route('/', respond(503));
  const never = { ...quickBackoff, onRetry: () => new Promise<void>(() => undefined) };
  expect(await failure(session.get(server.url('/'), { retry: never, timeout: 100 }))).toMatchObject({
    name: 'TimeoutError',
    phase: 'total',
  });
  await later(50);
  expect(session.stats()).toMatchObject({ pending: 0, unreadBodies: 0 });
});

it.each<[came: string, decide: (outcome: RetryOutcome) => unknown]>([
  ['a Promise', async () => true],
  ['a Promise', () => Promise.reject(new Error('nobody hears of it'))],
  ['number', () => 1],
  ['null', () => null],
])('a shouldRetry that gives %s is refused, and holds no connection', async (came, decide) => {
  const server = await openServer();
  server.route('/', respond({ status: 503, body: 'x'.repeat(300_000) })).route('/reset', reset());
  const session = openSession({ retry: { ...quickBackoff, shouldRetry: decide as () => boolean } });
  for (const path of ['/', '/reset']) {
    const error = await failure(session.get(server.url(path)));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({
      message: `retry.shouldRetry must return true, false or undefined, got ${came}`,
    });
  }
  await later(50);
  expect(session.stats()).toMatchObject({ pending: 0, unreadBodies: 0 });
  expect(server.requests).toHaveLength(2);
});

describe('a retry that a hook sent to another origin', () => {
  it('has its redirect resolved against where it came from', async () => {
    const home = await openServer();
    const mirror = await openServer();
    home.route('/a', respond({ status: 503 }));
    mirror.route('/a', redirect(302, '/b'));
    const session = openSession({
      retry: quickRetry(1),
      hooks: { beforeRetry: ({ request }) => request.withUrl(mirror.url('/a')) },
    });
    const response = await session.get(home.url('/a'));
    expect(response.url).toBe(mirror.url('/b'));
  });
});

it('paginate restores no header of the call once a page was elsewhere', async () => {
  const home = await openServer();
  const other = await openServer();
  home.route('/1', respond({ headers: { link: `<${other.url('/2')}>; rel="next"` } }));
  other.route('/2', respond({ headers: { link: `<${home.url('/3')}>; rel="next"` } }));
  const session = openSession();
  for await (const page of session.paginate(home.url('/1'), { headers: { 'x-api-key': 's' } }))
    await page.text();
  expect(other.requests.map((r) => r.header?.('x-api-key'))).toEqual([undefined]);
  expect(home.requests.map((r) => r.header?.('x-api-key'))).toEqual(['s', undefined]);
});

it('closing a parent closes connections of children with a pool of their own', async () => {
  const server = await openServer();
  const parent = openSession();
  const child = parent.extend({ pool: { connections: 2 } });
  await (await child.get(server.url('/'))).text();
  expect(child.stats().sockets).toBe(1);
  await parent.close();
  await later(50);
  expect(child.stats().sockets).toBe(0);
});

it.each(['x-a', 'x\r\nevil'])(
  'a header of a middleware with a line break is never sent (%j)',
  async (name) => {
    const server = await openServer();
    const session = openSession();
    session.use(
      (request, next) => next(request.withHeaders(request.headers.with(name, 'a\r\nevil: 1'))),
      'exchange',
    );
    expect(await failure(session.get(server.url('/')))).toBeInstanceOf(RequestError);
    expect(server.requests).toHaveLength(0);
  },
);

it.each([
  ['transfer-encoding', 'chunked'],
  ['content-length', '3'],
  ['expect', '100-continue'],
  ['upgrade', 'h2c'],
  ['connection', 'upgrade'],
])('a middleware cannot set %s: %s', async (name, value) => {
  const server = await openServer();
  const session = openSession();
  session.use((request, next) => next(request.withHeader(name, value)));
  const error = await failure(session.post(server.url('/'), { body: 'hello' }));
  expect(String(error)).toMatch(/header/);
  expect(server.requests).toHaveLength(0);
});

it('a hook may answer with a request of its own, which ends with the call', async () => {
  const server = await openServer();
  server.route('/hang', stall());
  const session = openSession({ timeout: 300 });
  session.use((_request, next) => next(session.prepare('GET', server.url('/hang'))));
  await failure(session.get(server.url('/')));
  await later(50);
  expect(session.stats()).toMatchObject({ pending: 0 });
});

it.each(['signal', 'close'])(
  'a shortcut that waits to read a broken body again ends at once by %s',
  async (how) => {
    const server = await openServer();
    server.route('/', [sequence(head({ headers: { 'content-length': '10' } }), raw('half'), close())]);
    const session = openSession({ retry: { limit: 3, backoff: { base: 20_000, jitter: 'none' } } });
    const controller = new AbortController();
    const promise = failure(session.get(server.url('/'), { signal: controller.signal }).text());
    await later(100);
    if (how === 'signal') controller.abort(new Error('enough'));
    else void session.close();
    const error = await Promise.race([promise, later(500, 'waits')]);
    expect(String(error)).toMatch(how === 'signal' ? /enough/ : /closed/);
  },
);

it('a kept body of many small pieces is read in linear time', async () => {
  const server = await openServer();
  server.route('/', respond({ status: 503, body: 'x' }));
  const session = openSession();
  let at = 0;
  const pieces = 60_000;
  session.mount('http://many.test', {
    name: 'many',
    capabilities: fetchTransport(fetch).capabilities,
    close: async () => undefined,
    send: async (request) =>
      responseFrom(
        request,
        new Response(
          new ReadableStream({
            pull(c) {
              at += 1;
              if (at > pieces) c.close();
              else c.enqueue(new Uint8Array(1));
            },
          }),
          { status: 500 },
        ),
      ),
  });
  const error = (await failure(session.get('http://many.test/', { raiseForStatus: true }))) as HTTPError;
  await later(500);
  const started = performance.now();
  let size = 0;
  for await (const chunk of error.response.chunks(1)) size += chunk.byteLength;
  expect(size).toBe(pieces);
  expect(performance.now() - started).toBeLessThan(3000);
});
