import {
  type CallOptions,
  HTTPError,
  JSONDecodeError,
  SchemaError,
  type SessionResponse,
} from '@httpsession/core';
import { chunked, json, redirect, respond, sequence, stall, text } from '@httpsession/testing';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { openServer } from './support/server.ts';
import { failure, openSession } from './support/session.ts';

const answer = async (
  spec: Parameters<typeof respond>[0],
  options: CallOptions = {},
): Promise<SessionResponse> => {
  const server = await openServer();
  server.route('/', respond(spec));
  return openSession().get(server.url('/'), options);
};

describe('the head of a response', () => {
  it('is a WHATWG Response', async () => {
    const response = await answer({ status: 201, reason: 'Made', body: 'x', headers: { 'X-A': '1' } });
    expect(response).toBeInstanceOf(Response);
    expect(response.headers).toBeInstanceOf(Headers);
    expect(Object.prototype.toString.call(response)).toBe('[object Response]');
    expect([response.status, response.statusText, response.ok, response.type, response.redirected]).toEqual([
      201,
      'Made',
      true,
      'default',
      false,
    ]);
    expect(response.bodyUsed).toBe(false);
    expect(response.headers.get('x-a')).toBe('1');
  });

  it('keeps every header line, iterates sorted and never joins Set-Cookie', async () => {
    const { headers } = await answer({
      headers: [
        ['X-B', '1'],
        ['Set-Cookie', 'a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT'],
        ['A', '1'],
        ['x-b', '2'],
        ['Set-Cookie', 'b=2'],
      ],
    });
    expect(headers.getSetCookie()).toEqual(['a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT', 'b=2']);
    expect(headers.get('X-b')).toBe('1, 2');
    expect(headers.getAll('x-b')).toEqual(['1', '2']);
    const names = [...headers.keys()];
    expect(names).toEqual([...names].sort());
    expect([...headers].filter(([name]) => name === 'set-cookie')).toHaveLength(2);
    expect(headers.raw().filter(([name]) => /^x-b$/i.test(name))).toEqual([
      ['X-B', '1'],
      ['x-b', '2'],
    ]);
    expect(() => headers.append()).toThrow(TypeError);
  });

  it.each([
    [200, true, false],
    [204, true, false],
    [299, true, false],
    [304, false, false],
    [400, false, true],
    [599, false, true],
    [600, false, false],
    [999, false, false],
  ])('judges %i: ok %s, raised %s', async (status, ok, raised) => {
    const response = await answer({ status });
    expect([response.status, response.ok]).toEqual([status, ok]);
    if (raised) expect(() => response.raiseForStatus()).toThrow(HTTPError);
    else expect(response.raiseForStatus()).toBe(response);
    expect(await response.text()).toBe('');
  });

  it('knows where it came from', async () => {
    const server = await openServer();
    server.route('/a', redirect(308, '/b')).route('/b', text('x'));
    const session = openSession();
    await session.get(server.url('/b')).text();
    const response = await session.get(server.url('/a#part'));
    expect(response.url).toBe(server.url('/b'));
    expect(response.finalUrl).toBe(server.url('/b#part'));
    expect(response.redirected).toBe(true);
    expect(
      response.history.map(({ status, tag, isPermanentRedirect }) => [status, tag, isPermanentRedirect]),
    ).toEqual([[308, 'redirect', true]]);
    expect(response.request.url).toBe(server.url('/b'));
    expect(response.attempts).toBe(1);
    expect(response.elapsed).toBeGreaterThan(0);
    expect(response.timings.headers).toBeGreaterThan(0);
    expect(response.connection).toMatchObject({ reused: true, protocol: 'http/1.1' });
    expect(response.connection?.id).toBe(response.history[0]?.connection?.id);
    expect([response.isRedirect, response.next]).toEqual([false, null]);
  });

  it('reads links and cookies', async () => {
    const server = await openServer();
    server.route(
      '/a/b',
      respond({
        headers: [
          ['Link', '<c?page=2>; rel="next"; title="a, b"'],
          ['Set-Cookie', 'sid=1; Path=/; HttpOnly'],
        ],
      }),
    );
    const response = await openSession().get(server.url('/a/b'));
    expect(response.links.next?.url).toBe(server.url('/a/c?page=2'));
    expect(response.cookies.get('sid')?.value).toBe('1');
  });
});

describe('text', () => {
  const bytes = (...values: number[]) => new Uint8Array(values);

  it.each<[string, string | undefined, Uint8Array | string, string, string | null]>([
    ['latin1', 'text/plain; charset=iso-8859-1', bytes(0x67, 0xfc), 'gü', 'windows-1252'],
    ['shift_jis', 'text/html; charset="Shift_JIS"', bytes(0x93, 0xfa, 0x96, 0x7b), '日本', 'shift_jis'],
    ['UTF-8 by default', 'text/plain', 'grün', 'grün', null],
    ['UTF-8 without a type', undefined, 'grün', 'grün', null],
    ['a UTF-8 mark', 'text/plain', bytes(0xef, 0xbb, 0xbf, 0x61), 'a', null],
    [
      'a UTF-16 mark over the charset',
      'text/plain; charset=latin1',
      bytes(0xff, 0xfe, 0x61, 0),
      'a',
      'windows-1252',
    ],
    ['an unknown charset as UTF-8', 'text/plain; charset=klingon', 'ü', 'ü', null],
  ])('reads %s', async (_title, type, body, expected, encoding) => {
    const server = await openServer();
    server.route('/', respond({ body, ...(type !== undefined && { headers: { 'content-type': type } }) }));
    const response = await openSession().get(server.url('/'));
    expect(response.encoding).toBe(encoding);
    expect(await response.text()).toBe(expected);
    expect(response.bodyUsed).toBe(true);
    expect(await failure(response.text())).toBeInstanceOf(TypeError);
  });

  it('obeys the caller', async () => {
    const response = await answer({ body: bytes(0xfc) });
    expect(await response.text({ encoding: 'latin1' })).toBe('ü');
  });
});

describe('json', () => {
  it('checks by a Standard Schema and returns what it made', async () => {
    const server = await openServer();
    server.route('/', json({ id: '5', name: 'x' }));
    const Item = v.object({ id: v.pipe(v.string(), v.transform(Number)), name: v.string() });
    const session = openSession();
    const item: { id: number; name: string } = await session.get(server.url('/')).json(Item);
    expect(item).toEqual({ id: 5, name: 'x' });
    const error = await failure(
      (await session.get(server.url('/'))).json(v.object({ id: v.number(), other: v.string() })),
    );
    expect(error).toBeInstanceOf(SchemaError);
    expect((error as SchemaError).issues).toHaveLength(2);
    expect((error as SchemaError).message).toContain('2 issues');
    const unread = await session.get(server.url('/'));
    expect(await failure(unread.json({} as never))).toBeInstanceOf(TypeError);
    expect(await unread.json()).toEqual({ id: '5', name: 'x' });
  });

  it.each([
    ['', 'the body is empty, not JSON'],
    ['{"a": 1,}', 'the body is not JSON'],
    ['<html>', 'the body is not JSON'],
  ])('fails for %j', async (body, message) => {
    const response = await answer({ body });
    const error = await failure(response.json());
    expect(error).toBeInstanceOf(JSONDecodeError);
    expect((error as JSONDecodeError).message).toContain(message);
    expect((error as JSONDecodeError).text).toBe(body);
    expect((error as JSONDecodeError).response).toBe(response);
  });

  it('takes a mark before it', async () => {
    expect(await (await answer({ body: '\ufeff{"a":1}' })).json()).toEqual({ a: 1 });
  });
});

describe('readers', () => {
  it('give lines, chunks, JSON lines and events across the chunks of the wire', async () => {
    const server = await openServer();
    server.route('/lines', chunked(['a\r', '\nb', 'c\n', '\nd']));
    server.route('/ndjson', chunked(['{"a"', ':1}\n', '{"a":2}']));
    server.route('/sse', chunked(['data: 1\n', '\nevent: x\ndata: 2\n\n']));
    const session = openSession();
    const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
      const found: T[] = [];
      for await (const item of items) found.push(item);
      return found;
    };
    expect(await all((await session.get(server.url('/lines'))).lines())).toEqual(['a', 'bc', '', 'd']);
    const pieces = await all((await session.get(server.url('/lines'))).chunks(3));
    expect(pieces.map(({ byteLength }) => byteLength)).toEqual([3, 3, 2]);
    expect(await all((await session.get(server.url('/ndjson'))).ndjson())).toEqual([{ a: 1 }, { a: 2 }]);
    expect((await all((await session.get(server.url('/sse'))).sse())).map(({ data }) => data)).toEqual([
      '1',
      '2',
    ]);
    expect(server.connections).toHaveLength(1);
  });

  it('free the connection when they stop early', async () => {
    const server = await openServer();
    server.route(
      '/',
      sequence({ head: { headers: { 'content-length': '100' } } }, { raw: 'a\nb\nc\n' }, stall()),
    );
    const session = openSession();
    for await (const line of (await session.get(server.url('/'))).lines()) {
      expect(line).toBe('a');
      break;
    }
    await server.waitFor((seen) => seen.openConnections === 0);
    expect(session.stats().unreadBodies).toBe(0);
  });
});

describe('the body', () => {
  it('is the caller’s own memory', async () => {
    const server = await openServer();
    server.route('/', text('abc'));
    const session = openSession();
    const bytes = await session.get(server.url('/')).bytes();
    expect(bytes.byteLength).toBe(bytes.buffer.byteLength);
    expect(bytes.constructor).toBe(Uint8Array);
    expect(new TextDecoder().decode(await session.get(server.url('/')).arrayBuffer())).toBe('abc');
    const blob = await session.get(server.url('/')).blob();
    expect([blob.type, await blob.text()]).toEqual(['text/plain; charset=utf-8', 'abc']);
  });

  it('is read as a form', async () => {
    const server = await openServer();
    server.route('/', text('a=1&b=2', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }));
    expect([...(await openSession().get(server.url('/')).formData())]).toEqual([
      ['a', '1'],
      ['b', '2'],
    ]);
  });

  it('streams, into a reader’s own buffer too', async () => {
    const server = await openServer();
    server.route('/', chunked(['ab', 'cd']));
    const session = openSession();
    const stream = (await session.get(server.url('/'))).body;
    const read = [];
    for await (const chunk of stream ?? []) read.push(...chunk);
    expect(new TextDecoder().decode(new Uint8Array(read))).toBe('abcd');
    const reader = (await session.get(server.url('/'))).body?.getReader({ mode: 'byob' });
    const { value } = (await reader?.read(new Uint8Array(3))) ?? {};
    expect(value?.byteLength).toBeGreaterThan(0);
    await reader?.cancel();
  });

  it('is cloned: both read all of it', async () => {
    const response = await answer({ body: 'abc' });
    const copy = response.clone();
    expect(copy).toBeInstanceOf(Response);
    expect(await Promise.all([response.text(), copy.text()])).toEqual(['abc', 'abc']);
    expect(() => response.clone()).toThrow(TypeError);
  });

  it('is null where there is none', async () => {
    for (const status of [204, 304]) expect((await answer({ status })).body).toBeNull();
    const server = await openServer();
    server.route('/', text('abc'));
    expect((await openSession().head(server.url('/'))).body).toBeNull();
  });

  it('goes over into a plain Response, without a coding that it no longer has', async () => {
    const { gzipSync } = await import('node:zlib');
    const response = await answer({
      body: gzipSync('abc'),
      headers: { 'content-encoding': 'gzip', 'set-cookie': 'a=1' },
    });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    const plain = response.toResponse();
    expect(Object.getPrototypeOf(plain)).toBe(Response.prototype);
    expect([plain.headers.get('content-encoding'), plain.headers.get('content-length')]).toEqual([
      null,
      null,
    ]);
    expect(plain.headers.getSetCookie()).toEqual(['a=1']);
    expect(await plain.text()).toBe('abc');
  });

  it('is given up by await using: a short one keeps its connection, an endless one loses it', async () => {
    const server = await openServer();
    server.route('/short', text('abc'));
    server.route('/endless', sequence({ head: { headers: { 'content-length': '1000000' } } }, stall()));
    const session = openSession();
    {
      await using response = await session.get(server.url('/short'));
      expect(response.status).toBe(200);
    }
    {
      await using response = await session.get(server.url('/endless'));
      expect(response.status).toBe(200);
    }
    expect(server.connections).toHaveLength(1);
    await server.waitFor((seen) => seen.openConnections === 0);
    expect(session.stats().unreadBodies).toBe(0);
  });
});

describe('a response whose body was touched', () => {
  const endless = sequence(
    { head: { headers: { 'content-length': '1000000' } } },
    { raw: 'a\nb\n' },
    stall(),
  );

  it.each<[string, (response: SessionResponse) => unknown]>([
    [
      'by a reader that let go',
      async ({ body }) => {
        const reader = body?.getReader();
        await reader?.read();
        reader?.releaseLock();
      },
    ],
    ['by a reader that holds on', ({ body }) => body?.getReader().read()],
    ['by a reader that has not read', ({ body }) => body?.getReader()],
    [
      'by a loop that leaves the stream open',
      async ({ body }) => {
        for await (const _ of body?.values({ preventCancel: true }) ?? []) break;
      },
    ],
    ['by lines that nobody reads', (response) => response.lines()],
    ['by events that nobody reads', (response) => response.sse()],
  ])('gives its connection up at await using: %s', async (_, touch) => {
    const server = await openServer();
    server.route('/', endless);
    const session = openSession();
    {
      await using response = await session.get(server.url('/'));
      await touch(response);
    }
    await server.waitFor((seen) => seen.openConnections === 0);
    expect(session.stats()).toMatchObject({ pending: 0, unreadBodies: 0 });
  });

  it('keeps its connection at await using when all of it has been read', async () => {
    const server = await openServer();
    server.route('/', text('a\nb'));
    const session = openSession();
    for (let n = 0; n < 2; n += 1) {
      await using response = await session.get(server.url('/'));
      for await (const _ of response.lines());
    }
    expect(server.connections).toHaveLength(1);
  });

  it('is read to its end all the same when the whole was asked for', async () => {
    const server = await openServer();
    const body = 'x'.repeat(300_000);
    server.route('/', text(body));
    const session = openSession();
    const readAsText = async (): Promise<string> => {
      await using response = await session.get(server.url('/'));
      return response.text();
    };
    expect(await readAsText()).toBe(body);
  });

  it('breaks in the hands of whoever still reads it, and never looks complete', async () => {
    const server = await openServer();
    server.route('/', endless);
    const session = openSession();
    const escaped = async (): Promise<AsyncGenerator<string>> => {
      await using response = await session.get(server.url('/'));
      const lines = response.lines();
      await lines.next();
      return lines;
    };
    const lines = await escaped();
    expect((await lines.next()).value).toBe('b');
    expect(await failure(lines.next())).toMatchObject({ name: 'TypeError' });
  });

  it('gives its connection up when a reader is returned before it began', async () => {
    const server = await openServer();
    server.route('/', endless);
    const session = openSession();
    for (const how of ['lines', 'ndjson', 'sse'] as const)
      await (await session.get(server.url('/')))[how]().return();
    await (await session.get(server.url('/'))).chunks(3).return();
    await server.waitFor((seen) => seen.openConnections === 0);
    expect(session.stats().unreadBodies).toBe(0);
  });

  it('is untouched by a reader whose arguments are wrong', async () => {
    const response = await answer({ body: 'abc' });
    expect(() => response.chunks(0)).toThrow(TypeError);
    expect(() => response.lines({ encoding: 'nope' })).toThrow(TypeError);
    expect(() => response.ndjson({ maxLength: 0 })).toThrow(TypeError);
    expect(response.bodyUsed).toBe(false);
    expect(await response.text()).toBe('abc');
  });
});

describe('the promise of a response', () => {
  it('raises HTTPError in its shortcuts only', async () => {
    const server = await openServer();
    server.route('/', json({ reason: 'no' }, { status: 404 }));
    const session = openSession();
    expect((await session.get(server.url('/'))).status).toBe(404);
    for (const read of ['json', 'text', 'bytes', 'arrayBuffer', 'blob', 'formData'] as const) {
      const error = await failure(session.get(server.url('/'))[read]());
      expect(error).toBeInstanceOf(HTTPError);
      expect((error as HTTPError).message).toBe(`GET ${server.url('/')}: answered 404 Not Found`);
      expect(await (error as HTTPError).json()).toEqual({ reason: 'no' });
    }
  });

  it('holds no connection for an HTTPError that nobody reads', async () => {
    const server = await openServer();
    server.route('/', text('x'.repeat(300_000), { status: 500 }));
    const session = openSession({ pool: { connections: 1 }, timeout: { queue: 3_000 } });
    for (let turn = 0; turn < 5; turn += 1)
      expect(await failure(session.get(server.url('/')).text())).toBeInstanceOf(HTTPError);
    const error = (await failure(session.get(server.url('/'), { raiseForStatus: true }))) as HTTPError;
    expect((await error.text()).length).toBe(300_000);
    expect(session.stats().unreadBodies).toBe(0);
  });

  it('gives up the body of an HTTPError above 1 MiB, and says so', async () => {
    const server = await openServer();
    server.route('/', text('x'.repeat(1_100_000), { status: 500 }));
    const session = openSession();
    const error = (await failure(session.get(server.url('/')).text())) as HTTPError;
    expect(await failure(error.text())).toHaveProperty('code', 'ERR_BODY_TOO_LARGE');
    await server.waitFor((seen) => seen.openConnections === 0);
    expect(session.stats().unreadBodies).toBe(0);
  });

  it('is a promise, and whoever handles a shortcut has handled it', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const session = openSession();
    const refused = 'http://127.0.0.1:1/';
    expect(await session.get(refused).catch(() => 'caught')).toBe('caught');
    let ended = 0;
    await failure(
      session.get(refused).finally(() => {
        ended += 1;
      }),
    );
    expect(ended).toBe(1);
    await failure(session.get(refused).text());
    await Promise.allSettled([session.get(refused), session.get(refused).json()]);
    expect(Object.prototype.toString.call(session.get(refused).catch(() => undefined))).toBe(
      '[object Promise]',
    );
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});
