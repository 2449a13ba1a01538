import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAuthority } from './support/certificates.ts';
import { answering, ok, rawServer } from './support/raw-server.ts';
import { failure, openSession, quickRetry } from './support/session.ts';

let folder: string;
let count = 0;
const newPath = (): string => join(folder, `s${++count}`);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'httpsession-unix-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('unixSocket', () => {
  it('is connected to whatever the URL says, and the Host stays that of the URL', async () => {
    const path = newPath();
    await using server = await rawServer(
      answering(() => ok('unix')),
      { path },
    );
    const session = openSession({ unixSocket: path });
    for (let n = 0; n < 3; n++) expect(await session.get('http://api.example.com/v1').text()).toBe('unix');
    expect(await session.get('http://no-such-host.invalid:81/').text()).toBe('unix');
    expect(server.received[0]).toMatch(/^GET \/v1 HTTP\/1\.1\r\n/);
    expect(server.received[0]).toMatch(/^host: api\.example\.com\r$/im);
    // One connection for each origin: the server may tell them apart by TLS name or Host.
    expect(server.sockets).toHaveLength(2);
  });

  it('carries TLS, with the name of the URL', async () => {
    const path = newPath();
    const authority = await createAuthority();
    const identity = await authority.issue(['good.test']);
    await using _server = await rawServer(
      answering(() => ok('secret')),
      { path, tls: identity },
    );
    const session = openSession({ unixSocket: path, tls: { ca: authority.ca } });
    expect(await session.get('https://good.test/').text()).toBe('secret');
    expect(await failure(session.get('https://evil.test/'))).toMatchObject({
      name: 'TLSError',
      reason: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  it('can be set and switched off by a call, and is not shared with the network', async () => {
    const path = newPath();
    await using unix = await rawServer(
      answering(() => ok('unix')),
      { path },
    );
    await using network = await rawServer(answering(() => ok('network')));
    const url = `http://127.0.0.1:${network.port}/`;
    const session = openSession();
    expect(await session.get(url, { unixSocket: path }).text()).toBe('unix');
    expect(await session.get(url).text()).toBe('network');
    const other = openSession({ unixSocket: path });
    expect(await other.get(url, { unixSocket: null }).text()).toBe('network');
    expect(await other.get(url).text()).toBe('unix');
    expect([unix.sockets.length, network.sockets.length]).toEqual([2, 2]);
  });

  it('is stronger than proxies of the environment', async () => {
    const path = newPath();
    await using _server = await rawServer(
      answering(() => ok('unix')),
      { path },
    );
    vi.stubEnv('http_proxy', 'http://127.0.0.1:1');
    try {
      expect(await openSession({ trustEnv: true, unixSocket: path }).get('http://a.test/').text()).toBe(
        'unix',
      );
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('that is not there, or no socket, is a failed connection', async () => {
    const session = openSession({ retry: quickRetry(2) });
    const file = newPath();
    writeFileSync(file, '');
    for (const unixSocket of [newPath(), file]) {
      expect(await failure(session.post('http://a.test/', { unixSocket, body: 'x' }))).toMatchObject({
        name: 'ConnectionError',
        phase: 'connect',
        requestSent: false,
        attempts: 3,
      });
    }
  });

  it.each([[''], [7], ['a\0b']])('%j is refused when it is given', async (unixSocket) => {
    expect(() => openSession({ unixSocket: unixSocket as string })).toThrow(/unixSocket must be a /);
    const error = await failure(openSession().get('http://a.test/', { unixSocket: unixSocket as string }));
    expect(error).toBeInstanceOf(TypeError);
  });
});
