import { constants, type ServerHttp2Stream } from 'node:http2';
import { nghttpdMissing, startNghttpd } from '@httpsession/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { UndiciTransport } from '../src/undici-transport.ts';
import { type Authority, createAuthority, type Identity } from './support/certificates.ts';
import { http2Server } from './support/http2-server.ts';
import { ESTABLISHED, scriptedProxy } from './support/proxy.ts';
import { answering, ok, rawServer } from './support/raw-server.ts';
import { failure, openSession, quickRetry } from './support/session.ts';

let authority: Authority;
let identity: Identity;
beforeAll(async () => {
  authority = await createAuthority();
  identity = await authority.issue(['localhost', 'good.test', '127.0.0.1']);
});

const open = (options: Parameters<typeof openSession>[0] = {}): ReturnType<typeof openSession> =>
  openSession({ http2: true, tls: { ca: authority.ca }, ...options });

const answer = (stream: ServerHttp2Stream, body = 'fine', headers = {}): void => {
  stream.respond({ ':status': 200, ...headers });
  stream.end(body);
};

const readAll = async (stream: ServerHttp2Stream): Promise<Buffer> => Buffer.concat(await stream.toArray());

describe('HTTP/2 by ALPN', () => {
  it('carries 100 parallel requests as streams of one connection', async () => {
    const waiting: ServerHttp2Stream[] = [];
    await using server = await http2Server(identity, (stream) => {
      // None is answered before all have come: they are really parallel.
      if (waiting.push(stream) === 100) for (const one of waiting) answer(one);
    });
    const session = open();
    const url = `https://127.0.0.1:${server.port}/`;
    const responses = await Promise.all(Array.from({ length: 100 }, (_, n) => session.get(`${url}?${n}`)));
    expect(await Promise.all(responses.map((response) => response.text()))).toEqual(Array(100).fill('fine'));
    expect(server.sessions).toHaveLength(1);
    expect(new Set(responses.map(({ connection }) => connection?.protocol))).toEqual(new Set(['h2']));
    expect(session.stats()).toEqual({ sockets: 1, pending: 0, queued: 0, unreadBodies: 0 });
  });

  it('carries more requests than streams are allowed', async () => {
    await using server = await http2Server(identity, (stream) => setImmediate(answer, stream), {
      maxConcurrentStreams: 5,
    });
    const session = open({ pool: { connections: 1 } });
    const url = `https://127.0.0.1:${server.port}/`;
    const texts = await Promise.all(Array.from({ length: 250 }, () => session.get(url).text()));
    expect(texts).toEqual(Array(250).fill('fine'));
    expect(server.sessions).toHaveLength(1);
  });

  it('falls back to HTTP/1.1, with as many connections as the pool allows', async () => {
    let waiting = 0;
    await using server = await rawServer(
      (socket, received) => {
        socket.on('data', () => {
          if (!received().endsWith('\r\n\r\n') || ++waiting < 4) return;
          for (const one of server.sockets) one.write(ok('old'));
        });
      },
      { tls: identity },
    );
    const session = open({ pool: { connections: 4 } });
    const url = `https://127.0.0.1:${server.port}/`;
    const responses = await Promise.all([1, 2, 3, 4].map(() => session.get(url)));
    expect(responses.map(({ connection }) => connection?.protocol)).toEqual(Array(4).fill('http/1.1'));
    expect(await Promise.all(responses.map((response) => response.text()))).toEqual(Array(4).fill('old'));
    expect(server.sockets).toHaveLength(4);
  });

  it('is not offered unless asked for, and means nothing to http', async () => {
    await using plain = await rawServer(answering(() => ok('plain')));
    await using server = await rawServer(
      answering(() => ok('old')),
      { tls: { ...identity, ALPNProtocols: ['h2', 'http/1.1'] } },
    );
    const url = `https://127.0.0.1:${server.port}/`;
    const response = await open({ http2: false }).get(url);
    expect([await response.text(), response.connection?.protocol]).toEqual(['old', 'http/1.1']);
    expect(await open().get(`http://127.0.0.1:${plain.port}/`).text()).toBe('plain');
  });

  it('goes through a CONNECT tunnel', async () => {
    await using server = await http2Server(identity, (stream) => answer(stream));
    await using proxy = await scriptedProxy(() => ESTABLISHED);
    const session = open({ proxy: `http://127.0.0.1:${proxy.port}` });
    const response = await session.get(`https://good.test:${server.port}/`);
    expect([await response.text(), response.connection?.protocol]).toEqual(['fine', 'h2']);
    expect(server.requests[0]?.[':authority']).toBe(`good.test:${server.port}`);
  });
});

describe('a request on a stream', () => {
  it('whose one-shot body another has taken is told so, and the connection stays', async () => {
    await using server = await http2Server(identity, (stream) => {
      void readAll(stream).then(
        (bytes) => answer(stream, `${bytes}`),
        () => undefined,
      );
    });
    async function* hello(): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode('hello');
    }
    const session = open({ retry: quickRetry(2) });
    const prepared = session.prepare('POST', `https://127.0.0.1:${server.port}/`, { body: hello() });
    const [first, second] = await Promise.allSettled([session.send(prepared), session.send(prepared)]);
    expect(second).toMatchObject({ status: 'rejected', reason: { name: 'UnreplayableBodyError' } });
    expect(first.status === 'fulfilled' && (await first.value.text())).toBe('hello');
    expect(server.sessions).toHaveLength(1);
    expect(session.stats()).toMatchObject({ pending: 0, queued: 0, unreadBodies: 0 });
  });

  it('has lower-case names, no connection headers, and Host as :authority', async () => {
    await using server = await http2Server(identity, (stream) => answer(stream));
    const session = open({ cookies: { a: '1', b: '2' }, baseUrl: `https://127.0.0.1:${server.port}` });
    const headers = { 'X-Mixed-Case': 'Kept', Connection: 'keep-alive', Host: 'other.test' };
    expect(await session.get('/p?q=1#f', { headers }).text()).toBe('fine');
    const [seen = {}] = server.requests;
    expect(seen).toMatchObject({
      ':method': 'GET',
      ':path': '/p?q=1',
      ':scheme': 'https',
      ':authority': 'other.test',
      'x-mixed-case': 'Kept',
      cookie: 'a=1; b=2',
    });
    expect(Object.keys(seen)).not.toContain('connection');
    expect(Object.keys(seen)).not.toContain('host');
  });

  it('sends bodies in memory, of known and of unknown length, side by side', async () => {
    const bodies = new Map<unknown, string>();
    const streams: (() => void)[] = [];
    await using server = await http2Server(identity, (stream, headers) => {
      void readAll(stream).then((bytes) => {
        bodies.set(headers['content-length'], bytes.toString());
        // Each waits for the others: one upload at a time would never end.
        if (streams.push(() => answer(stream)) === 3) for (const go of streams) go();
      });
    });
    const session = open();
    const url = `https://127.0.0.1:${server.port}/`;
    async function* generated(): AsyncGenerator<string> {
      yield 'one ';
      yield 'by one';
    }
    const posts = [
      session.post(url, { body: 'in memory' }),
      session.post(url, { body: new Blob(['a blob']) }),
      session.post(url, { body: generated() }),
    ];
    expect((await Promise.all(posts)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(Object.fromEntries(bodies)).toEqual({ 9: 'in memory', 6: 'a blob', undefined: 'one by one' });
    expect(server.sessions).toHaveLength(1);
  });

  it('is answered before its body has ended, and stops sending then', async () => {
    let pulled = 0;
    let stopped = false;
    await using server = await http2Server(identity, (stream) => {
      stream.respond({ ':status': 413 });
      stream.end('too much');
    });
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          pulled += 1;
          yield new Uint8Array(65_536);
        }
      } finally {
        stopped = true;
      }
    }
    const response = await open().post(`https://127.0.0.1:${server.port}/`, { body: endless() });
    expect([response.status, await response.text()]).toEqual([413, 'too much']);
    await expect.poll(() => stopped).toBe(true);
    expect(pulled).toBeLessThan(200);
  });
});

describe('a response on a stream', () => {
  it('keeps several Set-Cookie apart, skips interim responses, and survives trailers', async () => {
    await using server = await http2Server(identity, (stream) => {
      stream.additionalHeaders({ ':status': 103, link: '</a>; rel=preload' });
      stream.respond({ ':status': 200, 'set-cookie': ['a=1', 'b=2; Path=/'] }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-end': '1' }));
      stream.end('x'.repeat(300_000));
    });
    const session = open();
    const response = await session.get(`https://127.0.0.1:${server.port}/`);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2; Path=/']);
    expect(session.cookies.get('b')?.value).toBe('2');
    // The trailers have come long before a reader that takes its time has come to the end.
    let size = 0;
    for await (const chunk of response.chunks(10_000)) {
      size += chunk.byteLength;
      await new Promise(setImmediate);
    }
    expect(size).toBe(300_000);
  });

  it('is read under backpressure', async () => {
    let sent = 0;
    await using server = await http2Server(identity, (stream) => {
      stream.respond({ ':status': 200 });
      const write = (): void => {
        while (sent < 64 * 1024 * 1024) {
          sent += 65_536;
          if (!stream.write(Buffer.alloc(65_536))) return void stream.once('drain', write);
        }
        stream.end();
      };
      write();
    });
    const response = await open().get(`https://127.0.0.1:${server.port}/`);
    const reader = response.body?.getReader();
    await reader?.read();
    for (let n = 0; n < 50; n++) await new Promise((resolve) => setTimeout(resolve, 2));
    // What fits in the windows and buffers, and no more.
    expect(sent).toBeLessThan(8 * 1024 * 1024);
    await reader?.cancel();
  });

  it.each([constants.NGHTTP2_NO_ERROR, constants.NGHTTP2_INTERNAL_ERROR, constants.NGHTTP2_CANCEL])(
    'that ends short of what it announced, with code %i, is an error',
    async (code) => {
      await using server = await http2Server(identity, (stream) => {
        stream.respond({ ':status': 200, 'content-length': '100' });
        stream.write('part', () => stream.close(code));
      });
      expect(await failure(open().get(`https://127.0.0.1:${server.port}/`).text())).toMatchObject({
        name: 'IncompleteBodyError',
      });
    },
  );

  it('to HEAD announces a length and has no body', async () => {
    await using server = await http2Server(identity, (stream) => {
      stream.respond({ ':status': 200, 'content-length': '100' }, { endStream: true });
    });
    const response = await open().head(`https://127.0.0.1:${server.port}/`);
    expect([response.headers.get('content-length'), await response.text()]).toEqual(['100', '']);
  });
});

describe('what ends one stream leaves the others alone:', () => {
  it.each<[string, (url: string, session: ReturnType<typeof open>) => Promise<unknown>, object | string]>([
    [
      'a timeout',
      (url, session) => failure(session.get(url, { timeout: { headers: 60 } })),
      { name: 'TimeoutError', phase: 'headers' },
    ],
    [
      'an abort',
      (url, session) => failure(session.get(url, { signal: AbortSignal.timeout(30) })),
      { name: 'TimeoutError' },
    ],
  ])('%s', async (_title, run, expected) => {
    const codes: number[] = [];
    let finish: (() => void) | undefined;
    await using server = await http2Server(identity, (stream, headers) => {
      stream.on('close', () => codes.push(stream.rstCode));
      if (headers[':path'] === '/slow') finish = () => answer(stream, 'patient');
    });
    const session = open();
    const slow = session.get(`https://127.0.0.1:${server.port}/slow`).text();
    await expect.poll(() => finish).toBeTypeOf('function');
    expect(await run(`https://127.0.0.1:${server.port}/`, session)).toMatchObject(Object(expected));
    await expect.poll(() => codes).toEqual([constants.NGHTTP2_CANCEL]);
    finish?.();
    expect(await slow).toBe('patient');
    expect(server.sessions).toHaveLength(1);
    expect(session.stats()).toMatchObject({ sockets: 1, pending: 0 });
  });

  it('a body that is given up', async () => {
    const codes: number[] = [];
    await using server = await http2Server(identity, (stream, headers) => {
      stream.on('close', () => codes.push(stream.rstCode));
      if (headers[':path'] === '/ok') return answer(stream);
      stream.respond({ ':status': 200 });
      stream.write('begun');
    });
    const session = open();
    {
      await using response = await session.get(`https://127.0.0.1:${server.port}/`);
      expect(response.status).toBe(200);
    }
    await expect.poll(() => codes).toEqual([constants.NGHTTP2_CANCEL]);
    expect(await session.get(`https://127.0.0.1:${server.port}/ok`).text()).toBe('fine');
    expect(server.sessions).toHaveLength(1);
    expect(session.stats()).toMatchObject({ unreadBodies: 0, pending: 0 });
  });
});

describe('a server that', () => {
  it('refuses a stream gets any method again at once, and then as the policy says', async () => {
    let refusals = 1;
    await using server = await http2Server(identity, (stream) => {
      refusals -= 1;
      if (refusals >= 0) stream.close(constants.NGHTTP2_REFUSED_STREAM);
      else answer(stream);
    });
    const session = open({ retry: quickRetry(1) });
    const url = `https://127.0.0.1:${server.port}/`;
    const response = await session.post(url, { body: 'x' });
    expect([await response.text(), response.attempts, server.requests.length]).toEqual(['fine', 1, 2]);
    refusals = 3;
    const patient = await session.post(url, { body: new Blob(['x']) });
    expect([await patient.text(), patient.attempts, server.requests.length]).toEqual(['fine', 2, 6]);
    refusals = 100;
    expect(await failure(session.post(url, { body: 'x' }))).toMatchObject({
      requestSent: false,
      attempts: 2,
    });
    expect(server.sessions).toHaveLength(1);
  });

  it.each([
    ['GET', constants.NGHTTP2_INTERNAL_ERROR, 3],
    ['POST', constants.NGHTTP2_INTERNAL_ERROR, 1],
    ['GET', constants.NGHTTP2_CANCEL, 3],
    ['POST', constants.NGHTTP2_CANCEL, 1],
    ['GET', constants.NGHTTP2_NO_ERROR, 3],
  ])('resets a %s with code %i is tried again only where that is safe', async (method, code, tries) => {
    await using server = await http2Server(identity, (stream) => stream.close(code));
    const session = open({ retry: quickRetry(2) });
    expect(await failure(session.request(method, `https://127.0.0.1:${server.port}/`))).toMatchObject({
      name: 'ConnectionError',
      code: 'ERR_CONNECTION',
      requestSent: true,
      attempts: tries,
    });
    expect(server.requests).toHaveLength(tries);
  });

  it('goes away in the middle of a body of unknown length leaves it incomplete', async () => {
    await using server = await http2Server(identity, (stream) => {
      stream.respond({ ':status': 200 });
      stream.write('part', () => server.drop());
    });
    expect(await failure(open().get(`https://127.0.0.1:${server.port}/`).text())).toMatchObject({
      name: 'IncompleteBodyError',
    });
  });

  it('says GOAWAY finishes what it has begun, and the next request gets a new connection', async () => {
    let finish: (() => void) | undefined;
    await using server = await http2Server(identity, (stream, headers) => {
      if (headers[':path'] === '/slow') {
        stream.respond({ ':status': 200 });
        stream.write('first ');
        finish = () => stream.end('last');
      } else answer(stream);
    });
    const session = open();
    const url = `https://127.0.0.1:${server.port}`;
    const slow = await session.get(`${url}/slow`);
    server.sessions[0]?.close();
    await expect.poll(() => session.stats().sockets).toBe(0);
    const next = await session.get(`${url}/`);
    expect([await next.text(), server.sessions.length]).toEqual(['fine', 2]);
    finish?.();
    expect(await slow.text()).toBe('first last');
    expect(next.connection?.id).not.toBe(slow.connection?.id);
  });

  it.each([constants.NGHTTP2_NO_ERROR, constants.NGHTTP2_ENHANCE_YOUR_CALM])(
    'says GOAWAY %i about a request that it has not processed gets it again, POST included',
    async (code) => {
      let first: ServerHttp2Stream | undefined;
      await using server = await http2Server(identity, (stream, _headers, count) => {
        if (count === 1) first = stream;
        else if (count === 2) stream.session?.goaway(code, first?.id);
        else answer(stream);
      });
      const session = open({ retry: quickRetry(1) });
      const url = `https://127.0.0.1:${server.port}/`;
      const begun = session.patch(url, { body: 'x' }).then((response) => response.text());
      begun.catch(() => undefined);
      await expect.poll(() => first).toBeDefined();
      const response = await session.post(url, { body: 'x' });
      expect([await response.text(), response.attempts]).toEqual(['fine', 2]);
      expect(server.sessions).toHaveLength(2);
      if (code !== constants.NGHTTP2_NO_ERROR) {
        // Perhaps processed: not for us to repeat.
        expect(await failure(begun)).toMatchObject({ requestSent: true, attempts: 1 });
      } else if (first !== undefined) {
        answer(first, 'finished');
        expect(await begun).toBe('finished');
      }
    },
  );

  it('drops the connection fails every stream on it, once', async () => {
    const streams: ServerHttp2Stream[] = [];
    await using server = await http2Server(identity, (stream) => {
      if (streams.push(stream) === 3) server.drop();
    });
    const session = open();
    const url = `https://127.0.0.1:${server.port}/`;
    const failures = await Promise.all([1, 2, 3].map((n) => failure(session.post(url, { body: String(n) }))));
    for (const error of failures) {
      expect(error).toMatchObject({ name: 'ConnectionError', requestSent: true });
    }
    expect(server.requests).toHaveLength(3);
    expect(session.stats()).toEqual({ sockets: 0, pending: 0, queued: 0, unreadBodies: 0 });
  });

  it('drops a kept connection gets what was on it once more, again on one connection', async () => {
    await using server = await http2Server(identity, (stream, _headers, count) => {
      if (count === 21) server.drop();
      else if (count === 1 || count > 21) answer(stream);
    });
    const session = open();
    const url = `https://127.0.0.1:${server.port}/`;
    await session.get(url).text();
    const texts = await Promise.all(Array.from({ length: 20 }, () => session.get(url).text()));
    expect(texts).toEqual(Array(20).fill('fine'));
    expect(server.sessions).toHaveLength(2);
  });
});

it('an HTTP/2 connection that is idle closes after keepAliveTimeout', async () => {
  await using server = await http2Server(identity, (stream) => answer(stream));
  const session = open({ pool: { keepAliveTimeout: 50 } });
  await session.get(`https://127.0.0.1:${server.port}/`).text();
  expect(session.stats().sockets).toBe(1);
  await expect.poll(() => session.stats().sockets).toBe(0);
  await expect.poll(() => server.sessions[0]?.destroyed).toBe(true);
});

it('closing the session ends streams and connections', async () => {
  await using server = await http2Server(identity, () => undefined);
  const session = open();
  const result = failure(session.get(`https://127.0.0.1:${server.port}/`));
  await expect.poll(() => server.requests.length).toBe(1);
  await session.close();
  expect(await result).toMatchObject({ code: 'ERR_SESSION_CLOSED' });
  await expect.poll(() => server.sessions[0]?.destroyed).toBe(true);
});

const noNghttpd = nghttpdMissing();
describe.skipIf(noNghttpd !== undefined)(`nghttpd${noNghttpd === undefined ? '' : ` (${noNghttpd})`}`, () => {
  it('serves 100 parallel downloads on one connection', async () => {
    const page = 'x'.repeat(100_000);
    await using server = await startNghttpd({ certificate: identity, files: { 'page.txt': page } });
    const session = open();
    const url = `https://127.0.0.1:${server.port}/page.txt`;
    const responses = await Promise.all(Array.from({ length: 100 }, () => session.get(url)));
    const texts = await Promise.all(responses.map((response) => response.text()));
    expect(texts.every((one) => one === page)).toBe(true);
    expect(new Set(responses.map(({ connection }) => connection?.id)).size).toBe(1);
    expect(responses[0]?.connection?.protocol).toBe('h2');
    const head = await session.head(url);
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '100000']);
    expect((await session.get(`https://127.0.0.1:${server.port}/none`)).status).toBe(404);
  });

  it('takes uploads, and more streams than it allows at a time', async () => {
    await using server = await startNghttpd({ certificate: identity, echo: true, maxStreams: 10 });
    const session = open();
    const url = `https://127.0.0.1:${server.port}/echo`;
    const body = 'y'.repeat(200_000);
    const texts = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        session.post(url, { body: n % 2 === 0 ? body : new Blob([body]) }).text(),
      ),
    );
    expect(texts.every((one) => one === body)).toBe(true);
  });
});

it('closing a transport that another session uses too sends nothing of it again', async () => {
  await using server = await http2Server(identity, (stream, _headers, count) => {
    if (count !== 2) answer(stream);
  });
  const url = `https://127.0.0.1:${server.port}/`;
  const options = { http2: true, tls: { ca: authority.ca } };
  const shared = new UndiciTransport({ trustEnv: false });
  const session = open(options).mount(url, shared);
  await session.get(url).text();
  const result = failure(session.get(url));
  await expect.poll(() => server.requests.length).toBe(2);
  await shared.close();
  expect(await result).toMatchObject({ code: 'ERR_SESSION_CLOSED' });
  expect(server.requests).toHaveLength(2);
  expect(shared.stats().sockets).toBe(0);
});
