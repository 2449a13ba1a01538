import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { BodyInit, Progress } from '@httpsession/core';
import {
  answerEarly,
  close,
  readBody,
  repeat,
  repeated,
  reset,
  respond,
  type Script,
  sleep,
  text,
} from '@httpsession/testing';
import { describe, expect, it } from 'vitest';
import { newSession, start, until } from './support/open-session.ts';

const content = 'héllo wörld '.repeat(5000);
const bytes = new TextEncoder().encode(content);
const parts = function* () {
  for (let at = 0; at < bytes.byteLength; at += 7001) yield bytes.subarray(at, at + 7001);
};

describe('an upload', () => {
  const known = String(bytes.byteLength);
  const sources: [string, () => BodyInit, string | undefined][] = [
    ['text', () => content, known],
    ['bytes', () => bytes, known],
    ['an ArrayBuffer', () => bytes.slice().buffer, known],
    ['a Blob', () => new Blob([...parts()]), known],
    ['a ReadableStream', () => new Blob([bytes]).stream(), undefined],
    [
      'an async generator',
      () =>
        (async function* () {
          yield* parts();
        })(),
      undefined,
    ],
    ['a generator', () => parts(), undefined],
    ['a Node Readable', () => Readable.from(parts()), undefined],
    ['a Node Readable of bytes', () => Readable.from(Buffer.from(bytes), { objectMode: false }), undefined],
    ['a function', () => () => new Blob([bytes]).stream(), undefined],
    ['a function of text', () => async () => content, undefined],
  ];

  it.each(sources)('of %s arrives whole, with a length where it is known', async (_kind, body, length) => {
    const { server, session } = await start();
    server.route('/', text('ok'));
    for (const method of ['POST', 'PUT', 'QUERY'])
      expect(await session.request(method, server.url('/'), { body: body() }).text()).toBe('ok');
    for (const request of server.requests) {
      expect(request.bodyText).toBe(content);
      expect(request.header('content-length')).toBe(length);
      expect(request.header('transfer-encoding')).toBe(length === undefined ? 'chunked' : undefined);
    }
    expect(server.connections.length).toBe(1);
  });

  it.each<[string, () => BodyInit]>([
    ['text', () => ''],
    ['a Blob', () => new Blob([])],
    [
      'a generator',
      () =>
        (function* (): Generator<string> {
          yield* [];
        })(),
    ],
    ['chunks of nothing', () => ['', new Uint8Array(0)]],
  ])('of %s without content has the length 0', async (_kind, body) => {
    const { server, session } = await start();
    server.route('/', text('ok'));
    expect(await session.post(server.url('/'), { body: body() }).text()).toBe('ok');
    expect(server.last?.header('content-length')).toBe('0');
    expect(server.last?.body.length).toBe(0);
  });

  it('of 16 MiB arrives unharmed', async () => {
    const { server, session } = await start();
    server.route('/', async (exchange) => {
      const body = await exchange.body();
      await exchange.respond({ body: createHash('sha256').update(body).digest('hex') });
    });
    const big = new Uint8Array(16 << 20).map((_, at) => at * 31);
    expect(await session.put(server.url('/'), { body: big }).text()).toBe(
      createHash('sha256').update(big).digest('hex'),
    );
  });

  it('asks its source for no more than a server takes', async () => {
    const { server, session } = await start();
    let pulled = 0;
    const body = async function* () {
      for (let n = 0; n < 512; n += 1) {
        pulled += 1;
        yield new Uint8Array(64 << 10);
      }
    };
    let resume: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      resume = resolve;
    });
    server.route('/', async (exchange) => {
      exchange.wire.readNothing();
      await waiting;
      exchange.wire.readAgain();
      await exchange.body();
      await exchange.respond({ body: 'done' });
    });
    const answer = session.post(server.url('/'), { body }).text();
    await server.waitFor(1);
    let before = -1;
    while (before !== pulled) {
      before = pulled;
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    // What the kernel buffers on loopback, and no more.
    expect(pulled).toBeLessThan(256);
    resume();
    expect(await answer).toBe('done');
    expect(pulled).toBe(512);
  });

  it('tells its progress: up to the whole, never back, again from 0 when sent again', async () => {
    const { server, session } = await start({ retry: { backoff: { base: 0 } } });
    server.route('/', [respond({ status: 503, headers: { connection: 'close' } }), text('ok')]);
    const told: Progress[] = [];
    const onUploadProgress = (progress: Progress) => told.push(progress);
    await session.put(server.url('/'), { body: new Uint8Array(300_000), onUploadProgress }).text();
    const loaded = told.map((progress) => progress.loaded);
    const once = [65536, 131072, 196608, 262144, 300_000];
    expect(loaded).toEqual([...once, ...once]);
    expect(new Set(told.map(({ total }) => total))).toEqual(new Set([300_000]));
    expect(told.every(({ rate }) => rate >= 0 && Number.isFinite(rate))).toBe(true);
    told.length = 0;
    await session.put(server.url('/'), { body: parts(), onUploadProgress }).text();
    expect(told.at(-1)).toMatchObject({ loaded: bytes.byteLength, total: null });
  });
});

describe('an answer that comes before the upload has ended', () => {
  const refusal = { status: 413, body: 'too much', headers: { connection: 'close' } };
  const scripts: [string, Script][] = [
    ['then FIN, the rest read', answerEarly(respond(refusal))],
    [
      'then FIN, the rest unread',
      answerEarly(readBody({ bytes: 1 }), respond({ ...refusal, headers: {} }), close({ linger: false })),
    ],
    [
      'then RST after a moment',
      answerEarly(readBody({ bytes: 1 }), respond({ ...refusal, headers: {} }), sleep(30), reset()),
    ],
    ['and the connection is kept', answerEarly(respond({ ...refusal, headers: {} }))],
  ];
  const sources: [string, () => BodyInit][] = [
    ['bytes', () => new Uint8Array(8 << 20)],
    ['a Blob', () => new Blob([new Uint8Array(8 << 20)])],
    [
      'a generator',
      () =>
        (async function* () {
          for (let n = 0; n < 128; n += 1) yield new Uint8Array(64 << 10);
        })(),
    ],
  ];

  it.each(
    scripts.flatMap(([how, script]) => sources.map(([kind, body]) => [how, kind, script, body] as const)),
  )('is delivered, %s (%s)', async (_how, _kind, script, body) => {
    for (const tls of [false, true]) {
      const { server, session } = await start({ retry: 0, tls: { verify: false } }, { tls });
      server.route('/', script).route('/next', text('next'));
      for (let n = 0; n < 3; n += 1) {
        const response = await session.post(server.url('/'), { body: body() });
        expect([response.status, await response.text()]).toEqual([413, 'too much']);
      }
      expect(await session.get(server.url('/next')).text()).toBe('next');
    }
  });

  it.each(sources)(
    'is delivered by a server of another process that hangs up on the rest (%s)',
    async (_kind, body) => {
      const child = fork(fileURLToPath(new URL('./support/refusing-server.mjs', import.meta.url)));
      const [port] = await once(child, 'message');
      const session = newSession({ retry: 0 });
      for (let n = 0; n < 20; n += 1) {
        const response = await session.post(`http://127.0.0.1:${port}/`, { body: body() });
        expect([response.status, await response.text()]).toEqual([413, 'too much']);
      }
      child.disconnect();
      await once(child, 'exit');
    },
  );

  it('stops the source', async () => {
    const { server, session } = await start({ retry: 0 });
    server.route('/', answerEarly(respond(refusal)));
    let finished = false;
    const body = (async function* () {
      try {
        for (;;) yield new Uint8Array(1000);
      } finally {
        finished = true;
      }
    })();
    expect((await session.post(server.url('/'), { body })).status).toBe(413);
    await until(() => finished);
  });
});

describe('a download', () => {
  it('makes the server wait while nobody reads', async () => {
    const { server, session } = await start();
    let sent = 0;
    server.route('/', async (exchange) => {
      await exchange.head({ headers: { 'transfer-encoding': 'chunked' } });
      const chunk = `10000\r\n${'x'.repeat(65536)}\r\n`;
      for (let n = 0; n < 1024; n += 1) {
        await exchange.write(chunk);
        sent += 1;
      }
      await exchange.write('0\r\n\r\n');
    });
    const before = process.memoryUsage.rss();
    const response = await session.get(server.url('/'));
    let last = -1;
    while (last !== sent) {
      last = sent;
      await new Promise((resolve) => setTimeout(resolve, 80));
    }
    expect(sent).toBeLessThan(400);
    let size = 0;
    for await (const chunk of response.chunks(1 << 16)) {
      size += chunk.byteLength;
      if (size === 1 << 20) await new Promise((resolve) => setTimeout(resolve, 80));
    }
    expect(size).toBe(1024 << 16);
    expect(process.memoryUsage.rss() - before).toBeLessThan(120 << 20);
  });

  it('arrives unharmed however slowly it is read', async () => {
    const { server, session } = await start();
    const body = Buffer.from(new Uint8Array(3 << 20).map((_, at) => at * 7 + (at >> 8)));
    const sum = createHash('sha256').update(body).digest('hex');
    server.route('/', respond({ body })).route('/chunked', respond({ body, framing: 'chunked' }));
    for (const path of ['/', '/chunked']) {
      for (const rest of [0, 1, 15]) {
        const hash = createHash('sha256');
        const response = await session.get(server.url(path));
        await new Promise((resolve) => setTimeout(resolve, 50));
        for await (const chunk of response.chunks(100_000)) {
          hash.update(chunk);
          if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
        }
        expect(hash.digest('hex')).toBe(sum);
      }
    }
    expect(server.connections.length).toBe(1);
  });

  it('feeds an upload, each under the pressure of the other', async () => {
    const { server, session } = await start();
    server.route('/from', respond({ body: repeated('y', 8 << 20) })).route('/to', async (exchange) => {
      const { length } = await exchange.body();
      await exchange.respond({ body: String(length) });
    });
    const source = await session.get(server.url('/from'));
    expect(
      await session.post(server.url('/to'), { body: source.body as ReadableStream<Uint8Array> }).text(),
    ).toBe(String(8 << 20));
  });

  it('tells its progress, of decoded bytes where the whole is not known', async () => {
    const { server, session } = await start();
    server.route('/', respond({ body: repeated('x', 200_000) }));
    const told: Progress[] = [];
    const onDownloadProgress = (progress: Progress) => told.push(progress);
    await session.get(server.url('/'), { onDownloadProgress }).bytes();
    expect(told.at(-1)).toMatchObject({ loaded: 200_000, total: 200_000 });
    const loaded = told.map((progress) => progress.loaded);
    expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
  });

  it('has both halves of a clone whole', async () => {
    const { server, session } = await start();
    server.route('/', respond({ body: repeated('x', 2 << 20) }));
    const response = await session.get(server.url('/'));
    const copy = response.clone();
    expect((await response.bytes()).byteLength).toBe(2 << 20);
    expect((await copy.bytes()).byteLength).toBe(2 << 20);
  });

  it('without an end can be left', async () => {
    const { server, session } = await start();
    server.route('/', async (exchange) => {
      await exchange.head({ headers: { 'transfer-encoding': 'chunked' } });
      await exchange.run(repeat('forever', { raw: '5\r\nline\n\r\n' }));
    });
    let lines = 0;
    for await (const line of (await session.get(server.url('/'))).lines()) {
      expect(line).toBe('line');
      lines += 1;
      if (lines === 1000) break;
    }
    await server.waitFor(() => server.openConnections === 0);
  });
});
