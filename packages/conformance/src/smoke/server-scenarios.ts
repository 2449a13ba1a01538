import { RemoteProxyServer, RemoteScenarioServer, respond, text } from '@httpsession/testing/remote';
import { ConnectionError, ProxyError, Session, TLSError, UnsupportedOptionError } from 'httpsession';
import { check, rejection, same } from './check.ts';
import type { Scenario } from './scenarios.ts';

/** Behaviours of the platforms with sockets: Node, Deno and Bun. */
export const serverScenarios: Readonly<Record<string, Scenario>> = {
  async 'a dead proxy never yields a 200, whatever the environment says'(server, { deadPort }) {
    await server.otherwise(text('direct'));
    const proxy = `http://127.0.0.1:${deadPort}`;
    for (const no of ['', '*', '127.0.0.1', '127.0.0.0/8']) {
      await withEnvironment({ no_proxy: no, NO_PROXY: no }, async () => {
        await using session = new Session({ proxy, retry: null });
        const error = await rejection(session.get(server.url('/')));
        check(error instanceof ProxyError, `${no}: ${String(error)}`);
        same(error.requestSent, false);
      });
    }
    same((await server.requests()).length, 0);
  },

  async 'the environment names proxies, by the same rules everywhere'(server, { deadPort }) {
    await server.otherwise(text('direct'));
    const dead = `http://127.0.0.1:${deadPort}`;
    const outcome = (env: Record<string, string>, options: object = {}): Promise<string> =>
      withEnvironment(env, async () => {
        await using session = new Session({ retry: null, ...options });
        const page = session.get(server.url('/')).text();
        return await page.catch((error: unknown) => (error instanceof ProxyError ? 'proxy' : String(error)));
      });
    same(await outcome({ HTTP_PROXY: dead }), 'proxy');
    same(await outcome({ all_proxy: dead }), 'proxy');
    same(await outcome({ HTTP_PROXY: dead }, { proxy: null }), 'direct');
    same(await outcome({ HTTP_PROXY: dead }, { trustEnv: false }), 'direct');
    for (const no of ['*', '127.0.0.1', '127.0.0.0/8', 'x 127.0.0.1', server.origin.slice(7)])
      same([no, await outcome({ HTTP_PROXY: dead, NO_PROXY: no })], [no, 'direct']);
    same(await outcome({ HTTP_PROXY: dead, NO_PROXY: '127.0.0.1:1, 10.0.0.0/8' }), 'proxy');
  },

  async 'a proxy carries http and https, and nobody else gets its credentials'(
    _server,
    { platform },
    control,
  ) {
    const auth = { username: 'user', password: 'p@ss' };
    await using proxy = await RemoteProxyServer.start(control, { auth });
    await using plain = await RemoteScenarioServer.start(control);
    await using secure = await RemoteScenarioServer.start(control, {
      tls: { certificate: { names: ['secure.test'] } },
    });
    await plain.otherwise(text('plain'));
    await secure.otherwise(text('secure'));
    await proxy.map('plain.test', plain.origin);
    await proxy.map('secure.test', secure.origin);
    const url = proxy.origin.replace('://', '://user:p%40ss@');
    await using session = new Session({ proxy: url, retry: null, tls: { ca: secure.ca } });
    same(await session.get('http://plain.test/').text(), 'plain');
    if (platform === 'deno') {
      check((await rejection(session.get('https://secure.test/'))) instanceof UnsupportedOptionError);
    } else {
      same(await session.get('https://secure.test/').text(), 'secure');
    }
    same(['plain', (await plain.last())?.header('proxy-authorization')], ['plain', undefined]);
    same((await secure.last())?.header('proxy-authorization'), undefined);
    await using stranger = new Session({ proxy: proxy.origin, tls: { ca: secure.ca } });
    const error = await rejection(stranger.get('https://secure.test/'));
    check(error instanceof ProxyError, String(error));
    same(error.attempts, 1);
  },

  async 'an untrusted certificate is final, and its authority makes it trusted'(
    _server,
    { platform },
    control,
  ) {
    await using secure = await RemoteScenarioServer.start(control, { tls: true });
    await secure.otherwise(text('secure'));
    await using strict = new Session();
    const error = await rejection(strict.get(secure.url('/')));
    check(error instanceof TLSError, String(error));
    same([error.phase, error.requestSent, error.attempts], ['tls', false, 1]);
    await using trusting = new Session({ retry: null, tls: { ca: secure.ca } });
    same(await trusting.get(secure.url('/')).text(), 'secure');
    if (platform === 'deno') return;
    await using careless = new Session({ retry: null, tls: { verify: false } });
    same(await careless.get(secure.url('/')).text(), 'secure');
    check(
      (await rejection(strict.get(secure.url('/')))) instanceof TLSError,
      'verify: false stuck to another session',
    );
  },

  async 'a client certificate is shown'(_server, _expected, control) {
    await using secure = await RemoteScenarioServer.start(control, { tls: { requestCert: 'require' } });
    await secure.otherwise(text('known'));
    const { cert, key } = await secure.issueClientCertificate('alice');
    await using session = new Session({ retry: null, tls: { ca: secure.ca, cert, key } });
    same(await session.get(secure.url('/')).text(), 'known');
  },

  async 'an unknown host fails with phase dns'(_server) {
    await using session = new Session({ retry: null, proxy: null });
    const error = await rejection(session.get('http://nobody.invalid/'));
    check(error instanceof ConnectionError, String(error));
    same([error.phase, error.requestSent], ['dns', false]);
  },

  async 'twenty requests in a row share a connection'(server) {
    await server.otherwise(text('small'));
    await using session = new Session({ retry: null });
    for (let turn = 0; turn < 20; turn += 1) await session.get(server.url('/')).text();
    check((await server.connections()).length <= 2, `${(await server.connections()).length} connections`);
  },

  async 'Host can be overridden'(server) {
    await server.otherwise(respond(204));
    await using session = new Session({ retry: null });
    await session.get(server.url('/'), { headers: { host: 'other.test' } });
    same((await server.last())?.header('host'), 'other.test');
  },

  async 'a method that the platform would change is refused'(server, { platform }) {
    await server.otherwise(text('done'));
    await using session = new Session({ retry: null });
    for (const method of ['QUERY', 'PROPFIND', 'PURGE'])
      await session.request(method, server.url('/')).text();
    same(
      (await server.requests()).map(({ method }) => method),
      ['QUERY', 'PROPFIND', 'PURGE'],
    );
    if (platform !== 'bun') return;
    check((await rejection(session.request('FOO', server.url('/')))) instanceof UnsupportedOptionError);
    same((await server.requests()).length, 3);
  },
};

/** Runs something with these variables of the environment, and no other about proxies. */
const withEnvironment = async <T>(variables: Record<string, string>, run: () => Promise<T>): Promise<T> => {
  const { env } = (globalThis as unknown as { process: { env: Record<string, string | undefined> } }).process;
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
