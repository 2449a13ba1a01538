import { redirect, respond, text } from '@httpsession/testing/remote';
import { type Auth, apiKey, basic, bearer, digest, netrc, oauth2, refreshing } from 'httpsession';
import { same } from '../suite/check.ts';
import type { Harness, Stage } from '../suite/harness.ts';
import { once } from '../suite/scripts.ts';

const authorization = async ({ server }: Stage, path = '/'): Promise<(string | undefined)[]> =>
  (await server.requestsTo(path)).map((request) => request.header('authorization'));

/** Credentials. */
export const auth = ({ describe, it }: Harness): void => {
  describe('auth', () => {
    it(
      'Basic, Bearer and API keys are sent as they are meant to be',
      async (stage) => {
        const { server, createSession } = stage;
        await server.otherwise(text('in'));
        const session = createSession(once);
        await session.get(server.url('/'), { auth: basic('Aladdin', 'open sesame') });
        await session.get(server.url('/'), { auth: ['üser', 'pässword'] });
        await session.get(server.url('/'), { auth: bearer(() => Promise.resolve('token')) });
        same(await authorization(stage), [
          'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
          'Basic w7xzZXI6cMOkc3N3b3Jk',
          'Bearer token',
        ]);
        await session.get(server.url('/key'), { auth: apiKey('x-api-key', 'k') });
        await session.get(server.url('/query?a=1'), { auth: apiKey('key', 'k', { in: 'query' }) });
        same((await server.requestsTo('/key'))[0]?.header('x-api-key'), 'k');
        same((await server.last())?.target, '/query?a=1&key=k');
      },
      { capability: 'auth: Basic, Bearer, API key' },
    );

    for (const algorithm of ['MD5', 'SHA-256', 'SHA-512-256', 'SHA-256-sess']) {
      it(
        `a Digest challenge by ${algorithm} is answered`,
        async (stage) => {
          const { server, createSession } = stage;
          const challenge = `Digest realm="r", nonce="n", algorithm=${algorithm}, qop="auth"`;
          await server.route('/', [
            respond({ status: 401, headers: { 'www-authenticate': challenge } }),
            text('in'),
            text('again'),
          ]);
          const session = createSession({ ...once, auth: digest('user', 'pw', { cnonce: () => 'c' }) });
          const page = await session.get(server.url('/'));
          same(
            [page.status, page.history.map(({ status, tag }) => [status, tag])],
            [200, [[401, 'challenge']]],
          );
          await session.get(server.url('/'));
          const [first, second, third] = await authorization(stage);
          same(first, undefined);
          const response = (sent: string | undefined) => /response="([0-9a-f]*)"/.exec(sent ?? '')?.[1];
          same([response(second), response(third)], digestAnswers[algorithm]);
          same([/nc=0*(\d+)/.exec(second ?? '')?.[1], /nc=0*(\d+)/.exec(third ?? '')?.[1]], ['1', '2']);
        },
        { capability: 'auth: Digest' },
      );
    }

    it('a refused Basic credential comes back as a 401', async ({ server, createSession }) => {
      await server.route('/', respond({ status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } }));
      const session = createSession({ ...once, auth: basic('user', 'wrong') });
      same([(await session.get(server.url('/'))).status, (await server.requests()).length], [401, 1]);
    });

    it(
      'userinfo of a URL is Basic, and shown nowhere',
      async (stage) => {
        const { server, createSession } = stage;
        await server.otherwise(text('in'));
        const response = await createSession(once).get(server.url('/').replace('://', '://user:p%40ss@'));
        same(await authorization(stage), [`Basic ${btoa('user:p@ss')}`]);
        same([response.url, response.request.url], [server.url('/'), server.url('/')]);
      },
      { capability: 'auth: userinfo of the URL' },
    );

    it('call auth stands above the header of the call, which stands above the session; null is none', async (stage) => {
      const { server, createSession } = stage;
      await server.otherwise(text('in'));
      const session = createSession({ ...once, auth: bearer('session') });
      const headers = { authorization: 'Custom header' };
      await session.get(server.url('/'), { auth: bearer('call'), headers });
      await session.get(server.url('/'), { headers });
      await session.get(server.url('/'));
      await session.get(server.url('/'), { auth: null });
      same(await authorization(stage), ['Bearer call', 'Custom header', 'Bearer session', undefined]);
    });

    it('a session credential stays with the origin of baseUrl', async ({
      server,
      startServer,
      createSession,
    }) => {
      const other = await startServer();
      for (const one of [server, other]) await one.otherwise(text('in'));
      const session = createSession({ ...once, baseUrl: server.origin, auth: bearer('secret') });
      await session.get('/');
      await session.get(other.url('/'));
      same(
        [(await server.last())?.header('authorization'), (await other.last())?.header('authorization')],
        ['Bearer secret', undefined],
      );
    });

    it(
      'twenty refused requests make one refresh, and all succeed',
      async ({ server, createSession }) => {
        let refreshes = 0;
        const fresh = { authorization: 'Bearer fresh' };
        await server.otherwise({
          when: { headers: fresh },
          do: text('in'),
          otherwise: respond(401),
        });
        const session = createSession({
          ...once,
          auth: refreshing({
            token: 'stale',
            refresh: async () => {
              refreshes += 1;
              return 'fresh';
            },
          }),
        });
        const calls = Array.from({ length: 20 }, (_, index) => session.get(server.url(`/${index}`)));
        const pages = await Promise.all(calls);
        same([pages.every(({ status }) => status === 200), refreshes], [true, 1]);
      },
      { capability: 'auth: refreshing, OAuth 2' },
    );

    it(
      'OAuth 2 client credentials: one token for all requests',
      async ({ server, createSession }) => {
        await server.route(
          '/token',
          respond({
            headers: { 'content-type': 'application/json' },
            body: '{"access_token":"granted","token_type":"Bearer","expires_in":3600}',
          }),
        );
        await server.route('/', text('in'));
        const session = createSession({
          ...once,
          auth: oauth2({
            clientCredentials: true,
            tokenUrl: server.url('/token'),
            clientId: 'id',
            clientSecret: 'secret',
          }),
        });
        await Promise.all([session.get(server.url('/')), session.get(server.url('/'))]);
        same(
          (await server.requestsTo('/token')).map(({ bodyText }) => bodyText),
          ['grant_type=client_credentials'],
        );
        same(
          (await server.requestsTo('/')).map((one) => one.header('authorization')),
          ['Bearer granted', 'Bearer granted'],
        );
      },
      { capability: 'auth: refreshing, OAuth 2' },
    );

    it(
      'a function and a generator of your own',
      async (stage) => {
        const { server, createSession } = stage;
        await server.route('/', [respond(401), text('in')]);
        const own: Auth = {
          *flow(request) {
            const response = yield request.withHeader('authorization', 'Own first');
            if (response.status === 401) yield request.withHeader('authorization', 'Own second');
          },
        };
        const session = createSession(once);
        same((await session.get(server.url('/'), { auth: own })).status, 200);
        await session.get(server.url('/'), {
          auth: (request) => request.withHeader('authorization', 'Own function'),
        });
        same(await authorization(stage), ['Own first', 'Own second', 'Own function']);
      },
      { capability: 'auth: your own scheme' },
    );

    it('a credential of a call does not follow to another origin', async ({
      server,
      startServer,
      createSession,
    }) => {
      const other = await startServer();
      await server.route('/', redirect(302, other.url('/')));
      await other.route('/', text('there'));
      await createSession(once).get(server.url('/'), { auth: bearer('secret') });
      same((await other.last())?.header('authorization'), undefined);
    });

    it(
      'netrc() reads the file of the user, where there are files',
      async (stage) => {
        const { server, createSession } = stage;
        await server.otherwise(text('in'));
        const credential = netrc();
        await withNetrc('machine 127.0.0.1 login Aladdin password "open sesame"', async () => {
          const session = createSession({ ...once, auth: credential });
          await session.get(server.url('/'));
          await session.get(server.url('/'), { headers: { authorization: 'Mine' } });
          await createSession({ ...once, trustEnv: { netrc: true } }).get(server.url('/'));
          await createSession(once).get(server.url('/'));
        });
        const known = 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==';
        same(await authorization(stage), [known, 'Mine', known, undefined]);
      },
      {
        capability: 'auth: netrc',
        refused: { edge: 'auth: netrc()', browser: 'auth: netrc()' },
      },
    );
  });
};

/** Runs something while the user has this netrc. Only where there are files. */
const withNetrc = async (content: string, run: () => Promise<void>): Promise<void> => {
  const { env, getBuiltinModule } = (globalThis as unknown as { process: typeof import('node:process') })
    .process;
  const files = getBuiltinModule('node:fs/promises');
  const folder = await files.mkdtemp(`${getBuiltinModule('node:os').tmpdir()}/httpsession-`);
  const kept = env.NETRC;
  env.NETRC = `${folder}/netrc`;
  try {
    await files.writeFile(env.NETRC, content, { mode: 0o600 });
    await run();
  } finally {
    if (kept === undefined) delete env.NETRC;
    else env.NETRC = kept;
    await files.rm(folder, { recursive: true });
  }
};

// Computed by Python's hashlib for user, r, pw, GET /, nonce n, cnonce c, counts 1 and 2.
const digestAnswers: Readonly<Record<string, readonly [string, string]>> = {
  MD5: ['b913fce45238dd599d5624564faf99f7', '999c574acc1fc193e58df5e0facb2ed3'],
  'SHA-256': [
    '10a7cd1505e690fa35c0d69d02e5cd15f23ebada3b6d3f29fbdeebab915c7bc7',
    'cae3042e0070d25b5c42f8c90174796008c693f1ad377f4853c91a4e139f883a',
  ],
  'SHA-512-256': [
    'ba6b90aaed50c7ead2c44c5a291cb5cd16a86eec1b07b1b3d5ba8cd0d1ce55c1',
    'f6f0396093203f9d2016ae51a200a1d5c4a2ffb199a8fe31e2e3941003dae902',
  ],
  'SHA-256-sess': [
    '94569eee243836931826e9d09c5e73e1c47ce421321b6c091b637b453466384b',
    '15c120e020026b81c261f9f31ff44e23c10e425f941ec0f8a9649471484c6146',
  ],
};
