import { redirect, respond, text } from '@httpsession/testing/remote';
import { decorate, HTTPError, responseFrom } from 'httpsession';
import { failure, same } from '../suite/check.ts';
import type { Harness } from '../suite/harness.ts';
import { eager, once } from '../suite/scripts.ts';

const capability = 'hooks and middlewares';

/** Hooks and middlewares. */
export const hooks = ({ describe, it }: Harness): void => {
  describe('hooks', () => {
    it(
      'run at their places, those of the session before those of the call',
      async ({ server, platform, createSession }) => {
        await server.route('/', [respond(503), redirect(302, '/next')]);
        await server.route('/next', text('end'));
        const log: string[] = [];
        const beforeRedirect = { beforeRedirect: () => void log.push('beforeRedirect') };
        const session = createSession({
          ...eager,
          hooks: {
            beforeRequest: () => void log.push('beforeRequest'),
            afterExchange: ({ status }) => void log.push(`afterExchange ${status}`),
            beforeRetry: () => void log.push('beforeRetry'),
            afterResponse: ({ status }) => void log.push(`afterResponse ${status}`),
            ...(platform !== 'browser' && beforeRedirect),
          },
        });
        await session.get(server.url('/'), { hooks: { beforeRequest: () => void log.push('of the call') } });
        const seen = platform === 'browser' ? [] : ['afterExchange 302', 'beforeRedirect'];
        same(log, [
          'beforeRequest',
          'of the call',
          'afterExchange 503',
          'beforeRetry',
          ...seen,
          'afterExchange 200',
          'afterResponse 200',
        ]);
      },
      { capability },
    );

    it(
      'may replace request, response and error',
      async ({ server, createSession }) => {
        await server.otherwise(respond(404));
        const session = createSession(once);
        await session.get(server.url('/'), {
          hooks: { beforeRequest: (request) => request.withHeader('x-hook', '1') },
        });
        same((await server.last())?.header('x-hook'), '1');
        const replaced = await session.get(server.url('/'), {
          hooks: {
            afterResponse: (_, request) => responseFrom(request, new Response('made', { status: 299 })),
          },
        });
        same([replaced.status, await replaced.text()], [299, 'made']);
        const mine = new Error('mine');
        const call = session.get(server.url('/'), {
          raiseForStatus: true,
          hooks: { beforeError: () => mine },
        });
        same(await call.catch((error: unknown) => error === mine), true);
      },
      { capability },
    );

    it('beforeError sees the HTTPError of a shortcut', async ({ server, createSession }) => {
      await server.otherwise(respond(500));
      const seen: string[] = [];
      const session = createSession({ ...once, hooks: { beforeError: ({ code }) => void seen.push(code) } });
      await failure(session.get(server.url('/')).json(), HTTPError);
      same(seen, ['ERR_HTTP_STATUS']);
    });
  });

  describe('middlewares', () => {
    it(
      'run once per call, or once per message',
      async ({ server, createSession }) => {
        await server.route('/', [respond(503), text('end')]);
        let [calls, messages] = [0, 0];
        const session = createSession(eager)
          .use((request, next) => {
            calls += 1;
            return next(request.withHeader('x-call', 'c'));
          })
          .use((request, next) => {
            messages += 1;
            return next(request.withHeader('x-message', String(messages)));
          }, 'exchange');
        await session.get(server.url('/'));
        same([calls, messages], [1, 2]);
        same(
          (await server.requests()).map((one) => [one.header('x-call'), one.header('x-message')]),
          [
            ['c', '1'],
            ['c', '2'],
          ],
        );
      },
      { capability },
    );

    it(
      'may answer without sending',
      async ({ server, createSession }) => {
        const session = createSession(once).use(async (request) =>
          responseFrom(request, new Response('cached')),
        );
        same([await session.get(server.url('/')).text(), (await server.requests()).length], ['cached', 0]);
      },
      { capability },
    );

    it(
      'decorate() makes one of a fetch decorator',
      async ({ server, createSession }) => {
        await server.otherwise(text('body'));
        const session = createSession(once).use(
          decorate((fetch) => async (url, init) => {
            const response = await fetch(url, {
              ...init,
              headers: { ...init.headers, 'x-decorated': 'yes' },
            });
            return response;
          }),
          'exchange',
        );
        same(
          [await session.get(server.url('/')).text(), (await server.last())?.header('x-decorated')],
          ['body', 'yes'],
        );
      },
      { capability: 'decorate(): fetch decorators from npm' },
    );
  });
};
