import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  answerEarly,
  at,
  chunked,
  close,
  drip,
  echo,
  halfClose,
  head,
  json,
  proceed,
  raw,
  readBody,
  readNothing,
  redirect,
  repeat,
  repeated,
  reset,
  respond,
  ScenarioServer,
  sequence,
  sleep,
  stall,
  text,
  together,
  when,
  whileIdle,
} from './index.ts';

let server: ScenarioServer;
const sockets: Socket[] = [];

beforeEach(async () => {
  server = await ScenarioServer.start();
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
});

/** Sends bytes and collects what comes back until the server ends or breaks the connection. */
async function talk(bytes: string, port = server.port): Promise<{ text: string; end: string }> {
  const socket = open(port);
  socket.write(bytes);
  return outcome(socket);
}

function open(port = server.port): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(socket);
  return socket;
}

function outcome(socket: Socket): Promise<{ text: string; end: string }> {
  let received = '';
  return new Promise((resolve) => {
    socket.on('data', (piece) => {
      received += piece.toString('latin1');
    });
    socket.on('end', () => {
      socket.end();
      resolve({ text: received, end: 'FIN' });
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve({ text: received, end: error.code ?? '' }));
  });
}

const KEEP = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const GET = 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n';

describe('answering', () => {
  it('answers 404 where no route covers the path', async () => {
    expect((await fetch(server.url('/nowhere'))).status).toBe(404);
    expect(server.last?.path).toBe('/nowhere');
  });

  it('adds Content-Length and closes when the client asked for it', async () => {
    server.route('/', respond({ headers: { 'X-Case': 'kept' }, body: 'hello' }));
    expect(await talk(GET)).toEqual({
      text: 'HTTP/1.1 200 OK\r\nX-Case: kept\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello',
      end: 'FIN',
    });
  });

  it('gives one script to each successive request and the last to all after it', async () => {
    server.route('/', [respond(503), respond(500), respond(200)]);
    const statuses = [];
    for (let turn = 0; turn < 4; turn += 1) statuses.push((await fetch(server.url())).status);
    expect(statuses).toEqual([503, 500, 200, 200]);
  });

  it('prefers a route with the method, ignores queries, and replaces a route', async () => {
    server.route('/x', text('any')).route('POST /x', text('post')).route('/x?y', text('newer'));
    expect(await (await fetch(server.url('/x?z=1'))).text()).toBe('newer');
    expect(await (await fetch(server.url('/x'), { method: 'POST', body: 'b' })).text()).toBe('post');
    expect(server.requests.map((request) => request.query.get('z'))).toEqual(['1', null]);
  });

  it('echoes what arrived', async () => {
    server.route('/echo', echo());
    const answer = await fetch(server.url('/echo?q=1'), {
      method: 'PUT',
      body: 'béé',
      headers: { 'X-A': '1' },
    });
    expect(await answer.json()).toMatchObject({
      method: 'PUT',
      target: '/echo?q=1',
      body: 'béé',
      bodyBase64: Buffer.from('béé').toString('base64'),
      connection: 1,
    });
  });

  it('redirects, with json at the other end', async () => {
    server
      .route('/a', redirect(302, '/b', { headers: { 'set-cookie': ['a=1', 'b=2'] } }))
      .route('/b', json({ ok: 1 }));
    const answer = await fetch(server.url('/a'));
    expect(answer.url).toBe(server.url('/b'));
    expect(answer.headers.get('content-type')).toBe('application/json');
    const hop = await fetch(server.url('/a'), { redirect: 'manual' });
    expect(hop.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('keeps the connection and numbers its requests', async () => {
    server.otherwise(text('x'));
    expect((await talk(`${KEEP}${KEEP}${GET}`)).text.match(/200 OK/g)).toHaveLength(3);
    expect(server.requests.map(({ connection, sequence: nth }) => [connection, nth])).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
    ]);
    expect(server.connections).toMatchObject([{ id: 1, requests: 3 }]);
  });

  it('sends a chunked body with trailers, byte for byte', async () => {
    server.route('/', chunked(['ab', 'c'], { trailers: { 'X-T': '1' }, extension: ';e=1' }));
    expect((await talk(GET)).text).toBe(
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n2;e=1\r\nab\r\n1;e=1\r\nc\r\n0\r\nX-T: 1\r\n\r\n',
    );
  });

  it('drips a body in pieces that add up', async () => {
    server.route('/', drip('abcdef', { every: 1, size: 2 }));
    const answer = await fetch(server.url());
    expect(await answer.text()).toBe('abcdef');
  });

  it('sends no body to HEAD and keeps its length', async () => {
    server.route('/', respond({ body: 'hello' }));
    expect((await talk(GET.replace('GET', 'HEAD'))).text).toBe(
      'HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\n',
    );
  });

  it('sends interim responses and exact bytes', async () => {
    server.route(
      '/',
      sequence(
        repeat(2, head({ status: 103 })),
        raw('HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n'),
        close(),
      ),
    );
    expect((await talk(GET)).text).toBe(
      'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n',
    );
  });

  it('chooses by what the request carries', async () => {
    server.otherwise(when({ headers: { authorization: true } }, respond(200), respond(401)));
    expect((await fetch(server.url())).status).toBe(401);
    expect((await fetch(server.url(), { headers: { authorization: 'x' } })).status).toBe(200);
  });

  it('runs a function with the exchange', async () => {
    server.route('/', async (exchange) => {
      const body = await exchange.body();
      await exchange.respond({ status: 201, body: `${exchange.request.method} ${body}` });
    });
    const answer = await fetch(server.url(), { method: 'POST', body: 'payload' });
    expect([answer.status, await answer.text()]).toEqual([201, 'POST payload']);
  });
});

describe('faults', () => {
  const POST = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n';

  it.each([
    ['FIN at accept', close(), '', 'FIN'],
    ['RST at accept', reset(), '', 'ECONNRESET'],
    [
      'bytes and FIN at accept',
      sequence(raw('HTTP/1.1 408 Too Late\r\n\r\n'), close()),
      'HTTP/1.1 408 Too Late\r\n\r\n',
      'FIN',
    ],
  ])('%s', async (_, script, expected, end) => {
    server.onConnect(script);
    expect(await outcome(open())).toEqual({ text: expected, end });
    expect(server.requests).toHaveLength(0);
  });

  it('scripts the n-th connection', async () => {
    server.onConnect([proceed(), close(), proceed()]).otherwise(text('ok'));
    expect((await talk(GET)).text).toContain('ok');
    expect((await talk(GET)).text).toBe('');
    expect((await talk(GET)).text).toContain('ok');
  });

  it.each([
    ['RST after the request line', at('request-line', reset()), 'GET / HTTP/1.1\r\n', '', 'ECONNRESET'],
    ['FIN after the headers', at('headers', close({ linger: false })), POST, '', 'FIN'],
    ['RST mid upload', sequence(readBody({ bytes: 4 }), reset()), `${POST}12345`, '', 'ECONNRESET'],
    ['FIN after the request', close(), `${POST}1234567890`, '', 'FIN'],
    ['FIN mid status line', sequence(raw('HTTP/1.1 2'), close()), GET, 'HTTP/1.1 2', 'FIN'],
    ['FIN mid headers', sequence(raw('HTTP/1.1 200 OK\r\nX-'), close()), GET, 'HTTP/1.1 200 OK\r\nX-', 'FIN'],
    [
      'FIN mid body',
      sequence(raw('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'), close()),
      GET,
      'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc',
      'FIN',
    ],
    [
      'half-close after an answer',
      sequence(raw('HTTP/1.1 200 OK\r\n\r\nabc'), halfClose()),
      GET,
      'HTTP/1.1 200 OK\r\n\r\nabc',
      'FIN',
    ],
  ])('%s', async (_, script, bytes, expected, end) => {
    server.route('/', script);
    expect(await talk(bytes)).toEqual({ text: expected, end });
    expect(server.requests).toHaveLength(1);
  });

  it('answers early, then takes the rest of the upload before it closes', async () => {
    server.route('/', answerEarly(respond({ status: 413, headers: { connection: 'close' } })));
    const socket = open();
    socket.write(POST);
    await server.waitFor(({ last }) => last !== undefined && !last.complete);
    const got = outcome(socket);
    socket.write('1234567890');
    expect((await got).end).toBe('FIN');
    expect((await got).text).toContain('413');
    expect(server.last).toMatchObject({ complete: true, bodyText: '1234567890' });
  });

  it('stalls, and a client that leaves frees the connection', async () => {
    server.route('/', stall());
    const socket = open();
    socket.write(KEEP);
    await server.waitFor(1);
    expect(server.openConnections).toBe(1);
    socket.destroy();
    await server.waitFor(({ openConnections }) => openConnections === 0);
    expect(server.connections[0]?.open).toBe(false);
  });

  it('reads nothing behind the headers, so that an upload gets stuck', async () => {
    server.route('/', sequence(readNothing(), stall()));
    const socket = open();
    socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000000\r\n\r\n');
    await server.waitFor(1);
    const taken = socket.write(Buffer.alloc(50_000_000));
    expect(taken).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(socket.writableLength).toBeGreaterThan(10_000_000);
    expect(server.last?.body.length).toBeLessThan(1_000_000);
  });

  it('reads nothing from the start', async () => {
    server.onConnect(readNothing());
    open().write(GET);
    await server.waitFor(({ connections }) => connections.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(server.connections[0]?.bytes.length).toBe(0);
  });

  it('closes on the second request of a connection only', async () => {
    server.otherwise(when({ request: 2 }, close(), text('ok')));
    const socket = open();
    const got = outcome(socket);
    socket.write('GET /1 HTTP/1.1\r\nhost: a\r\n\r\n');
    await server.waitFor(1);
    socket.write('GET /2 HTTP/1.1\r\nhost: a\r\n\r\n');
    expect((await got).text.match(/200 OK/g)).toHaveLength(1);
    expect(server.requests.map(({ path }) => path)).toEqual(['/1', '/2']);
  });

  it('sends FIN or unasked bytes while the connection is idle', async () => {
    server.route('/fin', sequence(text('x'), whileIdle(5, close())));
    server.route('/bytes', sequence(text('x'), whileIdle(5, sequence(raw('UNASKED'), close()))));
    expect((await talk('GET /fin HTTP/1.1\r\nhost: a\r\n\r\n')).end).toBe('FIN');
    expect((await talk('GET /bytes HTTP/1.1\r\nhost: a\r\n\r\n')).text).toMatch(/\r\n\r\nxUNASKED$/);
  });

  it('sends an endless body only as fast as the client reads, until it leaves', async () => {
    server.route('/', sequence(head({ status: 200 }), repeat('forever', raw(repeated('x', 65_536)))));
    const socket = open();
    socket.write(KEEP);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
    await server.waitFor(({ openConnections }) => openConnections === 0);
  });

  it('puts the writes of several steps into one piece', async () => {
    server.route('/', sequence(together(text('one'), raw('EXTRA')), sleep(1), close()));
    const socket = open();
    const pieces: string[] = [];
    socket.on('data', (piece) => pieces.push(piece.toString()));
    const ended = outcome(socket);
    socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    await ended;
    expect(pieces).toHaveLength(1);
    expect(pieces[0]).toMatch(/oneEXTRA$/);
  });
});

describe('recording', () => {
  it('answers Expect: 100-continue before it waits for the body', async () => {
    server.route('/', echo());
    const socket = open();
    const got = outcome(socket);
    socket.write(
      'POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\nconnection: close\r\ncontent-length: 2\r\n\r\n',
    );
    await new Promise((resolve) => socket.once('data', resolve));
    socket.write('ok');
    expect((await got).text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
  });

  it('forgets at reset, keeping open connections', async () => {
    server.otherwise(text('x'));
    const socket = open();
    const got = outcome(socket);
    socket.write(KEEP);
    await new Promise((resolve) => socket.once('data', resolve));
    server.reset();
    expect([server.requests.length, server.connections.length]).toEqual([0, 1]);
    socket.write(GET);
    expect((await got).text).toContain('404 Not Found');
    expect(server.last?.connection).toBe(1);
  });

  it('answers bytes that are no HTTP with 400 and says why', async () => {
    expect((await talk('\x16\x03\x01 nonsense\r\n')).text).toContain('400 Bad Request');
    expect(server.connections[0]?.malformed).toContain('not a request line');
    expect(server.connections[0]?.bytes.length).toBe(14);
  });

  it('says what it has seen when waiting is in vain', async () => {
    await fetch(server.url('/here'));
    await expect(server.waitFor(2, { timeout: 10 })).rejects.toThrow(
      'waited 10 ms for 2 requests; seen: GET /here; 1 of 1 connections open',
    );
  });
});

describe('failing scripts', () => {
  it('breaks the connection and throws at close', async () => {
    const own = await ScenarioServer.start();
    own.route('/', () => {
      throw new Error('mistake');
    });
    await expect(fetch(own.url())).rejects.toThrow();
    await expect(own.close()).rejects.toThrow('GET /: mistake');
  });

  it('takes a script that says nothing for a mistake', async () => {
    const own = await ScenarioServer.start();
    own.route('/', sleep(1));
    await expect(fetch(own.url())).rejects.toThrow();
    await expect(own.close()).rejects.toThrow('the script ended without an answer');
  });
});
