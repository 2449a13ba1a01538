import type { CallOptions } from '@httpsession/core';
import { respond, text } from '@httpsession/testing';
import { describe, expect, it } from 'vitest';
import { openServer } from './support/server.ts';
import { failure, openSession, quickRetry } from './support/session.ts';

const bytes = new TextEncoder().encode('bytes');

async function* generated(): AsyncGenerator<string | Uint8Array> {
  yield 'ab';
  yield '';
  yield new Uint8Array([99]);
}

describe('a request body', () => {
  it.each<[string, CallOptions, string | undefined, string | undefined, string]>([
    ['json', { json: { a: [1, 'ü', null] } }, 'application/json', '19', '{"a":[1,"ü",null]}'],
    ['json null', { json: null }, 'application/json', '4', 'null'],
    ['json false', { json: false }, 'application/json', '5', 'false'],
    [
      'form',
      { form: { a: [1, 2], b: '', c: null } },
      'application/x-www-form-urlencoded',
      '10',
      'a=1&a=2&b=',
    ],
    [
      'form of pairs',
      {
        form: [
          ['a', 'x y'],
          ['a', '&'],
        ],
      },
      'application/x-www-form-urlencoded',
      '11',
      'a=x+y&a=%26',
    ],
    ['text', { body: 'grün' }, 'text/plain;charset=UTF-8', '5', 'grün'],
    ['empty text', { body: '' }, 'text/plain;charset=UTF-8', '0', ''],
    ['bytes', { body: bytes }, undefined, '5', 'bytes'],
    ['a buffer', { body: bytes.buffer }, undefined, '5', 'bytes'],
    ['a view', { body: new DataView(bytes.buffer, 1, 3) }, undefined, '3', 'yte'],
    ['a Blob', { body: new Blob(['blob'], { type: 'image/png' }) }, 'image/png', '4', 'blob'],
    ['a Blob without a type', { body: new Blob(['blob']) }, undefined, '4', 'blob'],
    [
      'URLSearchParams',
      { body: new URLSearchParams('a=1') },
      'application/x-www-form-urlencoded;charset=UTF-8',
      '3',
      'a=1',
    ],
    ['a list of chunks', { body: ['a', bytes] }, undefined, '6', 'abytes'],
    ['a generator', { body: generated() }, undefined, undefined, 'abc'],
    ['a stream', { body: new Blob(['stream']).stream() }, undefined, undefined, 'stream'],
    ['a function', { body: async () => 'made' }, undefined, undefined, 'made'],
    ['nothing', {}, undefined, '0', ''],
    ['null for all but json', { body: null, form: null, multipart: null }, undefined, '0', ''],
  ])('sends %s', async (_title, options, type, length, content) => {
    const server = await openServer();
    await openSession().post(server.url('/'), options).text();
    const seen = server.last;
    expect(seen?.bodyText).toBe(content);
    expect(seen?.headers('content-type')).toEqual(type === undefined ? [] : [type]);
    expect(seen?.header('content-length')).toBe(length);
    expect(seen?.header('transfer-encoding')).toBe(length === undefined ? 'chunked' : undefined);
  });

  it.each<[string, () => FormData | URLSearchParams]>([
    ['FormData', () => new FormData()],
    ['URLSearchParams', () => new URLSearchParams('a=1')],
  ])('is not sent as a form without its type: %s made by a function', async (name, make) => {
    const server = await openServer();
    const session = openSession({ retry: quickRetry(2) });
    let calls = 0;
    const body = (): never => {
      calls += 1;
      return make() as never;
    };
    const error = await failure(session.put(server.url('/'), { body }));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(`must not return ${name}`);
    expect([calls, server.requests.length, session.stats().pending]).toEqual([1, 0, 0]);
    // As it is, it has its type, and can be sent again.
    server.route('/', [respond({ status: 503 }), text('ok')]);
    expect(await session.put(server.url('/'), { body: make() }).text()).toBe('ok');
    expect(server.requests.map((request) => request.header('content-type')?.length)).toEqual([
      expect.any(Number),
      expect.any(Number),
    ]);
  });

  it('has the content type of the caller, in whatever spelling, and none after null', async () => {
    const server = await openServer();
    const session = openSession();
    await session.post(server.url('/'), { json: 1, headers: { 'CONTENT-type': 'application/vnd.api+json' } });
    await session.post(server.url('/'), { json: 1, headers: { 'content-type': null } });
    await session.extend({ headers: { 'content-type': 'text/x' } }).post(server.url('/'), { json: 1 });
    expect(server.requests.map((seen) => seen.headers('content-type'))).toEqual([
      ['application/vnd.api+json'],
      [],
      ['text/x'],
    ]);
  });

  it.each([
    ['without a boundary', 'multipart/form-data'],
    ['with a boundary', 'multipart/form-data; boundary=own'],
  ])('repairs a multipart content type given %s', async (_title, type) => {
    const server = await openServer();
    const session = openSession();
    const form = new FormData();
    form.set('a', '1');
    await session.post(server.url('/'), { multipart: { a: '1' }, headers: { 'content-type': type } });
    await session.post(server.url('/'), { body: form, headers: { 'content-type': type } });
    for (const seen of server.requests) {
      const boundary = /boundary="?([^";]+)/.exec(seen.header('content-type') ?? '')?.[1];
      expect(boundary).toBeDefined();
      expect(seen.bodyText.startsWith(`--${boundary}\r\n`)).toBe(true);
    }
    expect(server.requests).toHaveLength(2);
  });

  it('goes with GET and QUERY on Node', async () => {
    const server = await openServer();
    const session = openSession();
    await session.get(server.url('/'), { json: { q: 1 } }).text();
    await session.query(server.url('/'), { body: 'find' }).text();
    expect(server.requests.map(({ method, bodyText }) => [method, bodyText])).toEqual([
      ['GET', '{"q":1}'],
      ['QUERY', 'find'],
    ]);
  });

  it('is announced as empty only where the method implies one', async () => {
    const server = await openServer();
    const session = openSession();
    for (const method of ['POST', 'PUT', 'PATCH', 'GET', 'DELETE', 'HEAD', 'OPTIONS'])
      await session.request(method, server.url('/'));
    expect(server.requests.map((seen) => seen.header('content-length'))).toEqual([
      '0',
      '0',
      '0',
      ...Array(4).fill(undefined),
    ]);
  });

  it('of bytes is sent again by a retry', async () => {
    const server = await openServer();
    server.route('/', [respond({ status: 503, headers: { 'retry-after': '0' } }), text('ok')]);
    await openSession({ retry: 1 }).put(server.url('/'), { body: bytes }).text();
    expect(server.requests.map(({ bodyText }) => bodyText)).toEqual(['bytes', 'bytes']);
  });
});
