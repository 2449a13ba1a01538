import { text } from '@httpsession/testing/remote';
import { ProxyError, TLSError } from 'httpsession';
import { check, failure, rejection, same } from '../suite/check.ts';
import type { Harness } from '../suite/harness.ts';
import { once } from '../suite/scripts.ts';

const refused = { edge: 'proxy', browser: 'proxy' } as const;
const noTls = { edge: 'tls', browser: 'tls' } as const;

/** Proxies and TLS, where there are sockets; elsewhere both are refused. */
export const proxies = ({ describe, it }: Harness): void => {
  describe('proxies', () => {
    it(
      'a dead proxy never yields a 200, whatever NO_PROXY says',
      async ({ server, deadPort, createSession }) => {
        await server.otherwise(text('direct'));
        const proxy = `http://127.0.0.1:${deadPort}`;
        for (const no of ['', '*', '127.0.0.1', '127.0.0.0/8']) {
          await withEnvironment({ no_proxy: no, NO_PROXY: no }, async () => {
            const error = await failure(
              createSession({ proxy, retry: null }).get(server.url('/')),
              ProxyError,
            );
            same([error.code, error.phase, error.requestSent], ['ERR_PROXY', 'connect', false]);
          });
        }
        same((await server.requests()).length, 0);
      },
      { capability: 'proxy: http and https', refused },
    );

    it(
      'the environment names proxies, by the same rules everywhere',
      async ({ server, deadPort, createSession }) => {
        await server.otherwise(text('direct'));
        const dead = `http://127.0.0.1:${deadPort}`;
        const outcome = (env: Record<string, string>, options: object = {}): Promise<string> =>
          withEnvironment(env, async () => {
            const page = createSession({ retry: null, trustEnv: true, ...options })
              .get(server.url('/'))
              .text();
            return await page.catch((error: unknown) =>
              error instanceof ProxyError ? 'proxy' : String(error),
            );
          });
        same(await outcome({ HTTP_PROXY: dead }), 'proxy');
        same(await outcome({ all_proxy: dead }), 'proxy');
        same(await outcome({ HTTP_PROXY: dead }, { proxy: null }), 'direct');
        same(await outcome({ HTTP_PROXY: dead }, { trustEnv: false }), 'direct');
        for (const no of ['*', '127.0.0.1', '127.0.0.0/8', 'x 127.0.0.1', server.origin.slice(7)])
          same([no, await outcome({ HTTP_PROXY: dead, NO_PROXY: no })], [no, 'direct']);
        same(await outcome({ HTTP_PROXY: dead, NO_PROXY: '127.0.0.1:1, 10.0.0.0/8' }), 'proxy');
      },
      {
        capability: 'proxies of the environment, NO_PROXY',
        refused: { edge: 'trustEnv', browser: 'trustEnv' },
      },
    );

    for (const scheme of ['socks5', 'socks5h', 'socks4', 'socks4a']) {
      it(
        `a ${scheme} proxy of the environment is never gone past`,
        async ({ server, deadPort, createSession }) => {
          await server.otherwise(text('direct'));
          await withEnvironment({ all_proxy: `${scheme}://127.0.0.1:${deadPort}` }, async () => {
            const session = createSession({ ...once, trustEnv: true });
            const error = await rejection(session.get(server.url('/')));
            same((await server.requests()).length, 0);
            if (!(error instanceof ProxyError)) throw error;
          });
        },
        { refused: { edge: 'trustEnv', browser: 'trustEnv' } },
      );
    }

    it(
      'names that an Object.prototype was polluted with are no environment',
      async ({ server, deadPort, createSession }) => {
        await server.otherwise(text('direct'));
        const names = ['http_proxy', 'HTTP_PROXY', 'all_proxy'];
        for (const name of names) Reflect.set(Object.prototype, name, `http://127.0.0.1:${deadPort}`);
        try {
          const session = createSession({ ...once, trustEnv: true });
          same(await session.get(server.url('/')).text(), 'direct');
        } finally {
          for (const name of names) Reflect.deleteProperty(Object.prototype, name);
        }
      },
      { refused: { edge: 'trustEnv', browser: 'trustEnv' } },
    );

    it(
      'a function is asked once for each attempt, whatever is sent and whether it arrives',
      async ({ server, deadPort, createSession }) => {
        await server.otherwise(text('direct'));
        const asked: string[] = [];
        const session = createSession({
          retry: null,
          proxy: ({ pathname }) => {
            asked.push(pathname);
            return pathname === '/dead' ? `http://127.0.0.1:${deadPort}` : null;
          },
        });
        // Beside a plain GET what Deno's and Bun's fetch leave to the Node transport, first while that is loaded.
        same(await session.get(server.url('/plain')).text(), 'direct');
        for (const path of ['/first', '/second'])
          same(await session.request('GET', server.url(path), { body: 'x' }).text(), 'direct');
        const dead = server.url('/dead');
        await failure(session.get(dead), ProxyError);
        await failure(session.request('GET', dead, { body: 'x' }), ProxyError);
        same(asked, ['/plain', '/first', '/second', '/dead', '/dead']);
      },
      { refused },
    );

    it(
      'a proxy carries http by a name that only it knows',
      async ({ server, startProxy, createSession }) => {
        const proxy = await startProxy();
        await server.otherwise(text('plain'));
        await proxy.map('plain.test', server.origin);
        const session = createSession({ ...once, proxy: proxy.origin });
        same(await session.get('http://plain.test/').text(), 'plain');
        same((await proxy.requests()).length, 1);
      },
      { capability: 'proxy: http and https', refused },
    );

    it(
      'https goes through a tunnel, and the proxy sees none of it',
      async ({ startServer, startProxy, createSession }) => {
        const proxy = await startProxy();
        const secure = await startServer({ tls: { certificate: { names: ['secure.test'] } } });
        await secure.otherwise(text('secure'));
        await proxy.map('secure.test', secure.origin);
        const session = createSession({ ...once, proxy: proxy.origin, tls: { ca: secure.ca } });
        const headers = { authorization: 'Bearer secret', 'x-a': '1' };
        same(await session.get('https://secure.test/path', { headers }).text(), 'secure');
        const [connect] = await proxy.connects();
        same(
          [connect?.target, connect?.header('authorization'), connect?.header('x-a')],
          ['secure.test:443', undefined, undefined],
        );
        same((await secure.last())?.header('authorization'), 'Bearer secret');
      },
      { capability: 'proxy: http and https', refused },
    );

    it(
      'a password opens the proxy for http, and stays with it',
      async ({ server, startProxy, createSession }) => {
        const proxy = await startProxy({ username: 'user', password: 'p@ss' });
        await server.otherwise(text('plain'));
        await proxy.map('plain.test', server.origin);
        const url = proxy.origin.replace('://', '://user:p%40ss@');
        same(
          await createSession({ ...once, proxy: url })
            .get('http://plain.test/')
            .text(),
          'plain',
        );
        same((await server.last())?.header('proxy-authorization'), undefined);
      },
      { capability: 'proxy with a password', refused },
    );

    it(
      'a password opens the proxy for https, and stays with it',
      async ({ startServer, startProxy, createSession }) => {
        const proxy = await startProxy({ username: 'user', password: 'p@ss' });
        const secure = await startServer({ tls: { certificate: { names: ['secure.test'] } } });
        await secure.otherwise(text('secure'));
        await proxy.map('secure.test', secure.origin);
        const url = proxy.origin.replace('://', '://user:p%40ss@');
        const session = createSession({ ...once, proxy: url, tls: { ca: secure.ca } });
        same(await session.get('https://secure.test/').text(), 'secure');
        same((await secure.last())?.header('proxy-authorization'), undefined);
      },
      { capability: 'proxy with a password, for https', refused },
    );

    it(
      'a proxy that refuses ends in ProxyError, once',
      async ({ startServer, startProxy, createSession }) => {
        const proxy = await startProxy({ username: 'user', password: 'p@ss' });
        const secure = await startServer({ tls: true });
        const session = createSession({ proxy: proxy.origin, tls: { ca: secure.ca } });
        same((await failure(session.get('https://secure.test/'), ProxyError)).attempts, 1);
      },
      { refused },
    );

    it(
      'a function chooses for each hop',
      async ({ server, startProxy, createSession }) => {
        const proxy = await startProxy();
        await server.otherwise(text('here'));
        await proxy.map('proxied.test', server.origin);
        const choose = ({ hostname }: URL) => (hostname.endsWith('.test') ? proxy.origin : null);
        const session = createSession({ ...once, proxy: choose });
        await session.get('http://proxied.test/').text();
        await session.get(server.url('/')).text();
        same([(await proxy.requests()).length, (await server.requests()).length], [1, 2]);
      },
      { capability: 'proxy by function or map', refused },
    );

    for (const [scheme, capability] of [
      ['socks5', 'proxy: SOCKS 5'],
      ['socks5h', 'proxy: SOCKS 5'],
      ['socks4', 'proxy: SOCKS 4'],
      ['socks4a', 'proxy: SOCKS 4'],
    ] as const) {
      it(
        `a dead ${scheme} proxy is not gone past`,
        async ({ server, deadPort, createSession }) => {
          await server.otherwise(text('direct'));
          const session = createSession({ ...once, proxy: `${scheme}://127.0.0.1:${deadPort}` });
          const error = await failure(session.get(server.url('/')), ProxyError);
          same([error.requestSent, (await server.requests()).length], [false, 0]);
        },
        { capability, refused },
      );
    }
  });

  describe('tls', () => {
    it(
      'ca names the authority to trust',
      async ({ startServer, createSession }) => {
        const secure = await startServer({ tls: true });
        await secure.otherwise(text('secure'));
        same(
          await createSession({ ...once, tls: { ca: secure.ca } })
            .get(secure.url('/'))
            .text(),
          'secure',
        );
        await failure(createSession(once).get(secure.url('/')), TLSError);
      },
      {
        capability: 'tls.ca',
        refused: noTls,
        native: { deno: "beside Deno's own roots, which its fetch keeps" },
      },
    );

    it(
      'verify: false sticks to its own session',
      async ({ startServer, createSession }) => {
        const secure = await startServer({ tls: 'self-signed' });
        await secure.otherwise(text('secure'));
        const careless = createSession({ ...once, tls: { verify: false } });
        same(await careless.get(secure.url('/')).text(), 'secure');
        await failure(createSession(once).get(secure.url('/')), TLSError);
        await failure(careless.get(secure.url('/'), { tls: { verify: true } }), TLSError);
      },
      { capability: 'tls.verify: false', refused: noTls },
    );

    it(
      'serverName is asked for and checked',
      async ({ startServer, createSession }) => {
        const secure = await startServer({ tls: { certificate: { names: ['secure.test'] } } });
        await secure.otherwise(text('secure'));
        const tls = { ca: secure.ca, serverName: 'secure.test' };
        same(
          await createSession({ ...once, tls })
            .get(secure.url('/'))
            .text(),
          'secure',
        );
        same((await secure.connections())[0]?.tls?.servername, 'secure.test');
      },
      { capability: 'tls.serverName', refused: noTls },
    );

    it(
      'a client certificate is shown',
      async ({ startServer, createSession }) => {
        const secure = await startServer({ tls: { requestCert: 'require' } });
        await secure.otherwise(text('known'));
        const { cert, key } = await secure.issueClientCertificate('alice');
        const session = createSession({ ...once, tls: { ca: secure.ca, cert, key } });
        same(await session.get(secure.url('/')).text(), 'known');
        same((await secure.connections())[0]?.tls?.peerCertificate?.commonName, 'alice');
        check(
          (await rejection(
            createSession({ ...once, tls: { ca: secure.ca } }).get(secure.url('/')),
          )) instanceof Error,
        );
      },
      { capability: 'tls.cert, tls.key', refused: noTls },
    );

    it(
      'a pin that does not fit ends the handshake',
      async ({ startServer, createSession }) => {
        const secure = await startServer({ tls: true });
        await secure.otherwise(text('secure'));
        const session = createSession({ ...once, tls: { ca: secure.ca, pin: `sha256/${'A'.repeat(43)}=` } });
        await failure(session.get(secure.url('/')), TLSError);
        same((await secure.requests()).length, 0);
      },
      { capability: 'tls.pin', refused: noTls },
    );

    it(
      'minVersion and maxVersion are kept to',
      async ({ startServer, createSession }) => {
        const older = await startServer({ tls: { maxVersion: 'TLSv1.2' } });
        const both = await startServer({ tls: true });
        for (const server of [older, both]) await server.otherwise(text('secure'));
        const { ca } = both;
        const newest = createSession({ ...once, tls: { ca, minVersion: 'TLSv1.3' } });
        same(await newest.get(both.url('/')).text(), 'secure');
        await failure(newest.get(older.url('/')), TLSError);
        await createSession({ ...once, tls: { ca, maxVersion: 'TLSv1.2' } })
          .get(both.url('/'))
          .text();
        same(
          (await both.connections()).map((connection) => connection.tls?.protocol),
          ['TLSv1.3', 'TLSv1.2'],
        );
      },
      { capability: 'tls.minVersion, tls.maxVersion', refused: noTls },
    );

    it(
      'no other ciphers than those given are used',
      async ({ startServer, createSession }) => {
        const secure = await startServer({ tls: { maxVersion: 'TLSv1.2' } });
        await secure.otherwise(text('secure'));
        const [known, unknown] = [
          'ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES256-GCM-SHA384',
          'DHE-RSA-AES128-SHA',
        ];
        const open = (ciphers: string) => createSession({ ...once, tls: { ca: secure.ca, ciphers } });
        same(await open(known).get(secure.url('/')).text(), 'secure');
        await failure(open(unknown).get(secure.url('/')), TLSError);
        same((await secure.requests()).length, 1);
      },
      { capability: 'tls.ciphers', refused: { deno: 'tls.ciphers', bun: 'tls.ciphers', ...noTls } },
    );
  });
};

/** Runs something with these variables of the environment, and no other about proxies. */
const withEnvironment = async <T>(variables: Record<string, string>, run: () => Promise<T>): Promise<T> => {
  const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
  const env = process?.env ?? {};
  const names = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'].flatMap((name) => [
    name,
    name.toUpperCase(),
  ]);
  const kept = names.map((name) => [name, env[name]] as const);
  for (const name of names) delete env[name];
  Object.assign(env, variables);
  try {
    return await run();
  } finally {
    for (const [name, value] of kept) {
      if (value === undefined) delete env[name];
      else env[name] = value;
    }
  }
};
