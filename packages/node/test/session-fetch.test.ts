import { RedirectError, SessionError } from '@httpsession/core';
import {
  chunked,
  echo,
  json,
  redirect,
  respond,
  ScenarioServer,
  sequence,
  sleep,
  stall,
  text,
} from '@httpsession/testing';
import { Headers as UndiciHeaders, Request as UndiciRequest } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { failure, openSession, quickRetry } from './support/session.ts';

const start = async (): Promise<ScenarioServer> => {
  const server = await ScenarioServer.start();
  onTestFinished(() => server.close());
  server.otherwise(text('hello'));
  return server;
};

const streamOf = (...chunks: string[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });

/** A stream whose second chunk comes later than anybody would wait. */
const slowStream = (): ReadableStream<Uint8Array> => {
  let pulls = 0;
  return new ReadableStream({
    async pull(controller) {
      pulls += 1;
      if (pulls > 2) return controller.close();
      if (pulls === 2) await new Promise((resolve) => setTimeout(resolve, 60));
      controller.enqueue(new TextEncoder().encode(`chunk ${pulls};`));
    },
  });
};

describe('input', () => {
  it('is text, a URL, anything with toString, or a Request, also for a session with a baseUrl', async () => {
    const server = await start();
    const { fetch } = openSession({ baseUrl: server.url('/v1/') });
    const inputs: (string | URL | Request)[] = [
      server.url('/a'),
      new URL(server.url('/b')),
      { toString: () => server.url('/c') } as string,
      new Request(server.url('/d')),
      'e',
    ];
    for (const input of inputs) expect(await (await fetch(input)).text()).toBe('hello');
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /a',
      'GET /b',
      'GET /c',
      'GET /d',
      'GET /v1/e',
    ]);
  });

  it.each<[what: string, make: (url: string) => Request]>([
    [
      'a Request',
      (url) =>
        new Request(url, {
          method: 'PUT',
          body: '{"a":1}',
          headers: { 'Content-Type': 'application/json', 'X-A': '1' },
        }),
    ],
    [
      "another library's Request",
      (url) =>
        new UndiciRequest(url, {
          method: 'PUT',
          body: '{"a":1}',
          headers: { 'Content-Type': 'application/json', 'X-A': '1' },
        }) as unknown as Request,
    ],
  ])('%s brings its method, headers and body, with a length', async (_what, make) => {
    const server = await start();
    const request = make(server.url('/'));
    await (await openSession().fetch(request)).text();
    const { last } = server;
    expect([last?.method, last?.header('content-type'), last?.header('x-a'), last?.bodyText]).toEqual([
      'PUT',
      'application/json',
      '1',
      '{"a":1}',
    ]);
    expect(last?.header('content-length')).toBe('7');
    expect(last?.header('transfer-encoding')).toBe(undefined);
    expect(request.bodyUsed).toBe(true);
  });

  it('init overrides a Request: method, headers, body, signal, redirect; null is no body and no signal', async () => {
    const server = await start();
    server.route('/moved', redirect(302, '/'));
    const { fetch } = openSession();
    const request = (): Request =>
      new Request(server.url('/'), { method: 'POST', body: 'old', headers: { 'X-Old': '1' } });
    await (await fetch(request(), { method: 'PATCH', headers: { 'X-New': '1' }, body: 'new' })).text();
    expect([
      server.last?.method,
      server.last?.bodyText,
      server.last?.header('x-old'),
      server.last?.header('x-new'),
    ]).toEqual(['PATCH', 'new', undefined, '1']);
    await (await fetch(request(), { body: null })).text();
    expect(server.last?.bodyText).toBe('old');
    const aborted = new Request(server.url('/'), { signal: AbortSignal.abort(new Error('mine')) });
    await expect(fetch(aborted)).rejects.toThrow('mine');
    await expect(fetch(aborted, {})).rejects.toThrow('mine');
    expect((await fetch(aborted, { signal: null })).status).toBe(200);
    const manual = new Request(server.url('/moved'), { redirect: 'manual' });
    expect((await fetch(manual)).status).toBe(302);
    expect((await fetch(manual, { redirect: 'follow' })).status).toBe(200);
  });

  it('a Request may stand for init', async () => {
    const server = await start();
    const pattern = new Request('http://a.test/', { method: 'POST', body: 'x', headers: { 'X-A': '1' } });
    await (await openSession().fetch(server.url('/b'), pattern)).text();
    expect([
      server.last?.method,
      server.last?.path,
      server.last?.bodyText,
      server.last?.header('x-a'),
    ]).toEqual(['POST', '/b', 'x', '1']);
  });

  it('headers of every kind fetch takes are read as fetch reads them', async () => {
    const server = await start();
    const { fetch } = openSession();
    const kinds: HeadersInit[] = [
      { 'X-A': '1, 2' },
      [
        ['X-A', '1'],
        ['x-a', '2'],
      ],
      new Headers([
        ['X-A', '1'],
        ['x-a', '2'],
      ]),
      new UndiciHeaders([
        ['X-A', '1'],
        ['x-a', '2'],
      ]) as unknown as Headers,
    ];
    for (const headers of kinds) {
      await (await fetch(server.url('/'), { headers })).text();
      expect(server.last?.headers('x-a')).toEqual(['1, 2']);
    }
  });

  it('headers are taken as they are when it is called, whatever becomes of them', async () => {
    const server = await start();
    const session = openSession();
    const headers = new Headers();
    const sent = ['1', '2', '3'].map((turn) => {
      headers.set('x-turn', turn);
      return session.fetch(server.url(`/${turn}`), { headers });
    });
    await Promise.all(sent);
    const turns = server.requests.map((seen) => `${seen.target} ${seen.header('x-turn')}`);
    expect(turns.sort()).toEqual(['/1 1', '/2 2', '/3 3']);
  });

  it('drops the framing headers that SDKs set, and computes them', async () => {
    const server = await start();
    const headers = {
      'Content-Length': '999',
      'Transfer-Encoding': 'chunked',
      Expect: '100-continue',
      'Keep-Alive': 'timeout=5',
      TE: 'trailers',
    };
    await (await openSession().fetch(server.url('/'), { method: 'POST', body: 'four', headers })).text();
    expect(server.last?.header('content-length')).toBe('4');
    for (const name of ['transfer-encoding', 'expect', 'keep-alive', 'te'])
      expect(server.last?.header(name)).toBe(undefined);
  });

  it.each<[what: string, body: () => BodyInit, type: RegExp | undefined, sent: RegExp]>([
    ['text', () => 'x', /^text\/plain;charset=UTF-8$/, /^x$/],
    ['bytes', () => new TextEncoder().encode('x'), undefined, /^x$/],
    ['a Blob', () => new Blob(['x'], { type: 'a/b' }), /^a\/b$/, /^x$/],
    [
      'URLSearchParams',
      () => new URLSearchParams({ a: 'b c' }),
      /^application\/x-www-form-urlencoded/,
      /^a=b\+c$/,
    ],
    [
      'FormData',
      () => {
        const form = new FormData();
        form.set('a', 'b');
        return form;
      },
      /^multipart\/form-data; ?boundary=/,
      /name="a"\r\n\r\nb\r\n/,
    ],
    ['a stream', () => streamOf('x', 'y'), undefined, /^xy$/],
  ])('a body of %s', async (_what, body, type, sent) => {
    const server = await start();
    const { fetch } = openSession();
    await (
      await fetch(server.url('/'), { method: 'POST', body: body(), duplex: 'half' } as RequestInit)
    ).text();
    expect(server.last?.bodyText).toMatch(sent);
    if (type === undefined) expect(server.last?.header('content-type')).toBe(undefined);
    else expect(server.last?.header('content-type')).toMatch(type);
    await (
      await fetch(
        new Request(server.url('/'), { method: 'POST', body: body(), duplex: 'half' } as RequestInit),
      )
    ).text();
    expect(server.last?.bodyText).toMatch(sent);
  });

  it('a Request whose body is a slow or large stream is streamed', async () => {
    const server = await start();
    const { fetch } = openSession();
    await (
      await fetch(
        new Request(server.url('/'), { method: 'POST', body: slowStream(), duplex: 'half' } as RequestInit),
      )
    ).text();
    expect(server.last?.bodyText).toBe('chunk 1;chunk 2;');
    expect(server.last?.header('transfer-encoding')).toBe('chunked');
    const large = 'x'.repeat(400_000);
    await (
      await fetch(
        new Request(server.url('/'), {
          method: 'POST',
          body: streamOf(large, large, large, 'end'),
          duplex: 'half',
        } as RequestInit),
      )
    ).text();
    expect(server.last?.body.byteLength).toBe(1_200_003);
    expect(server.last?.bodyText.endsWith('xend')).toBe(true);
  });

  it('a small body of a Request goes out again after a 307, a challenge and a 503', async () => {
    const server = await start();
    server
      .route('/moved', redirect(307, '/end'))
      .route('/secret', [respond({ status: 401, headers: { 'www-authenticate': 'Basic' } }), text('in')])
      .route('/flaky', [respond(503), text('ok')]);
    const { fetch } = openSession({
      retry: quickRetry(1),
      auth: {
        async *flow(request) {
          const { status } = yield request;
          if (status === 401) yield request.withHeader('authorization', 'Basic x');
        },
      },
    });
    for (const path of ['/moved', '/secret', '/flaky']) {
      expect((await fetch(new Request(server.url(path), { method: 'PUT', body: 'payload' }))).status).toBe(
        200,
      );
    }
    expect(server.requests.map(({ bodyText }) => bodyText)).toEqual(
      Array.from({ length: 6 }, () => 'payload'),
    );
  });

  it('ignores what fetch ignores, so that whole configurations of SDKs may come along', async () => {
    const server = await start();
    const configuration = {
      params: { twice: '1' },
      retry: 'yes',
      timeout: 'no',
      json: {},
      agent: {},
      next: { revalidate: 1 },
      cache: 'no-store',
      mode: 'cors',
      credentials: 'include',
      keepalive: true,
      priority: 'high',
      referrerPolicy: 'no-referrer',
      window: null,
    };
    await (await openSession().fetch(server.url('/'), configuration as RequestInit)).text();
    await (await openSession().fetch(server.url('/'), null as never)).text();
    expect(server.requests.map(({ target }) => target)).toEqual(['/', '/']);
  });

  it('refuses what would promise protection that the platform does not give', async () => {
    const server = await start();
    const { fetch } = openSession();
    for (const init of [{ integrity: 'sha256-x' }, { credentials: 'omit' }] as RequestInit[]) {
      await expect(fetch(server.url('/'), init)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED_OPTION' });
    }
    expect(server.requests.length).toBe(0);
  });

  it('rejects, and never throws', async () => {
    const server = await start();
    const { fetch } = openSession();
    const used = new Request(server.url('/'), { method: 'POST', body: 'x' });
    await used.text();
    const wrong: [input: unknown, init?: unknown][] = [
      ['not a url'],
      ['/relative'],
      [undefined],
      [null],
      [5],
      ['ftp://127.0.0.1/'],
      [used],
      [server.url('/'), { headers: { 'X-A': 'a\r\nb' } }],
      [server.url('/'), { method: 'A B' }],
      [server.url('/'), { body: 'x' }],
      [server.url('/'), { method: 'HEAD', body: 'x' }],
      [server.url('/'), { redirect: 'nowhere' }],
      [server.url('/'), { signal: 5 }],
    ];
    for (const [input, init] of wrong) {
      let promise: Promise<unknown> | undefined;
      expect(() => {
        promise = fetch(input as string, init as RequestInit);
      }).not.toThrow();
      const error = await failure(promise ?? Promise.resolve());
      expect(error instanceof TypeError || SessionError.is(error), String(error)).toBe(true);
    }
    expect(server.requests.length).toBe(0);
  });

  it('is not misled by a polluted Object.prototype', async () => {
    const server = await start();
    const { fetch } = openSession();
    const polluted = {
      method: 'DELETE',
      body: 'evil',
      redirect: 'error',
      headers: { 'X-Evil': '1' },
      integrity: 'x',
    };
    Object.assign(Object.prototype, polluted);
    try {
      await fetch(server.url('/'));
      await fetch(server.url('/'), {});
    } finally {
      for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
    }
    expect(server.requests.map(({ method, bodyText }) => method + bodyText)).toEqual(['GET', 'GET']);
    expect(server.last?.header('x-evil')).toBe(undefined);
  });
});

describe('redirect modes', () => {
  it("manual answers the redirect, error rejects, follow follows; a session's own mode stands when nobody says otherwise", async () => {
    const server = await start();
    server.route('/moved', redirect(302, '/', { body: 'moved' }));
    const { fetch } = openSession();
    const manual = await fetch(server.url('/moved'), { redirect: 'manual' });
    expect([manual.status, manual.headers.get('location'), manual.redirected, await manual.text()]).toEqual([
      302,
      '/',
      false,
      'moved',
    ]);
    await expect(fetch(server.url('/moved'), { redirect: 'error' })).rejects.toThrow(RedirectError);
    const followed = await fetch(server.url('/moved'));
    expect([followed.status, followed.redirected, followed.url]).toEqual([200, true, server.url('/')]);
    await expect(fetch(new Request(server.url('/moved'), { redirect: 'error' }))).rejects.toThrow(
      RedirectError,
    );
    const strict = openSession({ redirect: 'manual' }).fetch;
    expect((await strict(new Request(server.url('/moved')))).status).toBe(302);
    expect((await strict(server.url('/moved'), { redirect: 'follow' })).status).toBe(200);
  });
});

describe('aborting', () => {
  it('rejects with the reason of the signal, before, during and after the headers', async () => {
    const server = await start();
    server
      .route('/never', stall())
      .route('/body', sequence({ raw: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc' }, stall()));
    const { fetch } = openSession();
    const reason = new Error('enough');
    await expect(fetch(server.url('/'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const waiting = new AbortController();
    const pending = fetch(new Request(server.url('/never'), { signal: waiting.signal }));
    await server.waitFor(1);
    waiting.abort(reason);
    await expect(pending).rejects.toBe(reason);
    const reading = new AbortController();
    const response = await fetch(server.url('/body'), { signal: reading.signal });
    const body = response.text();
    reading.abort(reason);
    await expect(body).rejects.toBe(reason);
    await expect(fetch(server.url('/never'), { signal: AbortSignal.timeout(30) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });
});

describe('the answer', () => {
  it('is a Response, with the parts of one', async () => {
    const server = await start();
    server.route(
      '/',
      respond({
        status: 201,
        reason: 'Made',
        headers: [
          ['X-A', '1'],
          ['x-a', '2'],
          ['Set-Cookie', 'a=1'],
          ['Set-Cookie', 'b=2, c'],
        ],
        body: 'x',
      }),
    );
    const response = await openSession().fetch(server.url('/#part'));
    expect(response).toBeInstanceOf(Response);
    expect(response.headers).toBeInstanceOf(Headers);
    expect(Object.prototype.toString.call(response)).toBe('[object Response]');
    expect([
      response.status,
      response.statusText,
      response.ok,
      response.url,
      response.type,
      response.redirected,
    ]).toEqual([201, 'Made', true, server.url('/'), 'default', false]);
    expect(response.headers.get('x-a')).toBe('1, 2');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2, c']);
    expect(response.body).toBeInstanceOf(ReadableStream);
    expect(response.bodyUsed).toBe(false);
  });

  it.each(['text', 'json', 'bytes', 'arrayBuffer', 'blob'] as const)(
    'reads %s once; the second reader is refused',
    async (how) => {
      const server = await start();
      server.route('/', json({ a: 'ü' }));
      const { fetch } = openSession();
      const response = await fetch(server.url('/'));
      const value: unknown = await response[how]();
      const bytes = new TextEncoder().encode('{"a":"ü"}');
      if (how === 'text') expect(value).toBe('{"a":"ü"}');
      if (how === 'json') expect(value).toEqual({ a: 'ü' });
      if (how === 'bytes') expect(value).toEqual(bytes);
      if (how === 'arrayBuffer') expect(new Uint8Array(value as ArrayBuffer)).toEqual(bytes);
      if (how === 'blob') {
        expect((value as Blob).type).toBe('application/json');
        expect(new Uint8Array(await (value as Blob).arrayBuffer())).toEqual(bytes);
      }
      expect(response.bodyUsed).toBe(true);
      for (const again of ['text', 'json', 'bytes', 'arrayBuffer', 'blob', 'formData'] as const) {
        await expect(response[again]()).rejects.toThrow(TypeError);
      }
      expect(() => response.clone()).toThrow(TypeError);
      // As of fetch's own: who insists on the stream does not get it.
      expect(response.body?.locked).toBe(true);
    },
  );

  it('reads forms of both kinds', async () => {
    const server = await start();
    const { fetch } = openSession();
    server.otherwise(echo());
    const form = new FormData();
    form.set('a', 'b');
    form.set('file', new File(['content'], 'name.txt', { type: 'text/plain' }));
    server.otherwise((exchange) =>
      exchange.respond({
        headers: { 'content-type': exchange.request.header('content-type') ?? '' },
        body: exchange.request.body,
      }),
    );
    for (const body of [form, new URLSearchParams({ a: 'b' })]) {
      const back = await (await fetch(server.url('/'), { method: 'POST', body })).formData();
      expect(back.get('a')).toBe('b');
      const file = back.get('file');
      if (body === form) expect(file instanceof File && (await file.text())).toBe('content');
    }
  });

  it('a body that a reader has locked cannot be read beside it', async () => {
    const server = await start();
    const response = await openSession().fetch(server.url('/'));
    const reader = response.body?.getReader();
    expect(response.body?.locked).toBe(true);
    expect(response.bodyUsed).toBe(false);
    await expect(response.text()).rejects.toThrow(TypeError);
    expect(() => response.clone()).toThrow(TypeError);
    reader?.releaseLock();
    expect(await response.text()).toBe('hello');
  });

  it('a body read in part is used', async () => {
    const server = await start();
    server.route('/', chunked(['one', 'two']));
    const response = await openSession().fetch(server.url('/'));
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(new TextDecoder().decode(first?.value)).toMatch(/^one/);
    reader?.releaseLock();
    expect(response.bodyUsed).toBe(true);
    await expect(response.text()).rejects.toThrow(TypeError);
  });

  it('a clone reads the same, in any order', async () => {
    const server = await start();
    server.route('/', chunked(['one', 'two', 'three']));
    const { fetch } = openSession();
    const response = await fetch(server.url('/'));
    const clone = response.clone();
    const third = clone.clone();
    expect(clone).toBeInstanceOf(Response);
    expect(await third.text()).toBe('onetwothree');
    expect(await response.text()).toBe('onetwothree');
    expect([response.bodyUsed, clone.bodyUsed]).toEqual([true, false]);
    expect(new TextDecoder().decode(await clone.bytes())).toBe('onetwothree');
    expect([clone.status, clone.url, clone.headers.get('transfer-encoding')]).toEqual([
      200,
      response.url,
      'chunked',
    ]);
  });

  it('pipes, iterates and tees as any stream', async () => {
    const server = await start();
    server.route('/', chunked(['one', 'two']));
    const { fetch } = openSession();
    const piped = (await fetch(server.url('/'))).body?.pipeThrough(new TextDecoderStream());
    let all = '';
    if (piped) for await (const part of piped as unknown as AsyncIterable<string>) all += part;
    expect(all).toBe('onetwo');
    const byob = (await fetch(server.url('/'))).body?.getReader({ mode: 'byob' });
    const read = await byob?.read(new Uint8Array(2));
    expect(new TextDecoder().decode(read?.value)).toBe('on');
    await byob?.cancel();
  });

  it('can be made another Response of', async () => {
    const server = await start();
    server.route(
      '/',
      respond({
        status: 202,
        reason: 'Fine',
        headers: [
          ['X-A', '1'],
          ['Set-Cookie', 'a=1'],
          ['Set-Cookie', 'b=2'],
        ],
        body: 'content',
      }),
    );
    const { fetch } = openSession();
    const first = await fetch(server.url('/'));
    const copy = new Response(first.body, first);
    expect([copy.status, copy.statusText, copy.headers.get('x-a'), copy.headers.getSetCookie()]).toEqual([
      202,
      'Fine',
      '1',
      ['a=1', 'b=2'],
    ]);
    expect(await copy.text()).toBe('content');
    const second = await fetch(server.url('/'));
    expect(await new Response(second.body, { headers: second.headers, status: second.status }).text()).toBe(
      'content',
    );
    expect(new Headers(second.headers).getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(Object.fromEntries(second.headers)['x-a']).toBe('1');
  });

  it.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ] as const)('%s %i has no body', async (method, status) => {
    const server = await start();
    server.route('/', respond(status));
    const response = await openSession().fetch(server.url('/'), { method });
    expect(response.body).toBe(null);
    expect(await response.text()).toBe('');
    expect(response.bodyUsed).toBe(false);
    expect(await response.clone().text()).toBe('');
  });

  it('is made of a session: cookies, default headers, credentials and retries are in it', async () => {
    const server = await start();
    server
      .route('/login', respond({ headers: { 'set-cookie': 'sid=1' } }))
      .route('/flaky', [respond(503), sequence(sleep(1), { respond: { body: 'ok' } })]);
    const session = openSession({
      headers: { 'X-Default': '1' },
      auth: ['user', 'pass'],
      retry: quickRetry(1),
    });
    const { fetch } = session; // not bound to anything by the caller
    await (await fetch(server.url('/login'))).bytes();
    expect(await (await fetch(server.url('/flaky'))).text()).toBe('ok');
    expect(server.requests.length).toBe(3);
    for (const request of server.requestsTo('/flaky')) {
      expect([
        request.header('cookie'),
        request.header('x-default'),
        request.header('authorization'),
      ]).toEqual(['sid=1', '1', `Basic ${btoa('user:pass')}`]);
    }
    await (await fetch(server.url('/'), { headers: { Authorization: 'Bearer mine' } })).bytes();
    expect(server.last?.header('authorization')).toBe('Bearer mine');
    await session.close();
    await expect(fetch(server.url('/'))).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
  });
});
