import { redirect, respond, text } from '@httpsession/testing/remote';
import { check, rejection, same } from '../suite/check.ts';
import type { Harness } from '../suite/harness.ts';
import { eager, once } from '../suite/scripts.ts';

/** What must not pile up: connections, bodies nobody reads, rejections nobody sees. */
export const leaks = ({ describe, it }: Harness): void => {
  describe('leaks', () => {
    it(
      'twenty requests in a row share a connection',
      async ({ server, createSession }) => {
        await server.otherwise(text('small'));
        const session = createSession(once);
        for (let turn = 0; turn < 20; turn += 1) await session.get(server.url(`/${turn}`)).text();
        const { length } = await server.connections();
        check(length <= 2, `${length} connections`);
      },
      { capability: 'keep-alive' },
    );

    it('unread bodies hold nobody up', async ({ server, createSession }) => {
      await server.otherwise(text('small'));
      const session = createSession(once);
      for (let turn = 0; turn < 10; turn += 1) await session.get(server.url(`/${turn}`));
      same((await server.requests()).length, 10);
    });

    it('bodies of retries and redirects are given up', async ({ server, platform, createSession }) => {
      const large = { body: 'x'.repeat(1 << 20) };
      await server.otherwise([respond({ status: 503, ...large }), redirect(302, '/end', large)]);
      await server.route('/end', text('end'));
      const session = createSession(eager);
      for (let turn = 0; turn < 8; turn += 1) {
        same(await session.get(server.url(`/${turn}`)).text(), 'end');
      }
      const { unreadBodies, pending } = session.stats();
      same([unreadBodies, pending], [0, 0]);
      check(
        platform === 'browser' || (await server.openConnections()) <= 18,
        `${await server.openConnections()} open`,
      );
    });

    it('a response that is disposed of frees its connection', async ({ server, createSession }) => {
      await server.otherwise(respond({ body: 'x'.repeat(1 << 20) }));
      const session = createSession(once);
      for (let turn = 0; turn < 8; turn += 1) {
        await using response = await session.get(server.url(`/${turn}`));
        same(response.status, 200);
      }
      same(session.stats().unreadBodies, 0);
    });

    it('thirty calls at once are all answered', async ({ server, createSession }) => {
      await server.otherwise(text('small'));
      const session = createSession(once);
      const calls = Array.from({ length: 30 }, (_, turn) => session.get(server.url(`/${turn}`)).text());
      same(new Set(await Promise.all(calls)).size, 1);
      same((await server.requests()).length, 30);
    });

    it(
      'HEAD keeps its connection',
      async ({ server, platform, createSession }) => {
        await server.otherwise(respond({ headers: { 'content-length': '5' }, framing: 'none' }));
        const session = createSession(once);
        for (let turn = 0; turn < 6; turn += 1) await session.head(server.url(`/${turn}`));
        const { length } = await server.connections();
        if (platform !== 'bun') check(length <= 2, `${length} connections`);
      },
      { capability: 'HEAD keeps its connection', native: { bun: 'Bun closes it' } },
    );

    it('no rejection goes unseen when calls fail in every way', async ({
      server,
      deadPort,
      createSession,
    }) => {
      const seen: unknown[] = [];
      const stop = onUnhandled((reason) => seen.push(reason));
      const session = createSession({ retry: null, timeout: { headers: 60 } });
      await server.otherwise({ stall: true });
      const late = AbortSignal.timeout(30);
      await rejection(session.get(`http://127.0.0.1:${deadPort}/`));
      await rejection(session.get(server.url('/1')));
      await rejection(session.get(server.url('/2'), { signal: late }));
      await rejection(session.get(server.url('/3'), { timeout: 20 }));
      await rejection(session.get('nowhere'));
      const last = rejection(session.get(server.url('/4')));
      await session.close();
      await last;
      await new Promise((resolve) => setTimeout(resolve, 50));
      stop();
      same(seen.map(String), []);
    });
  });
};

const onUnhandled = (listener: (reason: unknown) => void): (() => void) => {
  const { process } = globalThis as {
    process?: {
      on?(name: string, run: typeof listener): void;
      off?(name: string, run: typeof listener): void;
    };
  };
  if (process?.on !== undefined && process.off !== undefined) {
    process.on('unhandledRejection', listener);
    return () => process.off?.('unhandledRejection', listener);
  }
  const listen = (event: Event): void => {
    listener((event as PromiseRejectionEvent).reason);
  };
  globalThis.addEventListener?.('unhandledrejection', listen);
  return () => globalThis.removeEventListener?.('unhandledrejection', listen);
};
