import { redirect, respond, text } from '@httpsession/testing/remote';
import { CookieJar, digest } from 'httpsession';
import { same } from '../suite/check.ts';
import type { Harness, Stage } from '../suite/harness.ts';
import { eager, once } from '../suite/scripts.ts';

const jar = { capability: 'cookie jar', refused: { browser: 'cookies' } } as const;
const setCookie = (value: string): { headers: { 'set-cookie': string } } => ({
  headers: { 'set-cookie': value },
});

const cookiesSentTo = async ({ server }: Stage, path: string): Promise<(string | undefined)[]> =>
  (await server.requestsTo(path)).map((request) => request.header('cookie'));

/** Cookies: kept from every message, sent by the rules. */
export const cookies = ({ describe, it }: Harness): void => {
  describe('cookies', () => {
    it(
      'the cookie of a 302 is sent to the page it points at',
      async (stage) => {
        const { server, createSession } = stage;
        await server.route('/login', redirect(302, '/home', setCookie('sid=1; Path=/')));
        await server.route('/home', text('welcome'));
        const session = createSession(once);
        same(await session.post(server.url('/login'), { form: { a: '1' } }).text(), 'welcome');
        same(session.cookies.get('sid')?.value, '1');
        same(await cookiesSentTo(stage, '/home'), ['sid=1']);
      },
      jar,
    );

    it(
      "the browser's own cookies travel as credentials says",
      async ({ server, platform, createSession }) => {
        await server.route('/login', redirect(302, '/home', setCookie('sid=1; Path=/')));
        await server.route('/home', text('welcome'));
        const session = createSession({ ...once, credentials: 'include' });
        const page = await session.get(server.url('/login'));
        same([page.redirected, await page.text(), platform], [true, 'welcome', 'browser']);
      },
      {
        capability: 'credentials, mode, referrer',
        refused: { node: 'credentials', deno: 'credentials', bun: 'credentials', edge: 'credentials' },
      },
    );

    it(
      'the cookie of a 401 is sent with the answer to its challenge',
      async (stage) => {
        const { server, createSession } = stage;
        const challenge = 'Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth"';
        await server.route('/', [
          respond({ status: 401, headers: { 'www-authenticate': challenge, 'set-cookie': 'seen=1' } }),
          text('in'),
        ]);
        const session = createSession({ ...once, auth: digest('user', 'pw') });
        await session.get(server.url('/')).text();
        same([await cookiesSentTo(stage, '/'), session.cookies.size], [[undefined, 'seen=1'], 1]);
      },
      jar,
    );

    it(
      'the cookie of a retried 503 is sent with the next attempt',
      async (stage) => {
        const { server, createSession } = stage;
        await server.route('/', [respond({ status: 503, headers: { 'set-cookie': 'node=b' } }), text('in')]);
        const session = createSession(eager);
        await session.get(server.url('/')).text();
        same(
          [await cookiesSentTo(stage, '/'), session.cookies.toObject()],
          [[undefined, 'node=b'], { node: 'b' }],
        );
      },
      jar,
    );

    it(
      'one Set-Cookie with a comma stays one cookie, two stay two',
      async ({ server, createSession }) => {
        await server.route(
          '/',
          respond({
            headers: [
              ['set-cookie', 'a=x, b=y; Expires=Wed, 21 Oct 2099 07:28:00 GMT'],
              ['set-cookie', 'c=z'],
            ],
          }),
        );
        const session = createSession(once);
        const response = await session.get(server.url('/'));
        same(session.cookies.toObject(), { a: 'x, b=y', c: 'z' });
        same(response.headers.getSetCookie().length, 2);
        same(response.cookies.get('a')?.value, 'x, b=y');
      },
      jar,
    );

    it(
      'paths, hosts and expiry decide what is sent',
      async (stage) => {
        const { server, createSession } = stage;
        await server.otherwise(text('ok'));
        await server.route(
          '/set',
          respond({
            headers: [
              ['set-cookie', 'root=1; Path=/'],
              ['set-cookie', 'deep=1; Path=/deep'],
              ['set-cookie', 'gone=1; Path=/; Max-Age=0'],
              ['set-cookie', 'alien=1; Path=/; Domain=example.com'],
            ],
          }),
        );
        const session = createSession({ ...once, cookies: {} });
        await session.get(server.url('/set'));
        await session.get(server.url('/other'));
        await session.get(server.url('/deep/page'));
        await session.get(server.url('/deeper'));
        same(await cookiesSentTo(stage, '/other'), ['root=1']);
        same(await cookiesSentTo(stage, '/deep/page'), ['deep=1; root=1']);
        same(await cookiesSentTo(stage, '/deeper'), ['root=1']);
      },
      jar,
    );

    it(
      'cookies of a call replace those of the jar by name and are not kept',
      async (stage) => {
        const { server, createSession } = stage;
        await server.otherwise(text('ok'));
        const session = createSession({ ...once, baseUrl: server.origin, cookies: { a: '1', b: '2' } });
        await session.get('/one', { cookies: { b: '3', c: '4' } });
        await session.get('/two');
        same(
          [...(await cookiesSentTo(stage, '/one')), ...(await cookiesSentTo(stage, '/two'))],
          ['a=1; b=3; c=4', 'a=1; b=2'],
        );
      },
      { capability: 'cookies of a call', refused: { browser: 'cookies' } },
    );

    it(
      'a jar is filled by hand, written down and read again',
      async (stage) => {
        const { server, createSession } = stage;
        await server.otherwise(text('ok'));
        const made = new CookieJar();
        made.set('sid', '1', { url: server.origin });
        const session = createSession({
          ...once,
          cookies: CookieJar.fromJSON(JSON.parse(JSON.stringify(made))),
        });
        await session.get(server.url('/')).text();
        same(await cookiesSentTo(stage, '/'), ['sid=1']);
      },
      { capability: 'CookieJar: JSON, cookies.txt, storageState', refused: { browser: 'CookieJar' } },
    );

    it(
      'cookies.txt and storageState are written and read',
      async () => {
        const first = new CookieJar();
        first.set('sid', '1', { domain: 'example.com', path: '/' });
        for (const copy of [
          CookieJar.fromNetscape(first.toNetscape()),
          CookieJar.fromStorageState(first.toStorageState()),
        ]) {
          same([copy.get('sid')?.value, copy.get('sid')?.domain], ['1', 'example.com']);
        }
      },
      { capability: 'CookieJar: JSON, cookies.txt, storageState', refused: { browser: 'CookieJar' } },
    );

    it(
      'two sessions share nothing',
      async (stage) => {
        const { server, createSession } = stage;
        await server.route('/set', respond(setCookieHead));
        await server.route('/', text('ok'));
        const [one, two] = [createSession(once), createSession(once)];
        await one.get(server.url('/set'));
        await two.get(server.url('/'));
        await one.get(server.url('/'));
        same([await cookiesSentTo(stage, '/'), two.cookies.size], [[undefined, 'sid=1'], 0]);
      },
      jar,
    );

    it(
      'cookies: false keeps none',
      async (stage) => {
        const { server, createSession } = stage;
        await server.otherwise(respond({ headers: { 'set-cookie': 'a=1' } }));
        const session = createSession({ ...once, cookies: false });
        await session.get(server.url('/'));
        await session.get(server.url('/'));
        same(await cookiesSentTo(stage, '/'), [undefined, undefined]);
      },
      { capability: 'cookies: false', native: { browser: "`credentials: 'omit'`" } },
    );
  });
};

const setCookieHead = { status: 204, headers: { 'set-cookie': 'sid=1; Path=/' } } as const;
