import {
  RedirectError,
  TooManyRedirectsError,
  UnreplayableBodyError,
  UnsafeRedirectError,
} from '@httpsession/core';
import { raw, redirect, respond, ScenarioServer, sequence, stall, text } from '@httpsession/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { failure, openSession, quickRetry } from './support/session.ts';

const startServer = async (options?: Parameters<typeof ScenarioServer.start>[0]): Promise<ScenarioServer> => {
  const server = await ScenarioServer.start(options);
  onTestFinished(() => server.close());
  return server;
};

const wire = (server: ScenarioServer): string[] =>
  server.requests.map(
    ({ method, target, bodyText }) => `${method} ${target}${bodyText === '' ? '' : ` ${bodyText}`}`,
  );

describe('methods', () => {
  // What the second server request must be, by fetch's rules and by those of Python requests; `+` with the body.
  const rules: Record<'fetch' | 'requests', Record<string, Record<number, string>>> = {
    fetch: {
      GET: { 301: 'GET', 302: 'GET', 303: 'GET', 307: 'GET', 308: 'GET' },
      HEAD: { 301: 'HEAD', 302: 'HEAD', 303: 'HEAD', 307: 'HEAD', 308: 'HEAD' },
      POST: { 301: 'GET', 302: 'GET', 303: 'GET', 307: 'POST+', 308: 'POST+' },
      PUT: { 301: 'PUT+', 302: 'PUT+', 303: 'GET', 307: 'PUT+', 308: 'PUT+' },
      PATCH: { 301: 'PATCH+', 302: 'PATCH+', 303: 'GET', 307: 'PATCH+', 308: 'PATCH+' },
      DELETE: { 301: 'DELETE+', 302: 'DELETE+', 303: 'GET', 307: 'DELETE+', 308: 'DELETE+' },
      QUERY: { 301: 'QUERY+', 302: 'QUERY+', 303: 'GET', 307: 'QUERY+', 308: 'QUERY+' },
    },
    requests: {
      GET: { 301: 'GET', 302: 'GET', 303: 'GET', 307: 'GET', 308: 'GET' },
      HEAD: { 301: 'HEAD', 302: 'HEAD', 303: 'HEAD', 307: 'HEAD', 308: 'HEAD' },
      POST: { 301: 'GET', 302: 'GET', 303: 'GET', 307: 'POST+', 308: 'POST+' },
      PUT: { 301: 'PUT+', 302: 'GET', 303: 'GET', 307: 'PUT+', 308: 'PUT+' },
      PATCH: { 301: 'PATCH+', 302: 'GET', 303: 'GET', 307: 'PATCH+', 308: 'PATCH+' },
      DELETE: { 301: 'DELETE+', 302: 'GET', 303: 'GET', 307: 'DELETE+', 308: 'DELETE+' },
      QUERY: { 301: 'QUERY+', 302: 'GET', 303: 'GET', 307: 'QUERY+', 308: 'QUERY+' },
    },
  };

  it.each(['fetch', 'requests'] as const)(
    'follow the rules of %s, body and content headers along with them',
    async (methods) => {
      const server = await startServer();
      const session = openSession({ redirect: { methods } });
      server.route('/end', text('end'));
      for (const [method, row] of Object.entries(rules[methods])) {
        for (const [status, expected] of Object.entries(row)) {
          server.route('/start', redirect(Number(status), '/end'));
          const body = method === 'GET' || method === 'HEAD' ? undefined : { json: { a: 1 } };
          const response = await session.request(method, server.url('/start'), {
            headers: { 'Content-Language': 'en', 'X-Custom': 'kept' },
            ...body,
          });
          const label = `${method} ${status}`;
          expect(response.status, label).toBe(200);
          const last = server.last;
          expect(`${last?.method}${last?.bodyText === '{"a":1}' ? '+' : ''}`, label).toBe(expected);
          const keeps = expected.endsWith('+') || (body === undefined && method === expected);
          expect(last?.header('content-language'), label).toBe(keeps ? 'en' : undefined);
          expect(last?.header('content-type'), label).toBe(
            expected.endsWith('+') ? 'application/json' : undefined,
          );
          if (expected === 'GET') expect(last?.header('content-length'), label).toBe(undefined);
          expect(last?.header('transfer-encoding'), label).toBe(undefined);
          expect(last?.header('x-custom'), label).toBe('kept');
          await response.bytes();
        }
      }
      expect(server.connections.length).toBe(1);
    },
  );

  it('head() stops at the redirect, request("HEAD") and head() with an order follow it', async () => {
    const server = await startServer();
    server.route('/start', redirect(302, '/end')).route('/end', text('end'));
    const session = openSession();
    expect((await session.head(server.url('/start'))).status).toBe(302);
    expect((await session.request('HEAD', server.url('/start'))).status).toBe(200);
    expect((await session.head(server.url('/start'), { redirect: 'follow' })).status).toBe(200);
    expect(wire(server)).toEqual(['HEAD /start', 'HEAD /start', 'HEAD /end', 'HEAD /start', 'HEAD /end']);
  });
});

describe('history', () => {
  it('names every hop, oldest first, tagged, readable, each with its own history', async () => {
    const server = await startServer();
    server
      .route('/a', redirect(301, '/b', { body: 'one' }))
      .route('/b', redirect(302, '/c', { body: '{"two":2}' }))
      .route('/c', redirect(307, '/d', { body: 'x'.repeat(64 * 1024) }))
      .route('/d', text('end'));
    const response = await openSession().get(server.url('/a'));
    expect(response.history.map(({ status, tag, url }) => [status, tag, new URL(url).pathname])).toEqual([
      [301, 'redirect', '/a'],
      [302, 'redirect', '/b'],
      [307, 'redirect', '/c'],
    ]);
    expect(response.history.map(({ history }) => history.length)).toEqual([0, 1, 2]);
    expect(response.history[2]?.history).toEqual(response.history.slice(0, 2));
    expect(await response.history[0]?.text()).toBe('one');
    expect(await response.history[1]?.json()).toEqual({ two: 2 });
    expect((await response.history[2]?.bytes())?.byteLength).toBe(64 * 1024);
    expect(response.redirected).toBe(true);
    expect(response.tag).toBe(undefined);
    expect(await response.text()).toBe('end');
    expect(server.connections.length).toBe(1);
  });

  it('frees the connection of a redirect whose body is too large or never ends', async () => {
    const server = await startServer();
    server
      .route('/large', redirect(302, '/end', { body: 'x'.repeat(4 * 1024 * 1024) }))
      .route(
        '/endless',
        sequence(
          raw('HTTP/1.1 302 Found\r\nLocation: /end\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'),
          stall(),
        ),
      )
      .route('/end', text('end'));
    const session = openSession({ pool: { connections: 1 }, timeout: { queue: 5_000 } });
    for (const path of ['/large', '/endless']) {
      const response = await session.get(server.url(path));
      expect(await response.text()).toBe('end');
      expect(response.history.map(({ status }) => status)).toEqual([302]);
    }
    expect(session.stats().unreadBodies).toBe(0);
  });

  it('counts the attempts of each hop: POST 303 GET 503 repeats only the GET', async () => {
    const server = await startServer();
    server.route('/post', redirect(303, '/page')).route('/page', [respond(503), text('page')]);
    const response = await openSession({ retry: quickRetry(2) }).post(server.url('/post'), {
      form: { a: 'b' },
    });
    expect(await response.text()).toBe('page');
    expect(wire(server)).toEqual(['POST /post a=b', 'GET /page', 'GET /page']);
    expect(response.history.map(({ status, tag }) => [status, tag])).toEqual([
      [303, 'redirect'],
      [503, 'retry'],
    ]);
  });
});

describe('the limit', () => {
  it.each([
    [undefined, 31],
    [30, 31],
    [2, 3],
    [0, 1],
  ])('max %j sends %i requests and no more', async (max, requests) => {
    const server = await startServer();
    server.otherwise(redirect(302, '/again', { body: 'looping' }));
    const session = openSession({ retry: quickRetry(3) });
    const error = await failure(session.get(server.url('/'), max === undefined ? {} : { redirect: max }));
    expect(error).toBeInstanceOf(TooManyRedirectsError);
    if (!(error instanceof TooManyRedirectsError)) return;
    expect(server.requests.length).toBe(requests);
    expect(error.code).toBe('ERR_TOO_MANY_REDIRECTS');
    expect(error.history.length).toBe(requests - 1);
    expect(error.response?.status).toBe(302);
    expect(await error.response?.text()).toBe('looping');
    expect(error.message).toContain(`stopped after ${requests - 1} redirects`);
    expect(session.stats().unreadBodies).toBe(0);
  });

  it('allows exactly so many', async () => {
    const server = await startServer();
    server.route('/1', redirect(302, '/2')).route('/2', redirect(302, '/3')).route('/3', text('end'));
    expect((await openSession({ redirect: { max: 2 } }).get(server.url('/1'))).status).toBe(200);
  });

  it('is not needed by a page that redirects to itself until its cookie is there', async () => {
    const server = await startServer();
    server.route('/', async (exchange) => {
      if (exchange.request.header('cookie') === 'seen=1') return exchange.respond({ body: 'welcome' });
      return exchange.respond({ status: 302, headers: { location: '/', 'set-cookie': 'seen=1' } });
    });
    expect(await openSession().get(server.url('/')).text()).toBe('welcome');
    expect(server.requests.length).toBe(2);
  });
});

describe('modes', () => {
  it('manual hands over the redirect, with the request that it asks for', async () => {
    const server = await startServer();
    server
      .route('/start', redirect(308, '/next', { body: 'moved', headers: { 'set-cookie': 'sid=new' } }))
      .route('/next', text('end'));
    const session = openSession({ auth: ['user', 'pass'] });
    session.cookies.setFromResponse(['sid=old'], server.url('/'));
    const response = await session.post(server.url('/start'), {
      redirect: 'manual',
      json: { a: 1 },
      headers: { 'X-Custom': 'kept', Cookie: 'own=1' },
    });
    expect(response.status).toBe(308);
    expect(response.isRedirect).toBe(true);
    expect(response.isPermanentRedirect).toBe(true);
    expect(await response.text()).toBe('moved');
    const { next } = response;
    expect(next?.method).toBe('POST');
    expect(next?.url).toBe(server.url('/next'));
    // What layers add is added when it is sent, not frozen in.
    expect(next?.header('authorization')).toBe(undefined);
    expect(next?.header('cookie')).toBe('own=1');
    if (next == null) return;
    expect(await session.send(next).text()).toBe('end');
    const last = server.requestsTo('/next')[0];
    expect(last?.bodyText).toBe('{"a":1}');
    expect(last?.header('cookie')).toBe('sid=new; own=1');
    expect(last?.header('authorization')).toBe(`Basic ${btoa('user:pass')}`);
    expect(last?.header('x-custom')).toBe('kept');
  });

  it('manual leads nowhere by itself: next of a foreign target holds no secret, and none of a refused one', async () => {
    const server = await startServer();
    server
      .route('/away', redirect(302, 'http://localhost:1/x'))
      .route('/file', redirect(302, 'file:///etc/passwd'))
      .route('/page', text('x'));
    const session = openSession({ redirect: 'manual', auth: ['user', 'pass'] });
    const away = (await session.get(server.url('/away'), { headers: { 'X-API-Key': 'secret' } })).next;
    expect(away?.headers.toPairs().map(([name]) => name.toLowerCase())).toEqual(['accept', 'user-agent']);
    const file = await session.get(server.url('/file'));
    expect(file.status).toBe(302);
    expect(() => file.next).toThrow(UnsafeRedirectError);
    expect((await session.get(server.url('/page'))).next).toBe(null);
  });

  it('error rejects at the redirect, with its response', async () => {
    const server = await startServer();
    server.route('/start', redirect(302, '/end', { body: 'moved' })).route('/page', text('page'));
    const session = openSession({ redirect: 'error' });
    const error = await failure(session.get(server.url('/start')));
    expect(error).toBeInstanceOf(RedirectError);
    expect(error).toMatchObject({ code: 'ERR_REDIRECT', response: { status: 302 } });
    expect(await (error as RedirectError).response?.text()).toBe('moved');
    expect(wire(server)).toEqual(['GET /start']);
    expect(await session.get(server.url('/page')).text()).toBe('page');
    expect(session.stats().unreadBodies).toBe(0);
  });

  it('hooks see each hop and may stop it, change it, or answer nonsense', async () => {
    const server = await startServer();
    server.route('/a', redirect(302, '/b')).route('/b', redirect(302, '/c')).otherwise(text('end'));
    const session = openSession();
    const seen: string[] = [];
    await session.get(server.url('/a'), {
      hooks: {
        beforeRedirect: (next, response) =>
          void seen.push(`${response.status} ${new URL(next.url).pathname}`),
      },
    });
    expect(seen).toEqual(['302 /b', '302 /c']);
    const stopped = await session.get(server.url('/a'), { hooks: { beforeRedirect: () => false } });
    expect(stopped.status).toBe(302);
    await stopped.bytes();
    const changed = await session.get(server.url('/a'), {
      hooks: { beforeRedirect: (next) => next.withUrl(server.url('/elsewhere')).withHeader('x-hook', '1') },
    });
    expect(changed.url).toBe(server.url('/elsewhere'));
    expect(server.last?.header('x-hook')).toBe('1');
    await changed.bytes();
    await expect(
      session.get(server.url('/a'), { hooks: { beforeRedirect: () => 'yes' as never } }),
    ).rejects.toThrow(TypeError);
    const thrown = new Error('from the hook');
    await expect(
      session.get(server.url('/a'), {
        hooks: {
          beforeRedirect: () => {
            throw thrown;
          },
        },
      }),
    ).rejects.toBe(thrown);
    expect(session.stats().unreadBodies).toBe(0);
  });
});

describe('targets', () => {
  it.each([
    'file:///etc/passwd',
    'data:text/plain,hello',
    'ftp://127.0.0.1/',
    'javascript:alert(1)',
    'blob:http://127.0.0.1/1',
    'app://x/',
    'mailto:a@b.test',
    'about:blank',
  ])('%s is refused before a second request, with the response', async (location) => {
    const server = await startServer();
    server.route('/start', redirect(302, location, { body: 'moved' }));
    const session = openSession({ retry: quickRetry(2) });
    const error = await failure(session.get(server.url('/start')));
    expect(error).toBeInstanceOf(UnsafeRedirectError);
    expect(error).toMatchObject({ code: 'ERR_UNSAFE_REDIRECT', response: { status: 302 } });
    expect(await (error as UnsafeRedirectError).response?.text()).toBe('moved');
    expect(server.requests.length).toBe(1);
    expect(session.stats().unreadBodies).toBe(0);
  });

  it.each([
    'http://[bad',
    'http://',
    'http://:1',
    '//',
    'http://a b/',
    'http://127.0.0.1:99999/',
    'http://[::1%25lo]/',
  ])('%s is no URL: refused before a second request', async (location) => {
    const server = await startServer();
    server.route('/start', redirect(302, location));
    const error = await failure(openSession({ retry: quickRetry(2) }).get(server.url('/start')));
    expect(error).toBeInstanceOf(RedirectError);
    expect(error).toMatchObject({ code: 'ERR_REDIRECT', response: { status: 302 } });
    expect(server.requests.length).toBe(1);
  });

  it('without a Location, or with an empty one, a 302 is the answer', async () => {
    const server = await startServer();
    server
      .route('/none', respond({ status: 302, body: 'x' }))
      .route('/empty', redirect(302, '', { body: 'x' }));
    const session = openSession();
    for (const path of ['/none', '/empty']) {
      const response = await session.get(server.url(path));
      expect(response.status).toBe(302);
      expect(await response.text()).toBe('x');
    }
    expect(server.requests.length).toBe(2);
  });

  it('two Locations are followed when they agree and refused when they do not', async () => {
    const server = await startServer();
    server
      .route(
        '/same',
        respond({
          status: 302,
          headers: [
            ['Location', '/end'],
            ['Location', '/end'],
          ],
        }),
      )
      .route(
        '/differ',
        respond({
          status: 302,
          headers: [
            ['Location', '/end'],
            ['Location', '/evil'],
          ],
        }),
      )
      .route('/end', text('end'));
    const session = openSession();
    expect(await session.get(server.url('/same')).text()).toBe('end');
    await expect(session.get(server.url('/differ'))).rejects.toThrow(
      'there are several Location headers, and they differ',
    );
    expect(wire(server)).toEqual(['GET /same', 'GET /end', 'GET /differ']);
    const manual = await session.get(server.url('/differ'), { redirect: 'manual' });
    expect(manual.status).toBe(302);
  });

  it('user information in a Location is neither used nor shown', async () => {
    const server = await startServer();
    server
      .route('/start', redirect(302, `http://user:hunter2@127.0.0.1:${server.port}/end`))
      .route('/end', text('end'));
    const response = await openSession().get(server.url('/start'));
    expect(server.last?.header('authorization')).toBe(undefined);
    expect(response.url).toBe(server.url('/end'));
    expect(response.finalUrl).toBe(server.url('/end'));
    expect(response.request.url).toBe(server.url('/end'));
  });

  it.each<[location: string, target: string]>([
    ['/ü', '/%C3%BC'],
    ['/日本?q=é', '/%E6%97%A5%E6%9C%AC?q=%C3%A9'],
    ['/a b', '/a%20b'],
    ['/%7e%zz', '/%7e%zz'],
    ['../up', '/up'],
    ['next?x=1', '/dir/next?x=1'],
    ['?y=2', '/dir/start?y=2'],
  ])('%s is requested as %s', async (location, target) => {
    const server = await startServer();
    server
      .route('/dir/start', [
        raw(Buffer.from(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`, 'utf8')),
        text('end'),
      ])
      .otherwise(text('end'));
    await openSession().get(server.url('/dir/start')).text();
    expect(server.last?.target).toBe(target);
  });

  it('//host keeps the scheme', async () => {
    const server = await startServer();
    server.route('/start', redirect(302, `//localhost:${server.port}/end`)).route('/end', text('end'));
    expect((await openSession().get(server.url('/start'))).url).toBe(`http://localhost:${server.port}/end`);
    expect(server.last?.header('host')).toBe(`localhost:${server.port}`);
  });

  it('a fragment is inherited until a Location has its own, and never sent', async () => {
    const server = await startServer();
    server
      .route('/1', redirect(302, '/2'))
      .route('/2', redirect(302, '/3#own'))
      .route('/3', redirect(302, '/4'))
      .route('/4', text('end'));
    const response = await openSession().get(server.url('/1#first'));
    expect(response.history.map(({ finalUrl }) => finalUrl)).toEqual([
      server.url('/1#first'),
      server.url('/2#first'),
      server.url('/3#own'),
    ]);
    expect(response.finalUrl).toBe(server.url('/4#own'));
    expect(response.url).toBe(server.url('/4'));
    expect(wire(server)).toEqual(['GET /1', 'GET /2', 'GET /3', 'GET /4']);
  });

  it('from https down to http is refused, and followed without credentials when allowed', async () => {
    const secure = await startServer({ tls: true });
    const plain = await startServer();
    secure.route('/', redirect(307, plain.url('/end')));
    plain.route('/end', text('end'));
    const headers = { Authorization: 'Bearer secret', 'X-API-Key': 'secret', Accept: 'text/plain' };
    const refused = openSession({ tls: { ca: secure.ca } });
    await expect(refused.get(secure.url('/'), { headers })).rejects.toThrow(UnsafeRedirectError);
    expect(plain.requests.length).toBe(0);
    const allowed = openSession({
      tls: { ca: secure.ca },
      redirect: { allowDowngrade: true, forwardHeaders: ['x-api-key'] },
    });
    expect(await allowed.get(secure.url('/'), { headers, auth: ['user', 'secret'] }).text()).toBe('end');
    expect(plain.last?.raw.toString('latin1')).not.toContain('secret');
    expect(plain.last?.header('accept')).toBe('text/plain');
  });
});

describe('bodies', () => {
  it.each<[what: string, body: () => string | Uint8Array | Blob | (() => AsyncIterable<string>)]>([
    ['text', () => 'payload'],
    ['bytes', () => new TextEncoder().encode('payload')],
    ['a Blob', () => new Blob(['payload'])],
    [
      'a function that makes a stream',
      () =>
        async function* () {
          yield 'pay';
          yield 'load';
        },
    ],
  ])('%s is sent again after a 307', async (_what, body) => {
    const server = await startServer();
    server.route('/start', redirect(307, '/end')).route('/end', text('end'));
    await openSession().post(server.url('/start'), { body: body() }).text();
    expect(wire(server)).toEqual(['POST /start payload', 'POST /end payload']);
  });

  it('a one-shot stream is not sent again, and never empty', async () => {
    const server = await startServer();
    server.route('/start', redirect(307, '/end')).route('/end', text('end'));
    const session = openSession({ retry: quickRetry(2) });
    const streams = [
      (async function* () {
        yield 'payload';
      })(),
      new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('payload'));
          controller.close();
        },
      }),
    ];
    for (const body of streams) {
      const error = await failure(session.post(server.url('/start'), { body }));
      expect(error).toBeInstanceOf(UnreplayableBodyError);
      expect(error).toMatchObject({ code: 'ERR_BODY_NOT_REPLAYABLE' });
    }
    expect(wire(server)).toEqual(['POST /start payload', 'POST /start payload']);
    const dropped = await session.post(server.url('/start'), {
      body: (async function* () {
        yield 'x';
      })(),
      redirect: 'manual',
    });
    expect(dropped.status).toBe(307);
  });

  it('crossOriginBody: false keeps it home', async () => {
    const home = await startServer();
    const other = await startServer();
    home
      .route('/away', redirect(307, other.url('/')))
      .route('/here', redirect(307, '/end'))
      .route('/see', redirect(303, other.url('/')))
      .route('/end', text('end'));
    other.route('/', text('other'));
    const session = openSession({ redirect: { crossOriginBody: false } });
    await expect(session.post(home.url('/away'), { json: { secret: 1 } })).rejects.toThrow(
      UnsafeRedirectError,
    );
    expect(other.requests.length).toBe(0);
    expect(await session.post(home.url('/here'), { json: { a: 1 } }).text()).toBe('end');
    expect(home.last?.bodyText).toBe('{"a":1}');
    expect(await session.post(home.url('/see'), { json: { secret: 1 } }).text()).toBe('other');
    expect(other.last?.bodyText).toBe('');
    expect(
      await openSession()
        .post(home.url('/away'), { json: { sent: 1 } })
        .text(),
    ).toBe('other');
    expect(other.last?.bodyText).toBe('{"sent":1}');
  });
});

describe('hooks that look at bodies', () => {
  it('may clone each response: the clone, the history and the last response are all whole', async () => {
    const server = await startServer();
    server.route('/a', redirect(302, '/b', { body: 'x'.repeat(20_000) })).route('/b', text('end'));
    const session = openSession({ pool: { connections: 1 } });
    const cloned: Promise<string>[] = [];
    const looked: boolean[] = [];
    const response = await session.get(server.url('/a'), {
      hooks: {
        afterExchange: (seen) => {
          looked.push(seen.body !== null);
          cloned.push(seen.clone().text());
        },
      },
    });
    expect(await response.text()).toBe('end');
    expect(await response.history[0]?.text()).toBe('x'.repeat(20_000));
    expect(await Promise.all(cloned)).toEqual(['x'.repeat(20_000), 'end']);
    expect(looked).toEqual([true, true]);
    expect(session.stats().unreadBodies).toBe(0);
  });
});
