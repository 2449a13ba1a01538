import * as zlib from 'node:zlib';
import { BodyTooLargeError, DecodingError, IncompleteBodyError } from '@httpsession/core';
import { close, raw, redirect, respond, sequence } from '@httpsession/testing';
import { describe, expect, it } from 'vitest';
import { failureOf, start, until } from './support/open-session.ts';

const plain = 'The quick brown fox. '.repeat(500);
const { gzipSync, deflateSync, deflateRawSync, brotliCompressSync } = zlib;
const zstd = (zlib as { zstdCompressSync?: (bytes: string | Uint8Array) => Buffer }).zstdCompressSync;

type Encode = (bytes: string | Uint8Array) => Buffer;
const codings: [string, Encode][] = [
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ...(zstd === undefined ? [] : [['zstd', zstd] as [string, Encode]]),
];

const encoded = (coding: string, body: Uint8Array, framing: 'length' | 'chunked' = 'length') =>
  respond({ headers: { 'content-encoding': coding }, body, framing });

describe('a content coding', () => {
  it.each(codings)('%s is undone, however the body is read', async (coding, encode) => {
    const { server, session } = await start();
    server
      .route('/', encoded(coding, encode(plain)))
      .route('/chunks', encoded(coding.toUpperCase(), encode(plain), 'chunked'));
    expect(await session.get(server.url('/')).text()).toBe(plain);
    expect(await session.get(server.url('/chunks')).text()).toBe(plain);
    expect((await session.get(server.url('/')).bytes()).byteLength).toBe(plain.length);
    const lengths: number[] = [];
    for await (const chunk of (await session.get(server.url('/'))).chunks(4000))
      lengths.push(chunk.byteLength);
    expect(lengths).toEqual([4000, 4000, 2500]);
    expect(await new Response((await session.get(server.url('/'))).body).text()).toBe(plain);
    expect(server.connections.length).toBe(1);
  });

  it.each(codings)('%s arriving byte by byte is undone', async (coding, encode) => {
    const { server, session } = await start();
    const body = encode('hello, small segments');
    server.route('/', respond({ headers: { 'content-encoding': coding }, body, pace: { every: 0 } }));
    expect(await session.get(server.url('/')).text()).toBe('hello, small segments');
  });

  it('is asked for by name, unless the caller asks or wants a range', async () => {
    const { server, session } = await start();
    server.route('/', respond({ body: 'x' }));
    await session.get(server.url('/')).text();
    await session.get(server.url('/'), { headers: { 'accept-encoding': 'identity' } }).text();
    await session.get(server.url('/'), { headers: { range: 'bytes=0-1' } }).text();
    await session.get(server.url('/'), { decompress: false }).text();
    const asked = zstd === undefined ? 'gzip, deflate, br' : 'gzip, deflate, br, zstd';
    expect(server.requests.map((request) => request.header('accept-encoding'))).toEqual([
      asked,
      'identity',
      undefined,
      undefined,
    ]);
  });

  it('may be stacked five deep, in one header or many', async () => {
    const { server, session } = await start();
    const five = [gzipSync, deflateSync, brotliCompressSync, gzipSync, deflateRawSync].reduce<Buffer>(
      (body, encode) => encode(body),
      Buffer.from(plain),
    );
    const headers = [
      ['content-encoding', 'gzip, deflate'],
      ['content-encoding', 'br'],
      ['content-encoding', 'identity, gzip, deflate'],
    ] as const;
    server.route('/', respond({ headers, body: five }));
    expect(await session.get(server.url('/')).text()).toBe(plain);
  });

  it.each(['gzip, '.repeat(6), Array.from({ length: 20 }, () => 'gzip').join(',')])(
    'more than five deep is refused: %j',
    async (coding) => {
      const { server, session } = await start({ retry: 0 });
      server.route('/', encoded(coding, gzipSync(plain)));
      expect(await failureOf(session.get(server.url('/')).text())).toBeInstanceOf(DecodingError);
    },
  );

  it.each(['compress', 'rot13', 'gzip, unknown', 'utf-8'])(
    'that nobody knows breaks the body, not the response: %s',
    async (coding) => {
      const { server, session } = await start({ pool: { connections: 1 } });
      server
        .route('/', encoded(coding, Buffer.from('????')))
        .route('/away', redirect(302, '/', { headers: { 'content-encoding': coding }, body: '?' }));
      const response = await session.get(server.url('/away'));
      expect(response.status).toBe(200);
      const error = await failureOf(response.text());
      expect(error).toBeInstanceOf(DecodingError);
      expect(error).toMatchObject({ response: { status: 200 } });
      expect(await session.get(server.url('/'), { decompress: false }).text()).toBe('????');
    },
  );

  it('of an empty body, a HEAD, a 204 or a 304 is nothing to undo', async () => {
    const { server, session } = await start();
    for (const coding of ['gzip', 'br', 'deflate', 'unknown']) {
      server
        .route('/empty', encoded(coding, Buffer.alloc(0)))
        .route('/chunked', encoded(coding, Buffer.alloc(0), 'chunked'))
        .route('/204', respond({ status: 204, headers: { 'content-encoding': coding } }))
        .route('/304', respond({ status: 304, headers: { 'content-encoding': coding } }));
      for (const path of ['/empty', '/chunked', '/204', '/304'])
        expect(await (await session.get(server.url(path))).text()).toBe('');
      expect(await (await session.head(server.url('/empty'))).text()).toBe('');
    }
    expect(server.connections.length).toBe(1);
  });

  it('is left alone with decompress: false', async () => {
    const { server, session } = await start({ decompress: false });
    const body = gzipSync(plain);
    server.route('/', encoded('gzip', body));
    expect(Buffer.from(await session.get(server.url('/')).bytes()).equals(body)).toBe(true);
  });
});

describe('a compressed body that is damaged', () => {
  const cuts = codings.flatMap(([coding, encode]) => {
    const body = encode(plain);
    return [1, 5, 8, Math.floor(body.length / 2), body.length - 1].map(
      (left) => [coding, encode.name, left, body.subarray(0, left)] as const,
    );
  });

  it.each(cuts)('is a DecodingError: %s by %s cut to %i bytes', async (coding, _by, _left, body) => {
    const { server, session } = await start();
    server.route('/', encoded(coding, body));
    for (const read of ['text', 'body'] as const) {
      const response = await session.get(server.url('/'));
      const error = await failureOf(read === 'text' ? response.text() : new Response(response.body).text());
      expect(error).toBeInstanceOf(DecodingError);
      expect(error).toMatchObject({ code: 'ERR_DECODING', response: { status: 200 } });
    }
  });

  it.each(codings)('is a DecodingError: %s with flipped bits', async (coding, encode) => {
    const { server, session } = await start();
    const body = Buffer.from(encode(plain));
    for (let at = 12; at < body.length - 4; at += 1) body[at] = (body[at] ?? 0) ^ 0x5a;
    server
      .route('/', encoded(coding, body))
      .route('/plain', encoded(coding, Buffer.from('not compressed at all')));
    expect(await failureOf(session.get(server.url('/')).text())).toBeInstanceOf(DecodingError);
    expect(await failureOf(session.get(server.url('/plain')).text())).toBeInstanceOf(DecodingError);
  });

  it('is a DecodingError when the checksum is wrong', async () => {
    const { server, session } = await start();
    const body = Buffer.from(gzipSync(plain));
    body[body.length - 6] = (body[body.length - 6] ?? 0) ^ 1;
    server.route('/', encoded('gzip', body));
    expect(await failureOf(session.get(server.url('/')).text())).toBeInstanceOf(DecodingError);
  });

  it('is an IncompleteBodyError when the connection broke', async () => {
    const { server, session } = await start();
    const body = gzipSync(plain);
    server.route(
      '/',
      sequence(
        raw(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`),
        raw(body.subarray(0, 40)),
        close(),
      ),
    );
    expect(await failureOf(session.get(server.url('/')).text())).toBeInstanceOf(IncompleteBodyError);
  });
});

describe('gzip as it is found', () => {
  const members = Buffer.concat([gzipSync('one '), gzipSync('two '), gzipSync('three')]);

  it('has several members, cut anywhere', async () => {
    const { server, session } = await start();
    server.route('/', async (exchange) => {
      const at = Number(exchange.request.target.split('=')[1]);
      await exchange.write(
        `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${members.length}\r\n\r\n`,
      );
      await exchange.write(members.subarray(0, at));
      await exchange.sleep(1);
      await exchange.write(members.subarray(at));
    });
    for (let at = 1; at < members.length; at += 1)
      expect(await session.get(server.url(`/?at=${at}`)).text()).toBe('one two three');
  });

  it.each<[string, Buffer]>([
    ['zeros', Buffer.alloc(40)],
    ['text', Buffer.from('trailing garbage')],
    ['a line end', Buffer.from('\r\n')],
    ['random bytes', Buffer.from('c0ffee00deadbeef', 'hex')],
    ['64 KiB', Buffer.alloc(64 << 10, 'x')],
    ['what looks like another member', Buffer.from('1f', 'hex')],
  ])('has trailing bytes that do not matter: %s', async (_what, trailing) => {
    const { server, session } = await start();
    const body = Buffer.concat([gzipSync(plain), trailing]);
    server
      .route('/', encoded('gzip', body))
      .route(
        '/chunks',
        sequence(
          raw(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`),
          raw(body.subarray(0, body.length - trailing.length)),
          raw(trailing, { every: 1, size: 1024 }),
        ),
      );
    expect(await session.get(server.url('/')).text()).toBe(plain);
    expect(await session.get(server.url('/chunks')).text()).toBe(plain);
    expect(await session.get(server.url('/')).text()).toBe(plain);
  });
});

describe('a decompression bomb', () => {
  it('stops at maxResponseSize of decoded bytes, long before it is unpacked', async () => {
    const { server, session } = await start();
    const bomb = gzipSync(Buffer.alloc(100 << 20));
    expect(bomb.length).toBeLessThan(110_000);
    server.route('/', encoded('gzip', bomb));
    const before = process.memoryUsage.rss();
    const error = await failureOf(session.get(server.url('/'), { maxResponseSize: 1 << 20 }).bytes());
    expect(error).toBeInstanceOf(BodyTooLargeError);
    expect(error).toMatchObject({ limit: 1 << 20, response: { status: 200 } });
    expect(process.memoryUsage.rss() - before).toBeLessThan(40 << 20);
    await until(() => session.stats().unreadBodies === 0);
  });

  it('of several layers stops as early', async () => {
    const { server, session } = await start({ maxResponseSize: 1 << 20 });
    const bomb = gzipSync(gzipSync(Buffer.alloc(200 << 20)));
    server.route('/', encoded('gzip, gzip', bomb));
    expect(await failureOf(session.get(server.url('/')).text())).toBeInstanceOf(BodyTooLargeError);
  });

  it.each([
    ['a length', 'length'],
    ['chunks', 'chunked'],
  ] as const)('is not needed for the limit: a plain body with %s ends at it too', async (_what, framing) => {
    const { server, session } = await start({ maxResponseSize: 1000 });
    server
      .route('/', respond({ body: 'x'.repeat(1001), framing }))
      .route('/fits', respond({ body: 'x'.repeat(1000), framing }));
    const response = await session.get(server.url('/'));
    // All of it has arrived before anybody asks.
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await failureOf(response.text())).toBeInstanceOf(BodyTooLargeError);
    expect(await failureOf(session.get(server.url('/')).json())).toBeInstanceOf(BodyTooLargeError);
    expect(await failureOf((await session.get(server.url('/'))).clone().text())).toBeInstanceOf(
      BodyTooLargeError,
    );
    expect((await session.get(server.url('/fits')).text()).length).toBe(1000);
  });

  it('is unpacked no further than somebody reads', async () => {
    const { server, session } = await start();
    server.route('/', encoded('gzip', gzipSync(Buffer.alloc(300 << 20))));
    const before = process.memoryUsage.rss();
    const response = await session.get(server.url('/'));
    const reader = response.body?.getReader();
    for (let n = 0; n < 10; n += 1) await reader?.read();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(process.memoryUsage.rss() - before).toBeLessThan(60 << 20);
    await reader?.cancel();
    await until(() => session.stats().unreadBodies === 0);
  });
});
