import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import type { CallOptions, Session } from '@httpsession/core';
import { ScenarioServer, text as textStep } from '@httpsession/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TlsOptions } from '../src/tls-options.ts';
import { type Authority, createAuthority, type Identity } from './support/certificates.ts';
import { ESTABLISHED, scriptedProxy } from './support/proxy.ts';
import { answering, ok, type RawServer, rawServer } from './support/raw-server.ts';
import { failure, openSession, quickRetry } from './support/session.ts';

let authority: Authority;
let stranger: Authority;
let identity: Identity;
let client: Identity;
let folder: string;
beforeAll(async () => {
  authority = await createAuthority();
  stranger = await createAuthority('Another CA');
  identity = await authority.issue(['good.test', 'other.test', '127.0.0.1']);
  client = await authority.issue(['client']);
  folder = mkdtempSync(join(tmpdir(), 'httpsession-tls-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const lookup = (_name: string, _options: unknown, callback: (...result: unknown[]) => void): void =>
  callback(null, [{ address: '127.0.0.1', family: 4 }]);

/** Answers with the common name of the client's certificate, or `nobody`. */
const askingServer = (): Promise<RawServer> =>
  rawServer(
    (socket, received) => {
      const { subject } = (socket as TLSSocket).getPeerCertificate() ?? {};
      answering(() => ok(subject?.CN === undefined ? 'nobody' : String(subject.CN)))(socket, received);
    },
    { tls: { ...identity, ca: authority.ca, requestCert: true, rejectUnauthorized: false } },
  );

const get = async (session: Session, url: string, tls?: TlsOptions): Promise<string> =>
  (await session.get(url, tls === undefined ? {} : { tls })).text();

describe('trust', () => {
  it('comes from PEM, bytes, DER, a file, a directory, and several of them', async () => {
    await using server = await askingServer();
    const url = `https://127.0.0.1:${server.port}/`;
    const directory = join(folder, 'authorities');
    mkdirSync(directory);
    writeFileSync(join(directory, 'README'), 'not a certificate');
    writeFileSync(join(directory, 'ca.pem'), authority.ca);
    const forms: NonNullable<TlsOptions['ca']>[] = [
      authority.ca,
      new TextEncoder().encode(authority.ca),
      new X509Certificate(authority.ca).raw,
      write('ca.pem', authority.ca),
      write('ca.der', new X509Certificate(authority.ca).raw),
      directory,
      [stranger.ca, authority.ca],
    ];
    for (const ca of forms) expect(await get(openSession({ tls: { ca } }), url)).toBe('nobody');
  });

  it("replaces the default roots: what is not named is not trusted, 'system' included", async () => {
    await using server = await askingServer();
    const url = `https://127.0.0.1:${server.port}/`;
    for (const tls of [{}, { ca: stranger.ca }, { ca: 'system' }]) {
      expect(await failure(openSession({ tls, retry: quickRetry(2) }).get(url))).toMatchObject({
        name: 'TLSError',
        code: 'ERR_TLS',
        phase: 'tls',
        requestSent: false,
        retryable: false,
        attempts: 1,
      });
    }
    expect(server.received.join('')).toBe('');
  });

  it('that cannot be read fails where it is given', async () => {
    expect(() => openSession({ tls: { ca: '/no/such/file.pem' } })).toThrow(
      /tls\.ca must hold a certificate/,
    );
    const error = await failure(openSession().get('https://a.test/', { tls: { ca: '/no/such/file.pem' } }));
    expect(error).toBeInstanceOf(TypeError);
  });
});

describe('a certificate that does not fit', () => {
  it.each(['self-signed', 'expired', 'wrong-host'] as const)(
    'because it is %s is final: one handshake, nothing sent',
    async (certificate) => {
      const server = await ScenarioServer.start({ tls: certificate });
      server.route('/', textStep('secret'));
      const session = openSession({ tls: { ca: server.ca }, retry: quickRetry(3) });
      const error = await failure(session.post(server.url('/'), { body: 'private' }));
      expect(error).toMatchObject({ name: 'TLSError', attempts: 1, requestSent: false });
      expect(server.connections).toHaveLength(1);
      expect(server.requests).toHaveLength(0);
      const response = await session.post(server.url('/'), { body: 'x', tls: { verify: false } });
      expect(await response.text()).toBe('secret');
      await session.close();
      await server.close();
    },
  );

  it.each([
    ['x.y.a.test', false],
    ['x.a.test', true],
    ['a.test', false],
    ['x.a.test.', true],
  ])('a wildcard *.a.test judges %s: %s', async (host, accepted) => {
    const wild = await authority.issue(['*.a.test']);
    await using server = await rawServer(
      answering(() => ok('in')),
      { tls: wild },
    );
    const session = openSession({ tls: { ca: authority.ca }, lookup });
    const result = session.get(`https://${host}:${server.port}/`).text();
    if (accepted) expect(await result).toBe('in');
    else expect(await failure(result)).toMatchObject({ reason: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  it('is no matter of the Host header, which neither proves a name nor opens connections', async () => {
    await using server = await askingServer();
    const session = openSession({ tls: { ca: authority.ca }, lookup });
    const url = `https://good.test:${server.port}/`;
    for (const host of ['a.test', 'b.test', 'evil.test']) {
      expect((await session.get(url, { headers: { host } })).status).toBe(200);
    }
    expect(server.sockets).toHaveLength(1);
    const headers = { host: 'good.test' };
    expect(await failure(session.get(`https://evil.test:${server.port}/`, { headers }))).toMatchObject({
      reason: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });
});

describe('a TLS handshake that goes wrong', () => {
  it('by plain HTTP on the port is a TLSError', async () => {
    await using server = await rawServer((socket) => {
      socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
    expect(await failure(openSession().get(`https://127.0.0.1:${server.port}/`))).toMatchObject({
      name: 'TLSError',
      requestSent: false,
    });
    await server.quiet();
  });

  it('by silence ends at the connect limit, and leaves no socket', async () => {
    await using server = await rawServer(() => undefined);
    const session = openSession({ timeout: { connect: 120 } });
    expect(await failure(session.get(`https://127.0.0.1:${server.port}/`))).toMatchObject({
      name: 'TimeoutError',
      phase: 'connect',
    });
    await server.quiet();
    expect(session.stats().sockets).toBe(0);
  });
});

describe('verify: false', () => {
  it('never sticks: the next verified request has a connection of its own and fails', async () => {
    await using server = await askingServer();
    const session = openSession();
    const url = `https://127.0.0.1:${server.port}/`;
    expect(await get(session, url, { verify: false })).toBe('nobody');
    expect(await failure(session.get(url))).toMatchObject({ name: 'TLSError' });
    expect(await failure(session.get(url, { tls: { verify: true } }))).toMatchObject({ name: 'TLSError' });
    expect(await get(session, url, { verify: false })).toBe('nobody');
    expect(server.received.filter((bytes) => bytes !== '')).toHaveLength(1);
  });
});

describe('a client certificate', () => {
  it('is shown as PEM, as one file, with a passphrase', async () => {
    await using server = await askingServer();
    const session = openSession({ tls: { ca: authority.ca } });
    const url = `https://127.0.0.1:${server.port}/`;
    const locked = createPrivateKey(client.key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'open sesame',
    });
    const { ca } = authority;
    expect(await get(session, url)).toBe('nobody');
    expect(await get(session, url, { ca, cert: client.cert, key: client.key })).toBe('client');
    const both = write('both.pem', client.key + client.cert);
    expect(await get(session, url, { ca, cert: both })).toBe('client');
    const files = { cert: write('cert.pem', client.cert), key: write('key.pem', String(locked)) };
    expect(await get(session, url, { ca, ...files, passphrase: 'open sesame' })).toBe('client');
    const wrong = await failure(session.get(url, { tls: { ca, ...files, passphrase: 'wrong' } }));
    expect(wrong).toBeInstanceOf(TypeError);
    expect(String(wrong)).not.toContain('wrong');
    expect(await get(session, url)).toBe('nobody');
  });

  it('is shown from a PKCS#12 bundle', async ({ skip }) => {
    const bundle = join(folder, 'client.p12');
    const files = [write('p12-cert.pem', client.cert), write('p12-key.pem', client.key)];
    const parameters = [
      '-in',
      files[0] ?? '',
      '-inkey',
      files[1] ?? '',
      '-passout',
      'pass:pw',
      '-out',
      bundle,
    ];
    try {
      execFileSync('openssl', ['pkcs12', '-export', ...parameters], { stdio: 'ignore' });
    } catch {
      skip('openssl is not installed');
    }
    await using server = await askingServer();
    const session = openSession({ tls: { ca: authority.ca, pfx: bundle, passphrase: 'pw' } });
    expect(await get(session, `https://127.0.0.1:${server.port}/`)).toBe('client');
  });

  it('that is required and missing fails the call', async () => {
    const server = await ScenarioServer.start({ tls: { requestCert: 'require' } });
    server.route('/', textStep('in'));
    const session = openSession({ tls: { ca: server.ca } });
    expect(await failure(session.get(server.url('/')).text())).toMatchObject({
      name: expect.stringMatching(/TLSError|ConnectionError/),
    });
    expect(server.requestsTo('/')).toHaveLength(0);
    await session.close();
    await server.close().catch(() => undefined);
  });

  it('is never shown to an https proxy', async () => {
    await using server = await askingServer();
    const proxyIdentity = await authority.issue(['localhost']);
    const seen: unknown[] = [];
    await using proxy = await rawServer(
      (socket, received) => {
        seen.push((socket as TLSSocket).getPeerCertificate()?.subject?.CN);
        answering(() => ok('forwarded'))(socket, received);
      },
      { tls: { ...proxyIdentity, ca: authority.ca, requestCert: true, rejectUnauthorized: false } },
    );
    const session = openSession({
      tls: { ca: authority.ca, cert: client.cert, key: client.key },
      proxy: { http: `https://localhost:${proxy.port}` },
    });
    expect(await get(session, 'http://a.test/')).toBe('forwarded');
    expect(await get(session, `https://127.0.0.1:${server.port}/`)).toBe('client');
    expect(seen).toEqual([undefined]);
  });
});

describe('a pin', () => {
  it('accepts the pinned key alone, verified or not', async () => {
    await using server = await askingServer();
    const { ca } = authority;
    const { pin: other } = await authority.issue(['good.test']);
    const session = openSession({ retry: quickRetry(2) });
    const url = `https://127.0.0.1:${server.port}/`;
    expect(await get(session, url, { ca, pin: identity.pin })).toBe('nobody');
    expect(await get(session, url, { verify: false, pin: [other, identity.pin] })).toBe('nobody');
    const before = server.sockets.length;
    for (const tls of [
      { ca, pin: other },
      { verify: false, pin: other },
    ]) {
      expect(await failure(session.get(url, { tls }))).toMatchObject({
        name: 'TLSError',
        reason: 'ERR_TLS_PIN',
        attempts: 1,
      });
    }
    expect(server.received.slice(before).join('')).toBe('');
  });

  it('does not make up for a certificate that is not trusted', async () => {
    await using server = await askingServer();
    const session = openSession({ tls: { pin: identity.pin } });
    expect(await failure(session.get(`https://127.0.0.1:${server.port}/`))).toMatchObject({
      reason: 'SELF_SIGNED_CERT_IN_CHAIN',
    });
  });
});

describe('authorities of the environment', () => {
  const variables = ['REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];
  beforeEach(() => {
    for (const name of variables) vi.stubEnv(name, undefined);
    for (const name of ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY']) vi.stubEnv(name, undefined);
    return () => vi.unstubAllEnvs();
  });
  const right = (): string => write('right.pem', authority.ca);
  const wrong = (): string => write('wrong.pem', stranger.ca);

  it.each<[string, () => Record<string, string>, Parameters<typeof openSession>[0], boolean]>([
    ['nothing', () => ({}), {}, false],
    ['REQUESTS_CA_BUNDLE', () => ({ REQUESTS_CA_BUNDLE: right() }), {}, true],
    ['CURL_CA_BUNDLE', () => ({ CURL_CA_BUNDLE: right() }), {}, true],
    ['SSL_CERT_FILE', () => ({ SSL_CERT_FILE: right() }), {}, true],
    ['the first of them', () => ({ REQUESTS_CA_BUNDLE: wrong(), CURL_CA_BUNDLE: right() }), {}, false],
    ['an empty one is none', () => ({ REQUESTS_CA_BUNDLE: '', CURL_CA_BUNDLE: right() }), {}, true],
    ['tls.ca is stronger', () => ({ REQUESTS_CA_BUNDLE: right() }), { tls: { ca: '' } }, false],
    ['verify: false is stronger', () => ({ REQUESTS_CA_BUNDLE: wrong() }), { tls: { verify: false } }, true],
    ['verify: true is not', () => ({ REQUESTS_CA_BUNDLE: right() }), { tls: { verify: true } }, true],
    ['not trusted', () => ({ REQUESTS_CA_BUNDLE: right() }), { trustEnv: { ca: false } }, false],
    ['nothing trusted', () => ({ REQUESTS_CA_BUNDLE: right() }), { trustEnv: false }, false],
  ])('%s', async (_title, environment, options, trusted) => {
    await using server = await askingServer();
    for (const [name, value] of Object.entries(environment())) vi.stubEnv(name, value);
    const given = options?.tls?.ca === '' ? { tls: { ca: stranger.ca } } : options;
    const session = openSession({ trustEnv: true, ...given });
    const result = session.get(`https://127.0.0.1:${server.port}/`).text();
    if (trusted) expect(await result).toBe('nobody');
    else expect(await failure(result)).toMatchObject({ name: 'TLSError' });
  });

  it('that cannot be read fail https, and leave plain http alone', async () => {
    await using plain = await rawServer(answering(() => ok('plain')));
    vi.stubEnv('REQUESTS_CA_BUNDLE', '/no/such/bundle.pem');
    const session = openSession({ trustEnv: true, proxy: null });
    expect(await get(session, `http://127.0.0.1:${plain.port}/`)).toBe('plain');
    const error = await failure(session.get('https://127.0.0.1:1/'));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(/REQUESTS_CA_BUNDLE must hold a certificate/);
  });
});

// CVE-2024-35195 and the family of curl's connection reuse faults: RELIABILITY.md 1.C.
describe('connections are shared only by requests that agree on', () => {
  const base = (): CallOptions => ({ tls: { ca: authority.ca }, lookup });
  const withTls = (tls: TlsOptions): CallOptions => ({ ...base(), tls: { ca: authority.ca, ...tls } });
  const otherLookup: typeof lookup = (...given) => lookup(...given);

  it.each<[string, () => CallOptions]>([
    ['verification', () => withTls({ verify: false })],
    ['authorities', () => withTls({ ca: [authority.ca, stranger.ca] })],
    ['the client certificate', () => withTls({ cert: client.cert, key: client.key })],
    ['the server name', () => withTls({ serverName: 'other.test' })],
    ['the pin', () => withTls({ pin: identity.pin })],
    ['the lowest TLS version', () => withTls({ minVersion: 'TLSv1.3' })],
    ['the highest TLS version', () => withTls({ maxVersion: 'TLSv1.2' })],
    ['the ciphers', () => withTls({ ciphers: 'TLS_AES_256_GCM_SHA384:ECDHE-ECDSA-AES256-GCM-SHA384' })],
    ['ALPN', () => ({ ...base(), http2: true })],
    ['the local address', () => ({ ...base(), localAddress: '127.0.0.2' })],
    ['the lookup', () => ({ ...base(), lookup: otherLookup })],
  ])('%s', async (_title, changed) => {
    await using server = await askingServer();
    const session = openSession();
    const url = `https://good.test:${server.port}/`;
    const id = async (options: CallOptions): Promise<number | undefined> => {
      const response = await session.get(url, options);
      await response.text();
      return response.connection?.id;
    };
    const first = await id(base());
    const second = await id(changed());
    expect(second).not.toBe(first);
    expect(await id(base())).toBe(first);
    expect(await id(changed())).toBe(second);
    expect(server.sockets).toHaveLength(2);
  });

  it('the proxy, its credentials, host, port and scheme', async () => {
    await using server = await askingServer();
    await using proxy = await scriptedProxy(() => ESTABLISHED);
    await using plain = await rawServer(answering(() => ok('plain')));
    const session = openSession({ tls: { ca: authority.ca }, lookup });
    const good = `https://good.test:${server.port}/`;
    const at = `127.0.0.1:${proxy.port}`;
    const calls: (readonly [string, CallOptions])[] = [
      [good, {}],
      [`https://other.test:${server.port}/`, {}],
      [`http://good.test:${plain.port}/`, {}],
      [good, { proxy: `http://${at}` }],
      [good, { proxy: `http://user:one@${at}` }],
      [good, { proxy: `http://user:two@${at}` }],
      [good, { proxy: `http://localhost:${proxy.port}` }],
    ];
    const ids = async (): Promise<(number | undefined)[]> => {
      const found = [];
      for (const [url, options] of calls) {
        const response = await session.get(url, options);
        await response.text();
        found.push(response.connection?.id);
      }
      return found;
    };
    const first = await ids();
    expect(new Set(first).size).toBe(calls.length);
    expect(await ids()).toEqual(first);
    expect(proxy.sockets).toHaveLength(4);
  });
});
