import { raw, respond, sequence, stall, text } from '@httpsession/testing/remote';
import { SessionClosedError } from 'httpsession';
import { check, failure, rejection, same } from '../suite/check.ts';
import type { Harness } from '../suite/harness.ts';
import { tenBytes } from '../suite/scripts.ts';

/** Ending calls. */
export const cancellation = ({ describe, it }: Harness): void => {
  describe('cancellation', () => {
    for (const [what, makeReason] of reasons) {
      it(
        `an abort rejects with the caller's own reason: ${what}`,
        async ({ server, createSession }) => {
          await server.route('/', stall());
          const controller = new AbortController();
          const reason = makeReason();
          const call = rejection(createSession().get(server.url('/'), { signal: controller.signal }));
          await server.waitFor(1);
          controller.abort(reason);
          check((await call) === reason);
        },
        { capability: 'abort: signal.reason itself' },
      );
    }

    it('a signal that is aborted already sends nothing', async ({ server, createSession }) => {
      const reason = new Error('mine');
      const call = createSession().get(server.url('/'), { signal: AbortSignal.abort(reason) });
      check((await rejection(call)) === reason);
      same((await server.requests()).length, 0);
    });

    it(
      'an abort in the middle of a body rejects its reader with the reason',
      async ({ server, createSession }) => {
        await server.route('/', sequence(tenBytes, raw('abc'), stall()));
        const controller = new AbortController();
        const response = await createSession({ retry: null }).get(server.url('/'), {
          signal: controller.signal,
        });
        const text = rejection(response.text());
        const reason = { mine: true };
        controller.abort(reason);
        check((await text) === reason);
      },
      { capability: 'abort: signal.reason itself' },
    );

    it('an abort ends the wait between two attempts', async ({ server, createSession }) => {
      await server.route('/', respond({ status: 503, headers: { 'retry-after': '20' } }));
      const controller = new AbortController();
      const reason = new Error('mine');
      const startedAt = performance.now();
      const retry = { onRetry: () => controller.abort(reason) };
      const call = createSession({ retry }).get(server.url('/'), { signal: controller.signal });
      check((await rejection(call)) === reason);
      check(performance.now() - startedAt < 5_000);
    });

    it("a session's signal aborts all its calls", async ({ server, createSession }) => {
      await server.otherwise(stall());
      const controller = new AbortController();
      const session = createSession({ signal: controller.signal });
      const calls = [session.get(server.url('/1')), session.get(server.url('/2'))].map(rejection);
      await server.waitFor(2);
      const reason = new Error('mine');
      controller.abort(reason);
      check((await Promise.all(calls)).every((error) => error === reason));
    });

    it("AbortSignal.timeout's own TimeoutError comes through", async ({ server, createSession }) => {
      await server.route('/', stall());
      const signal = AbortSignal.timeout(100);
      const error = await rejection(createSession().get(server.url('/'), { signal }));
      check(error === signal.reason && error instanceof DOMException, String(error));
    });

    it(
      'close() ends what is under way, and later calls are refused',
      async ({ server, createSession }) => {
        await server.route('/', stall());
        const session = createSession();
        const call = failure(session.get(server.url('/')), SessionClosedError);
        await server.waitFor(1);
        await session.close();
        same((await call).code, 'ERR_SESSION_CLOSED');
        await failure(session.get(server.url('/')), SessionClosedError);
        same((await server.requests()).length, 1);
      },
      { capability: 'close()' },
    );

    it('an abort closes the connection', async ({ server, createSession }) => {
      await server.route('/', stall());
      const controller = new AbortController();
      const call = rejection(createSession().get(server.url('/'), { signal: controller.signal }));
      await server.waitFor(1);
      controller.abort();
      await call;
      await server.waitFor({ openConnections: 0 });
    });

    it('the next call of the session is none the worse', async ({ server, createSession }) => {
      await server.route('/slow', stall());
      await server.route('/', text('fine'));
      const session = createSession({ retry: null });
      const signal = AbortSignal.timeout(50);
      await rejection(session.get(server.url('/slow'), { signal }));
      same(await session.get(server.url('/')).text(), 'fine');
    });
  });
};

const reasons: readonly (readonly [string, () => unknown])[] = [
  ['an object', () => ({ mine: true })],
  ['an error', () => new RangeError('mine')],
  ['a string', () => 'mine'],
];
