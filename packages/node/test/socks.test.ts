import { connect, type Socket } from 'node:net';
import type { SessionOptions } from '@httpsession/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Authority, createAuthority, type Identity } from './support/certificates.ts';
import { answering, ok, type RawServer, rawServer } from './support/raw-server.ts';
import { failure, fetchText, openSession, quickRetry } from './support/session.ts';

let authority: Authority;
let identity: Identity;
let tls: { readonly ca: string };
beforeAll(async () => {
  authority = await createAuthority();
  identity = await authority.issue(['good.test']);
  tls = { ca: authority.ca };
});

/** SOCKS 4 and 4a; every name and address leads to 127.0.0.1. `more` is sent right behind the grant. */
const socks4 = (more = ''): Promise<RawServer & { readonly asked: string[] }> => {
  const asked: string[] = [];
  return rawServer((socket) => {
    socket.once('data', (request) => {
      const [version, command] = request;
      const port = request.readUInt16BE(2);
      const address = [...request.subarray(4, 8)].join('.');
      const [user, name] = request.subarray(8).toString('latin1').split('\0');
      asked.push(`${version}/${command} ${address} ${user} ${name}`);
      bridge(socket, port, Buffer.from([0, 90, 0, 0, 0, 0, 0, 0]), more);
    });
  }).then((server) => Object.assign(server, { asked }));
};

function bridge(socket: Socket, port: number, grant: Buffer, more: string): void {
  const origin = connect(port, '127.0.0.1', () => {
    socket.write(Buffer.concat([grant, Buffer.from(more)]));
    socket.pipe(origin).pipe(socket);
  });
  origin.on('error', () => socket.destroy());
  socket.on('close', () => origin.destroy());
}

type Lookup = (
  name: string,
  options: unknown,
  callback: (error: Error | null, addresses: readonly { address: string; family: number }[]) => void,
) => void;
const lookup: Lookup = (name, _options, callback) =>
  callback(null, [{ address: name === 'good.test' ? '10.1.2.3' : '127.0.0.1', family: 4 }]);

const through = (proxy: string, more: SessionOptions = {}): ReturnType<typeof openSession> =>
  openSession({ tls, proxy, ...more });

describe('SOCKS 4', () => {
  it('is given the address that was looked up here, and the user', async () => {
    await using origin = await rawServer(answering(() => ok('plain')));
    await using proxy = await socks4();
    const session = through(`socks4://me@127.0.0.1:${proxy.port}`, { lookup });
    expect(await fetchText(session, `http://good.test:${origin.port}`)).toBe('200 plain');
    expect(proxy.asked).toEqual(['4/1 10.1.2.3 me ']);
    expect(origin.received[0]).toMatch(/^host: good\.test:/im);
    expect(origin.received[0]?.toLowerCase()).not.toContain('proxy');
  });

  it('4a is given the name', async () => {
    await using origin = await rawServer(
      answering(() => ok('secure')),
      { tls: identity },
    );
    await using proxy = await socks4();
    const session = through(`socks4a://127.0.0.1:${proxy.port}`);
    expect(await fetchText(session, `https://good.test:${origin.port}`)).toBe('200 secure');
    expect(proxy.asked).toEqual(['4/1 0.0.0.1  good.test']);
  });

  it('has a tunnel for each origin: one never carries the request of another', async () => {
    await using a = await rawServer(answering(() => ok('a')));
    await using b = await rawServer(answering(() => ok('b')));
    await using proxy = await socks4();
    const session = through(`socks4a://127.0.0.1:${proxy.port}`);
    for (let n = 0; n < 2; n++) {
      expect(await fetchText(session, `http://a.test:${a.port}`)).toBe('200 a');
      expect(await fetchText(session, `http://b.test:${b.port}`)).toBe('200 b');
    }
    expect(proxy.asked).toHaveLength(2);
  });

  it('cannot reach an IPv6 address', async () => {
    await using proxy = await socks4();
    const error = await failure(through(`socks4://127.0.0.1:${proxy.port}`).get('http://[::1]:1'));
    expect(error).toMatchObject({
      name: 'ProxyError',
      retryable: false,
      cause: { code: 'ERR_PROXY_DENIED' },
    });
    expect(String(error)).toMatch(/SOCKS 4 cannot reach an IPv6 address/);
  });

  it('reports a name that cannot be looked up as such', async () => {
    await using proxy = await socks4();
    const failing: Lookup = (name, _options, callback) =>
      name === 'none.test'
        ? callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), [])
        : callback(null, [{ address: '127.0.0.1', family: 4 }]);
    const session = through(`socks4://127.0.0.1:${proxy.port}`, { lookup: failing });
    expect(await failure(session.get('http://none.test'))).toMatchObject({
      name: 'ConnectionError',
      phase: 'dns',
      requestSent: false,
    });
    expect(proxy.asked).toEqual([]);
  });
});

describe('inside a SOCKS tunnel', () => {
  it('the TLS settings of the origin count', async () => {
    await using origin = await rawServer(
      answering(() => ok('secure')),
      { tls: identity },
    );
    await using proxy = await socks4();
    const session = through(`socks4a://127.0.0.1:${proxy.port}`, { retry: quickRetry(2) });
    expect(await failure(session.get(`https://evil.test:${origin.port}`))).toMatchObject({
      name: 'TLSError',
      reason: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    const good = `https://good.test:${origin.port}`;
    expect(await failure(session.get(good, { tls: {} }))).toMatchObject({
      name: 'TLSError',
      reason: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    });
    expect(await (await session.get(good, { tls: { verify: false } })).text()).toBe('secure');
    expect(proxy.asked).toHaveLength(3);
  });
});

describe('a SOCKS proxy that fails', () => {
  it.each(['http', 'https'])(
    'ends an %s request when bytes come before anything was sent',
    async (scheme) => {
      await using origin = await rawServer(
        answering(() => ok('origin')),
        scheme === 'https' ? { tls: identity } : {},
      );
      await using proxy = await socks4('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil');
      const session = through(`socks4a://127.0.0.1:${proxy.port}`);
      expect(await failure(session.get(`${scheme}://good.test:${origin.port}`))).toMatchObject({
        name: 'ProxyError',
        cause: { code: 'ERR_PROXY_EARLY_DATA' },
      });
      expect(origin.received.join('')).toBe('');
    },
  );

  it.each<[string, (socket: Socket) => void, number]>([
    ['hangs up', (socket) => socket.end(), 3],
    ['resets', (socket) => socket.resetAndDestroy(), 3],
    ['speaks HTTP', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), 3],
    ['accepts no way to authenticate', (socket) => socket.write(Buffer.from([5, 0xff])), 1],
    [
      'refuses the password',
      (socket) => {
        socket.once('data', () => socket.write(Buffer.from([1, 1])));
        socket.write(Buffer.from([5, 2]));
      },
      1,
    ],
  ])('ends in ProxyError when it %s, tried as often as that makes sense', async (_title, act, tries) => {
    await using proxy = await rawServer((socket) => socket.once('data', () => act(socket)));
    const session = through(`socks5h://user:secret@127.0.0.1:${proxy.port}`, { retry: quickRetry(2) });
    const error = await failure(session.get('https://good.test'));
    expect(error).toMatchObject({
      name: 'ProxyError',
      phase: 'connect',
      requestSent: false,
      attempts: tries,
    });
    expect(String(Reflect.get(Object(error), 'stack'))).not.toContain('secret');
    await proxy.quiet();
    expect(proxy.sockets).toHaveLength(tries);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['is silent', () => undefined],
    ['stops within its answer', (socket) => socket.write(Buffer.from([5]))],
  ])('ends at the connect timeout when it %s', async (_title, act) => {
    await using proxy = await rawServer((socket) => socket.once('data', () => act(socket)));
    const session = through(`socks5h://127.0.0.1:${proxy.port}`, { timeout: { connect: 150 } });
    const start = performance.now();
    expect(await failure(session.get('http://good.test'))).toMatchObject({
      name: 'TimeoutError',
      phase: 'connect',
    });
    expect(performance.now() - start).toBeLessThan(400);
    await proxy.quiet();
  });

  it('is named when it is not there', async () => {
    const gone = await rawServer(() => undefined);
    await gone[Symbol.asyncDispose]();
    const session = through(`socks5://127.0.0.1:${gone.port}`);
    expect(await failure(session.get('http://localhost'))).toMatchObject({
      name: 'ProxyError',
      cause: { code: 'ERR_PROXY_UNREACHABLE' },
    });
  });

  it('is not asked with a credential its protocol has no room for', async () => {
    await using proxy = await rawServer(() => undefined);
    const session = through(`socks5h://user:${'x'.repeat(300)}@127.0.0.1:${proxy.port}`);
    expect(await failure(session.get('http://good.test'))).toMatchObject({
      name: 'ProxyError',
      retryable: false,
    });
    expect(proxy.received.join('')).toBe('');
  });
});
