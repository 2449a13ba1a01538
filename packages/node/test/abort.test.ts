import { getEventListeners } from 'node:events';
import { Readable } from 'node:stream';
import { type CallOptions, type Session, SessionClosedError, type SessionResponse } from '@httpsession/core';
import {
  drip,
  raw,
  readNothing,
  redirect,
  repeated,
  respond,
  type ScenarioServer,
  type ScenarioServerOptions,
  sequence,
  stall,
  text,
} from '@httpsession/testing';
import { describe, expect, it } from 'vitest';
import { failureOf, newSession, start, until } from './support/open-session.ts';

const never = () => new Promise<never>(() => undefined);
const headOfTen = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc';

interface Phase {
  readonly name: string;
  readonly server?: ScenarioServerOptions;
  readonly prepare: (server: ScenarioServer, session: Session) => unknown;
  readonly call?: (session: Session, url: string, options: CallOptions) => PromiseLike<unknown>;
  /** Holds when the call is in the phase. */
  readonly reached: (server: ScenarioServer, session: Session) => boolean;
}

const readBody =
  (read: (response: SessionResponse) => Promise<unknown>): NonNullable<Phase['call']> =>
  async (session, url, options) =>
    read(await session.get(url, options));

const stalledBody = (name: string, read: (response: SessionResponse) => Promise<unknown>): Phase => ({
  name: `reading a body by ${name}`,
  prepare: (server) => server.route('/', sequence(raw(headOfTen), stall())),
  call: readBody(read),
  reached: (_server, session) => session.stats().unreadBodies === 1,
});

const phases: readonly Phase[] = [
  {
    name: 'queued',
    prepare: async (server, session) => {
      server.route('/held', stall());
      session.get(server.url('/held')).catch(() => undefined);
      await server.waitFor(1);
    },
    reached: (_server, session) => session.stats().queued === 1,
  },
  {
    name: 'in the TLS handshake',
    server: { tls: true },
    prepare: (server) =>
      server.onConnect((wire) => {
        wire.stream.on('end', () => wire.destroy());
        wire.stream.resume();
        return wire.stall();
      }),
    reached: (server) => server.connections.length === 1,
  },
  {
    name: 'uploading',
    prepare: (server) => server.route('/', sequence(readNothing(), stall())),
    call: (session, url, options) => session.put(url, { ...options, body: new Uint8Array(32 << 20) }),
    reached: (server) => server.requests.length === 1,
  },
  {
    name: 'waiting for headers',
    prepare: (server) => server.route('/', stall()),
    reached: (server) => server.requests.length === 1,
  },
  {
    name: 'waiting for the rest of the headers',
    prepare: (server) => server.route('/', sequence(raw('HTTP/1.1 200 OK\r\nA: b\r\n'), stall())),
    reached: (server) => server.requests.length === 1,
  },
  stalledBody('text()', (response) => response.text()),
  stalledBody('bytes()', (response) => response.bytes()),
  stalledBody('lines()', (response) => drain(response.lines())),
  stalledBody('chunks()', (response) => drain(response.chunks(5))),
  stalledBody('a reader', (response) => readToEnd(response.body)),
  stalledBody('for await', (response) => drain(response.body as AsyncIterable<Uint8Array>)),
  stalledBody('a clone', (response) => response.clone().text()),
  {
    name: 'waiting before a retry',
    prepare: (server) => server.route('/', respond({ status: 503, headers: { 'retry-after': '30' } })),
    reached: (server) => server.requests.length === 1,
  },
  {
    name: 'at a later hop',
    prepare: (server) => server.route('/', redirect(302, '/end')).route('/end', stall()),
    reached: (server) => server.requestsTo('/end').length === 1,
  },
  {
    name: 'in a hook',
    prepare: (server) => server.route('/', text('ok')),
    call: (session, url, options) => session.get(url, { ...options, hooks: { afterExchange: never } }),
    reached: (server) => server.requests.length === 1,
  },
  {
    name: 'in a credential',
    prepare: () => undefined,
    call: (session, url, options) => session.get(url, { ...options, auth: never }),
    reached: () => true,
  },
];

const reasons: readonly unknown[] = [new Error('mine'), 'text', 0, null, { any: 'value' }];

describe.each(phases.map((phase) => ({ ...phase, toString: () => phase.name })))(
  'a call $name',
  ({ server: serverOptions, prepare, call, reached }) => {
    const run = (session: Session, url: string, options: CallOptions): Promise<unknown> =>
      failureOf((call ?? ((session, url, options) => session.get(url, options)))(session, url, options));

    it('rejects at once with the reason itself, and gives up its connection', async () => {
      for (const reason of reasons) {
        const { server, session } = await start(
          { pool: { connections: 1 }, tls: { verify: false } },
          serverOptions,
        );
        await prepare(server, session);
        const controller = new AbortController();
        const outcome = run(session, server.url('/'), { signal: controller.signal });
        await until(() => reached(server, session));
        const before = server.openConnections;
        const abortedAt = performance.now();
        controller.abort(reason);
        expect(await outcome).toBe(reason);
        expect(performance.now() - abortedAt).toBeLessThan(100);
        expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
        if (before > 0 && session.stats().pending > 0) {
          // Only the request that held the connection is still there.
          expect(session.stats()).toMatchObject({ queued: 0, pending: 1 });
        }
        await session.close();
        await server.close();
      }
    });

    it('rejects with SessionClosedError when the session closes', async () => {
      const { server, session } = await start(
        { pool: { connections: 1 }, tls: { verify: false }, timeout: 60_000 },
        serverOptions,
      );
      await prepare(server, session);
      const outcome = run(session, server.url('/'), {});
      await until(() => reached(server, session));
      await session.close();
      expect(await outcome).toBeInstanceOf(SessionClosedError);
      expect(await failureOf(session.get(server.url('/')))).toBeInstanceOf(SessionClosedError);
      expect(session.stats()).toEqual({ sockets: 0, pending: 0, queued: 0, unreadBodies: 0 });
    });
  },
);

describe('an aborted call', () => {
  it('sends nothing when its signal was aborted before', async () => {
    const { server, session } = await start();
    const reason = new Error('too late');
    expect(await failureOf(session.get(server.url('/'), { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(server.connections.length).toBe(0);
  });

  it('shows the server that its socket is gone while it waits for headers, and leaves the pool usable', async () => {
    const { server, session } = await start({ pool: { connections: 1 } });
    server.route('/stall', stall()).route('/ok', text('ok'));
    const controller = new AbortController();
    const outcome = failureOf(session.get(server.url('/stall'), { signal: controller.signal }));
    await server.waitFor(1);
    const next = session.get(server.url('/ok')).text();
    controller.abort(1);
    expect(await outcome).toBe(1);
    expect(await next).toBe('ok');
    await server.waitFor(() => server.connections[0]?.open === false);
    expect(server.connections.length).toBe(2);
  });

  it('leaves the connection to those that it was made for too', async () => {
    const { server, session } = await start({ pool: { connections: 1 } });
    server.route('/', text('ok'));
    await session.get(server.url('/')).text();
    const controller = new AbortController();
    const first = failureOf(session.get(server.url('/'), { signal: controller.signal }));
    const second = session.get(server.url('/')).text();
    await Promise.resolve();
    controller.abort('given up before it was written');
    expect(await first).toBe('given up before it was written');
    expect(await second).toBe('ok');
  });

  it('is the last one to be sent on its connection in a burst of aborts', async () => {
    const { server, session } = await start({ pool: { connections: 4 } });
    server.route('/', drip('0123456789', { every: 5 }));
    const outcomes = Array.from({ length: 60 }, async (_, n) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(n), 3 + ((n * 7) % 60));
      return session
        .get(server.url('/'), { signal: controller.signal })
        .text()
        .catch((error: unknown) => error);
    });
    for (const [n, outcome] of (await Promise.all(outcomes)).entries())
      expect(['0123456789', n]).toContain(outcome);
    await until(() => session.stats().pending === 0);
    expect(session.stats()).toMatchObject({ queued: 0, unreadBodies: 0 });
    server.route('/', text('still fine'));
    expect(await session.get(server.url('/')).text()).toBe('still fine');
  });
});

describe('the source of an upload that is aborted', () => {
  const upload = async (
    body: NonNullable<CallOptions['body']>,
    script = sequence(readNothing(), stall()),
  ) => {
    const { server, session } = await start();
    server.route('/', script);
    const controller = new AbortController();
    const outcome = failureOf(session.post(server.url('/'), { body, signal: controller.signal }));
    await server.waitFor(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    controller.abort('stop');
    expect(await outcome).toBe('stop');
    return { server, session };
  };

  it('runs the finally of a generator', async () => {
    let finished = false;
    await upload(
      (async function* () {
        try {
          for (;;) yield new Uint8Array(1 << 18);
        } finally {
          finished = true;
        }
      })(),
    );
    await until(() => finished);
  });

  it.each([
    ['is being asked', () => new Promise<void>(() => undefined)],
    ['has given much', undefined],
  ])('cancels a ReadableStream that %s', async (_when, pull) => {
    let cancelled = false;
    await upload(
      new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new Uint8Array(10)),
        pull: pull ?? ((controller) => controller.enqueue(new Uint8Array(1 << 18))),
        cancel: () => {
          cancelled = true;
        },
      }),
    );
    await until(() => cancelled);
  });

  it.each([
    ['is being asked', 1],
    ['has given much', Number.POSITIVE_INFINITY],
  ])('destroys a Node Readable that %s', async (_when, chunks) => {
    let given = 0;
    const source = new Readable({
      read() {
        given += 1;
        if (given <= chunks) this.push(Buffer.alloc(1 << 18));
      },
    });
    await upload(source);
    await until(() => source.destroyed);
  });

  it('cancels the stream that a function made, with progress told on the way', async () => {
    let cancelled = false;
    const { server, session } = await start();
    server.route('/', sequence(readNothing(), stall()));
    const controller = new AbortController();
    const loaded: number[] = [];
    const body = () =>
      new ReadableStream<Uint8Array>({
        start: (stream) => stream.enqueue(new Uint8Array(10)),
        pull: never,
        cancel: () => {
          cancelled = true;
        },
      });
    const outcome = failureOf(
      session.post(server.url('/'), {
        body,
        signal: controller.signal,
        onUploadProgress: (progress) => loaded.push(progress.loaded),
      }),
    );
    await until(() => loaded.length === 1);
    controller.abort('stop');
    expect(await outcome).toBe('stop');
    await until(() => cancelled);
    expect(loaded).toEqual([10]);
  });
});

describe('a signal that outlives its calls', () => {
  it('has no listener after 1,000 calls, and no warning was given', async () => {
    const warnings: string[] = [];
    const onWarning = (warning: Error) => warnings.push(warning.name);
    process.on('warning', onWarning);
    const { server, session } = await start();
    server.route('/', text('ok'));
    const { signal } = new AbortController();
    for (let n = 0; n < 40; n += 1)
      await Promise.all(Array.from({ length: 25 }, () => session.get(server.url('/'), { signal }).text()));
    expect(server.requests.length).toBe(1000);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });

  it('does the same when it is the session’s', async () => {
    const { signal } = new AbortController();
    const server = (await start()).server;
    const session = newSession({ signal });
    server.route('/', text('ok')).route('/big', respond({ body: repeated('x', 1 << 20) }));
    for (let n = 0; n < 20; n += 1) await session.get(server.url('/')).text();
    await (await session.get(server.url('/big')))[Symbol.asyncDispose]();
    await failureOf(session.get('http://127.0.0.1:1/', { retry: 0 }));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

const drain = async (items: AsyncIterable<unknown>): Promise<void> => {
  for await (const item of items) void item;
};

const readToEnd = async (stream: ReadableStream<Uint8Array> | null): Promise<void> => {
  const reader = stream?.getReader();
  while (reader !== undefined && !(await reader.read()).done);
};
