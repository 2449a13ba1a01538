import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, type Dispatcher } from 'undici/index.js';
import { afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type ConnectorOptions, createConnector } from '../src/connector.ts';
import { resolveTls, type TlsOptions } from '../src/tls-options.ts';
import { type Authority, createAuthority, type Identity } from './support/certificates.ts';
import { answering, ok, rawServer } from './support/raw-server.ts';

const agents: Agent[] = [];

const get = async (
  url: string,
  options: ConnectorOptions,
  headers: Record<string, string> = {},
): Promise<string> => {
  const agent = new Agent({ connect: createConnector(options) });
  agents.push(agent);
  return text(await agent.request({ origin: new URL(url).origin, path: '/', method: 'GET', headers }));
};
const text = (response: Dispatcher.ResponseData): Promise<string> => response.body.text();

afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.destroy()));
});

describe('createConnector', () => {
  it('leaves nothing behind and does not call back when a connection is given up', async () => {
    await using server = await rawServer(() => undefined);
    let called = false;
    const target = {
      protocol: 'https:',
      hostname: '127.0.0.1',
      host: '127.0.0.1',
      port: String(server.port),
    };
    const attempt = createConnector()(target, () => {
      called = true;
    });
    await expect.poll(() => server.received.join('')).not.toBe('');
    attempt.destroy();
    await server.quiet();
    expect(called).toBe(false);
  });

  it('connects to a unix socket whatever the host', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'httpsession-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const path = join(directory, 's');
    await using server = await rawServer(
      answering(() => ok('unix')),
      { path },
    );
    expect(await get('http://api.example.com', { unixSocket: path })).toBe('unix');
    expect(server.received[0]).toMatch(/^host: api\.example\.com\r$/im);
  });

  it('connects from a local address', async () => {
    await using server = await rawServer(answering(() => ok('x')));
    await get(`http://127.0.0.1:${server.port}`, { localAddress: '127.0.0.3' });
    expect(server.sockets[0]?.remoteAddress).toBe('127.0.0.3');
  });

  it('tries the next address when the first does not answer', async () => {
    await using server = await rawServer(answering(() => ok('v4')));
    const lookup: ConnectorOptions['lookup'] = (_name, _options, callback) =>
      callback(null, [
        { address: '::1', family: 6 },
        { address: '127.0.0.1', family: 4 },
      ]);
    expect(await get(`http://both.test:${server.port}`, { lookup })).toBe('v4');
  });
});

describe('TLS', () => {
  let authority: Authority;
  let identity: Identity;
  const lookup: ConnectorOptions['lookup'] = (_name, _options, callback) =>
    callback(null, [{ address: '127.0.0.1', family: 4 }]);
  const secure = (tls: TlsOptions, url: string, headers?: Record<string, string>): Promise<string> =>
    get(url, { tls: resolveTls(tls), lookup }, headers);

  beforeAll(async () => {
    authority = await createAuthority();
    identity = await authority.issue(['good.test', '127.0.0.1']);
  });

  it('refuses what the given authorities did not sign and accepts what they did', async () => {
    await using server = await rawServer(
      answering(() => ok('secure')),
      { tls: identity },
    );
    const other = await createAuthority('Other CA');
    const url = `https://good.test:${server.port}`;
    expect(await secure({ ca: authority.ca }, url)).toBe('secure');
    expect(await secure({ ca: [other.ca, authority.ca] }, url)).toBe('secure');
    await expect(secure({}, url)).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
    await expect(secure({ ca: other.ca }, url)).rejects.toMatchObject({
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    });
    expect(await secure({ verify: false }, url)).toBe('secure');
  });

  it('verifies the name in the URL, not the one in the Host header', async () => {
    await using server = await rawServer(
      answering(() => ok('secure')),
      { tls: identity },
    );
    const tls = { ca: authority.ca };
    await expect(
      secure(tls, `https://evil.test:${server.port}`, { host: 'good.test' }),
    ).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    expect(await secure(tls, `https://good.test:${server.port}`, { host: 'other.test' })).toBe('secure');
    expect(server.received.join('')).toMatch(/^host: other\.test\r$/im);
  });

  it('verifies tls.serverName when there is one', async () => {
    let asked: unknown;
    await using server = await rawServer(
      (socket, received) => {
        asked = Reflect.get(socket, 'servername');
        answering(() => ok('secure'))(socket, received);
      },
      { tls: identity },
    );
    expect(
      await secure({ ca: authority.ca, serverName: 'good.test' }, `https://evil.test:${server.port}`),
    ).toBe('secure');
    expect(asked).toBe('good.test');
    expect(await secure({ ca: authority.ca }, `https://127.0.0.1:${server.port}`)).toBe('secure');
  });

  it('shows a client certificate', async () => {
    const client = await authority.issue(['client']);
    await using server = await rawServer(
      answering(() => ok('known')),
      {
        tls: { ...identity, ca: authority.ca, requestCert: true, rejectUnauthorized: true },
      },
    );
    const url = `https://good.test:${server.port}`;
    expect(await secure({ ca: authority.ca, cert: client.cert, key: client.key }, url)).toBe('known');
    expect(await secure({ ca: authority.ca, cert: client.key + client.cert }, url)).toBe('known');
    await expect(secure({ ca: authority.ca }, url)).rejects.toThrow();
  });

  it('accepts only a pinned key, with verify: false too', async () => {
    await using server = await rawServer(
      answering(() => ok('pinned')),
      { tls: identity },
    );
    const { pin: stranger } = await authority.issue(['good.test']);
    const url = `https://good.test:${server.port}`;
    expect(await secure({ ca: authority.ca, pin: identity.pin }, url)).toBe('pinned');
    expect(await secure({ verify: false, pin: [stranger, identity.pin.replace('/', '//')] }, url)).toBe(
      'pinned',
    );
    for (const tls of [
      { ca: authority.ca, pin: stranger },
      { verify: false, pin: stranger },
    ]) {
      const before = server.received.length;
      await expect(secure(tls, url)).rejects.toMatchObject({ code: 'ERR_TLS_PIN' });
      expect(server.received.slice(before).join('')).toBe('');
    }
    await Promise.all(agents.splice(0).map((agent) => agent.destroy()));
    await server.quiet();
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'judges the pin on every %s connection, resuming none',
    async (maxVersion) => {
      const resumed: boolean[] = [];
      await using server = await rawServer(
        (socket, received) => {
          resumed.push(Reflect.apply(Reflect.get(socket, 'isSessionReused'), socket, []));
          answering(() => `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx`)(
            socket,
            received,
          );
        },
        { tls: { ...identity, maxVersion } },
      );
      const agent = new Agent({
        connect: createConnector({ lookup, tls: resolveTls({ ca: authority.ca, pin: identity.pin }) }),
      });
      agents.push(agent);
      for (let n = 0; n < 3; n++) {
        await text(
          await agent.request({ origin: `https://good.test:${server.port}`, path: '/', method: 'GET' }),
        );
      }
      expect(resumed).toEqual([false, false, false]);
    },
  );
});
