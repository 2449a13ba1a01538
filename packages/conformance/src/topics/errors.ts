import { close, raw, reset, respond, sequence, sleep, stall, text } from '@httpsession/testing/remote';
import {
  ConnectionError,
  HTTPError,
  IncompleteBodyError,
  InvalidHeaderError,
  InvalidURLError,
  SessionError,
  TimeoutError,
  TLSError,
  UnsupportedOptionError,
} from 'httpsession';
import { check, failure, rejection, same } from '../suite/check.ts';
import type { Harness, Platform } from '../suite/harness.ts';
import { once, tenBytes } from '../suite/scripts.ts';

/** Browsers and workerd say nothing but that it failed: the phase is unknown and the request counts as sent. */
const blind = (platform: Platform): boolean => platform === 'browser' || platform === 'edge';
const untold = {
  edge: 'workerd says only that it failed: phase unknown, requestSent true',
  browser: 'a browser says only that it failed: phase unknown, requestSent true',
};

const tellsBy = ({ platform }: { platform: Platform }, wanted: readonly unknown[]): readonly unknown[] =>
  blind(platform) ? ['ERR_CONNECTION', 'unknown', true] : wanted;

const factsOf = (error: ConnectionError): readonly unknown[] => [error.code, error.phase, error.requestSent];

/** Failures: the same class, code, phase and requestSent on every runtime that can tell. */
export const errors = ({ describe, it }: Harness): void => {
  describe('errors', () => {
    const capability = 'errors: phase and requestSent of a failed connection';

    it(
      'a refused connection',
      async (stage) => {
        const call = stage.createSession(once).get(`http://127.0.0.1:${stage.deadPort}/`);
        same(
          factsOf(await failure(call, ConnectionError)),
          tellsBy(stage, ['ERR_CONNECTION', 'connect', false]),
        );
      },
      { capability, native: untold },
    );

    it(
      'an unknown host',
      async (stage) => {
        const call = stage.createSession(once).get('http://nobody.invalid/');
        same(factsOf(await failure(call, ConnectionError)), tellsBy(stage, ['ERR_CONNECTION', 'dns', false]));
      },
      { capability, native: untold },
    );

    for (const [what, script] of [
      ['reset', reset()],
      ['closed', close()],
      ['cut off in the middle of the head', sequence(raw('HTTP/1.1 200 OK\r\nX-A: '), close())],
    ] as const) {
      it(
        `a connection ${what} before the head has come`,
        async (stage) => {
          await stage.server.otherwise(script);
          const call = stage.createSession(once).get(stage.server.url('/'));
          same(
            factsOf(await failure(call, ConnectionError)),
            tellsBy(stage, ['ERR_CONNECTION', 'headers', true]),
          );
        },
        { capability, native: untold },
      );
    }

    it(
      'an answer that is not HTTP',
      async (stage) => {
        await stage.server.otherwise(sequence(raw('SSH-2.0-OpenSSH_9.2\r\n'), close()));
        const call = stage.createSession(once).get(stage.server.url('/'));
        same(
          factsOf(await failure(call, ConnectionError)),
          tellsBy(stage, ['ERR_CONNECTION', 'headers', true]),
        );
      },
      { native: untold },
    );

    for (const [what, end] of [
      ['reset', reset()],
      ['closed', close()],
    ] as const) {
      it(
        `a connection ${what} in the middle of the body`,
        async ({ server, createSession }) => {
          // A reset makes the client's system forget what the program has not read yet: the head is to be read first.
          await server.route('/', sequence(tenBytes, raw('abc'), sleep(60), end));
          const response = await createSession(once).get(server.url('/'));
          const error = await failure(response.text(), IncompleteBodyError);
          same([error.code, error.retryable], ['ERR_INCOMPLETE_BODY', true]);
          check(error.received <= 3, String(error.received));
        },
        { capability: 'errors: IncompleteBodyError' },
      );
    }

    it(
      'a certificate that nobody vouches for',
      async (stage) => {
        const secure = await stage.startServer({ tls: 'self-signed' });
        await secure.otherwise(text('secret'));
        const error = await failure(stage.createSession().get(secure.url('/')), ConnectionError);
        if (blind(stage.platform)) return same(factsOf(error), ['ERR_CONNECTION', 'unknown', true]);
        check(error instanceof TLSError, String(error));
        same([...factsOf(error), error.attempts], ['ERR_TLS', 'tls', false, 1]);
        same((await secure.requests()).length, 0);
      },
      { capability: 'errors: TLSError, final', native: untold },
    );

    for (const certificate of ['expired', 'wrong-host'] as const) {
      it(
        `a certificate that is ${certificate}`,
        async ({ startServer, createSession }) => {
          const secure = await startServer({ tls: certificate });
          await secure.otherwise(text('secret'));
          const session = createSession({ ...once, tls: { ca: secure.ca } });
          same(factsOf(await failure(session.get(secure.url('/')), TLSError)), ['ERR_TLS', 'tls', false]);
        },
        { refused: { edge: 'tls', browser: 'tls' } },
      );
    }

    it(
      'https to a port that speaks plain http',
      async (stage) => {
        await stage.server.otherwise(text('plain'));
        const url = stage.server.url('/').replace('http:', 'https:');
        const error = await failure(stage.createSession(once).get(url), ConnectionError);
        if (blind(stage.platform)) return same(factsOf(error), ['ERR_CONNECTION', 'unknown', true]);
        same([error.code, error.phase, error.requestSent], ['ERR_TLS', 'tls', false]);
      },
      { native: untold },
    );

    it('a limit in time', async ({ server, createSession }) => {
      await server.route('/', stall());
      const session = createSession({ retry: null, timeout: { headers: 100 } });
      const error = await failure(session.get(server.url('/')), TimeoutError);
      same([error.code, error.phase, error.requestSent, error.limit], ['ERR_TIMEOUT', 'headers', true, 100]);
    });

    for (const url of ['http://', 'http://[::1', 'nowhere', 'ftp://127.0.0.1/', 'http://127.0.0.1:99999/']) {
      it(
        `the URL ${url} is refused before anything is sent`,
        async ({ createSession }) => {
          const error = await failure(createSession().get(url), InvalidURLError);
          same([error.code, error.attempts], ['ERR_INVALID_URL', 0]);
        },
        { capability: 'errors: InvalidURLError, InvalidHeaderError' },
      );
    }

    for (const [what, headers] of [
      ['with CR and LF', { 'x-a': 'b\r\nx-c: d' }],
      ['with NUL', { 'x-a': 'b\0' }],
      ['by a name that is no token', { 'x a': 'b' }],
      ['beyond Latin-1', { 'x-a': '\u4e16' }],
    ] as const) {
      it(
        `a header ${what} is refused before anything is sent`,
        async ({ server, createSession }) => {
          const error = await failure(createSession().get(server.url('/'), { headers }), InvalidHeaderError);
          same([error.code, (await server.requests()).length], ['ERR_INVALID_HEADER', 0]);
        },
        { capability: 'errors: InvalidURLError, InvalidHeaderError' },
      );
    }

    it('wrong arguments are TypeErrors that name them, and nothing is sent', async ({
      server,
      createSession,
    }) => {
      const session = createSession();
      const wrong = [
        [{ nonsense: 1 }, 'nonsense'],
        [{ timeout: -1 }, 'timeout'],
        [{ retry: { limit: 1.5 } }, 'retry.limit'],
        [{ json: 1, body: 'x' }, 'body'],
        [{ headers: 5 }, 'headers'],
        [{ redirect: 'maybe' }, 'redirect'],
      ] as const;
      for (const [options, name] of wrong) {
        const error = await failure(session.post(server.url('/'), options as object), TypeError);
        check(error.message.includes(name), `${name}: ${error.message}`);
      }
      same((await server.requests()).length, 0);
    });

    it(
      'a status is an error only when asked, and then has its response',
      async ({ server, createSession }) => {
        await server.otherwise(respond({ status: 404, body: 'nothing here' }));
        const session = createSession(once);
        same((await session.get(server.url('/'))).status, 404);
        const error = await failure(session.get(server.url('/'), { raiseForStatus: true }), HTTPError);
        same([error.code, error.status, await error.text()], ['ERR_HTTP_STATUS', 404, 'nothing here']);
        await failure(session.get(server.url('/')).json(), HTTPError);
      },
      { capability: 'errors: HTTPError' },
    );

    it('no error shows a secret', async ({ deadPort, createSession }) => {
      const url = `http://user:hunter2@127.0.0.1:${deadPort}/?token=hunter2`;
      const call = createSession(once).post(url, {
        headers: { 'x-api-key': 'hunter2' },
        json: { password: 'hunter2' },
      });
      const error = await failure(call, SessionError);
      check(SessionError.is(error));
      for (const shown of [
        String(error),
        JSON.stringify(error),
        JSON.stringify(error.request),
        error.stack ?? '',
      ])
        check(!shown.includes('hunter2'), shown);
    });

    it('a refusal names option and platform, and nothing is sent', async ({
      server,
      platform,
      createSession,
    }) => {
      const options =
        platform === 'browser' || platform === 'edge' ? { tls: {} } : { credentials: 'include' as const };
      const [option] = Object.keys(options);
      const error = await rejection(createSession().get(server.url('/'), options));
      check(error instanceof UnsupportedOptionError, String(error));
      same([error.code, error.option, error.platform === ''], ['ERR_UNSUPPORTED_OPTION', option, false]);
      same((await server.requests()).length, 0);
    });
  });
};
