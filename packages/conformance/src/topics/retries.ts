import { echo, redirect, reset, respond, text } from '@httpsession/testing/remote';
import { ConnectionError, RetryError, urllib3Retry } from 'httpsession';
import { check, failure, same } from '../suite/check.ts';
import type { Harness } from '../suite/harness.ts';
import { eager } from '../suite/scripts.ts';

const busy = respond({ status: 503 });

/** Repeating what failed. */
export const retries = ({ describe, it }: Harness): void => {
  describe('retries', () => {
    it(
      'a refused connection is tried three times',
      async ({ deadPort, createSession }) => {
        const delays: number[] = [];
        const session = createSession({
          retry: { backoff: { base: 0 }, onRetry: (_, delay) => delays.push(delay) },
        });
        const error = await failure(session.get(`http://127.0.0.1:${deadPort}/`), ConnectionError);
        same([error.attempts, delays.length], [3, 2]);
      },
      { capability: 'retries' },
    );

    it(
      'a request that is reset is repeated when it is idempotent',
      async ({ server, createSession }) => {
        await server.route('/', [reset(), text('second')]);
        const response = await createSession(eager).get(server.url('/'));
        same([await response.text(), (await server.requestsTo('/')).length], ['second', 2]);
      },
      { capability: 'retries' },
    );

    it('PUT is repeated with its whole body', async ({ server, createSession }) => {
      await server.route('/', [busy, echo()]);
      const call = createSession(eager).put(server.url('/'), { json: { a: 1 } });
      same((await call.json<{ body: string }>()).body, '{"a":1}');
      same(
        (await server.requestsTo('/')).map(({ bodyText }) => bodyText),
        ['{"a":1}', '{"a":1}'],
      );
    });

    it(
      'a POST that is reset reaches the server once',
      async ({ server, platform, createSession }) => {
        await server.route('/warm', text('ok'));
        await server.route('/', [reset(), text('twice')]);
        const session = createSession();
        await session.get(server.url('/warm')).text();
        const post = session.post(server.url('/'), { json: { a: 1 } }).text();
        if (platform === 'browser') return void (await post.catch(() => undefined));
        same((await failure(post, ConnectionError)).requestSent, true);
        same((await server.requestsTo('/')).length, 1);
      },
      {
        capability: 'a failed POST is sent once',
        native: { browser: 'a browser may repeat it when a kept connection breaks' },
      },
    );

    it('a POST answered with 503 is not repeated, unless its method is named', async ({
      server,
      createSession,
    }) => {
      await server.route('/', [busy, text('second'), busy, text('fourth')]);
      const session = createSession(eager);
      same((await session.post(server.url('/'), { body: 'x' })).status, 503);
      await server.route('/named', [busy, text('second')]);
      const retry = { methods: ['POST'], backoff: { base: 0 } };
      same((await session.post(server.url('/named'), { body: 'x', retry })).status, 200);
    });

    it(
      'a POST that never left is repeated',
      async ({ deadPort, platform, createSession }) => {
        const error = await failure(
          createSession(eager).post(`http://127.0.0.1:${deadPort}/`, { body: 'x' }),
          ConnectionError,
        );
        const blind = platform === 'browser' || platform === 'edge';
        same(error.attempts, blind ? 1 : 3);
      },
      {
        capability: 'a POST that never left is repeated',
        native: {
          edge: 'workerd does not tell whether it left: not repeated',
          browser: 'a browser does not tell whether it left: not repeated',
        },
      },
    );

    for (const status of [408, 429, 500, 502, 503, 504]) {
      it(`${status} is repeated, kept in the history`, async ({ server, createSession }) => {
        await server.route('/', [respond({ status, headers: { 'retry-after': '0' } }), text('fine')]);
        const response = await createSession().get(server.url('/'));
        same([response.status, response.attempts], [200, 2]);
        same(
          response.history.map((one) => [one.status, one.tag]),
          [[status, 'retry']],
        );
      });
    }

    it('404 and 501 are answers', async ({ server, createSession }) => {
      await server.route('/404', respond(404));
      await server.route('/501', respond(501));
      const session = createSession(eager);
      same(
        [(await session.get(server.url('/404'))).attempts, (await session.get(server.url('/501'))).attempts],
        [1, 1],
      );
    });

    it(
      'Retry-After sets the delay, and a longer one than allowed ends it',
      async ({ server, createSession }) => {
        await server.route('/', [respond({ status: 429, headers: { 'retry-after': '1' } }), text('fine')]);
        await server.route('/later', respond({ status: 429, headers: { 'retry-after': '3600' } }));
        const delays: number[] = [];
        const session = createSession({ retry: { onRetry: (_, delay) => delays.push(delay) } });
        same((await session.get(server.url('/'))).attempts, 2);
        same(delays, [1_000]);
        same((await session.get(server.url('/later'))).attempts, 1);
      },
      { capability: 'Retry-After' },
    );

    it('the last answer comes back when the retries are used up, or RetryError when asked', async ({
      server,
      createSession,
    }) => {
      await server.otherwise(busy);
      const session = createSession({ retry: { limit: 1, backoff: { base: 0 } } });
      const response = await session.get(server.url('/'));
      same([response.status, response.attempts], [503, 2]);
      const retry = { throwOnExhausted: true };
      same((await failure(session.get(server.url('/'), { retry }), RetryError)).response?.status, 503);
    });

    it('one budget for all hops of a call', async ({ server, createSession }) => {
      await server.route('/', [busy, redirect(302, '/next')]);
      await server.route('/next', [busy, text('fine')]);
      const session = createSession({ retry: { limit: 1, backoff: { base: 0 } } });
      const response = await session.get(server.url('/'));
      same([response.status, response.attempts], [503, 2]);
    });

    it('retry: null and 0 are once', async ({ server, createSession }) => {
      await server.otherwise(busy);
      const session = createSession({ retry: null });
      await session.get(server.url('/'));
      await session.get(server.url('/'), { retry: 0 });
      same((await server.requests()).length, 2);
    });

    it(
      'a body factory is called for each attempt, a stream is sent once',
      async ({ server, createSession }) => {
        await server.route('/', [busy, echo()]);
        let calls = 0;
        const session = createSession(eager);
        const body = () => {
          calls += 1;
          return new Blob([`body ${calls}`]).stream();
        };
        same((await session.put(server.url('/'), { body }).json<{ body: string }>()).body, 'body 2');
        await server.route('/once', [busy, echo()]);
        const response = await session.put(server.url('/once'), { body: body() });
        same([response.status, response.attempts, (await server.requestsTo('/once')).length], [503, 1, 1]);
      },
      { refused: { edge: 'body' } },
    );

    it('beforeRetry and shouldRetry decide', async ({ server, createSession }) => {
      await server.route('/hook', [busy, text('second')]);
      await server.route('/teapot', [respond(418), text('second')]);
      const session = createSession(eager);
      same((await session.get(server.url('/hook'), { hooks: { beforeRetry: () => false } })).status, 503);
      const retry = {
        shouldRetry: ({ response }: { response?: { status: number } }) => response?.status === 418,
      };
      same((await session.get(server.url('/teapot'), { retry })).status, 200);
    });

    it(
      "urllib3's own policy",
      async ({ server, createSession }) => {
        await server.route('/', [busy, text('second')]);
        const retry = urllib3Retry({ total: 2, statusForcelist: [503], backoffFactor: 0 });
        const response = await createSession({ retry }).get(server.url('/'));
        check(response.status === 200, `answered ${response.status}`);
      },
      { capability: 'urllib3Retry' },
    );
  });
};
