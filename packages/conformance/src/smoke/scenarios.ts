import {
  brotlied,
  chunked,
  deflated,
  deflatedRaw,
  echo,
  gzipped,
  head,
  RemoteScenarioServer,
  raw,
  redirect,
  reset,
  respond,
  sequence,
  stall,
  text,
} from '@httpsession/testing/remote';
import {
  BodyError,
  basic,
  ConnectionError,
  CookieJar,
  digest,
  RedirectError,
  Session,
  SessionResponse,
  TimeoutError,
  TooManyRedirectsError,
  UnsupportedOptionError,
} from 'httpsession';
import { check, rejection, same } from './check.ts';

/** What a platform is expected to do where platforms differ. */
export interface Expectations {
  readonly platform: 'browser' | 'bun' | 'deno' | 'edge' | 'node';
  /** A port of 127.0.0.1 where nobody listens. */
  readonly deadPort: number;
}

/** One behaviour: it resolves, or throws what is wrong. */
export type Scenario = (
  server: RemoteScenarioServer,
  expected: Expectations,
  control: string,
) => Promise<void>;

const quick = { retry: null, timeout: { headers: 5_000, idle: 5_000 } } as const;

// Steps of single bytes know nothing of CORS: pages are let in by hand.
const tenBytes = head({
  status: 200,
  headers: { 'content-length': '10', 'access-control-allow-origin': '*' },
});

/** Behaviours by name. Every one runs on every platform, against a server of its own. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  async 'cookies of a 302 are sent to the page it points at'(server, { platform }) {
    await server.route('/login', redirect(302, '/home', { headers: { 'set-cookie': 'sid=1; Path=/' } }));
    await server.route('/home', text('welcome'));
    await using session = new Session({
      ...quick,
      ...(platform === 'browser' && { credentials: 'include' }),
    });
    const page = await session.post(server.url('/login'), { form: { a: '1' } });
    same(await page.text(), 'welcome');
    same(page.redirected, true);
    const cookies = (await server.requestsTo('/home')).map((request) => [
      request.method,
      request.header('cookie'),
    ]);
    // Chromium keeps cookies of another site's server from a page: SameSite=Lax is its default.
    if (platform === 'browser') return same(cookies.length, 1);
    same(cookies, [['GET', 'sid=1']]);
    same(
      page.history.map(({ status, tag }) => [status, tag]),
      [[302, 'redirect']],
    );
    same(session.cookies.get('sid')?.value, '1');
  },

  async 'credentials and secrets stay home on a redirect to another origin'(server, { platform }, control) {
    await using other = await RemoteScenarioServer.start(control, { cors: true });
    await other.route('/', text('there'));
    await server.route('/', redirect(307, other.url('/')));
    await using session = new Session({ ...quick });
    const headers = { authorization: 'Bearer secret', 'x-api-key': 'secret' };
    const page = await session.get(server.url('/'), { headers });
    same(page.status, 200);
    const seen = await other.last();
    // In a browser the request follows the page's own rules: Authorization stays, custom headers go where CORS lets them.
    same(seen?.header('authorization'), undefined);
    if (platform !== 'browser') same(seen?.header('x-api-key'), undefined);
  },

  async 'a redirect that may not be followed is told from a broken connection'(server) {
    await server.route('/', redirect(302, '/next'));
    await server.route('/next', text('no'));
    await using session = new Session();
    check((await rejection(session.get(server.url('/'), { redirect: 0 }))) instanceof TooManyRedirectsError);
    check((await rejection(session.get(server.url('/'), { redirect: 'error' }))) instanceof RedirectError);
    same((await server.requestsTo('/next')).length, 0);
    same((await server.requestsTo('/')).length, 2);
  },

  async 'a refused connection is tried three times and fails with ConnectionError'(
    _server,
    { deadPort, platform },
  ) {
    await using session = new Session({ retry: { backoff: { base: 0 } } });
    const error = await rejection(session.get(`http://127.0.0.1:${deadPort}/`));
    check(error instanceof ConnectionError, String(error));
    same(error.attempts, 3);
    const blind = platform === 'browser' || platform === 'edge';
    same([error.phase, error.requestSent], blind ? ['unknown', true] : ['connect', false]);
  },

  async 'a request that is reset is repeated when it is idempotent'(server) {
    await server.route('/', [reset(), text('second')]);
    await using session = new Session({ retry: { backoff: { base: 0 } } });
    same(await session.get(server.url('/')).text(), 'second');
    same((await server.requestsTo('/')).length, 2);
  },

  async 'a POST that is reset reaches the server once'(server, { platform }) {
    await server.route('/warm', text('ok'));
    await server.route('/', [reset(), text('twice')]);
    await using session = new Session();
    await session.get(server.url('/warm')).text();
    const post = session.post(server.url('/'), { json: { a: 1 } }).text();
    // A browser sends even a POST again when a kept connection breaks, and nothing can forbid it.
    if (platform === 'browser') return void (await post.catch(() => undefined));
    const error = await rejection(post);
    check(error instanceof ConnectionError, String(error));
    same(error.requestSent, true);
    same((await server.requestsTo('/')).length, 1);
  },

  async 'a 503 with Retry-After is repeated'(server) {
    await server.route('/', [respond({ status: 503, headers: { 'retry-after': '0' } }), text('fine')]);
    await using session = new Session();
    const response = await session.get(server.url('/'));
    same([response.status, response.attempts], [200, 2]);
    same(
      response.history.map(({ status, tag }) => [status, tag]),
      [[503, 'retry']],
    );
  },

  async 'a server that never answers ends in TimeoutError, phase headers'(server) {
    await server.route('/', stall());
    await using session = new Session({ retry: null, timeout: { headers: 200 } });
    const startedAt = performance.now();
    const error = await rejection(session.get(server.url('/')));
    check(error instanceof TimeoutError, String(error));
    same([error.phase, error.limit], ['headers', 200]);
    check(performance.now() - startedAt < 1_500);
  },

  async 'a body that stalls ends in TimeoutError, phase body, however it is read'(server) {
    await server.otherwise(sequence(tenBytes, raw('abc'), stall()));
    await using session = new Session({ retry: null, timeout: { idle: 200 } });
    const whole = await rejection(session.get(server.url('/')).text());
    check(whole instanceof TimeoutError, String(whole));
    same(whole.phase, 'body');
    const response = await session.get(server.url('/lines'));
    const byLine = await rejection(
      (async () => {
        for await (const _ of response.lines());
      })(),
    );
    check(byLine instanceof TimeoutError, String(byLine));
  },

  async 'the total deadline ends a call in whatever phase'(server) {
    await server.route('/', stall());
    await using session = new Session({ timeout: 200 });
    const error = await rejection(session.get(server.url('/')));
    check(error instanceof TimeoutError, String(error));
    same(error.phase, 'total');
  },

  async "an abort rejects with the caller's own reason"(server) {
    await server.route('/', stall());
    await using session = new Session();
    const controller = new AbortController();
    const reason = { mine: true };
    const call = rejection(session.get(server.url('/'), { signal: controller.signal }));
    await server.waitFor(1);
    controller.abort(reason);
    check((await call) === reason);
  },

  async 'a body that breaks off is an error'(server) {
    await server.route('/', sequence(tenBytes, raw('abc'), reset()));
    await using session = new Session({ retry: null });
    const error = await rejection(session.get(server.url('/')).text());
    check(error instanceof BodyError, String(error));
  },

  async 'content codings are undone'(server, { platform }) {
    const codings = {
      gzip: gzipped('hello'),
      br: brotlied('hello'),
      deflate: deflated('hello'),
      'x-gzip': gzipped('hello'),
    };
    await using session = new Session(quick);
    for (const [coding, body] of Object.entries(codings)) {
      await server.route(`/${coding}`, respond({ headers: { 'content-encoding': coding }, body }));
      same([coding, await session.get(server.url(`/${coding}`)).text()], [coding, 'hello']);
    }
    await server.route(
      '/raw',
      respond({ headers: { 'content-encoding': 'deflate' }, body: deflatedRaw('hello') }),
    );
    same(await session.get(server.url('/raw')).text(), 'hello');
    if (platform === 'browser') return;
    await server.route('/none', respond({ headers: { 'content-encoding': 'gzip' }, body: gzipped('hello') }));
    const packed = await (await session.get(server.url('/none'), { decompress: false })).bytes();
    same([...packed.slice(0, 2)], [0x1f, 0x8b]);
  },

  async 'bodies arrive as they were given'(server, { platform }) {
    await server.otherwise(echo());
    await using session = new Session(quick);
    const url = server.url('/');
    const sent = async (options: Parameters<Session['post']>[1]): Promise<[string, string | undefined]> => {
      const { body } = await session.post(url, options).json<{ body: string }>();
      return [body, (await server.last())?.header('content-type')];
    };
    same(await sent({ json: { a: 1 } }), ['{"a":1}', 'application/json']);
    same(await sent({ form: { a: '1' } }), ['a=1', 'application/x-www-form-urlencoded']);
    same(await sent({ body: 'text' }), ['text', 'text/plain;charset=UTF-8']);
    same(await sent({ body: new Blob(['blob'], { type: 'image/png' }) }), ['blob', 'image/png']);
    same(await sent({ body: new Uint8Array([65, 66]) }), ['AB', undefined]);
    const form = new FormData();
    form.append('file', new Blob(['content']), 'a.txt');
    const [multipart, type] = await sent({ multipart: form });
    check(multipart.includes('filename="a.txt"') && multipart.includes('content'), multipart);
    check(type?.startsWith('multipart/form-data; boundary=') === true, String(type));
    async function* twice(): AsyncGenerator<string> {
      yield 'one ';
      yield 'two';
    }
    const stream = { body: twice() };
    if (platform === 'edge') {
      check((await rejection(session.post(url, stream).text())) instanceof UnsupportedOptionError);
    } else {
      same((await sent(stream))[0], 'one two');
    }
  },

  async 'an upload whose stream fails is never taken for complete'(server, { platform }) {
    await server.otherwise(echo());
    await using session = new Session({ retry: null });
    const failure = new Error('the disk is gone');
    async function* failing(): AsyncGenerator<string> {
      yield 'a part of it';
      throw failure;
    }
    const error = await rejection(session.post(server.url('/'), { body: failing() }).text());
    if (platform === 'edge') return check(error instanceof UnsupportedOptionError, String(error));
    check(error === failure, String(error));
    check((await server.requests()).every(({ complete }) => !complete));
  },

  async 'a Digest challenge is answered'(server) {
    const challenge = 'Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth"';
    await server.route('/', [
      respond({ status: 401, headers: { 'www-authenticate': challenge } }),
      text('in'),
    ]);
    await using session = new Session({ ...quick, auth: digest('user', 'pw') });
    const page = await session.get(server.url('/'));
    same(page.status, 200);
    same(
      page.history.map(({ tag }) => tag),
      ['challenge'],
    );
    check((await server.last())?.header('authorization')?.startsWith('Digest username="user"') === true);
  },

  async 'a refused Basic credential comes back as a 401'(server) {
    const challenge = { 'www-authenticate': 'Basic realm="r"' };
    await server.route('/', respond({ status: 401, headers: challenge }));
    await using session = new Session({ ...quick, auth: basic('user', 'wrong') });
    same((await session.get(server.url('/'))).status, 401);
  },

  async 'responses are Responses, and fetch is a fetch'(server, { platform }) {
    await server.route('/', chunked(['one\n', 'two\n']));
    await using session = new Session(quick);
    const response = await session.get(server.url('/'));
    check(response instanceof Response && response instanceof SessionResponse);
    const lines: string[] = [];
    for await (const line of response.lines()) lines.push(line);
    same(lines, ['one', 'two']);
    const { fetch } = session;
    const plain = await fetch(new Request(server.url('/'), { headers: { 'x-a': '1' } }));
    same([plain.status, await plain.text()], [200, 'one\ntwo\n']);
    same((await server.last())?.header('x-a'), '1');
    if (platform === 'edge') check(!(plain instanceof SessionResponse), 'a handler could not return it');
  },

  async 'HEAD has no body and a length'(server) {
    await server.route('/', respond({ headers: { 'content-length': '1000' } }));
    await using session = new Session(quick);
    const response = await session.head(server.url('/'));
    same([response.status, await response.text()], [200, '']);
  },

  async 'unread bodies hold nobody up'(server) {
    await server.otherwise(text('small'));
    await using session = new Session(quick);
    for (let turn = 0; turn < 10; turn += 1) await session.get(server.url(`/${turn}`));
    same((await server.requests()).length, 10);
  },

  async 'options that would be ignored are refused'(_server, { platform }) {
    const table: Readonly<Record<Expectations['platform'], readonly object[]>> = {
      browser: [
        { proxy: 'http://127.0.0.1:9' },
        { tls: {} },
        { unixSocket: '/x' },
        { http2: true },
        { cookies: {} },
      ],
      bun: [
        { proxy: 'socks5://127.0.0.1:9' },
        { lookup: () => undefined },
        { tls: { pin: 'sha256/x' } },
        { mode: 'cors' },
      ],
      deno: [
        { proxy: 'socks4://127.0.0.1:9' },
        { tls: { verify: false } },
        { tls: { serverName: 'x' } },
        { cache: 'reload' },
      ],
      edge: [
        { proxy: 'http://127.0.0.1:9' },
        { tls: {} },
        { unixSocket: '/x' },
        { http2: true },
        { keepalive: true },
      ],
      node: [{ credentials: 'omit' }],
    };
    for (const options of table[platform]) {
      let thrown: unknown;
      try {
        new Session(options);
      } catch (error) {
        thrown = error;
      }
      check(thrown instanceof UnsupportedOptionError, `${JSON.stringify(options)}: ${String(thrown)}`);
    }
  },

  async 'a jar is kept, or refused by name'(_server, { platform }) {
    if (platform !== 'browser') return same(new CookieJar().size, 0);
    let thrown: unknown;
    try {
      new CookieJar();
    } catch (error) {
      thrown = error;
    }
    check(thrown instanceof UnsupportedOptionError);
  },
};
