import { drip, raw, sequence, sleep, stall, text } from '@httpsession/testing/remote';
import { type SessionResponse, TimeoutError } from 'httpsession';
import { check, failure, same } from '../suite/check.ts';
import type { Harness } from '../suite/harness.ts';
import { tenBytes } from '../suite/scripts.ts';

/** Limits in time. */
export const timeouts = ({ describe, it }: Harness): void => {
  describe('timeouts', () => {
    it(
      'a server that never answers ends in TimeoutError, phase headers',
      async ({ server, createSession }) => {
        await server.route('/', stall());
        const session = createSession({ retry: null, timeout: { headers: 200 } });
        const startedAt = performance.now();
        const error = await failure(session.get(server.url('/')), TimeoutError);
        same(
          [error.phase, error.limit, error.code, error.requestSent],
          ['headers', 200, 'ERR_TIMEOUT', true],
        );
        check(performance.now() - startedAt < 1_500);
      },
      { capability: 'timeout.headers' },
    );

    for (const [how, read] of readers) {
      it(
        `a body that stalls ends ${how} in TimeoutError, phase body`,
        async ({ server, createSession }) => {
          await server.route('/', sequence(tenBytes, raw('abc'), stall()));
          const session = createSession({ retry: null, timeout: { idle: 150 } });
          const response = await session.get(server.url('/'));
          const error = await failure(read(response), TimeoutError);
          same([error.phase, error.limit], ['body', 150]);
        },
        { capability: 'timeout.idle' },
      );
    }

    it(
      'the total deadline ends a wait for the head',
      async ({ server, createSession }) => {
        await server.route('/', stall());
        const error = await failure(createSession({ timeout: 150 }).get(server.url('/')), TimeoutError);
        same([error.phase, error.limit], ['total', 150]);
      },
      { capability: 'timeout.total' },
    );

    it(
      'the total deadline ends a body that drips for ever',
      async ({ server, createSession }) => {
        await server.route('/', drip('x'.repeat(1_000), { every: 40 }));
        const session = createSession({ timeout: { total: 300, idle: 5_000 } });
        const response = await session.get(server.url('/'));
        same((await failure(response.text(), TimeoutError)).phase, 'total');
      },
      { capability: 'timeout.total' },
    );

    it('a body that drips in time is read whole', async ({ server, createSession }) => {
      await server.route('/', drip('0123456789', { every: 30 }));
      const session = createSession({ retry: null, timeout: { idle: 1_000 } });
      same(await session.get(server.url('/')).text(), '0123456789');
    });

    it(
      'an attempt that takes too long is repeated',
      async ({ server, createSession }) => {
        await server.route('/', [stall(), text('second')]);
        const session = createSession({ timeout: { attempt: 200 }, retry: { backoff: { base: 0 } } });
        const response = await session.get(server.url('/'));
        same([await response.text(), response.attempts], ['second', 2]);
      },
      { capability: 'timeout.attempt' },
    );

    it('backoff does not outlive the total deadline', async ({ deadPort, createSession }) => {
      const session = createSession({ timeout: 300, retry: { backoff: { base: 30_000, jitter: 'none' } } });
      const startedAt = performance.now();
      await session.get(`http://127.0.0.1:${deadPort}/`).catch(() => undefined);
      check(performance.now() - startedAt < 3_000, 'it waited on');
    });

    it('limits above 2^31-1 ms, Infinity and null do not fire', async ({ server, createSession }) => {
      await server.otherwise(sequence(sleep(80), text('slow')));
      for (const limit of [2 ** 31, 2 ** 40, Number.POSITIVE_INFINITY, null]) {
        const session = createSession({
          retry: null,
          timeout: { total: limit, headers: limit, idle: limit, attempt: limit },
        });
        same(await session.get(server.url('/')).text(), 'slow');
      }
    });
  });
};

const readers: readonly (readonly [string, (response: SessionResponse) => Promise<unknown>])[] = [
  ['text()', (response) => response.text()],
  ['json()', (response) => response.json()],
  ['bytes()', (response) => response.bytes()],
  [
    'a reader of body',
    async ({ body }) => {
      const reader = body?.getReader();
      while (reader !== undefined && !(await reader.read()).done);
    },
  ],
  [
    'lines()',
    async (response) => {
      for await (const _ of response.lines());
    },
  ],
  [
    'chunks()',
    async (response) => {
      for await (const _ of response.chunks(4));
    },
  ],
];
