import { type AddressInfo, connect as connectPlain, createServer } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import {
  at,
  close,
  raw,
  reset,
  ScenarioServer,
  sequence,
  sleep,
  stall,
  type TlsSetting,
  testAuthority,
  text,
} from './index.ts';

let server: ScenarioServer;
const sockets: { destroy(): unknown }[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
});

async function start(tls: TlsSetting): Promise<void> {
  server = await ScenarioServer.start({ tls });
  server.otherwise(text('secret'));
}

async function trusting(options: ConnectionOptions = {}): Promise<ConnectionOptions> {
  const { ca } = await testAuthority();
  return { host: '127.0.0.1', port: server.port, ca, servername: 'localhost', ...options };
}

/** Shakes hands, asks, and returns the answer or the code of the failure. */
async function ask(
  options: ConnectionOptions = {},
): Promise<{ text: string; end: string; socket: TLSSocket }> {
  const socket = connect(await trusting(options));
  sockets.push(socket);
  let received = '';
  socket.on('data', (piece) => {
    received += piece;
  });
  socket.on('secureConnect', () =>
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'),
  );
  const end = await new Promise<string>((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on('end', () => resolve('end'));
  });
  return { text: received, end, socket };
}

describe('a TLS server', () => {
  it.each(['localhost', '127.0.0.1', '::1'])('is valid for %s', async (name) => {
    await start(true);
    const servername = name === 'localhost' ? name : '';
    const options: ConnectionOptions =
      name === 'localhost'
        ? {}
        : {
            servername,
            checkServerIdentity: (_, cert) => {
              expect(cert.subjectaltname).toContain(name === '::1' ? '0:0:0:0:0:0:0:1' : name);
              return undefined;
            },
          };
    expect((await ask(options)).text).toContain('secret');
  });

  it('is reached by its own origin', async () => {
    await start(true);
    expect(server.origin).toBe(`https://localhost:${server.port}`);
    expect(server.ca).toBe((await testAuthority()).ca);
    await ask();
    expect(server.last).toMatchObject({ tls: true, method: 'GET' });
  });

  it.each([
    ['self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['expired', 'CERT_HAS_EXPIRED'],
    ['wrong-host', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ] as const)('with a certificate that is %s is refused', async (certificate, code) => {
    await start(certificate);
    expect((await ask()).end).toBe(code);
    expect(server.requests).toHaveLength(0);
  });

  it('has a certificate for other names, and records the one asked for', async () => {
    await start({ certificate: { names: ['some.test', '*.some.test'] } });
    expect((await ask({ servername: 'a.some.test' })).text).toContain('secret');
    expect(server.connections[0]?.tls).toMatchObject({ servername: 'a.some.test', alpn: undefined });
  });

  it('agrees on a protocol by ALPN', async () => {
    await start({ alpn: ['http/1.1'] });
    expect((await ask({ ALPNProtocols: ['h2', 'http/1.1'] })).socket.alpnProtocol).toBe('http/1.1');
    expect(server.connections[0]?.tls?.alpn).toBe('http/1.1');
  });

  it('records the certificate of a client', async () => {
    await start({ requestCert: true });
    await ask();
    const { cert, key } = await server.issueClientCertificate('someone');
    await ask({ cert, key });
    expect(server.connections.map(({ tls }) => [tls?.authorized, tls?.peerCertificate?.commonName])).toEqual([
      [false, undefined],
      [true, 'someone'],
    ]);
  });

  it('requires a certificate of each client', async () => {
    await start({ requestCert: 'require' });
    expect((await ask()).text).toBe('');
    expect(server.requests).toHaveLength(0);
    expect((await ask(await server.issueClientCertificate())).text).toContain('secret');
  });

  it('speaks old versions only when told', async () => {
    await start({ maxVersion: 'TLSv1.2' });
    expect((await ask({ minVersion: 'TLSv1.3' })).end).toMatch(/VERSION/);
    await server.waitFor(({ connections }) => connections[0]?.error !== undefined);
    expect((await ask()).socket.getProtocol()).toBe('TLSv1.2');
  });
});

describe('faults under TLS', () => {
  it('stays silent in the handshake', async () => {
    await start(true);
    server.onConnect(stall());
    const socket = connect(await trusting());
    sockets.push(socket);
    let secured = false;
    socket.on('secureConnect', () => {
      secured = true;
    });
    await server.waitFor(({ connections }) => connections.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect([secured, server.openConnections]).toEqual([false, 1]);
  });

  it('speaks plain HTTP on the TLS port', async () => {
    await start(true);
    server.onConnect(sequence(raw('HTTP/1.1 400 Bad Request\r\n\r\n'), close()));
    expect((await ask()).end).toMatch(/WRONG_VERSION|PACKET_LENGTH/);
  });

  it('sends RST behind the handshake', async () => {
    await start(true);
    // Node's client takes an RST that meets its own write right behind the handshake for an end.
    server.onConnect(at('tls', sleep(20), reset()));
    expect((await ask()).end).toBe('ECONNRESET');
    expect(server.connections[0]?.tls?.servername).toBe('localhost');
  });

  it.each([
    ['RST mid body', reset(), 'ECONNRESET'],
    ['FIN with close_notify', close(), 'end'],
    ['FIN without close_notify', close({ notify: false }), 'end'],
  ])('ends a body with %s', async (_, step, end) => {
    await start(true);
    server.otherwise(sequence(raw('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'), step));
    const answer = await ask();
    expect(answer.end).toBe(end);
  });

  it('leaves close_notify out of the bytes on the wire', async () => {
    await start({ maxVersion: 'TLSv1.2' });
    // A TLS 1.2 alert record begins with 0x15; nothing else the server sends at the end does.
    let lastType = 0;
    const relay = createServer((near) => {
      const far = connectPlain(server.port, '127.0.0.1');
      sockets.push(near, far);
      far.on('data', (piece) => {
        for (let index = 0; index + 5 <= piece.length; index += 5 + piece.readUInt16BE(index + 3)) {
          lastType = piece[index] ?? 0;
        }
      });
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
    const { port } = relay.address() as AddressInfo;
    server.otherwise([
      sequence(raw('HTTP/1.1 200 OK\r\n\r\nabc'), close()),
      sequence(raw('HTTP/1.1 200 OK\r\n\r\nabc'), close({ notify: false })),
    ]);
    await ask({ port });
    expect(lastType).toBe(0x15);
    await ask({ port });
    expect(lastType).toBe(0x17);
    relay.close();
  });

  it('frees the socket of a client that leaves in the handshake', async () => {
    await start(true);
    const plain = connectPlain(server.port, '127.0.0.1');
    sockets.push(plain);
    plain.write(Buffer.from([0x16, 0x03, 0x01]));
    await server.waitFor(({ openConnections }) => openConnections === 1);
    plain.destroy();
    await server.waitFor(({ openConnections }) => openConnections === 0);
  });
});
