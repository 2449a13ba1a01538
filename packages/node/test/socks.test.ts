import { connect, type Socket } from 'node:net';
import type { Dispatcher } from 'undici/index.js';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createProxyDispatcher, type ProxyDispatcherOptions } from '../src/proxy-dispatcher.ts';
import { resolveTls } from '../src/tls-options.ts';
import { type Authority, createAuthority, type Identity } from './support/certificates.ts';
import { answering, ok, type RawServer, rawServer } from './support/raw-server.ts';

let authority: Authority;
let identity: Identity;
beforeAll(async () => {
  authority = await createAuthority();
  identity = await authority.issue(['good.test']);
});

const dispatchers: Dispatcher[] = [];
afterEach(async () => {
  await Promise.all(dispatchers.splice(0).map((dispatcher) => dispatcher.destroy()));
});

const fetchThrough = async (
  proxy: string,
  url: string,
  options: ProxyDispatcherOptions = {},
): Promise<string> => {
  const tls = resolveTls({ ca: authority.ca });
  const dispatcher = createProxyDispatcher(proxy, { tls, connectTimeout: 5_000, ...options });
  dispatchers.push(dispatcher);
  const response = await dispatcher.request({ origin: new URL(url).origin, path: '/', method: 'GET' });
  return `${response.statusCode} ${await response.body.text()}`;
};

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

const lookup: ProxyDispatcherOptions['lookup'] = (name, _options, callback) =>
  callback(null, [{ address: name === 'good.test' ? '10.1.2.3' : '127.0.0.1', family: 4 }]);

describe('SOCKS 4', () => {
  it('is given the address that was looked up here, and the user', async () => {
    await using origin = await rawServer(answering(() => ok('plain')));
    await using proxy = await socks4();
    expect(
      await fetchThrough(`socks4://me@127.0.0.1:${proxy.port}`, `http://good.test:${origin.port}`, {
        lookup,
      }),
    ).toBe('200 plain');
    expect(proxy.asked).toEqual(['4/1 10.1.2.3 me ']);
    expect(origin.received[0]).toMatch(/^host: good\.test:/m);
  });

  it('4a is given the name', async () => {
    await using origin = await rawServer(
      answering(() => ok('secure')),
      { tls: identity },
    );
    await using proxy = await socks4();
    expect(await fetchThrough(`socks4a://127.0.0.1:${proxy.port}`, `https://good.test:${origin.port}`)).toBe(
      '200 secure',
    );
    expect(proxy.asked).toEqual(['4/1 0.0.0.1  good.test']);
  });

  it('cannot reach an IPv6 address', async () => {
    await using proxy = await socks4();
    await expect(fetchThrough(`socks4://127.0.0.1:${proxy.port}`, 'http://[::1]:1')).rejects.toMatchObject({
      code: 'ERR_PROXY_SOCKS',
      message: 'the SOCKS proxy failed: SOCKS 4 cannot reach an IPv6 address',
    });
  });

  it('reports a name that cannot be looked up as such', async () => {
    await using proxy = await socks4();
    const failing: ProxyDispatcherOptions['lookup'] = (name, _options, callback) =>
      name === 'none.test'
        ? callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), '')
        : callback(null, [{ address: '127.0.0.1', family: 4 }]);
    await expect(
      fetchThrough(`socks4://127.0.0.1:${proxy.port}`, 'http://none.test', { lookup: failing }),
    ).rejects.toMatchObject({ code: 'ENOTFOUND' });
    expect(proxy.asked).toEqual([]);
  });
});

describe('a SOCKS proxy that fails', () => {
  it('verifies the origin inside the tunnel', async () => {
    await using origin = await rawServer(
      answering(() => ok('secure')),
      { tls: identity },
    );
    await using proxy = await socks4();
    const url = `https://evil.test:${origin.port}`;
    await expect(fetchThrough(`socks4a://127.0.0.1:${proxy.port}`, url)).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    const good = `https://good.test:${origin.port}`;
    await expect(
      fetchThrough(`socks4a://127.0.0.1:${proxy.port}`, good, { tls: resolveTls() }),
    ).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });

  it.each(['http', 'https'])(
    'ends an %s request when bytes come before anything was sent',
    async (scheme) => {
      await using origin = await rawServer(
        answering(() => ok('origin')),
        scheme === 'https' ? { tls: identity } : {},
      );
      await using proxy = await socks4('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil');
      await expect(
        fetchThrough(`socks4a://127.0.0.1:${proxy.port}`, `${scheme}://good.test:${origin.port}`),
      ).rejects.toMatchObject({ code: 'ERR_PROXY_EARLY_DATA' });
      expect(origin.received.join('')).toBe('');
    },
  );

  it.each<[string, (socket: Socket) => void]>([
    ['hangs up', (socket) => socket.end()],
    ['resets', (socket) => socket.resetAndDestroy()],
    ['speaks HTTP', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['wants another way to authenticate', (socket) => socket.write(Buffer.from([5, 0xff]))],
  ])('ends the request after one attempt when it %s', async (_title, act) => {
    await using proxy = await rawServer((socket) => socket.once('data', () => act(socket)));
    await expect(
      fetchThrough(`socks5h://user:secret@127.0.0.1:${proxy.port}`, 'https://good.test'),
    ).rejects.toMatchObject({ code: 'ERR_PROXY_SOCKS' });
    await proxy.quiet();
    expect(proxy.sockets).toHaveLength(1);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['is silent', () => undefined],
    ['stops within its answer', (socket) => socket.write(Buffer.from([5]))],
  ])('ends the request at the connect timeout when it %s', async (_title, act) => {
    await using proxy = await rawServer((socket) => socket.once('data', () => act(socket)));
    const start = performance.now();
    await expect(
      fetchThrough(`socks5h://127.0.0.1:${proxy.port}`, 'http://good.test', { connectTimeout: 150 }),
    ).rejects.toMatchObject({ code: 'ERR_CONNECT_TIMEOUT' });
    expect(performance.now() - start).toBeLessThan(600);
    await proxy.quiet();
  });

  it('names a proxy that is not there', async () => {
    const gone = await rawServer(() => undefined);
    await gone[Symbol.asyncDispose]();
    await expect(fetchThrough(`socks5://127.0.0.1:${gone.port}`, 'http://localhost')).rejects.toMatchObject({
      code: 'ERR_PROXY_UNREACHABLE',
    });
  });

  it('is not asked with a credential its protocol has no room for', async () => {
    await using proxy = await rawServer(() => undefined);
    await expect(
      fetchThrough(`socks5h://user:${'x'.repeat(300)}@127.0.0.1:${proxy.port}`, 'http://good.test'),
    ).rejects.toMatchObject({ code: 'ERR_PROXY_SOCKS' });
    expect(proxy.received.join('')).toBe('');
  });
});
