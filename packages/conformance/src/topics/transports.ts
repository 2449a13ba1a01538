import { gzipped, respond, text } from '@httpsession/testing/remote';
import {
  ConnectionError,
  fetchTransport,
  type Session,
  SessionResponse,
  TimeoutError,
  UnsupportedOptionError,
} from 'httpsession';
import { check, failure, rejection, same, thrown } from '../suite/check.ts';
import type { Harness, Platform } from '../suite/harness.ts';
import { eager, once } from '../suite/scripts.ts';

const capability = 'app.fetch and service bindings as transports';
const app = 'http://app.test';

/** Any fetch function as a transport: a framework's `app.fetch`, a service binding, a mock. */
export const transports = ({ describe, it }: Harness): void => {
  describe('transports', () => {
    it(
      'a mounted app.fetch answers its own origin, and no other',
      async ({ server, createSession }) => {
        await server.otherwise(text('network'));
        const session = createSession(once).mount(
          app,
          fetchTransport((url) => new Response(`app ${url}`)),
        );
        same(await session.get(`${app}/path?q=1`).text(), `app ${app}/path?q=1`);
        same(await session.get(server.url('/')).text(), 'network');
      },
      { capability },
    );

    it(
      'method, headers and body reach it',
      async ({ createSession }) => {
        const session = mounted(createSession(once), async (url, init) => {
          const request = new Request(url, init);
          return Response.json([request.method, request.headers.get('x-a'), await request.text()]);
        });
        same(await session.post(`${app}/`, { headers: { 'x-a': '1' }, body: 'text' }).json(), [
          'POST',
          '1',
          'text',
        ]);
      },
      { capability },
    );

    it(
      'cookies, redirects and retries work over it',
      async ({ platform, createSession }) => {
        const seen: string[] = [];
        const session = mounted(createSession(eager), (url, init) => {
          const { pathname } = new URL(url);
          seen.push(`${pathname} ${new Headers(init.headers).get('cookie') ?? ''}`.trim());
          if (pathname === '/login')
            return new Response(null, {
              status: 303,
              headers: { location: '/home', 'set-cookie': 'sid=1; Path=/' },
            });
          return new Response('home', { status: seen.length < 3 ? 503 : 200 });
        });
        const page = await session.get(`${app}/login`);
        same([page.status, page.history.map(({ tag }) => tag)], [200, ['redirect', 'retry']]);
        // Where the platform keeps the cookies, nobody attaches them to what does not go through it; browsers hide Set-Cookie, too.
        same(
          seen,
          platform === 'browser' ? ['/login', '/home', '/home'] : ['/login', '/home sid=1', '/home sid=1'],
        );
      },
      { capability },
    );

    it(
      'what it throws is a ConnectionError, and is retried',
      async ({ createSession }) => {
        let calls = 0;
        const session = mounted(createSession(eager), () => {
          calls += 1;
          if (calls < 3) throw new TypeError('fetch failed');
          return new Response('third');
        });
        same(await session.get(`${app}/`).text(), 'third');
        calls = 0;
        const error = await failure(session.post(`${app}/`, { body: 'x', retry: null }), ConnectionError);
        check(error.cause instanceof TypeError);
      },
      { capability },
    );

    it(
      'limits and aborts hold where it ignores its signal',
      async ({ createSession }) => {
        const session = mounted(
          createSession({ retry: null, timeout: { headers: 80 } }),
          () => new Promise(() => undefined),
        );
        same((await failure(session.get(`${app}/`), TimeoutError)).phase, 'headers');
        const controller = new AbortController();
        const call = rejection(
          session.get(`${app}/`, { signal: controller.signal, timeout: { headers: null } }),
        );
        const reason = { mine: true };
        controller.abort(reason);
        check((await call) === reason);
      },
      { capability },
    );

    it(
      'an option of the connection is refused for it',
      async ({ createSession }) => {
        const session = mounted(createSession(once), () => new Response('it was ignored'));
        for (const options of [{ tls: {} }, { proxy: 'http://127.0.0.1:9' }, { http2: true }]) {
          check((await rejection(session.get(`${app}/`, options))) instanceof UnsupportedOptionError);
        }
      },
      { capability },
    );

    it(
      'prefixes match whole path segments, the most specific first',
      async ({ createSession }) => {
        const answers = (name: string) => fetchTransport(() => new Response(name));
        const session = createSession(once)
          .mount(app, answers('origin'))
          .mount(`${app}/api`, answers('api'))
          .mount(/\.other\.test/, answers('pattern'));
        const texts = await Promise.all(
          [`${app}/`, `${app}/api/x`, `${app}/apix`, 'http://a.other.test/'].map((url) =>
            session.get(url).text(),
          ),
        );
        same(texts, ['origin', 'api', 'origin', 'pattern']);
      },
      { capability: 'mount' },
    );

    it('mounting what is no transport is a TypeError', async ({ createSession }) => {
      check(thrown(() => createSession().mount(app, {} as never)) instanceof TypeError);
      check(thrown(() => fetchTransport('fetch' as never)) instanceof TypeError);
    });
  });

  describe('session.fetch', () => {
    it(
      'is a fetch: strings, URLs and Requests, with cookies and retries',
      async ({ server, platform, createSession }) => {
        await server.route('/', [
          { respond: { status: 503, headers: { 'set-cookie': 'a=1', 'retry-after': '0' } } },
          text('one'),
          text('two'),
          text('three'),
        ]);
        const { fetch } = createSession();
        same(await (await fetch(server.url('/'))).text(), 'one');
        same(await (await fetch(new URL(server.url('/')))).text(), 'two');
        const request = new Request(server.url('/'), { method: 'POST', body: 'b', headers: { 'x-a': '1' } });
        same(await (await fetch(request)).text(), 'three');
        const last = await server.last();
        same([last?.method, last?.header('x-a'), last?.bodyText], ['POST', '1', 'b']);
        same(last?.header('cookie'), platform === 'browser' ? undefined : 'a=1');
      },
      { capability: 'session.fetch' },
    );

    it(
      'answers with a Response, a native one where handlers return it',
      async ({ server, platform, createSession }) => {
        await server.otherwise(text('x'));
        const response = await createSession(once).fetch(server.url('/'));
        check(response instanceof Response);
        same(response instanceof SessionResponse, !returnsNative(platform));
        same([response.status, await response.text()], [200, 'x']);
      },
      { capability: 'session.fetch' },
    );

    it('sends the body of a Request that does not show it, as in Firefox', async ({
      server,
      createSession,
    }) => {
      await server.otherwise(text('x'));
      const request = new Request(server.url('/'), { method: 'POST', body: 'hidden' });
      Object.defineProperty(request, 'body', { value: undefined });
      await createSession(once).fetch(request);
      same((await server.last())?.bodyText, 'hidden');
    });

    it(
      'hands a body that was left packed on with its coding',
      async ({ server, createSession }) => {
        await server.otherwise(respond({ headers: { 'content-encoding': 'gzip' }, body: gzipped('hello') }));
        const response = await createSession({ ...once, decompress: false }).fetch(server.url('/'));
        same(response.headers.get('content-encoding'), 'gzip');
        same([...(await response.bytes()).slice(0, 2)], [0x1f, 0x8b]);
      },
      { refused: { browser: 'decompress' } },
    );

    it(
      'rejects with the reason of its signal, and for a body on GET',
      async ({ server, createSession }) => {
        const { fetch } = createSession();
        const reason = new Error('mine');
        check((await rejection(fetch(server.url('/'), { signal: AbortSignal.abort(reason) }))) === reason);
        await failure(fetch(server.url('/'), { method: 'GET', body: 'x' }), TypeError);
        same((await server.requests()).length, 0);
      },
      { capability: 'session.fetch' },
    );
  });
};

const returnsNative = (platform: Platform): boolean => platform === 'edge';

const mounted = (session: Session, fetch: Parameters<typeof fetchTransport>[0]): Session =>
  session.mount(app, fetchTransport(fetch));
