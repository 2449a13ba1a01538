import { microsocksMissing, squidMissing, startMicrosocks, startSquid } from '@httpsession/testing';
import type { Dispatcher } from 'undici/index.js';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createProxyDispatcher } from '../src/proxy-dispatcher.ts';
import { resolveTls } from '../src/tls-options.ts';
import { type Authority, createAuthority, type Identity } from './support/certificates.ts';
import { answering, ok, rawServer } from './support/raw-server.ts';

let authority: Authority;
let identity: Identity;
beforeAll(async () => {
  authority = await createAuthority();
  identity = await authority.issue(['localhost', 'good.test']);
});

const dispatchers: Dispatcher[] = [];
afterEach(async () => {
  await Promise.all(dispatchers.splice(0).map((dispatcher) => dispatcher.destroy()));
});

const fetchThrough = async (proxy: string, url: string, body?: string): Promise<string> => {
  const dispatcher = createProxyDispatcher(proxy, { tls: resolveTls({ ca: authority.ca }) });
  dispatchers.push(dispatcher);
  const { origin, pathname } = new URL(url);
  const method = body === undefined ? 'GET' : 'POST';
  const response = await dispatcher.request({ origin, path: pathname, method, body: body ?? null });
  return `${response.statusCode} ${await response.body.text()}`;
};

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
    const proxy = `http://127.0.0.1:${squid.port}`;
    expect(await fetchThrough(proxy, `http://good.test:${plain.port}/`)).toBe('200 plain');
    expect(await fetchThrough(proxy, `https://good.test:${secure.port}/`)).toBe('200 secure');
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
      expect(await fetchThrough(proxy, `http://good.test:${plain.port}/`, 'body')).toBe('200 plain');
      expect(await fetchThrough(proxy, `https://good.test:${secure.port}/`)).toBe('200 secure');
      expect(plain.received.join('')).toMatch(/^POST \/ HTTP\/1\.1\r\n[\s\S]*\r\n\r\nbody$/);
      expect((plain.received.join('') + secure.received.join('')).toLowerCase()).not.toContain(
        'proxy-authorization',
      );
      expect(await squid.log()).toContain(`200 POST http://good.test:${plain.port}/ us@er`);

      const wrong = `http://us%40er:wrong@127.0.0.1:${squid.port}`;
      expect(await fetchThrough(wrong, `http://good.test:${plain.port}/`)).toMatch(/^407 /);
      await expect(fetchThrough(wrong, `https://good.test:${secure.port}/`)).rejects.toMatchObject({
        code: 'ERR_PROXY_CONNECT',
        statusCode: 407,
      });
      expect(plain.sockets).toHaveLength(1);
    },
  );

  it('reports an origin that it cannot reach as its own refusal', async () => {
    await using squid = await startSquid();
    const closed = await rawServer(() => undefined);
    await closed[Symbol.asyncDispose]();
    const error: unknown = await fetchThrough(
      `http://127.0.0.1:${squid.port}`,
      `https://127.0.0.1:${closed.port}/`,
    ).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ERR_PROXY_CONNECT', statusCode: 503 });
    expect(String(Reflect.get(Object(error), 'body')).length).toBeLessThanOrEqual(1024);
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
      const proxy = `${scheme}://127.0.0.1:${socks.port}`;
      expect(await fetchThrough(proxy, `http://localhost:${plain.port}/`)).toBe('200 plain');
      expect(await fetchThrough(proxy, `https://localhost:${secure.port}/`)).toBe('200 secure');
      expect(await fetchThrough(proxy, `http://127.0.0.1:${plain.port}/`)).toBe('200 plain');
      expect(plain.received[0]).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
    });

    it('accepts the right user and password and refuses others', async () => {
      await using plain = await rawServer(answering(() => ok('plain')));
      await using socks = await startMicrosocks({ auth: { user: 'us@er', password: 'p:w d' } });
      const url = `http://127.0.0.1:${plain.port}/`;
      expect(await fetchThrough(`socks5://us%40er:p%3Aw%20d@127.0.0.1:${socks.port}`, url)).toBe('200 plain');
      for (const userinfo of ['us%40er:secret@', '']) {
        const error: unknown = await fetchThrough(`socks5://${userinfo}127.0.0.1:${socks.port}`, url).catch(
          (reason: unknown) => reason,
        );
        expect(error).toMatchObject({ code: 'ERR_PROXY_SOCKS' });
        expect(String(Reflect.get(Object(error), 'stack'))).not.toContain('secret');
      }
      expect(plain.sockets).toHaveLength(1);
    });

    it('reports an origin that it cannot reach', async () => {
      await using socks = await startMicrosocks();
      const closed = await rawServer(() => undefined);
      await closed[Symbol.asyncDispose]();
      await expect(
        fetchThrough(`socks5h://127.0.0.1:${socks.port}`, `http://127.0.0.1:${closed.port}/`),
      ).rejects.toMatchObject({ code: 'ERR_PROXY_SOCKS' });
    });
  },
);
