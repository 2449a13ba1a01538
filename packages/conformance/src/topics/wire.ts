import {
  answerEarly,
  close,
  echo,
  gzipped,
  joined,
  latin1,
  raw,
  redirect,
  respond,
  sequence,
  text,
} from '@httpsession/testing/remote';
import { ConnectionError, IncompleteBodyError } from 'httpsession';
import { check, failure, same } from '../suite/check.ts';
import type { Harness } from '../suite/harness.ts';
import { once } from '../suite/scripts.ts';

/** Corners of HTTP where platforms differ. */
export const wire = ({ describe, it }: Harness): void => {
  describe('wire', () => {
    it(
      "the reason phrase is the server's",
      async ({ server, platform, createSession }) => {
        await server.route('/', respond({ status: 200, reason: 'Fine By Me' }));
        const { statusText } = await createSession(once).get(server.url('/'));
        same(statusText, platform === 'deno' ? 'OK' : 'Fine By Me');
      },
      { capability: 'statusText of the server', native: { deno: 'Deno has phrases of its own' } },
    );

    for (const status of [299, 418, 599, 600, 999]) {
      it(`the status ${status} is an answer`, async ({ server, createSession }) => {
        await server.route('/', respond({ status, body: 'x' }));
        const response = await createSession(once).get(server.url('/'));
        same([response.status, response.ok, await response.text()], [status, status === 299, 'x']);
      });
    }

    it(
      'header values beyond ASCII arrive as Latin-1',
      async ({ server, createSession }) => {
        await server.otherwise(text('x'));
        await createSession(once).get(server.url('/'), { headers: { 'x-b': 'caf\xe9' } });
        same((await server.last())?.header('x-b'), 'caf\xe9');
      },
      { capability: 'header values in Latin-1', refused: { edge: 'headers.x-b' } },
    );

    it(
      'header values of a response are read as Latin-1',
      async ({ server, platform, createSession }) => {
        await server.otherwise(
          raw(
            latin1(
              'HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: *\r\nX-A: caf\xe9\r\nContent-Length: 0\r\n\r\n',
            ),
          ),
        );
        const value = (await createSession(once).get(server.url('/'))).headers.get('x-a');
        same(value, platform === 'edge' ? 'caf\ufffd' : 'caf\xe9');
      },
      { native: { edge: 'workerd reads them as UTF-8' } },
    );

    it('a Location in raw UTF-8 is followed as browsers do', async ({ server, createSession }) => {
      const head = 'HTTP/1.1 302 Found\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\n';
      await server.route('/', raw(`${head}Location: /caf\u00e9?q=\u00fc\r\n\r\n`));
      await server.otherwise(text('here'));
      await createSession(once).get(server.url('/'));
      same((await server.last())?.target, '/caf%C3%A9?q=%C3%BC');
    });

    for (const [what, respondWith] of [
      [
        'a HEAD',
        respond({ headers: { 'content-encoding': 'gzip', 'content-length': '100' }, framing: 'none' }),
      ],
      ['an empty body', respond({ headers: { 'content-encoding': 'gzip' }, body: '' })],
      ['a 204', respond({ status: 204, headers: { 'content-encoding': 'gzip' } })],
    ] as const) {
      it(
        `${what} that claims to be gzip is no body`,
        async ({ server, platform, createSession }) => {
          await server.otherwise(respondWith);
          const session = createSession(once);
          const response = await (what === 'a HEAD'
            ? session.head(server.url('/'))
            : session.get(server.url('/')));
          if (platform === 'edge' && what === 'an empty body')
            return void (await failure(response.text(), IncompleteBodyError));
          same(await response.text(), '');
        },
        { native: { edge: 'workerd takes nothing for a broken gzip body' } },
      );
    }

    it(
      'gzip of several members is read whole',
      async ({ server, platform, createSession }) => {
        const body = joined(gzipped('one '), gzipped('two'));
        await server.route('/', respond({ headers: { 'content-encoding': 'gzip' }, body }));
        const first = platform === 'deno' || platform === 'browser';
        same(await createSession(once).get(server.url('/')).text(), first ? 'one ' : 'one two');
      },
      {
        capability: 'gzip of several members',
        native: { deno: 'it decodes the first only', browser: 'it decodes the first only' },
      },
    );

    it('interim answers are skipped', async ({ server, createSession }) => {
      const hints = raw('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n');
      await server.route('/', sequence(hints, text('final')));
      const response = await createSession(once).get(server.url('/'));
      same([response.status, await response.text()], [200, 'final']);
    });

    it('a body that ends with its connection is read whole', async ({ server, createSession }) => {
      await server.route('/', respond({ body: 'until the end', framing: 'close' }));
      same(await createSession(once).get(server.url('/')).text(), 'until the end');
    });

    it('an answer that comes before the upload has ended is the answer', async ({
      server,
      createSession,
    }) => {
      await server.otherwise(
        answerEarly(respond({ status: 413, body: 'too large', headers: { connection: 'close' } }), close()),
      );
      const body = new Uint8Array(4 << 20);
      const response = await createSession(once).post(server.url('/'), { body });
      same([response.status, await response.text()], [413, 'too large']);
    });

    it('a chunked body that is cut is not taken for complete', async ({ server, createSession }) => {
      const head = 'HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nTransfer-Encoding: chunked\r\n\r\n';
      await server.route('/', sequence(raw(`${head}3\r\nabc\r\n`), close()));
      const error = await createSession(once)
        .get(server.url('/'))
        .text()
        .catch((one: unknown) => one);
      check(error instanceof Error && 'code' in error && error.code === 'ERR_INCOMPLETE_BODY', String(error));
    });

    it(
      'https by way of a dead proxy fails, and so does a redirect to it',
      async ({ server, deadPort, createSession }) => {
        await server.route('/', redirect(302, '/next'));
        await server.otherwise(echo());
        const proxy = `http://127.0.0.1:${deadPort}`;
        const session = createSession({
          ...once,
          proxy: ({ pathname }) => (pathname === '/' ? null : proxy),
        });
        await failure(session.get(server.url('/')), ConnectionError);
        await failure(session.get(server.url('/next').replace('http:', 'https:')), ConnectionError);
        same(
          (await server.requests()).map(({ target }) => target),
          ['/'],
        );
      },
      { refused: { edge: 'proxy', browser: 'proxy' } },
    );
  });
};
