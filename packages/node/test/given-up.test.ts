import { setTimeout as later } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  type Auth,
  decorate,
  fetchTransport,
  HTTPError,
  RedirectError,
  SessionClosedError,
  TimeoutError,
} from '@httpsession/core';
import { redirect, respond } from '@httpsession/testing';
import { describe, expect, it } from 'vitest';
import { openServer } from './support/server.ts';
import { failure, openSession, quickRetry } from './support/session.ts';

const big = 'x'.repeat(3_000_000);
const idle = { pending: 0, unreadBodies: 0, queued: 0 };

describe.each(['signal', 'close', 'total'])(
  "a call that hangs in the caller's own code ends by %s",
  (how) => {
    const never = () => new Promise<never>(() => undefined);
    it.each([
      ['beforeRequest', { hooks: { beforeRequest: never } }],
      ['afterExchange', { hooks: { afterExchange: never } }],
      ['afterResponse', { hooks: { afterResponse: never } }],
      ['beforeRedirect', { hooks: { beforeRedirect: never } }],
      ['beforeRetry', { hooks: { beforeRetry: never }, retry: quickRetry(2) }],
      ['auth', { auth: never }],
      ['lookup', { lookup: () => undefined }],
      ['body', { body: never }],
    ] as const)('%s', async (name, options) => {
      const server = await openServer();
      server.route(
        '/',
        name === 'beforeRedirect'
          ? redirect(302, '/x')
          : respond({ status: name === 'beforeRetry' ? 503 : 200, body: big }),
      );
      const session = openSession();
      const controller = new AbortController();
      const url = name === 'lookup' ? server.url('/').replace('127.0.0.1', 'some.test') : server.url('/');
      const promise = failure(
        session.request(name === 'body' ? 'POST' : 'GET', url, {
          ...(options as object),
          signal: controller.signal,
          ...(how === 'total' && { timeout: 150 }),
        }),
      );
      await later(100);
      if (how === 'signal') controller.abort(new Error('enough'));
      if (how === 'close') void session.close();
      const error = await Promise.race([promise, later(700, 'hangs')]);
      if (how === 'signal') expect(String(error)).toBe('Error: enough');
      if (how === 'close') expect(error).toBeInstanceOf(SessionClosedError);
      if (how === 'total') expect(error).toBeInstanceOf(TimeoutError);
      await later(100);
      expect(session.stats()).toMatchObject(idle);
    });
  },
);

describe('frees the connection', () => {
  it.each([
    ['HTTPError', { raiseForStatus: true }],
    ['too large', { maxResponseSize: 10 }],
  ])('%s', async (_, options) => {
    const server = await openServer();
    server.route('/', respond({ status: 500, body: big }));
    const session = openSession();
    await failure(session.get(server.url('/'), options).then((r) => r.text()));
    await later(100);
    expect(session.stats()).toMatchObject(idle);
  });

  it('a schema that throws, lines left early, sse left early, text with an unknown encoding', async () => {
    const server = await openServer();
    server.route('/', respond({ body: 'x\n'.repeat(1_000_000) }));
    const session = openSession();
    const url = server.url('/');
    for await (const _ of (await session.get(url)).lines()) break;
    await failure(
      (async () => {
        for await (const _ of (await session.get(url)).ndjson()) break;
      })(),
    );
    await failure(
      (async () => {
        for await (const _ of (await session.get(url)).chunks(1000)) throw new Error('mine');
      })(),
    );
    await (await session.get(url)).body?.cancel();
    await (await session.get(url))[Symbol.asyncDispose]();
    await later(100);
    expect(session.stats()).toMatchObject(idle);
  });

  it('a shortcut with an argument that is wrong', async () => {
    const server = await openServer();
    server.route('/', respond({ body: big }));
    const session = openSession({ pool: { connections: 1 } });
    const url = server.url('/');
    expect(await failure(session.get(url).json({} as never))).toBeInstanceOf(TypeError);
    expect(await failure(session.get(url).text({ encoding: 'nope' }))).toBeInstanceOf(TypeError);
    expect(session.stats()).toMatchObject(idle);
    expect(await session.get(url).text()).toHaveLength(big.length);
  });

  it('an auth flow that throws after the response, or never ends', async () => {
    const server = await openServer();
    server.route('/', respond({ status: 401, body: big }));
    const session = openSession();
    const flows: NonNullable<Auth['flow']>[] = [
      async function* (request) {
        yield request;
        throw new Error('mine');
      },
      async function* (request) {
        for (;;) yield request;
      },
      async function* (request) {
        yield request;
        yield request.withUrl('http://evil.test/');
      },
      async function* (request) {
        yield request;
        yield {} as never;
      },
    ];
    for (const flow of flows) await failure(session.get(server.url('/'), { auth: { flow } }));
    await later(100);
    expect(session.stats()).toMatchObject(idle);
  });

  it('a decorator that throws, or answers another response', async () => {
    const server = await openServer();
    server.route('/', respond({ body: big }));
    for (const how of ['throws', 'replaces']) {
      const session = openSession();
      session.use(
        decorate((fetch) => async (url, init) => {
          const response = await fetch(url, init);
          if (how === 'throws') throw new Error(`mine ${response.status}`);
          return new Response('mine');
        }),
      );
      await session.get(server.url('/')).text().catch(String);
      await later(100);
      expect(session.stats()).toMatchObject(idle);
    }
  });

  it('a clone that is given up with the original', async () => {
    const server = await openServer();
    server.route('/', respond({ body: big }));
    const session = openSession();
    const response = await session.get(server.url('/'));
    const copy = response.clone();
    await response.body?.cancel();
    await copy.body?.cancel();
    await later(100);
    expect(session.stats()).toMatchObject(idle);
  });

  it('paginate left early, and a next that throws', async () => {
    const server = await openServer();
    server.route('/', respond({ body: big, headers: { link: '</2>; rel="next"' } }));
    const session = openSession();
    await failure(
      (async () => {
        for await (const _ of session.paginate(server.url('/'), {
          next: () => {
            throw new Error('x');
          },
        }))
          break;
      })(),
    );
    const bad = session.paginate(server.url('/'), { next: () => 'http://[bad' });
    expect(
      await failure(
        (async () => {
          for await (const page of bad) await page.text();
        })(),
      ),
    ).toBeInstanceOf(RedirectError);
    server.route('/500', respond({ status: 500, body: big }));
    expect(await failure(session.paginate(server.url('/500')).next())).toBeInstanceOf(HTTPError);
    await later(100);
    expect(session.stats()).toMatchObject(idle);
  });
});

it('bodies of a fetch backend that nobody reads are left to the garbage collector', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const session = openSession().mount(
    'http://app.test',
    fetchTransport(() => new Response('unread')),
  );
  const { signal } = new AbortController();
  const seen: WeakRef<object>[] = [];
  for (let call = 0; call < 100; call += 1) {
    const response = await session.get('http://app.test/', { signal });
    seen.push(new WeakRef(response.request), new WeakRef(response.source ?? {}));
  }
  for (let turn = 0; turn < 10; turn += 1) {
    collect();
    await later(10);
  }
  expect(seen.filter((one) => one.deref() !== undefined).length).toBeLessThan(10);
  // Who waits hears of the end, though nothing else holds the body.
  const mute = openSession().mount(
    'http://mute.test',
    fetchTransport(() => new Response(new ReadableStream())),
  );
  const waits = failure(mute.get('http://mute.test/', { timeout: { idle: null, total: 300 } }).text());
  for (let turn = 0; turn < 10; turn += 1) {
    collect();
    await later(10);
  }
  expect(await Promise.race([waits, later(1000)])).toBeInstanceOf(TimeoutError);
  // And those that are still there are ended by their session.
  const kept = await session.get('http://app.test/', { signal });
  await session.close();
  expect(await failure(kept.text())).toBeInstanceOf(SessionClosedError);
});

it('bodies of a fetch backend that are left in the middle are so, too, and end their calls', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const endless = (): Response =>
    new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(8)) }));
  const session = openSession().mount('http://app.test', fetchTransport(endless));
  const { signal } = new AbortController();
  const seen: WeakRef<object>[] = [];
  for (let call = 0; call < 50; call += 1) {
    // The idle limit's timer is left to fire in vain, and holds the body as long.
    const response = await session.get('http://app.test/', { signal, timeout: { idle: 20 } });
    expect(await response.source?.read()).toHaveLength(8);
    seen.push(new WeakRef(response.request), new WeakRef(response.source ?? {}));
  }
  for (let turn = 0; turn < 10; turn += 1) {
    collect();
    await later(10);
  }
  expect(seen.filter((one) => one.deref() !== undefined).length).toBeLessThan(10);
  // A reader that comes back in time goes on, and is ended while it waits, by whatever ends the call.
  const kept = await session.get('http://app.test/', { signal, timeout: { total: 300 } });
  await kept.source?.read();
  collect();
  await later(10);
  expect(await kept.source?.read()).toHaveLength(8);
  await later(400);
  expect(await failure(Promise.resolve(kept.source?.read()))).toBeInstanceOf(TimeoutError);
});
