import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  close,
  echo,
  ProxyServer,
  raw,
  reset,
  respond,
  ScenarioServer,
  sequence,
  stall,
  text,
  tunnel,
} from './index.ts';

let origin: ScenarioServer;
let proxy: ProxyServer;
const sockets: Socket[] = [];

beforeEach(async () => {
  origin = await ScenarioServer.start();
  proxy = await ProxyServer.start();
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await proxy.close();
  await origin.close();
});

function open(): Socket {
  const socket = connect({ port: proxy.port, host: '127.0.0.1' });
  sockets.push(socket);
  return socket;
}

async function talk(bytes: string, socket = open()): Promise<{ text: string; end: string }> {
  let received = '';
  socket.on('data', (piece) => {
    received += piece.toString('latin1');
  });
  socket.write(bytes);
  const end = await new Promise<string>((resolve) => {
    socket.on('end', () => resolve('FIN'));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
  });
  return { text: received, end };
}

const FORWARDED =
  'GET http://some.test:81/p?q HTTP/1.1\r\nHost: some.test:81\r\nX-A: 1\r\nConnection: close\r\n\r\n';
const CONNECT = 'CONNECT some.test:81 HTTP/1.1\r\nHost: some.test:81\r\nUser-Agent: x\r\n\r\n';

describe('forwarding', () => {
  it('sends a request where its authority is mapped, without the fields of the connection', async () => {
    proxy.map('some.test:81', origin.origin);
    origin.otherwise(text('from the origin', { headers: { 'Set-Cookie': ['a=1', 'b=2'] } }));
    const answer = await talk(FORWARDED.replace('X-A', 'Proxy-Authorization: Basic eA==\r\nX-A'));
    expect(answer.text).toMatch(
      /^HTTP\/1\.1 200 OK\r\n.*Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n.*\r\n\r\nfrom the origin$/s,
    );
    expect(origin.last?.target).toBe('/p?q');
    expect(origin.last?.header('host')).toBe('some.test:81');
    expect(origin.last?.header('proxy-authorization')).toBeUndefined();
    expect(proxy.last?.target).toBe('http://some.test:81/p?q');
  });

  it('passes a body on and keeps the connection', async () => {
    proxy.map('some.test', origin.origin);
    origin.otherwise(echo());
    const post = 'POST http://some.test/ HTTP/1.1\r\nhost: some.test\r\ncontent-length: 3\r\n\r\nabc';
    const answer = await talk(`${post}${post.replace('host', 'connection: close\r\nhost')}`);
    expect(answer.text.match(/"body":"abc"/g)).toHaveLength(2);
    expect(proxy.requests.map(({ connection }) => connection)).toEqual([1, 1]);
  });

  it('breaks off when the origin does', async () => {
    proxy.map('some.test:81', origin.origin);
    origin.otherwise(sequence(raw('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'), close()));
    expect((await talk(FORWARDED)).end).toBe('ECONNRESET');
  });

  it('answers 502 for names without an entry and 400 for https: URLs', async () => {
    expect((await talk(FORWARDED)).text).toContain('502 Bad Gateway');
    expect((await talk(FORWARDED.replace('http:', 'https:'))).text).toContain('400 Bad Request');
  });

  it('asks for Basic credentials', async () => {
    await proxy.close();
    proxy = await ProxyServer.start({ auth: { username: 'user', password: 'pw' } });
    proxy.map('some.test:81', origin.origin);
    expect((await talk(FORWARDED)).text).toContain(
      '407 Proxy Authentication Required\r\nproxy-authenticate: Basic',
    );
    const credentials = Buffer.from('user:pw').toString('base64');
    await talk(FORWARDED.replace('X-A', `Proxy-Authorization: Basic ${credentials}\r\nX-A`));
    expect(origin.requests).toHaveLength(1);
  });
});

describe('tunnelling', () => {
  it('carries TLS to the server its authority is mapped to', async () => {
    await using secure = await ScenarioServer.start({ tls: { certificate: { names: ['some.test'] } } });
    secure.otherwise(text('through the tunnel'));
    proxy.map('some.test:443', secure.origin);
    const socket = open();
    socket.write('CONNECT some.test:443 HTTP/1.1\r\nhost: some.test:443\r\n\r\n');
    const [reply] = await once(socket, 'data');
    expect(String(reply)).toBe('HTTP/1.1 200 Connection established\r\n\r\n');
    const secured = connectTls({ socket, ca: secure.ca, servername: 'some.test' });
    let received = '';
    secured.on('data', (piece) => {
      received += piece;
    });
    secured.write('GET / HTTP/1.1\r\nhost: some.test\r\nconnection: close\r\n\r\n');
    await once(secured, 'end');
    expect(received).toContain('through the tunnel');
    expect(proxy.connects.map(({ target }) => target)).toEqual(['some.test:443']);
    expect(proxy.tunnels[0]?.authority).toBe('some.test:443');
    expect(proxy.tunnels[0]?.sent[0]).toBe(0x16);
    await proxy.waitFor(() => proxy.tunnels[0]?.open === false);
    expect(proxy.openConnections).toBe(0);
  });

  it('passes on bytes that came with the CONNECT, and RST', async () => {
    proxy.map('some.test:81', origin.origin);
    origin.otherwise(reset());
    expect((await talk(`${CONNECT}GET /early HTTP/1.1\r\nhost: a\r\n\r\n`)).end).toBe('ECONNRESET');
    expect(origin.last?.path).toBe('/early');
  });

  it.each([
    [
      '407',
      respond({
        status: 407,
        headers: { 'proxy-authenticate': 'Digest realm="r", nonce="n"', connection: 'close' },
      }),
      '407 Proxy',
    ],
    [
      '302',
      respond({ status: 302, headers: { location: 'http://evil.test/', connection: 'close' } }),
      '302 Found',
    ],
    ['garbage', sequence(raw('garbage\r\n\r\n'), close()), 'garbage'],
    ['FIN', close(), ''],
    ['dribble', sequence(raw('HTTP/1.1 200 OK\r\n', { every: 1 }), close()), 'HTTP/1.1 200 OK'],
  ])('answers CONNECT with %s when told', async (_, script, expected) => {
    proxy.map('some.test:81', origin.origin).route('CONNECT *', script);
    expect((await talk(CONNECT)).text).toContain(expected);
    expect(proxy.connects[0]?.header('user-agent')).toBe('x');
    expect([proxy.tunnels.length, origin.connections.length]).toEqual([0, 0]);
  });

  it('takes another request behind a CONNECT that it refused', async () => {
    proxy.map('some.test:81', origin.origin).route('CONNECT some.test:81', [respond(407), tunnel()]);
    origin.otherwise(text('ok'));
    const answer = await talk(`${CONNECT}${CONNECT}GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
    expect(answer.text).toMatch(
      /^HTTP\/1\.1 407 .*HTTP\/1\.1 200 Connection established\r\n\r\nHTTP\/1\.1 200 OK.*ok$/s,
    );
  });

  it('sends early bytes behind its 200', async () => {
    proxy.map('some.test:81', origin.origin);
    proxy.route('CONNECT *', tunnel({ reply: 'HTTP/1.1 200 OK\r\n\r\nEARLY' }));
    const socket = open();
    socket.write(CONNECT);
    expect(String((await once(socket, 'data'))[0])).toBe('HTTP/1.1 200 OK\r\n\r\nEARLY');
  });

  it('stays silent', async () => {
    proxy.route('CONNECT *', stall());
    const socket = open();
    socket.write(CONNECT);
    await proxy.waitFor(1);
    socket.destroy();
    await proxy.waitFor(({ openConnections }) => openConnections === 0);
    expect(proxy.connections[0]?.bytes.toString()).toBe(CONNECT);
  });
});

it('refuses forward and tunnel on a server that is no proxy', async () => {
  const plain = await ScenarioServer.start();
  plain.otherwise({ forward: true });
  await expect(fetch(plain.url())).rejects.toThrow();
  await expect(plain.close()).rejects.toThrow('forward and tunnel are steps of a ProxyServer');
});
