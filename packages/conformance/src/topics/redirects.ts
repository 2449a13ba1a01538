import { echo, redirect, respond, text } from '@httpsession/testing/remote';
import {
  ConnectionError,
  RedirectError,
  TooManyRedirectsError,
  UnreplayableBodyError,
  UnsafeRedirectError,
} from 'httpsession';
import { check, failure, same } from '../suite/check.ts';
import type { Harness } from '../suite/harness.ts';
import { once } from '../suite/scripts.ts';

const capability = 'redirects: methods as in fetch';
const followed = { browser: 'the browser follows, unseen: no history' };

/** Following redirects: methods, history, limits, secrets. */
export const redirects = ({ describe, it }: Harness): void => {
  describe('redirects', () => {
    for (const [status, method, next] of moves) {
      it(
        `${method} and ${status} go on as ${next}, with the body or without`,
        async ({ server, platform, createSession }) => {
          await server.route('/', redirect(status, '/next'));
          await server.route('/next', echo());
          const session = createSession(once);
          const response = await session.request(method, server.url('/'), { body: 'the body' });
          const arrived = await response.json<{ method: string; body: string }>();
          same([arrived.method, arrived.body], [next, next === 'GET' ? '' : 'the body']);
          const type = (await server.last())?.header('content-type');
          same(type, next === 'GET' ? undefined : 'text/plain;charset=UTF-8');
          if (platform === 'browser') return same([response.redirected, response.history.length], [true, 0]);
          same(
            response.history.map((hop) => [hop.status, hop.tag, hop.request.method]),
            [[status, 'redirect', method]],
          );
        },
        { capability },
      );
    }

    it(
      'history holds every hop with its URL, oldest first',
      async ({ server, platform, createSession }) => {
        await server.route('/a', redirect(301, '/b'));
        await server.route('/b', redirect(302, 'c?q=1'));
        await server.route('/c', redirect(308, '/d'));
        await server.route('/d', text('end'));
        const session = createSession(once);
        const page = await session.get(server.url('/a'));
        same([page.url, await page.text(), page.redirected], [server.url('/d'), 'end', true]);
        const hops = page.history.map(({ status, url, headers }) => [status, url, headers.get('location')]);
        same(
          hops,
          platform === 'browser'
            ? []
            : [
                [301, server.url('/a'), '/b'],
                [302, server.url('/b'), 'c?q=1'],
                [308, server.url('/c?q=1'), '/d'],
              ],
        );
      },
      { capability: 'redirects: history', native: followed },
    );

    it('a fragment goes along, unless the Location has its own', async ({
      server,
      platform,
      createSession,
    }) => {
      await server.route('/', redirect(302, '/next'));
      await server.route('/own', redirect(302, '/next#other'));
      await server.route('/next', text('here'));
      const session = createSession(once);
      const [kept, own] = [
        await session.get(server.url('/#mine')),
        await session.get(server.url('/own#mine')),
      ];
      same([kept.url, own.url], [server.url('/next'), server.url('/next')]);
      if (platform === 'browser') return; // it does not tell the fragment of a Location
      same([kept.finalUrl, own.finalUrl], [server.url('/next#mine'), server.url('/next#other')]);
    });

    it(
      'Authorization, Cookie and custom headers stay home on the way to another origin',
      async ({ server, platform, startServer, createSession }) => {
        const other = await startServer();
        await other.route('/', text('there'));
        await server.route('/', redirect(307, other.url('/')));
        const session = createSession(once);
        const headers = { authorization: 'Bearer secret', 'x-api-key': 'secret', 'accept-language': 'fr' };
        same((await session.get(server.url('/'), { headers })).status, 200);
        const seen = await other.last();
        same([seen?.header('authorization'), seen?.header('accept-language')], [undefined, 'fr']);
        // In a browser custom headers go where CORS lets them.
        same(seen?.header('x-api-key'), platform === 'browser' ? 'secret' : undefined);
      },
      {
        capability: 'redirects: secrets stay home',
        native: { browser: 'Authorization stays; other headers go where CORS lets them' },
      },
    );

    it('what a hop elsewhere took off never comes back by itself', async ({
      server,
      platform,
      startServer,
      createSession,
    }) => {
      const other = await startServer();
      await server.route('/', redirect(302, other.url('/')));
      await other.route('/', redirect(302, server.url('/home')));
      await server.route('/home', text('home'));
      const session = createSession(once);
      await session.get(server.url('/'), { headers: { authorization: 'Bearer secret', 'x-api-key': 'k' } });
      const home = (await server.requestsTo('/home'))[0];
      same(home?.header('authorization'), undefined);
      if (platform !== 'browser') same(home?.header('x-api-key'), undefined);
    });

    it(
      "the session's credential applies again where the chain comes home",
      async ({ server, platform, startServer, createSession }) => {
        const other = await startServer();
        await server.route('/', redirect(302, other.url('/')));
        await other.route('/', redirect(302, server.url('/home')));
        await server.route('/home', text('home'));
        const session = createSession({ ...once, baseUrl: server.origin, auth: ['user', 'pw'] });
        await session.get('/');
        const [first, last] = await server.requests();
        same(
          [first?.header('authorization'), (await other.last())?.header('authorization')],
          [basicOfUser, undefined],
        );
        same(last?.header('authorization'), platform === 'browser' ? undefined : basicOfUser);
      },
      { native: { browser: 'it follows by itself, without the credential' } },
    );

    it(
      'forwardHeaders names what may go along',
      async ({ server, startServer, createSession }) => {
        const other = await startServer();
        await other.route('/', text('there'));
        await server.route('/', redirect(302, other.url('/')));
        const session = createSession({ ...once, redirect: { forwardHeaders: ['x-api-key'] } });
        await session.get(server.url('/'), { headers: { 'x-api-key': 'k', 'x-other': 'o' } });
        const seen = await other.last();
        same([seen?.header('x-api-key'), seen?.header('x-other')], ['k', undefined]);
      },
      { capability: 'redirect.forwardHeaders', refused: { browser: 'redirect.forwardHeaders' } },
    );

    it(
      'a chain longer than redirect.max ends in TooManyRedirectsError with its history',
      async ({ server, createSession }) => {
        await server.otherwise(redirect(302, '/again'));
        const session = createSession({ ...once, redirect: 3 });
        const error = await failure(session.get(server.url('/')), TooManyRedirectsError);
        same([error.code, error.history.length, error.response?.status], ['ERR_TOO_MANY_REDIRECTS', 3, 302]);
        same((await server.requests()).length, 4);
      },
      { capability: 'redirect.max', refused: { browser: 'redirect.max' } },
    );

    it(
      'none may be followed with 0 and error, which is told from a broken connection',
      async ({ server, createSession }) => {
        await server.route('/', redirect(302, '/next'));
        await server.route('/next', text('no'));
        const session = createSession();
        await failure(session.get(server.url('/'), { redirect: 0 }), TooManyRedirectsError);
        await failure(session.get(server.url('/'), { redirect: 'error' }), RedirectError);
        same([(await server.requestsTo('/next')).length, (await server.requestsTo('/')).length], [0, 2]);
      },
      { capability: "redirect: 0 and 'error'" },
    );

    it(
      'manual gives the 3xx itself and the request that would follow',
      async ({ server, platform, createSession }) => {
        await server.route('/', redirect(303, '/next'));
        const session = createSession(once);
        const response = await session.post(server.url('/'), { body: 'x', redirect: 'manual' });
        if (platform === 'browser') return same([response.type, response.status], ['opaqueredirect', 0]);
        same([response.status, response.isRedirect, response.history.length], [303, true, 0]);
        same([response.next?.method, response.next?.url], ['GET', server.url('/next')]);
        await server.route('/next', text('sent'));
        const { next } = response;
        check(next !== null);
        same(await session.send(next).text(), 'sent');
      },
      {
        capability: "redirect: 'manual' and next",
        native: { browser: 'an opaque response: neither status nor Location' },
      },
    );

    it(
      'head() does not follow unless told',
      async ({ server, platform, createSession }) => {
        await server.route('/', redirect(302, '/next'));
        await server.route('/next', respond(204));
        const session = createSession(once);
        const told = await session.head(server.url('/'), { redirect: 'follow' });
        same(told.status, 204);
        same((await session.head(server.url('/'))).status, platform === 'browser' ? 204 : 302);
      },
      { native: { browser: 'HEAD follows: a redirect cannot be seen' } },
    );

    for (const target of ['file:///etc/passwd', 'data:text/plain,no', 'ftp://127.0.0.1/']) {
      it(
        `${new URL(target).protocol} is never followed`,
        async ({ server, platform, createSession }) => {
          await server.route('/', redirect(302, target));
          const session = createSession(once);
          const call = session.get(server.url('/'));
          if (platform === 'browser') return void (await failure(call, ConnectionError));
          const error = await failure(call, UnsafeRedirectError);
          same([error.code, error.response?.status], ['ERR_UNSAFE_REDIRECT', 302]);
        },
        { native: { browser: 'the browser fails, and does not say why' } },
      );
    }

    it('a Location that is no URL is an error with the response', async ({
      server,
      platform,
      createSession,
    }) => {
      await server.route('/', redirect(302, 'http://[broken'));
      const session = createSession(once);
      const call = session.get(server.url('/'));
      if (platform === 'browser') return void (await failure(call, ConnectionError));
      same((await failure(call, RedirectError)).response?.status, 302);
    });

    it(
      'a one-shot body is not sent twice, nor empty',
      async ({ server, platform, createSession }) => {
        await server.route('/', redirect(307, '/next'));
        await server.route('/next', echo());
        const session = createSession(once);
        const call = session.post(server.url('/'), { body: generated() });
        // A browser without HTTP/2 gathers a stream first, and can repeat that.
        if (platform === 'browser') return same((await call.json<{ body: string }>()).body, 'once');
        await failure(call, UnreplayableBodyError);
        same((await server.requestsTo('/next')).length, 0);
      },
      { refused: { edge: 'body' }, native: { browser: 'streams are gathered first: it is sent again' } },
    );

    it(
      'beforeRedirect sees the next request and may stop the chain',
      async ({ server, createSession }) => {
        await server.route('/', redirect(302, '/next'));
        const seen: string[] = [];
        const session = createSession(once);
        const response = await session.get(server.url('/'), {
          hooks: {
            beforeRedirect(next, { status }) {
              seen.push(`${status} ${next.url}`);
              return false;
            },
          },
        });
        same([response.status, seen], [302, [`302 ${server.url('/next')}`]]);
      },
      { capability: 'hooks.beforeRedirect', refused: { browser: 'hooks.beforeRedirect' } },
    );

    it(
      "Python requests' method rules: 302 turns PUT into GET",
      async ({ server, createSession }) => {
        await server.route('/', redirect(302, '/next'));
        await server.route('/next', echo());
        const session = createSession({ ...once, redirect: { methods: 'requests' } });
        same((await session.put(server.url('/'), { body: 'x' }).json<{ method: string }>()).method, 'GET');
      },
      { capability: 'redirect.methods', refused: { browser: 'redirect.methods' } },
    );
  });
};

// WHATWG Fetch, HTTP-redirect fetch, step 12.
const moves: readonly (readonly [status: number, method: string, next: string])[] = [
  [301, 'POST', 'GET'],
  [301, 'PUT', 'PUT'],
  [302, 'POST', 'GET'],
  [302, 'PUT', 'PUT'],
  [303, 'POST', 'GET'],
  [303, 'PUT', 'GET'],
  [303, 'DELETE', 'GET'],
  [307, 'POST', 'POST'],
  [308, 'POST', 'POST'],
  [308, 'PUT', 'PUT'],
];

const basicOfUser = `Basic ${btoa('user:pw')}`;

async function* generated(): AsyncGenerator<string> {
  yield 'once';
}
