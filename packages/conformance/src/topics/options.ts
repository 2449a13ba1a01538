import { echo, redirect, respond, stall, text } from '@httpsession/testing/remote';
import {
  ConnectionError,
  SessionClosedError,
  type SessionOptions,
  TimeoutError,
  type TransportOptions,
  UnsupportedOptionError,
} from 'httpsession';
import { check, failure, rejection, same } from '../suite/check.ts';
import type { Harness, Refusals } from '../suite/harness.ts';
import { eager, once } from '../suite/scripts.ts';

const sockets = (option: string): Refusals => ({ edge: option, browser: option });
const fetchOnly = (option: string, others: Refusals = {}): Refusals => ({
  node: option,
  deno: option,
  bun: option,
  edge: option,
  ...others,
});

/** What each platform honours, shown by its effect; what it would ignore, it refuses by name. */
export const options = ({ describe, it }: Harness): void => {
  describe('options', () => {
    for (const [given, refused] of refusals) {
      it(
        `${JSON.stringify(given)} is honoured or refused, by session and call alike`,
        async (stage) => {
          const { server, createSession } = stage;
          await server.otherwise(text('it was ignored'));
          const atSession = await outcomeOf(() => createSession(given));
          const { pool, ...ofCall } = given;
          if (pool === undefined) {
            const atCall = await outcomeOf(() => createSession().prepare('GET', server.url('/'), ofCall));
            same([optionOf(atCall)], [optionOf(atSession)]);
          }
          same((await server.requests()).length, 0);
          if (atSession !== null) throw atSession;
        },
        { refused },
      );
    }

    it(
      'a Unix socket that is not there is not gone past',
      async ({ server, createSession }) => {
        await server.otherwise(text('it was ignored'));
        const session = createSession({ ...once, unixSocket: '/nonexistent/socket' });
        const error = await failure(session.get(server.url('/')), ConnectionError);
        same([error.phase, error.requestSent, (await server.requests()).length], ['connect', false, 0]);
      },
      { capability: 'unixSocket', refused: sockets('unixSocket') },
    );

    it(
      'https over a Unix socket is never sent in plain text',
      async ({ createSession }) => {
        const session = createSession({ ...once, unixSocket: '/nonexistent/socket' });
        await failure(session.get('https://secure.test/'), ConnectionError);
      },
      {
        capability: 'unixSocket for https',
        refused: sockets('unixSocket'),
      },
    );

    it(
      'http2 offers it by ALPN, and only when asked',
      async ({ startServer, createSession }) => {
        createSession({ http2: true });
        const secure = await startServer({ tls: { alpn: ['h2', 'http/1.1'] } });
        await secure.otherwise(text('over 1.1'));
        const tls = { ca: secure.ca };
        same(
          await createSession({ ...once, tls })
            .get(secure.url('/'))
            .text(),
          'over 1.1',
        );
        const session = createSession({ retry: null, timeout: 2_000, tls, http2: true });
        // The scenario server does not speak what was agreed upon.
        await rejection(session.get(secure.url('/')));
        const agreed = (await secure.connections()).map((connection) => connection.tls?.alpn);
        same([agreed[0] === 'h2', agreed.at(-1)], [false, 'h2']);
      },
      { capability: 'http2: true', refused: sockets('http2') },
    );

    it(
      'a lookup of your own is asked',
      async ({ server, createSession }) => {
        await server.otherwise(text('found'));
        const lookup = (
          _name: string,
          _options: object,
          answer: (error: null, address: string, family: number) => void,
        ) => answer(null, '127.0.0.1', 4);
        const session = createSession({ ...once, lookup: lookup as NonNullable<SessionOptions['lookup']> });
        same(await session.get(`http://nobody.invalid:${server.port}/`).text(), 'found');
      },
      { capability: 'lookup', refused: sockets('lookup') },
    );

    it(
      'a local address that is not ours fails',
      async ({ server, createSession }) => {
        await server.otherwise(text('it was ignored'));
        const session = createSession({ ...once, localAddress: '192.0.2.1' });
        await failure(session.get(server.url('/')), ConnectionError);
        same((await server.requests()).length, 0);
      },
      {
        capability: 'localAddress',
        refused: sockets('localAddress'),
      },
    );

    it(
      'pool.connections limits the connections',
      async ({ server, createSession }) => {
        await server.otherwise({ sequence: [{ sleep: 20 }, text('small')] });
        const session = createSession({ ...once, pool: { connections: 2 } });
        await Promise.all(Array.from({ length: 8 }, () => session.get(server.url('/')).text()));
        same((await server.connections()).length, 2);
      },
      {
        capability: 'pool.connections',
        refused: sockets('pool'),
      },
    );

    it(
      'pool.keepAliveTimeout closes idle connections',
      async ({ server, createSession }) => {
        await server.otherwise(text('small'));
        const session = createSession({ ...once, pool: { keepAliveTimeout: 1_000 } });
        await session.get(server.url('/')).text();
        same(await server.openConnections(), 1);
        await server.waitFor({ openConnections: 0 }, { timeout: 11_000 });
      },
      {
        capability: 'pool.keepAliveTimeout',
        refused: sockets('pool'),
        native: { bun: 'in steps of four seconds' },
      },
    );

    it(
      'keepalive: false closes connections',
      async ({ server, platform, createSession }) => {
        await server.otherwise(text('small'));
        const session = createSession({ ...once, keepalive: false });
        for (let turn = 0; turn < 3; turn += 1) await session.get(server.url('/')).text();
        if (platform === 'bun') same((await server.connections()).length, 3);
      },
      {
        capability: 'keepalive',
        refused: { node: 'keepalive', deno: 'keepalive', edge: 'keepalive' },
        native: { browser: "fetch's own: outlives the page" },
      },
    );

    it(
      'mode and integrity are kept',
      async ({ server, createSession }) => {
        await server.otherwise(text('body'));
        const session = createSession(once);
        await failure(session.get(server.url('/'), { mode: 'same-origin' }), ConnectionError);
        const integrity = 'sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
        await failure(session.get(server.url('/'), { integrity }), ConnectionError);
      },
      { capability: 'credentials, mode, referrer', refused: fetchOnly('mode') },
    );

    it(
      'cache: no-store is kept',
      async ({ server, createSession }) => {
        await server.otherwise(respond({ headers: { 'cache-control': 'max-age=600' }, body: 'x' }));
        const session = createSession({ ...once, cache: 'no-store' });
        for (let turn = 0; turn < 2; turn += 1) await session.get(server.url('/')).text();
        same((await server.requests()).length, 2);
      },
      { capability: "cache: 'no-store'", refused: { node: 'cache', deno: 'cache', bun: 'cache' } },
    );

    it(
      'Host can be overridden',
      async ({ server, createSession }) => {
        await server.otherwise(respond(204));
        await createSession(once).get(server.url('/'), { headers: { host: 'other.test' } });
        same((await server.last())?.headers('host'), ['other.test']);
      },
      { capability: 'header Host', refused: { edge: 'headers.host', browser: 'headers.host' } },
    );

    for (const [name, value] of [
      ['cookie', 'a=1'],
      ['user-agent', 'Mine/1'],
      ['origin', 'http://a.test'],
      ['referer', 'http://a.test/'],
      ['accept-encoding', 'identity'],
    ] as const) {
      it(
        `the header ${name} is sent as given`,
        async ({ server, createSession }) => {
          await server.otherwise(text('x'));
          await createSession(once)
            .get(server.url('/'), { headers: { [name]: value } })
            .text();
          same((await server.last())?.headers(name), [value]);
        },
        {
          capability: 'headers Cookie, User-Agent, Origin, Referer',
          refused: { browser: `headers.${name}` },
        },
      );
    }

    it(
      'QUERY, PROPFIND and PURGE are sent as they are',
      async ({ server, createSession }) => {
        await server.otherwise(text('done'));
        const session = createSession(once);
        const methods = ['QUERY', 'PROPFIND', 'PURGE'];
        for (const method of methods) await session.request(method, server.url('/')).text();
        same(
          (await server.requests()).map(({ method }) => method),
          methods,
        );
      },
      { capability: 'methods: PROPFIND, PURGE, ...' },
    );

    it(
      'a method of your own',
      async ({ server, createSession }) => {
        await server.otherwise(text('done'));
        await createSession(once).request('FROBNICATE', server.url('/')).text();
        same((await server.last())?.method, 'FROBNICATE');
      },
      { capability: 'methods of your own', refused: { edge: 'method' } },
    );

    it(
      'a GET with a body',
      async ({ server, createSession }) => {
        await server.otherwise(echo());
        const page = await createSession(once)
          .get(server.url('/'), { body: 'asked' })
          .json<{ body: string }>();
        same(page.body, 'asked');
      },
      { capability: 'GET with a body', refused: sockets('body') },
    );

    it(
      'redirects, cookies and retries are the same for a method of your own',
      async ({ server, createSession }) => {
        const cookie = { 'set-cookie': 'seen=1; Path=/' };
        await server.route('/', [respond({ status: 503, headers: cookie }), redirect(307, '/next')]);
        await server.otherwise(echo());
        const session = createSession({ ...eager, cookies: {} });
        const retry = { methods: ['FROBNICATE'], backoff: { base: 0 } };
        const response = await session.request('FROBNICATE', server.url('/'), { body: 'x', retry });
        same([response.attempts, response.history.length], [2, 2]);
        same(
          (await server.requests()).map((request) => [
            request.method,
            request.target,
            request.header('cookie'),
          ]),
          [
            ['FROBNICATE', '/', undefined],
            ['FROBNICATE', '/', 'seen=1'],
            ['FROBNICATE', '/next', 'seen=1'],
          ],
        );
      },
      { refused: { edge: 'method', browser: 'cookies' } },
    );

    it(
      'close() ends what a method of your own has opened, and refuses the next',
      async ({ server, platform, createSession }) => {
        await server.route('/stall', stall());
        await server.otherwise(text('done'));
        const session = createSession(once);
        await session.request('FROBNICATE', server.url('/')).text();
        const stalled = session.request('FROBNICATE', server.url('/stall'));
        const ended = rejection(stalled);
        await server.waitFor({ requests: 2 });
        await session.close();
        check((await ended) instanceof SessionClosedError);
        check(
          (await rejection(session.request('FROBNICATE', server.url('/')))) instanceof SessionClosedError,
        );
        if (platform !== 'browser') await server.waitFor({ openConnections: 0 });
      },
      { refused: { edge: 'method' } },
    );

    it(
      'abort and limits end a method of your own, at once and by name',
      async ({ server, createSession }) => {
        await server.otherwise(stall());
        const session = createSession({ retry: null, timeout: { headers: 300 } });
        const reason = new Error('enough');
        const aborted = session.request('FROBNICATE', server.url('/'), { signal: AbortSignal.abort(reason) });
        check((await rejection(aborted)) === reason);
        const controller = new AbortController();
        const later = rejection(
          session.request('FROBNICATE', server.url('/'), { signal: controller.signal }),
        );
        controller.abort(reason);
        check((await later) === reason);
        const error = await failure(session.request('FROBNICATE', server.url('/')), TimeoutError);
        same(error.phase, 'headers');
      },
      { refused: { edge: 'method' } },
    );

    it(
      'timeout.connect is a limit of its own',
      async ({ createSession }) => {
        const session = createSession({ retry: null, timeout: { connect: 100, headers: 1_500 } });
        const startedAt = performance.now();
        // RFC 5737: nobody answers there, or the network says at once that it cannot be reached.
        await rejection(session.get('http://192.0.2.1/'));
        check(performance.now() - startedAt < 3_000);
      },
      {
        capability: 'timeout.connect',
        native: {
          deno: 'part of timeout.headers',
          bun: 'part of timeout.headers',
          edge: 'part of timeout.headers',
          browser: 'part of timeout.headers',
        },
      },
    );
  });
};

const refusals: readonly (readonly [TransportOptions, Refusals])[] = [
  [{ proxy: 'http://127.0.0.1:9' }, sockets('proxy')],
  [{ proxy: 'socks5://127.0.0.1:9' }, sockets('proxy')],
  [{ proxy: 'socks4://127.0.0.1:9' }, sockets('proxy')],
  [{ trustEnv: true }, sockets('trustEnv')],
  [{ trustEnv: { netrc: true } }, sockets('trustEnv')],
  [{ trustEnv: { ca: true } }, sockets('trustEnv')],
  [{ tls: {} }, sockets('tls')],
  [{ tls: { verify: false } }, sockets('tls')],
  [{ tls: { serverName: 'a.test' } }, sockets('tls')],
  [{ tls: { ca: 'system' } }, sockets('tls')],
  [{ tls: { pin: `sha256/${'A'.repeat(43)}=` } }, sockets('tls')],
  [{ tls: { minVersion: 'TLSv1.2' } }, sockets('tls')],
  [{ tls: { ciphers: 'HIGH' } }, { deno: 'tls.ciphers', bun: 'tls.ciphers', ...sockets('tls') }],
  [{ unixSocket: '/nonexistent' }, sockets('unixSocket')],
  [{ http2: false }, sockets('http2')],
  [
    { tls: { minVersion: 'TLSv1.2' }, http2: true },
    { deno: 'http2', bun: 'http2', ...sockets('tls') },
  ],
  [{ localAddress: '127.0.0.1' }, sockets('localAddress')],
  [{ pool: { connections: 1 } }, sockets('pool')],
  [{ pool: { pipelining: 1 } }, sockets('pool')],
  [{ pool: { maxOrigins: 9 } }, sockets('pool')],
  [{ pool: { keepAliveTimeout: 999 } }, sockets('pool')],
  [{ credentials: 'omit' }, fetchOnly('credentials')],
  [{ mode: 'cors' }, fetchOnly('mode')],
  [{ cache: 'reload' }, fetchOnly('cache')],
  [{ referrer: 'about:client' }, fetchOnly('referrer')],
  [{ referrerPolicy: 'no-referrer' }, fetchOnly('referrerPolicy')],
  [{ integrity: '' }, fetchOnly('integrity')],
  [{ priority: 'low' }, fetchOnly('priority')],
  [{ keepalive: true }, { node: 'keepalive', deno: 'keepalive', edge: 'keepalive' }],
];

const outcomeOf = async (run: () => unknown): Promise<UnsupportedOptionError | null> => {
  try {
    await run();
    return null;
  } catch (error) {
    if (error instanceof UnsupportedOptionError) return error;
    throw error;
  }
};

const optionOf = (error: UnsupportedOptionError | null): string => error?.option ?? 'honoured';
