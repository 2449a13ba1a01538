import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { Agent, type Dispatcher } from 'undici/index.js';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createProxyDispatcher, type ProxyDispatcherOptions } from '../src/proxy-dispatcher.ts';
import { resolveTls } from '../src/tls-options.ts';
import { type Authority, createAuthority, type Identity } from './support/certificates.ts';
import { type AnswerConnect, ESTABLISHED, scriptedProxy } from './support/proxy.ts';
import { answering, ok, type RawServer, rawServer } from './support/raw-server.ts';

let authority: Authority;
let identity: Identity;
let proxyIdentity: Identity;
beforeAll(async () => {
  authority = await createAuthority();
  identity = await authority.issue(['good.test', '127.0.0.1']);
  proxyIdentity = await authority.issue(['localhost']);
});

const dispatchers: Dispatcher[] = [];
afterEach(async () => {
  await Promise.all(dispatchers.splice(0).map((dispatcher) => dispatcher.destroy()));
});

const through = (proxy: string, options: ProxyDispatcherOptions = {}): Dispatcher => {
  const tls = resolveTls({ ca: authority.ca });
  // With more connections undici opens a second one before it has finished with the first.
  const dispatcher = createProxyDispatcher(proxy, { tls, pool: { connections: 1 }, ...options });
  dispatchers.push(dispatcher);
  return dispatcher;
};

type Request = Partial<Pick<Dispatcher.RequestOptions, 'method' | 'headers' | 'body'>>;
const fetchText = async (dispatcher: Dispatcher, url: string, request: Request = {}): Promise<string> => {
  const { origin, pathname, search } = new URL(url);
  const response = await dispatcher.request({ origin, path: pathname + search, method: 'GET', ...request });
  return `${response.statusCode} ${await response.body.text()}`;
};

/** Does something other than answer. */
const saying =
  (act: (socket: Socket) => unknown): AnswerConnect =>
  (_head, _count, socket) => {
    act(socket);
    return null;
  };

const secureOrigin = (): Promise<RawServer> =>
  rawServer(
    answering(() => ok('secret')),
    { tls: identity },
  );

describe('an https origin through an http proxy', () => {
  it('sends only Host and Proxy-Authorization to the proxy and nothing of it to the origin', async () => {
    await using origin = await secureOrigin();
    await using proxy = await scriptedProxy(() => ESTABLISHED);
    const dispatcher = through(`http://us%40er:p%3Aw%20d@127.0.0.1:${proxy.port}`);
    const headers = {
      'x-api-key': 'k',
      authorization: 'Bearer t',
      cookie: 'a=b',
      'Proxy-Authorization': 'Basic x',
    };
    expect(await fetchText(dispatcher, `https://good.test:${origin.port}/path`, { headers })).toBe(
      '200 secret',
    );
    const proof = Buffer.from('us@er:p:w d').toString('base64');
    expect(proxy.heads).toEqual([
      `CONNECT good.test:${origin.port} HTTP/1.1\r\nHost: good.test:${origin.port}\r\nProxy-Authorization: Basic ${proof}\r\n\r\n`,
    ]);
    expect(origin.received[0]).toMatch(/^GET \/path HTTP\/1\.1\r\n/);
    expect(origin.received[0]).toMatch(/x-api-key: k/);
    expect(origin.received[0]?.toLowerCase()).not.toContain('proxy-');
  });

  it('keeps the tunnel for later requests and has one for each origin', async () => {
    await using origin = await secureOrigin();
    await using proxy = await scriptedProxy(() => ESTABLISHED);
    const dispatcher = through(`http://127.0.0.1:${proxy.port}`);
    for (let n = 0; n < 3; n++) await fetchText(dispatcher, `https://good.test:${origin.port}/`);
    expect(proxy.heads).toHaveLength(1);
    await fetchText(dispatcher, `https://127.0.0.1:${origin.port}/`);
    expect(proxy.heads).toHaveLength(2);
  });

  it("verifies the origin's name and certificate inside the tunnel", async () => {
    await using origin = await secureOrigin();
    await using proxy = await scriptedProxy(() => ESTABLISHED);
    const url = `http://127.0.0.1:${proxy.port}`;
    await expect(fetchText(through(url), `https://evil.test:${origin.port}/`)).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    await expect(
      fetchText(through(url, { tls: resolveTls() }), `https://good.test:${origin.port}/`),
    ).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
    const pinned = resolveTls({ ca: authority.ca, pin: proxyIdentity.pin });
    await expect(
      fetchText(through(url, { tls: pinned }), `https://good.test:${origin.port}/`),
    ).rejects.toMatchObject({ code: 'ERR_TLS_PIN' });
    expect(origin.received.join('')).toBe('');
  });

  it('writes an IPv6 origin with brackets', async () => {
    await using proxy = await scriptedProxy(() => 'HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n');
    await expect(fetchText(through(`http://127.0.0.1:${proxy.port}`), 'https://[::1]/')).rejects.toThrow();
    expect(proxy.heads[0]).toMatch(/^CONNECT \[::1\]:443 HTTP\/1\.1\r\nHost: \[::1\]:443\r\n/);
  });
});

describe('a proxy that fails', () => {
  const attempt = async (
    answer: AnswerConnect,
    connectTimeout = 5_000,
  ): Promise<{ readonly error: unknown; readonly connects: number }> => {
    await using proxy = await scriptedProxy(answer);
    const dispatcher = through(`http://user:secret@127.0.0.1:${proxy.port}`, { connectTimeout });
    const error: unknown = await fetchText(dispatcher, 'https://good.test/').catch(
      (reason: unknown) => reason,
    );
    await proxy.quiet();
    return { error, connects: proxy.sockets.length };
  };

  it.each<[string, AnswerConnect, object]>([
    [
      'refuses with 407',
      () => 'HTTP/1.1 407 Auth\r\nContent-Length: 2\r\n\r\nno',
      { code: 'ERR_PROXY_CONNECT', statusCode: 407, statusText: 'Auth', body: 'no' },
    ],
    [
      'refuses with 502',
      () => 'HTTP/1.1 502 Bad\r\nContent-Length: 3\r\n\r\nbad',
      { code: 'ERR_PROXY_CONNECT', statusCode: 502, body: 'bad' },
    ],
    [
      'redirects',
      () =>
        'HTTP/1.1 302 Found\r\nLocation: http://evil.test/\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n',
      { code: 'ERR_PROXY_CONNECT', statusCode: 302, body: '' },
    ],
    [
      'sends an endless page',
      () => `HTTP/1.1 403 No\r\n\r\n${'x'.repeat(100_000)}`,
      { code: 'ERR_PROXY_CONNECT', statusCode: 403, body: 'x'.repeat(1024) },
    ],
    [
      'sends a page that never comes',
      () => 'HTTP/1.1 403 No\r\nContent-Length: 99\r\n\r\npart',
      { code: 'ERR_PROXY_CONNECT', statusCode: 403, body: 'part' },
    ],
    ['answers with rubbish', () => 'SSH-2.0-OpenSSH_9\r\n', { code: 'ERR_PROXY_RESPONSE' }],
    [
      'answers with an endless head',
      () => `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(5_000)}`,
      { code: 'ERR_PROXY_UNREACHABLE' },
    ],
    ['hangs up', saying((socket) => socket.end()), { code: 'ERR_PROXY_UNREACHABLE' }],
    ['resets', saying((socket) => socket.resetAndDestroy()), { code: 'ERR_PROXY_UNREACHABLE' }],
    [
      'hangs up within its answer',
      saying((socket) => socket.end('HTTP/1.1 20')),
      { code: 'ERR_PROXY_UNREACHABLE' },
    ],
    ['hangs up after its answer', saying((socket) => socket.end(ESTABLISHED)), { code: 'ECONNRESET' }],
  ])('ends the request after one attempt when it %s', async (_title, answer, expected) => {
    const { error, connects } = await attempt(answer);
    expect(error).toMatchObject(expected);
    expect(connects).toBe(1);
    expect(String(error)).not.toContain('secret');
  });

  it('ends the request when bytes come before TLS', async () => {
    await using origin = await secureOrigin();
    await using proxy = await scriptedProxy(
      () => `${ESTABLISHED}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`,
    );
    await expect(
      fetchText(through(`http://127.0.0.1:${proxy.port}`), `https://good.test:${origin.port}/`),
    ).rejects.toMatchObject({ code: 'ERR_PROXY_EARLY_DATA' });
    expect(origin.received.join('')).toBe('');
  });

  it.each<[string, AnswerConnect]>([
    ['is silent', () => null],
    [
      'dribbles its answer',
      (_head, _count, socket) => {
        const drip = setInterval(() => socket.write('HTTP/1.1 200 OK\r\nX: y'.charAt(index++) || 'y'), 10);
        let index = 0;
        socket.on('close', () => clearInterval(drip));
        return null;
      },
    ],
    ['opens the tunnel and lets TLS hang', saying((socket) => socket.write(ESTABLISHED))],
  ])('ends the request at the connect timeout when it %s', async (_title, answer) => {
    const start = performance.now();
    const { error } = await attempt(answer, 150);
    expect(error).toMatchObject({ code: 'ERR_CONNECT_TIMEOUT', limit: 150 });
    expect(performance.now() - start).toBeLessThan(600);
  });

  it('names a proxy that is not there', async () => {
    const gone = await rawServer(() => undefined);
    await gone[Symbol.asyncDispose]();
    for (const url of ['https://good.test/', 'http://good.test/']) {
      await expect(fetchText(through(`http://127.0.0.1:${gone.port}`), url)).rejects.toMatchObject({
        code: 'ERR_PROXY_UNREACHABLE',
        cause: { code: 'ECONNREFUSED' },
      });
    }
    await expect(
      fetchText(through('http://no-such-host.invalid:1'), 'https://good.test/'),
    ).rejects.toMatchObject({
      code: 'ERR_PROXY_UNREACHABLE',
    });
  });

  it('leaves no connection behind when the dispatcher is destroyed while connecting', async () => {
    await using proxy = await scriptedProxy(() => null);
    const dispatcher = through(`http://127.0.0.1:${proxy.port}`);
    const result = fetchText(dispatcher, 'https://good.test/').catch((error: unknown) => error);
    while (proxy.heads.length === 0) await new Promise(setImmediate);
    await dispatcher.destroy();
    expect(await result).toBeInstanceOf(Error);
    await proxy.quiet();
  });
});

describe('an http origin through an http proxy', () => {
  it('is asked for in absolute form, with Host and Proxy-Authorization', async () => {
    await using proxy = await rawServer(answering(() => ok('forwarded')));
    const dispatcher = through(`http://user:pw@127.0.0.1:${proxy.port}`);
    expect(await fetchText(dispatcher, 'http://some.test:81/x?y=1')).toBe('200 forwarded');
    expect(proxy.received[0]).toMatch(/^GET http:\/\/some\.test:81\/x\?y=1 HTTP\/1\.1\r\n/);
    expect(proxy.received[0]).toMatch(/^host: some\.test:81\r$/im);
    expect(proxy.received[0]).toMatch(/^proxy-authorization: Basic dXNlcjpwdw==\r$/im);
  });

  it('shares connections to the proxy between origins and keeps duplicate headers and their order', async () => {
    await using proxy = await rawServer(answering(() => ok('x')));
    const dispatcher = through(`http://127.0.0.1:${proxy.port}`);
    await fetchText(dispatcher, 'http://a.test/', { headers: ['X-B', '1', 'X-A', '2', 'X-B', '3'] });
    await fetchText(dispatcher, 'http://b.test/', { headers: { host: 'other.test', 'x-list': ['1', '2'] } });
    expect(proxy.sockets).toHaveLength(1);
    expect(proxy.received[0]).toMatch(/X-B: 1\r\nX-A: 2\r\nX-B: 3\r\n/);
    expect(proxy.received[0]).toMatch(/GET http:\/\/b\.test\/ HTTP\/1\.1\r\nhost: other\.test\r\n/);
    expect(proxy.received[0]).toMatch(/x-list: 1\r\nx-list: 2\r\n/);
  });

  it("never overrides the caller's own Proxy-Authorization", async () => {
    await using proxy = await rawServer(answering(() => ok('x')));
    const headers = { 'Proxy-Authorization': 'Bearer mine' };
    await fetchText(through(`http://user:pw@127.0.0.1:${proxy.port}`), 'http://a.test/', { headers });
    expect(proxy.received[0]?.match(/proxy-authorization: .*/gi)).toEqual([
      'Proxy-Authorization: Bearer mine',
    ]);
  });

  it('hands over a 407 that it cannot answer', async () => {
    await using proxy = await rawServer(
      answering(
        () => 'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 4\r\n\r\nnope',
      ),
    );
    const dispatcher = through(`http://user:wrong@127.0.0.1:${proxy.port}`);
    expect(await fetchText(dispatcher, 'http://a.test/')).toBe('407 nope');
    expect(proxy.received[0]?.match(/^GET /gm)).toHaveLength(1);
  });
});

describe('Digest at the proxy', () => {
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const challenge = (nonce: string, more = ''): string =>
    `HTTP/1.1 407 Auth\r\nProxy-Authenticate: Basic realm="r"\r\nProxy-Authenticate: Digest realm="r", nonce="${nonce}", qop="auth", algorithm=MD5${more}\r\nContent-Length: 4\r\n\r\npage`;
  /** Whether the head has the right answer to the nonce, for the URI in its request line. */
  const isRight = (head: string, nonce: string): boolean => {
    const line = /^proxy-authorization: Digest (.*)\r$/im.exec(head)?.[1] ?? '';
    const field = (name: string): string => new RegExp(`\\b${name}="?([^",]*)`).exec(line)?.[1] ?? '';
    const [method = '', uri = ''] = head.split(' ');
    const ha1 = md5('user:r:secret');
    const ha2 = md5(`${method}:${uri}`);
    const expected = md5(`${ha1}:${nonce}:${field('nc')}:${field('cnonce')}:auth:${ha2}`);
    return field('uri') === uri && field('nonce') === nonce && field('response') === expected;
  };

  it('is answered for a tunnel, and in advance from then on', async () => {
    await using origin = await secureOrigin();
    await using proxy = await scriptedProxy((head) => (isRight(head, 'n1') ? ESTABLISHED : challenge('n1')));
    const dispatcher = through(`http://user:secret@127.0.0.1:${proxy.port}`);
    expect(await fetchText(dispatcher, `https://good.test:${origin.port}/`)).toBe('200 secret');
    expect(await fetchText(dispatcher, `https://127.0.0.1:${origin.port}/`)).toBe('200 secret');
    expect(proxy.heads).toHaveLength(3);
    expect(proxy.heads.map((head) => /nc=(\d+)/.exec(head)?.[1])).toEqual([
      undefined,
      '00000001',
      '00000002',
    ]);
  });

  it('is answered for a forwarded request, body and all', async () => {
    await using proxy = await rawServer(
      answering((head) => (isRight(head, 'n1') ? ok('in') : challenge('n1'))),
    );
    const dispatcher = through(`http://user:secret@127.0.0.1:${proxy.port}`);
    expect(await fetchText(dispatcher, 'http://a.test/p?q', { method: 'POST', body: 'abc' })).toBe('200 in');
    expect(await fetchText(dispatcher, 'http://b.test/')).toBe('200 in');
    expect(proxy.received[0]?.match(/abc/g)).toHaveLength(2);
  });

  it('is answered again when the nonce went stale, but not for ever', async () => {
    let nonce = 1;
    await using proxy = await rawServer(
      answering((head) => (isRight(head, `n${nonce}`) ? ok('in') : challenge(`n${nonce}`, ', stale=true'))),
    );
    const dispatcher = through(`http://user:secret@127.0.0.1:${proxy.port}`);
    expect(await fetchText(dispatcher, 'http://a.test/')).toBe('200 in');
    nonce = 2;
    expect(await fetchText(dispatcher, 'http://a.test/')).toBe('200 in');

    let count = 0;
    await using endless = await scriptedProxy(() => challenge(`x${count++}`, ', stale=true'));
    await expect(
      fetchText(through(`http://user:secret@127.0.0.1:${endless.port}`), 'https://a.test/'),
    ).rejects.toMatchObject({ code: 'ERR_PROXY_CONNECT', statusCode: 407 });
    expect(endless.heads).toHaveLength(3);
  });

  it('ends with the 407 when the password is wrong', async () => {
    let count = 0;
    await using proxy = await scriptedProxy(() => challenge(`x${count++}`));
    const dispatcher = through(`http://user:wrong@127.0.0.1:${proxy.port}`);
    await expect(fetchText(dispatcher, 'https://a.test/')).rejects.toMatchObject({ statusCode: 407 });
    expect(proxy.heads).toHaveLength(2);
  });

  it('lets the 407 through when the body cannot be sent again', async () => {
    await using proxy = await rawServer(answering(() => challenge('n1')));
    async function* body(): AsyncGenerator<string> {
      yield 'once';
    }
    const { Readable } = await import('node:stream');
    const dispatcher = through(`http://user:secret@127.0.0.1:${proxy.port}`);
    const request = { method: 'POST', body: Readable.from(body()) } as const;
    expect(await fetchText(dispatcher, 'http://a.test/', request)).toBe('407 page');
    expect(proxy.received[0]?.match(/once/g)).toHaveLength(1);
  });

  it('shows a handler of the present style only the final answer', async () => {
    await using proxy = await rawServer(
      answering((head) => (isRight(head, 'n1') ? ok('in') : challenge('n1'))),
    );
    const dispatcher = through(`http://user:secret@127.0.0.1:${proxy.port}`);
    const seen: unknown[] = [];
    await new Promise<void>((resolve, reject) => {
      dispatcher.dispatch(
        { origin: 'http://a.test', path: '/', method: 'GET' },
        {
          onRequestStart: () => void seen.push('start'),
          onResponseStart: (_controller, status) => void seen.push(status),
          onResponseData: (_controller, chunk) => void seen.push(chunk.toString()),
          onResponseEnd: () => resolve(),
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
    expect(seen).toEqual(['start', 'start', 200, 'in']);
  });

  it('gives up a 407 whose page does not end, and answers on another connection', async () => {
    await using proxy = await rawServer(
      answering((head) =>
        isRight(head, 'n1')
          ? ok('in')
          : `${challenge('n1').replace('Content-Length: 4', 'Content-Length: 999999')}${'x'.repeat(200_000)}`,
      ),
    );
    const dispatcher = through(`http://user:secret@127.0.0.1:${proxy.port}`);
    expect(await fetchText(dispatcher, 'http://a.test/')).toBe('200 in');
    expect(proxy.sockets).toHaveLength(2);
  });
});

describe('an https proxy', () => {
  it('carries TLS within TLS, each with its own name', async () => {
    await using origin = await secureOrigin();
    await using proxy = await scriptedProxy(() => ESTABLISHED, proxyIdentity);
    const dispatcher = through(`https://localhost:${proxy.port}`);
    expect(await fetchText(dispatcher, `https://good.test:${origin.port}/`)).toBe('200 secret');
    expect(await fetchText(dispatcher, `https://good.test:${origin.port}/`)).toBe('200 secret');
    expect(proxy.heads).toHaveLength(1);
    // No name says it, so that a request for a page in clear text would show.
    expect(proxy.received[0]).not.toContain('secret');
  });

  it('forwards plain requests on one connection, whatever their Host', async () => {
    await using proxy = await rawServer(
      answering(() => ok('forwarded')),
      { tls: proxyIdentity },
    );
    const dispatcher = through(`https://localhost:${proxy.port}`);
    for (const host of ['a.test', 'b.test', 'c.test']) {
      expect(await fetchText(dispatcher, `http://${host}/`)).toBe('200 forwarded');
    }
    expect(proxy.sockets).toHaveLength(1);
  });

  it('must prove its name, once and for all', async () => {
    await using proxy = await scriptedProxy(() => ESTABLISHED, identity);
    const dispatcher = through(`https://localhost:${proxy.port}`);
    for (const url of ['https://good.test/', 'http://good.test/']) {
      await expect(fetchText(dispatcher, url)).rejects.toMatchObject({
        code: 'ERR_PROXY_TLS',
        cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
      });
    }
    expect(proxy.heads).toEqual([]);
  });

  it('has TLS settings of its own where they are given', async () => {
    await using origin = await secureOrigin();
    await using proxy = await scriptedProxy(() => ESTABLISHED, identity);
    const dispatcher = through(`https://localhost:${proxy.port}`, {
      proxyTls: resolveTls({ verify: false }),
    });
    expect(await fetchText(dispatcher, `https://good.test:${origin.port}/`)).toBe('200 secret');
    await expect(fetchText(dispatcher, `https://evil.test:${origin.port}/`)).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  it('is not spoken to in clear text', async () => {
    await using proxy = await scriptedProxy(() => ESTABLISHED);
    await expect(
      fetchText(
        through(`https://user:secret@localhost:${proxy.port}`, { connectTimeout: 300 }),
        'http://a.test/',
      ),
    ).rejects.toMatchObject({ code: 'ERR_CONNECT_TIMEOUT' });
    expect(Buffer.from(proxy.received[0] ?? '', 'latin1')[0]).toBe(0x16);
  });
});

it('reads the sockets of an Agent and of a proxy dispatcher apart', async () => {
  // A polluted or shared connection would let a request out past the proxy.
  await using origin = await rawServer(answering(() => ok('direct')));
  await using proxy = await rawServer(answering(() => ok('proxied')));
  const agent = new Agent();
  dispatchers.push(agent);
  const dispatcher = through(`http://127.0.0.1:${proxy.port}`);
  const url = `http://127.0.0.1:${origin.port}/`;
  expect(await fetchText(agent, url)).toBe('200 direct');
  expect(await fetchText(dispatcher, url)).toBe('200 proxied');
  expect(origin.sockets).toHaveLength(1);
});
