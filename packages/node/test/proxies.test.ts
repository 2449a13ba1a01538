import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { ProxyError, TimeoutError, TLSError } from '@httpsession/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Authority, createAuthority, type Identity } from './support/certificates.ts';
import { type AnswerConnect, ESTABLISHED, scriptedProxy } from './support/proxy.ts';
import { answering, ok, type RawServer, rawServer } from './support/raw-server.ts';
import { failure, fetchText, openSession, quickRetry } from './support/session.ts';

let authority: Authority;
let identity: Identity;
let proxyIdentity: Identity;
let tls: { readonly ca: string };
beforeAll(async () => {
  authority = await createAuthority();
  identity = await authority.issue(['good.test', '127.0.0.1']);
  proxyIdentity = await authority.issue(['localhost']);
  tls = { ca: authority.ca };
});

const secureOrigin = (): Promise<RawServer> =>
  rawServer(
    answering(() => ok('secret')),
    { tls: identity },
  );

/** Does something other than answer. */
const saying =
  (act: (socket: Socket) => unknown): AnswerConnect =>
  (_head, _count, socket) => {
    act(socket);
    return null;
  };

const basicOf = (credentials: string): string => `Basic ${Buffer.from(credentials).toString('base64')}`;

describe('an https origin through an http proxy', () => {
  it('sends only Host and Proxy-Authorization to the proxy and nothing of it to the origin', async () => {
    await using origin = await secureOrigin();
    await using proxy = await scriptedProxy(() => ESTABLISHED);
    const session = openSession({
      tls,
      proxy: `http://us%40er:p%3Aw%20d@127.0.0.1:${proxy.port}`,
      headers: { 'x-api-key': 'k', authorization: 'Bearer t' },
      cookies: { sid: '1' },
      baseUrl: `https://good.test:${origin.port}/`,
    });
    expect(await fetchText(session, '/path')).toBe('200 secret');
    expect(proxy.heads).toEqual([
      `CONNECT good.test:${origin.port} HTTP/1.1\r\nHost: good.test:${origin.port}\r\nProxy-Authorization: ${basicOf('us@er:p:w d')}\r\n\r\n`,
    ]);
    expect(origin.received[0]).toMatch(/^GET \/path HTTP\/1\.1\r\n/);
    expect(origin.received[0]).toMatch(/x-api-key: k\r\n/i);
    expect(origin.received[0]).toMatch(/cookie: sid=1\r\n/i);
    expect(origin.received[0]?.toLowerCase()).not.toContain('proxy-');
  });

  it('keeps the tunnel for later requests and has one for each origin', async () => {
    await using origin = await secureOrigin();
    await using proxy = await scriptedProxy(() => ESTABLISHED);
    const session = openSession({ tls, proxy: `http://127.0.0.1:${proxy.port}` });
    for (let n = 0; n < 3; n++) await fetchText(session, `https://good.test:${origin.port}/`);
    expect(proxy.heads).toHaveLength(1);
    await fetchText(session, `https://127.0.0.1:${origin.port}/`);
    expect(proxy.heads).toHaveLength(2);
  });

  it("verifies the origin's name, certificate and pin inside the tunnel", async () => {
    await using origin = await secureOrigin();
    await using proxy = await scriptedProxy(() => ESTABLISHED);
    const session = openSession({
      tls,
      proxy: `http://127.0.0.1:${proxy.port}`,
      retry: quickRetry(2),
    });
    const good = `https://good.test:${origin.port}/`;
    expect(await failure(session.get(`https://evil.test:${origin.port}/`))).toMatchObject({
      name: 'TLSError',
      reason: 'ERR_TLS_CERT_ALTNAME_INVALID',
      attempts: 1,
    });
    expect(await failure(session.get(good, { tls: {} }))).toMatchObject({
      name: 'TLSError',
      reason: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    });
    const pinned = { ca: authority.ca, pin: proxyIdentity.pin };
    expect(await failure(session.get(good, { tls: pinned }))).toMatchObject({ reason: 'ERR_TLS_PIN' });
    expect(origin.received.join('')).toBe('');
    expect(proxy.heads).toHaveLength(3);
  });

  it('writes an IPv6 origin with brackets', async () => {
    await using proxy = await scriptedProxy(() => 'HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n');
    const session = openSession({ proxy: `http://127.0.0.1:${proxy.port}` });
    await failure(session.get('https://[::1]/'));
    expect(proxy.heads[0]).toMatch(/^CONNECT \[::1\]:443 HTTP\/1\.1\r\nHost: \[::1\]:443\r\n/);
  });
});

describe('a proxy that fails', () => {
  const attempt = async (
    answer: AnswerConnect,
    retries: number,
  ): Promise<{ readonly error: unknown; readonly connects: number }> => {
    await using proxy = await scriptedProxy(answer);
    const session = openSession({
      proxy: `http://user:secret@127.0.0.1:${proxy.port}`,
      retry: quickRetry(retries),
      timeout: { connect: 5_000 },
    });
    const error = await failure(session.get('https://good.test/'));
    await proxy.quiet();
    expect(session.stats()).toEqual({ sockets: 0, pending: 0, queued: 0, unreadBodies: 0 });
    return { error, connects: proxy.sockets.length };
  };
  const status = (code: number, body = ''): string =>
    `HTTP/1.1 ${code} X\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

  it.each<[string, AnswerConnect, object, number]>([
    ['refuses with 407', () => status(407, 'no'), { status: 407, retryable: false }, 1],
    ['refuses with 403', () => status(403), { status: 403, retryable: false }, 1],
    [
      'redirects, and sets a cookie',
      () =>
        'HTTP/1.1 302 Found\r\nLocation: http://evil.test/\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n',
      { status: 302, retryable: false },
      1,
    ],
    [
      'sends a page that never comes',
      () => 'HTTP/1.1 403 No\r\nContent-Length: 99\r\n\r\npart',
      { status: 403 },
      1,
    ],
    ['sends an endless page', () => `HTTP/1.1 403 No\r\n\r\n${'x'.repeat(100_000)}`, { status: 403 }, 1],
    ['fails with 502', () => status(502, 'bad'), { status: 502, cause: { body: 'bad' } }, 3],
    [
      'answers with rubbish',
      () => 'SSH-2.0-OpenSSH_9\r\n',
      { status: undefined, cause: { code: 'ERR_PROXY_RESPONSE' } },
      3,
    ],
    [
      'answers with an endless head',
      () => `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(5_000)}`,
      { cause: { code: 'ERR_PROXY_UNREACHABLE' } },
      3,
    ],
    ['hangs up', saying((socket) => socket.end()), { cause: { code: 'ERR_PROXY_UNREACHABLE' } }, 3],
    ['resets', saying((socket) => socket.resetAndDestroy()), { cause: { code: 'ERR_PROXY_UNREACHABLE' } }, 3],
    [
      'hangs up within its answer',
      saying((socket) => socket.end('HTTP/1.1 20')),
      { cause: { code: 'ERR_PROXY_UNREACHABLE' } },
      3,
    ],
    [
      'sends bytes before TLS',
      saying((socket) => socket.write(`${ESTABLISHED}${ok('evil')}`)),
      { cause: { code: 'ERR_PROXY_EARLY_DATA' } },
      3,
    ],
  ])(
    'ends in ProxyError when it %s, tried as often as the policy says',
    async (_, answer, expected, tries) => {
      const { error, connects } = await attempt(answer, 2);
      expect(error).toBeInstanceOf(ProxyError);
      expect(error).toMatchObject({
        code: 'ERR_PROXY',
        phase: 'connect',
        requestSent: false,
        attempts: tries,
        ...expected,
      });
      expect(connects).toBe(tries);
      expect(`${error} ${JSON.stringify(error)}`).not.toContain('secret');
    },
  );

  it('ends in an error after one attempt when it hangs up behind its answer', async () => {
    const { error, connects } = await attempt(
      saying((socket) => socket.end(ESTABLISHED)),
      0,
    );
    expect(error).toBeInstanceOf(TLSError);
    expect(connects).toBe(1);
  });

  it.each<[string, AnswerConnect]>([
    ['is silent', () => null],
    [
      'dribbles its answer',
      (_head, _count, socket) => {
        let index = 0;
        const drip = setInterval(() => socket.write('HTTP/1.1 200 OK\r\nX: y'.charAt(index++) || 'y'), 10);
        socket.on('close', () => clearInterval(drip));
        return null;
      },
    ],
    ['opens the tunnel and lets TLS hang', saying((socket) => socket.write(ESTABLISHED))],
  ])('ends at the connect timeout when it %s', async (_title, answer) => {
    await using proxy = await scriptedProxy(answer);
    const session = openSession({ proxy: `http://127.0.0.1:${proxy.port}`, timeout: { connect: 150 } });
    const start = performance.now();
    const error = await failure(session.get('https://good.test/'));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ phase: 'connect', limit: 150, requestSent: false });
    expect(performance.now() - start).toBeLessThan(400);
    await proxy.quiet();
  });

  it('is named when it is not there, and tried again', async () => {
    const gone = await rawServer(() => undefined);
    await gone[Symbol.asyncDispose]();
    const session = openSession({ proxy: `http://127.0.0.1:${gone.port}`, retry: quickRetry(2) });
    for (const url of ['https://good.test/', 'http://good.test/']) {
      const error = await failure(session.post(url, { body: 'x' }));
      expect(error).toBeInstanceOf(ProxyError);
      // Nothing has left, so that even a POST may be repeated.
      expect(error).toMatchObject({
        attempts: 3,
        requestSent: false,
        cause: { cause: { code: 'ECONNREFUSED' } },
      });
      expect(String(error)).toMatch(/no connection to the proxy/);
    }
  });

  it('leaves no connection behind when the session is closed meanwhile', async () => {
    await using proxy = await scriptedProxy(() => null);
    const session = openSession({ proxy: `http://127.0.0.1:${proxy.port}` });
    const result = failure(session.get('https://good.test/'));
    await expect.poll(() => proxy.heads.length).toBe(1);
    await session.close();
    expect(await result).toMatchObject({ code: 'ERR_SESSION_CLOSED' });
    await proxy.quiet();
  });

  it("is left at once when the caller's signal is aborted", async () => {
    await using proxy = await scriptedProxy(() => null);
    const session = openSession({ proxy: `http://127.0.0.1:${proxy.port}` });
    const controller = new AbortController();
    const result = failure(session.get('https://good.test/', { signal: controller.signal }));
    await expect.poll(() => proxy.heads.length).toBe(1);
    controller.abort('enough');
    expect(await result).toBe('enough');
    await proxy.quiet();
  });
});

describe('an http origin through an http proxy', () => {
  it('is asked for in absolute form, with Host and Proxy-Authorization', async () => {
    await using proxy = await rawServer(answering(() => ok('forwarded')));
    const session = openSession({ proxy: `http://user:pw@127.0.0.1:${proxy.port}` });
    expect(await fetchText(session, 'http://some.test:81/x?y=1#z')).toBe('200 forwarded');
    expect(proxy.received[0]).toMatch(/^GET http:\/\/some\.test:81\/x\?y=1 HTTP\/1\.1\r\n/);
    expect(proxy.received[0]).toMatch(/^host: some\.test:81\r$/im);
    expect(proxy.received[0]).toMatch(/^proxy-authorization: Basic dXNlcjpwdw==\r$/im);
  });

  it('shares connections to the proxy between origins, whatever their Host', async () => {
    await using proxy = await rawServer(answering(() => ok('x')));
    const session = openSession({ proxy: `http://127.0.0.1:${proxy.port}` });
    await fetchText(session, 'http://a.test/');
    const headers = { host: 'other.test' };
    await (await session.get('http://b.test/', { headers })).text();
    expect(proxy.sockets).toHaveLength(1);
    expect(proxy.received[0]).toMatch(/GET http:\/\/b\.test\/ HTTP\/1\.1\r\n/);
    expect(proxy.received[0]?.match(/^host: .*$/gim)).toEqual(['host: a.test', 'host: other.test']);
  });

  it('sends no Proxy-Authorization when the connection is direct', async () => {
    await using origin = await rawServer(answering(() => ok('x')));
    const session = openSession({ proxy: { http: `http://u:p@127.0.0.1:1`, no: '127.0.0.1' } });
    await fetchText(session, `http://127.0.0.1:${origin.port}/`);
    expect(origin.received[0]?.toLowerCase()).not.toContain('proxy');
  });

  it('hands over a 407 that it cannot answer', async () => {
    await using proxy = await rawServer(
      answering(
        () => 'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 4\r\n\r\nnope',
      ),
    );
    const session = openSession({ proxy: `http://user:wrong@127.0.0.1:${proxy.port}` });
    expect(await fetchText(session, 'http://a.test/')).toBe('407 nope');
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
    const session = openSession({ tls, proxy: `http://user:secret@127.0.0.1:${proxy.port}` });
    expect(await fetchText(session, `https://good.test:${origin.port}/`)).toBe('200 secret');
    expect(await fetchText(session, `https://127.0.0.1:${origin.port}/`)).toBe('200 secret');
    expect(proxy.heads.map((head) => /nc=(\d+)/.exec(head)?.[1])).toEqual([
      undefined,
      '00000001',
      '00000002',
    ]);
  });

  it('is answered for a forwarded request, body and all, and in advance for other origins', async () => {
    await using proxy = await rawServer(
      answering((head) => (isRight(head, 'n1') ? ok('in') : challenge('n1'))),
    );
    const session = openSession({ proxy: `http://user:secret@127.0.0.1:${proxy.port}` });
    const response = await session.post('http://a.test/p?q', { body: 'abc' });
    expect(await response.text()).toBe('in');
    expect(await fetchText(session, 'http://b.test/')).toBe('200 in');
    expect(proxy.received[0]?.match(/abc/g)).toHaveLength(2);
    expect(proxy.received[0]?.match(/(?:GET|POST) http:/g)).toHaveLength(3);
    expect(session.stats()).toMatchObject({ pending: 0, unreadBodies: 0 });
  });

  it('is answered with a streamed body that can be made again', async () => {
    await using proxy = await rawServer(
      answering((head) => (isRight(head, 'n1') ? ok('in') : challenge('n1'))),
    );
    const session = openSession({ proxy: `http://user:secret@127.0.0.1:${proxy.port}` });
    const response = await session.post('http://a.test/', { body: new Blob(['twice']) });
    expect(await response.text()).toBe('in');
    expect(proxy.received.join('').match(/twice/g)).toHaveLength(2);
  });

  it('is answered again when the nonce went stale, but not for ever', async () => {
    let nonce = 1;
    await using proxy = await rawServer(
      answering((head) => (isRight(head, `n${nonce}`) ? ok('in') : challenge(`n${nonce}`, ', stale=true'))),
    );
    const session = openSession({ proxy: `http://user:secret@127.0.0.1:${proxy.port}` });
    expect(await fetchText(session, 'http://a.test/')).toBe('200 in');
    nonce = 2;
    expect(await fetchText(session, 'http://a.test/')).toBe('200 in');

    let count = 0;
    await using endless = await scriptedProxy(() => challenge(`x${count++}`, ', stale=true'));
    const other = openSession({ proxy: `http://user:secret@127.0.0.1:${endless.port}` });
    expect(await failure(other.get('https://a.test/'))).toMatchObject({ name: 'ProxyError', status: 407 });
    expect(endless.heads).toHaveLength(3);
  });

  it('ends with the 407 when the password is wrong', async () => {
    let count = 0;
    await using proxy = await scriptedProxy(() => challenge(`x${count++}`));
    const session = openSession({
      proxy: `http://user:wrong@127.0.0.1:${proxy.port}`,
      retry: quickRetry(2),
    });
    expect(await failure(session.get('https://a.test/'))).toMatchObject({ status: 407 });
    expect(proxy.heads).toHaveLength(2);
  });

  it('lets the 407 through when the body cannot be sent again', async () => {
    await using proxy = await rawServer((socket, received) => {
      socket.on('data', () => received().endsWith('0\r\n\r\n') && socket.write(challenge('n1')));
    });
    async function* body(): AsyncGenerator<string> {
      yield 'once';
    }
    const session = openSession({ proxy: `http://user:secret@127.0.0.1:${proxy.port}` });
    const response = await session.post('http://a.test/', { body: body() });
    expect([response.status, await response.text()]).toEqual([407, 'page']);
    expect(proxy.received[0]?.match(/once/g)).toHaveLength(1);
  });

  it('gives up a 407 whose page does not end, and answers on another connection', async () => {
    await using proxy = await rawServer(
      answering((head) =>
        isRight(head, 'n1')
          ? ok('in')
          : `${challenge('n1').replace('Content-Length: 4', 'Content-Length: 999999')}${'x'.repeat(200_000)}`,
      ),
    );
    const session = openSession({ proxy: `http://user:secret@127.0.0.1:${proxy.port}` });
    expect(await fetchText(session, 'http://a.test/')).toBe('200 in');
    expect(proxy.sockets).toHaveLength(2);
  });
});

describe('an https proxy', () => {
  it('carries TLS within TLS, each with its own name', async () => {
    await using origin = await secureOrigin();
    await using proxy = await scriptedProxy(() => ESTABLISHED, proxyIdentity);
    const session = openSession({ tls, proxy: `https://localhost:${proxy.port}` });
    expect(await fetchText(session, `https://good.test:${origin.port}/`)).toBe('200 secret');
    expect(await fetchText(session, `https://good.test:${origin.port}/`)).toBe('200 secret');
    expect(proxy.heads).toHaveLength(1);
    // A request for a page in clear text would show here.
    expect(proxy.received[0]).not.toContain('GET');
  });

  it('forwards plain requests on one connection, whatever their Host', async () => {
    await using proxy = await rawServer(
      answering(() => ok('forwarded')),
      { tls: proxyIdentity },
    );
    const session = openSession({ tls, proxy: `https://localhost:${proxy.port}` });
    for (const host of ['a.test', 'b.test', 'c.test']) {
      expect(await fetchText(session, `http://${host}/`)).toBe('200 forwarded');
    }
    expect(proxy.sockets).toHaveLength(1);
  });

  it('must prove its name, once and for all', async () => {
    await using proxy = await scriptedProxy(() => ESTABLISHED, identity);
    const session = openSession({ tls, proxy: `https://localhost:${proxy.port}`, retry: quickRetry(2) });
    for (const url of ['https://good.test/', 'http://good.test/']) {
      expect(await failure(session.get(url))).toMatchObject({
        name: 'ProxyError',
        retryable: false,
        attempts: 1,
        cause: { code: 'ERR_PROXY_TLS', cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } },
      });
    }
    expect(proxy.heads).toEqual([]);
  });

  it('is not spoken to in clear text', async () => {
    await using proxy = await scriptedProxy(() => ESTABLISHED);
    const session = openSession({
      proxy: `https://user:secret@localhost:${proxy.port}`,
      timeout: { connect: 300 },
    });
    expect(await failure(session.get('http://a.test/'))).toMatchObject({ phase: 'connect' });
    expect(Buffer.from(proxy.received[0] ?? '', 'latin1')[0]).toBe(0x16);
  });
});

describe('the proxy option', () => {
  it('chooses by scheme, host and function, per call over per session, and null means none', async () => {
    await using origin = await rawServer(answering(() => ok('direct')));
    await using first = await rawServer(answering(() => ok('first')));
    await using second = await rawServer(answering(() => ok('second')));
    const url = `http://127.0.0.1:${origin.port}/`;
    const [one, two] = [first, second].map(({ port }) => `http://127.0.0.1:${port}`);
    if (one === undefined || two === undefined) throw new Error('unreachable');
    const session = openSession({ proxy: { http: one, 'http://b.test': two, 'http://c.test': null } });
    expect(await fetchText(session, url)).toBe('200 first');
    expect(await fetchText(session, 'http://b.test/')).toBe('200 second');
    const via = async (proxy: Parameters<typeof session.get>[1], to = url): Promise<string> =>
      (await session.get(to, proxy)).text();
    expect(await via({ proxy: two })).toBe('second');
    expect(await via({ proxy: new URL(two) })).toBe('second');
    expect(await via({ proxy: null })).toBe('direct');
    expect(await via({ proxy: (to) => (to.pathname === '/2' ? two : null) }, `${url}2`)).toBe('second');
    expect(await via({ proxy: (to) => (to.pathname === '/2' ? two : null) })).toBe('direct');
    // Nothing given to a call is kept.
    expect(await fetchText(session, url)).toBe('200 first');
    expect([origin, first, second].map(({ sockets }) => sockets.length)).toEqual([1, 1, 1]);
  });

  it('is without effect on another session', async () => {
    await using origin = await rawServer(answering(() => ok('direct')));
    await using proxy = await rawServer(answering(() => ok('proxied')));
    const url = `http://127.0.0.1:${origin.port}/`;
    expect(await fetchText(openSession({ proxy: `127.0.0.1:${proxy.port}` }), url)).toBe('200 proxied');
    expect(await fetchText(openSession(), url)).toBe('200 direct');
  });

  it.each<[unknown, RegExp]>([
    ['ftp://p.test', /proxy must be one of http, https/],
    ['http://user:pw@:80:', /proxy must be a proxy URL/],
    [{ ftp: 'http://p.test' }, /proxy keys are/],
    [{ http: 5 }, /proxy\["http"\] must be a URL or null, got number/],
    [7, /proxy must be/],
  ])('%j is refused when it is given', async (proxy, message) => {
    const wrong = proxy as string;
    expect(() => openSession({ proxy: wrong })).toThrow(TypeError);
    expect(() => openSession({ proxy: wrong })).toThrow(message);
    const error = await failure(openSession().get('http://127.0.0.1:1/', { proxy: wrong }));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(message);
    expect(String(error)).not.toContain('pw@');
  });

  it('from a function that answers nonsense ends the call before anything is sent', async () => {
    await using origin = await rawServer(answering(() => ok('direct')));
    const session = openSession({ proxy: () => 'gopher://x' });
    expect(await failure(session.get(`http://127.0.0.1:${origin.port}/`))).toBeInstanceOf(TypeError);
    expect(origin.sockets).toHaveLength(0);
  });

  it('is refused beside unixSocket', async () => {
    const both = { proxy: 'http://127.0.0.1:1', unixSocket: '/tmp/x' };
    expect(() => openSession(both)).toThrow(/proxy and unixSocket/);
    const session = openSession({ proxy: 'http://127.0.0.1:1' });
    expect(String(await failure(session.get('http://a.test/', { unixSocket: '/tmp/x' })))).toMatch(
      /proxy and unixSocket/,
    );
  });
});

describe('a redirect', () => {
  const redirect = (to: string): string =>
    `HTTP/1.1 302 Found\r\nLocation: ${to}\r\nContent-Length: 0\r\n\r\n`;

  it('from a proxied http URL to a direct https one takes nothing of the proxy along', async () => {
    await using origin = await secureOrigin();
    await using proxy = await rawServer(answering(() => redirect(`https://127.0.0.1:${origin.port}/end`)));
    const session = openSession({ tls, proxy: { http: `http://user:pw@127.0.0.1:${proxy.port}` } });
    const response = await session.get('http://start.test/');
    expect(await response.text()).toBe('secret');
    expect(response.history).toHaveLength(1);
    expect(proxy.received[0]).toMatch(/proxy-authorization/i);
    expect(origin.received[0]?.toLowerCase()).not.toContain('proxy');
  });

  it('to an excluded host goes there directly, and back through the proxy', async () => {
    await using origin = await rawServer(answering(() => redirect('http://b.test/')));
    await using proxy = await rawServer(
      answering((head) =>
        head.startsWith('GET http://a.test/') ? redirect(`http://127.0.0.1:${origin.port}/`) : ok('end'),
      ),
    );
    const session = openSession({ proxy: { http: `http://u:p@127.0.0.1:${proxy.port}`, no: ['127.0.0.1'] } });
    expect(await fetchText(session, 'http://a.test/')).toBe('200 end');
    expect(origin.received[0]).toMatch(/^GET \/ HTTP/);
    expect(origin.received[0]?.toLowerCase()).not.toContain('proxy');
    expect(proxy.received[0]?.match(/^GET \S+/gm)).toEqual(['GET http://a.test/', 'GET http://b.test/']);
  });

  it("to the other scheme uses that scheme's proxy with its own credentials", async () => {
    await using origin = await secureOrigin();
    await using secure = await scriptedProxy(() => ESTABLISHED);
    await using plain = await rawServer(answering(() => redirect(`https://good.test:${origin.port}/`)));
    const session = openSession({
      tls,
      proxy: { http: `http://one:1@127.0.0.1:${plain.port}`, https: `http://two:2@127.0.0.1:${secure.port}` },
    });
    expect(await fetchText(session, 'http://a.test/')).toBe('200 secret');
    expect(plain.received[0]).toContain(basicOf('one:1'));
    expect(secure.heads[0]).toContain(basicOf('two:2'));
    expect(secure.heads[0]).not.toContain(basicOf('one:1'));
  });
});
