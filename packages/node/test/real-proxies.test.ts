import { microsocksMissing, squidMissing, startMicrosocks, startSquid } from '@httpsession/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Authority, createAuthority, type Identity } from './support/certificates.ts';
import { answering, ok, rawServer } from './support/raw-server.ts';
import { failure, fetchText, openSession, quickRetry } from './support/session.ts';

let authority: Authority;
let identity: Identity;
let tls: { readonly ca: string };
beforeAll(async () => {
  authority = await createAuthority();
  identity = await authority.issue(['localhost', 'good.test']);
  tls = { ca: authority.ca };
});

const noSquid = squidMissing();
describe.skipIf(noSquid !== undefined)(`squid${noSquid === undefined ? '' : ` (${noSquid})`}`, () => {
  const names = ['good.test'];

  it('forwards http and tunnels https, with names that only it can resolve', async () => {
    await using plain = await rawServer(answering(() => ok('plain')));
    await using secure = await rawServer(
      answering(() => ok('secure')),
      { tls: identity },
    );
    await using squid = await startSquid({ names });
    const session = openSession({ tls, proxy: `http://127.0.0.1:${squid.port}` });
    expect(await fetchText(session, `http://good.test:${plain.port}/`)).toBe('200 plain');
    expect(await fetchText(session, `https://good.test:${secure.port}/`)).toBe('200 secure');
    expect(await squid.log()).toContain(`200 GET http://good.test:${plain.port}/ -\n`);
  });

  it.each(['basic', 'digest'] as const)(
    'accepts %s credentials on both ways and refuses wrong ones',
    async (scheme) => {
      await using plain = await rawServer(answering(() => ok('plain')));
      await using secure = await rawServer(
        answering(() => ok('secure')),
        { tls: identity },
      );
      const auth = { scheme, user: 'us@er', password: scheme === 'basic' ? "p w'%:" : 'p w' };
      await using squid = await startSquid({ names, auth });
      const proxy = `http://${encodeURIComponent(auth.user)}:${encodeURIComponent(auth.password)}@127.0.0.1:${squid.port}`;
      const session = openSession({ tls, proxy });
      const posted = await session.post(`http://good.test:${plain.port}/`, { body: 'body' });
      expect(await posted.text()).toBe('plain');
      expect(await fetchText(session, `https://good.test:${secure.port}/`)).toBe('200 secure');
      expect(plain.received.join('')).toMatch(/^POST \/ HTTP\/1\.1\r\n[\s\S]*\r\n\r\nbody$/);
      expect((plain.received.join('') + secure.received.join('')).toLowerCase()).not.toContain(
        'proxy-authorization',
      );
      expect(await squid.log()).toContain(`200 POST http://good.test:${plain.port}/ us@er`);

      const wrong = openSession({
        tls,
        proxy: `http://us%40er:wrong@127.0.0.1:${squid.port}`,
        retry: quickRetry(2),
      });
      expect(await fetchText(wrong, `http://good.test:${plain.port}/`)).toMatch(/^407 /);
      expect(await failure(wrong.get(`https://good.test:${secure.port}/`))).toMatchObject({
        name: 'ProxyError',
        status: 407,
        attempts: 1,
      });
      expect(plain.sockets).toHaveLength(1);
    },
  );

  it('reports an origin that it cannot reach as its own refusal', async () => {
    await using squid = await startSquid();
    const closed = await rawServer(() => undefined);
    await closed[Symbol.asyncDispose]();
    const session = openSession({ proxy: `http://127.0.0.1:${squid.port}` });
    const error = await failure(session.get(`https://127.0.0.1:${closed.port}/`));
    expect(error).toMatchObject({ name: 'ProxyError', status: 503, retryable: true });
    expect(
      String(Reflect.get(Object(Reflect.get(Object(error), 'cause')), 'body')).length,
    ).toBeLessThanOrEqual(1024);
  });
});

const noMicrosocks = microsocksMissing();
describe.skipIf(noMicrosocks !== undefined)(
  `microsocks${noMicrosocks === undefined ? '' : ` (${noMicrosocks})`}`,
  () => {
    it.each(['socks5', 'socks5h'])('carries http and https by %s', async (scheme) => {
      await using plain = await rawServer(answering(() => ok('plain')));
      await using secure = await rawServer(
        answering(() => ok('secure')),
        { tls: identity },
      );
      await using socks = await startMicrosocks();
      const session = openSession({ tls, proxy: `${scheme}://127.0.0.1:${socks.port}` });
      expect(await fetchText(session, `http://localhost:${plain.port}/`)).toBe('200 plain');
      expect(await fetchText(session, `https://localhost:${secure.port}/`)).toBe('200 secure');
      expect(await fetchText(session, `http://127.0.0.1:${plain.port}/`)).toBe('200 plain');
      expect(plain.received[0]).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
    });

    it('accepts the right user and password and refuses others, without trying again', async () => {
      await using plain = await rawServer(answering(() => ok('plain')));
      await using socks = await startMicrosocks({ auth: { user: 'us@er', password: 'p:w d' } });
      const url = `http://127.0.0.1:${plain.port}/`;
      const right = openSession({ proxy: `socks5://us%40er:p%3Aw%20d@127.0.0.1:${socks.port}` });
      expect(await fetchText(right, url)).toBe('200 plain');
      for (const userinfo of ['us%40er:secret@', '']) {
        const session = openSession({
          proxy: `socks5://${userinfo}127.0.0.1:${socks.port}`,
          retry: quickRetry(2),
        });
        const error = await failure(session.get(url));
        expect(error).toMatchObject({ name: 'ProxyError', attempts: 1, cause: { code: 'ERR_PROXY_DENIED' } });
        expect(String(Reflect.get(Object(error), 'stack'))).not.toContain('secret');
      }
      expect(plain.sockets).toHaveLength(1);
    });

    it('reports an origin that it cannot reach', async () => {
      await using socks = await startMicrosocks();
      const closed = await rawServer(() => undefined);
      await closed[Symbol.asyncDispose]();
      const session = openSession({ proxy: `socks5h://127.0.0.1:${socks.port}` });
      expect(await failure(session.get(`http://127.0.0.1:${closed.port}/`))).toMatchObject({
        name: 'ProxyError',
        cause: { code: 'ERR_PROXY_SOCKS' },
      });
    });
  },
);
