import { BodyError, ConnectionError, IncompleteBodyError } from '@httpsession/core';
import {
  close,
  head,
  latin1,
  raw,
  repeat,
  respond,
  type Script,
  sequence,
  sleep,
  text,
  together,
  whileIdle,
} from '@httpsession/testing';
import { describe, expect, it } from 'vitest';
import { failureOf, start, until } from './support/open-session.ts';

const final = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
const interim = (status: number, headers = '') => `HTTP/1.1 ${status} Interim\r\n${headers}\r\n`;

describe('interim responses', () => {
  const sequences: [string, string][] = [
    ['one 100', interim(100)],
    ['a 100 without a reason', 'HTTP/1.1 100\r\n\r\n'],
    ['one 102', interim(102)],
    ['one 103', interim(103, 'Link: </a.css>; rel=preload\r\n')],
    ['an unknown 199', interim(199)],
    ['many of a kind', interim(100).repeat(50)],
    ['all in turn', interim(103) + interim(100, 'A: b\r\n') + interim(102) + interim(100) + interim(103)],
  ];

  it.each(sequences)('are skipped: %s', async (_what, bytes) => {
    const { server, session } = await start();
    server
      .route('/apart', sequence(raw(bytes), sleep(10), raw(final)))
      .route('/glued', raw(bytes + final))
      .route(
        '/split',
        raw(bytes + final, {
          every: 0,
          size: 3,
        }),
      )
      .route('/head', raw(`${bytes}HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n`));
    for (const path of ['/apart', '/glued', '/split', '/apart']) {
      const response = await session.get(server.url(path));
      expect([response.status, await response.text()]).toEqual([200, 'hello']);
    }
    expect((await session.head(server.url('/head'))).headers.get('content-length')).toBe('5');
    expect(await session.get(server.url('/glued')).text()).toBe('hello');
    expect(server.connections.length).toBe(1);
  });

  it('are skipped at whatever byte they are cut', async () => {
    const { server, session } = await start();
    const bytes = interim(100) + interim(103, 'Link: </a>\r\n') + interim(100) + final;
    server.route('/', async (exchange) => {
      const at = Number(exchange.request.query ?? exchange.request.target.split('=')[1]);
      await exchange.write(bytes.slice(0, at));
      await exchange.sleep(1);
      await exchange.write(bytes.slice(at));
    });
    for (let at = 1; at < bytes.length; at += 1)
      expect(await session.get(server.url(`/?at=${at}`)).text()).toBe('hello');
    expect(server.connections.length).toBe(1);
  });

  it('are skipped while an upload is under way', async () => {
    const { server, session } = await start();
    server.route('/', async (exchange) => {
      await exchange.write(interim(100));
      await exchange.body();
      await exchange.write(interim(103) + final);
    });
    const body = async function* () {
      yield 'a';
      await new Promise((resolve) => setTimeout(resolve, 30));
      yield 'b';
    };
    expect(await session.post(server.url('/'), { body }).text()).toBe('hello');
    expect(server.last?.bodyText).toBe('ab');
  });

  it.each<[string, Script]>([
    ['1,000 of them', sequence(raw(interim(103).repeat(1000)), raw(final))],
    ['an endless flood', repeat('forever', head({ status: 103, headers: { link: '</x>' } }))],
    ['a trickle of 100s', sequence(repeat(150, raw(interim(100)), sleep(1)), raw(final))],
    [
      'one without an end',
      sequence(raw('HTTP/1.1 103 Hints\r\n'), repeat('forever', raw(`A: ${'x'.repeat(1000)}\r\n`))),
    ],
  ])('are an error when there is no end of them: %s', async (_what, script) => {
    const { server, session } = await start({ timeout: { headers: 5000 } });
    server.route('/', script);
    const error = await failureOf(session.get(server.url('/')));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ retryable: false, requestSent: true, phase: 'headers' });
    expect(server.requests.length).toBe(1);
    await server.waitFor(() => server.openConnections === 0);
  });

  it.each([
    [
      'with what it is for',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    ],
    ['bare', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
  ])('of status 101, unasked and %s, are an error', async (_what, bytes) => {
    const { server, session } = await start();
    server.route('/', raw(bytes));
    const error = await failureOf(session.get(server.url('/')));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ retryable: false });
    expect(server.requests.length).toBe(1);
    await server.waitFor(() => server.openConnections === 0);
  });
});

describe('what is no answer', () => {
  const refused: [string, Script][] = [
    ['two different lengths', raw('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!')],
    ['a list of lengths', raw('HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello!')],
    ['a negative length', raw('HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello')],
    ['a signed length', raw('HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello')],
    ['a length with letters', raw('HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nhello')],
    [
      'length and chunks',
      raw(
        'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
      ),
    ],
    ['a space before the colon', raw('HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello')],
    ['a NUL in a header', raw('HTTP/1.1 200 OK\r\nA: b\0c\r\nContent-Length: 5\r\n\r\nhello')],
    ['a bare CR in a header', raw('HTTP/1.1 200 OK\r\nA: b\rc\r\nContent-Length: 5\r\n\r\nhello')],
    ['letters in the status', raw('HTTP/1.1 2OO OK\r\nContent-Length: 5\r\n\r\nhello')],
    ['a status of two digits', raw('HTTP/1.1 99 Low\r\nContent-Length: 5\r\n\r\nhello')],
    ['another protocol', sequence(raw('SSH-2.0-OpenSSH_9.2\r\n'), close())],
    ['HTTP/0.9', sequence(raw('<html>hello</html>'), close())],
    ['a head that ends early', sequence(raw('HTTP/1.1 200 OK\r\nContent-Le'), close())],
    ['half a status line', sequence(raw('HTTP/1.1 2'), close())],
    ['one header of 100 KiB', raw(`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(100 << 10)}\r\n\r\n`)],
    ['100,000 headers', raw(`HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(100_000)}\r\n`)],
    [
      'headers without an end',
      sequence(raw('HTTP/1.1 200 OK\r\n'), repeat('forever', raw(`A: ${'x'.repeat(500)}\r\n`))),
    ],
  ];

  it.each(refused)('is a ConnectionError: %s', async (_what, script) => {
    const { server, session } = await start({ retry: 0, timeout: { headers: 4000 } });
    server.route('/', script).route('/next', text('next'));
    const error = await failureOf(session.get(server.url('/')).text());
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ requestSent: true });
    expect(await session.get(server.url('/next')).text()).toBe('next');
    expect(server.requestsTo('/next')[0]?.connection).toBe(2);
    await server.waitFor(() => server.connections[0]?.open === false);
  });
});

describe('a body that does not end as it should', () => {
  const chunkedHead = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
  const broken: [string, Script][] = [
    [
      'short of its length, FIN',
      sequence(raw('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'), close()),
    ],
    [
      'short of its length, RST',
      async (exchange) => {
        await exchange.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello');
        await exchange.sleep(30);
        exchange.reset();
      },
    ],
    ['between chunks', sequence(raw(`${chunkedHead}5\r\nhello\r\n`), close())],
    ['within a chunk', sequence(raw(`${chunkedHead}5\r\nhel`), close())],
    ['without the last CRLF', sequence(raw(`${chunkedHead}5\r\nhello\r\n0\r\n`), close())],
    ['with a bad chunk size', raw(`${chunkedHead}5\r\nhello\r\nZZ\r\n`)],
    ['with a chunk size of 17 digits', raw(`${chunkedHead}5\r\nhello\r\nfffffffffffffffff\r\n`)],
    ['with a chunk longer than its size', raw(`${chunkedHead}5\r\nhello there\r\n0\r\n\r\n`)],
  ];

  it.each(broken)('is an IncompleteBodyError, however it is read: %s', async (_what, script) => {
    const { server, session } = await start({ pool: { connections: 1 } });
    server.route('/', script).route('/next', text('next'));
    for (const read of ['text', 'bytes', 'body'] as const) {
      const response = await session.get(server.url('/'));
      expect(response.status).toBe(200);
      const error = await failureOf(
        read === 'body' ? new Response(response.body).arrayBuffer() : response[read](),
      );
      expect(error).toBeInstanceOf(IncompleteBodyError);
      expect(error).toBeInstanceOf(BodyError);
      expect((error as IncompleteBodyError).received).toBeGreaterThan(0);
    }
    expect(await session.get(server.url('/next')).text()).toBe('next');
  });

  it('has what arrived before it broke, chunk by chunk', async () => {
    const { server, session } = await start();
    server.route('/', sequence(raw('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'), close()));
    const response = await session.get(server.url('/'));
    await new Promise((resolve) => setTimeout(resolve, 30));
    const seen: string[] = [];
    const error = await failureOf(
      (async () => {
        for await (const chunk of response.body as AsyncIterable<Uint8Array>)
          seen.push(Buffer.from(chunk).toString());
      })(),
    );
    expect(seen).toEqual(['hello']);
    expect(error).toBeInstanceOf(IncompleteBodyError);
  });

  it('ends with the connection where no framing is given', async () => {
    const { server, session } = await start();
    server.route('/', respond({ body: 'to the end', framing: 'close' }));
    server.route('/1.0', sequence(raw('HTTP/1.0 200 OK\r\n\r\nold'), close()));
    expect(await session.get(server.url('/')).text()).toBe('to the end');
    expect(await session.get(server.url('/1.0')).text()).toBe('old');
  });

  it.each([['two equal lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello']])(
    'may be either an answer or an error, but never a wrong body: %s',
    async (_what, bytes) => {
      const { server, session } = await start({ retry: 0 });
      server.route('/', raw(bytes));
      const outcome = await session
        .get(server.url('/'))
        .text()
        .catch((error: unknown) => error);
      if (typeof outcome === 'string') expect(outcome).toBe('hello');
      else expect(outcome).toBeInstanceOf(ConnectionError);
    },
  );
});

describe('what comes behind an answer', () => {
  const evil = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil';

  it.each<[string, Script, string]>([
    [
      'a body longer than its length',
      raw('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more'),
      'GET',
    ],
    ['a second answer in the same segment', together(text('hello'), raw(evil)), 'GET'],
    ['a second answer while idle', sequence(whileIdle(1, raw(evil)), text('hello')), 'GET'],
    [
      'a body of an answer to HEAD',
      raw(`HTTP/1.1 200 OK\r\nContent-Length: ${evil.length}\r\n\r\n${evil}`),
      'HEAD',
    ],
    ['a body of a 204', raw(`HTTP/1.1 204 No Content\r\n\r\n${evil}`), 'GET'],
    [
      'a body of a 304',
      raw(`HTTP/1.1 304 Not Modified\r\nContent-Length: ${evil.length}\r\n\r\n${evil}`),
      'GET',
    ],
    ['a body of a 205', raw(`HTTP/1.1 205 Reset Content\r\nContent-Length: 5\r\n\r\nhello`), 'GET'],
  ])('does not reach the next request: %s', async (_what, script, method) => {
    const { server, session } = await start({ pool: { connections: 1 }, timeout: 5000 });
    server.route('/', script).route('/next', text('mine'));
    for (let n = 0; n < 5; n += 1) {
      const response = await session.request(method, server.url('/'));
      const body = await response.text();
      expect(['hello', '']).toContain(body);
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect(await session.get(server.url('/next')).text()).toBe('mine');
    }
  });

  it('does not reach a request that was queued, when it came in one segment', async () => {
    const { server, session } = await start({ pool: { connections: 1 }, timeout: 5000 });
    server.route('/', together(text('hello'), raw(evil))).route('/next', text('mine'));
    const answers = await Promise.all([
      session.get(server.url('/')).text(),
      session.get(server.url('/next')).text(),
      session.get(server.url('/')).text(),
      session.get(server.url('/next')).text(),
    ]);
    expect(answers).toEqual(['hello', 'mine', 'hello', 'mine']);
  });

  it('is bounded where nothing should come: an endless 205 frees its connection', async () => {
    const { server, session } = await start({ pool: { connections: 1 }, timeout: 5000 });
    const flood = sequence(
      raw('HTTP/1.1 205 Reset\r\nTransfer-Encoding: chunked\r\n\r\n'),
      repeat('forever', raw(`3e8\r\n${'x'.repeat(1000)}\r\n`)),
    );
    server.route('/', flood).route('/next', text('mine'));
    expect(await session.get(server.url('/')).text()).toBe('');
    expect(await session.get(server.url('/next')).text()).toBe('mine');
    await until(() => session.stats().unreadBodies === 0);
  });
});

describe('what is unusual but right', () => {
  it('is read: statuses, reasons, header bytes, chunk extensions, trailers, no reason, tiny segments', async () => {
    const { server, session } = await start();
    server
      .route('/999', raw('HTTP/1.1 999 Request denied\r\nContent-Length: 2\r\n\r\nno'))
      .route('/latin1', raw(latin1('HTTP/1.1 200 Très bien\r\nX-Name: caf\xe9\r\nContent-Length: 0\r\n\r\n')))
      .route(
        '/trailers',
        raw('HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n'),
      )
      .route('/tiny', raw(final, { every: 0, size: 1 }));
    const denied = await session.get(server.url('/999'));
    expect([denied.status, denied.statusText, await denied.text()]).toEqual([999, 'Request denied', 'no']);
    expect((await session.get(server.url('/latin1'))).headers.get('x-name')).toBe('café');
    expect(await session.get(server.url('/trailers')).text()).toBe('hello');
    expect(await session.get(server.url('/tiny')).text()).toBe('hello');
    expect(server.connections.length).toBe(1);
  });
});
