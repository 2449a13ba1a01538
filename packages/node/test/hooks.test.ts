import {
  type CallOptions,
  ConnectionError,
  HTTPError,
  type PreparedRequest,
  responseFrom,
  type SessionError,
  type SessionResponse,
} from '@httpsession/core';
import { close, json, redirect, respond, sequence, text } from '@httpsession/testing';
import { describe, expect, it } from 'vitest';
import { openServer } from './support/server.ts';
import { failure, openSession, quickRetry } from './support/session.ts';

describe('hooks', () => {
  it('run at their positions, those of the session before those of the call', async () => {
    const server = await openServer();
    server.route('/a', [respond({ status: 503 }), redirect(302, '/b')]);
    server.route('/b', text('end'));
    const events: string[] = [];
    const hooks = (who: string): NonNullable<CallOptions['hooks']> => ({
      beforeRequest: ({ method }) => void events.push(`${who} beforeRequest ${method}`),
      beforeRetry: (outcome, attempt) =>
        void events.push(`${who} beforeRetry ${outcome.response?.status} ${attempt}`),
      beforeRedirect: async (next, { status }) =>
        void events.push(`${who} beforeRedirect ${status} ${next.target.path}`),
      afterExchange: [({ status }) => void events.push(`${who} afterExchange ${status}`)],
      afterResponse: async ({ status, history }) =>
        void events.push(`${who} afterResponse ${status} ${history.length}`),
      beforeError: () => void events.push(`${who} beforeError`),
    });
    const session = openSession({ hooks: hooks('session'), retry: quickRetry(1) });
    const response = await session.get(server.url('/a'), { hooks: hooks('call') });
    expect(await response.text()).toBe('end');
    expect(events).toEqual(
      [
        'beforeRequest GET',
        'afterExchange 503',
        'beforeRetry 503 1',
        'afterExchange 302',
        'beforeRedirect 302 /b',
        'afterExchange 200',
        'afterResponse 200 2',
      ].flatMap((event) => [`session ${event}`, `call ${event}`]),
    );
  });

  it('see the 401 of a challenge and the request as it was sent', async () => {
    const server = await openServer();
    server.route('/a', [respond({ status: 401, headers: { 'set-cookie': 'sid=1' } }), text('in')]);
    const seen: (string | number | undefined)[][] = [];
    const session = openSession({
      auth: {
        *flow(request) {
          const response = yield request;
          if (response.status === 401) yield request.withHeader('authorization', 'Answer 1');
        },
      },
      hooks: {
        afterExchange: ({ status }, request) =>
          void seen.push([status, request.header('authorization'), request.header('cookie')]),
      },
    });
    expect(await session.get(server.url('/a')).text()).toBe('in');
    expect(seen).toEqual([
      [401, undefined, undefined],
      [200, 'Answer 1', 'sid=1'],
    ]);
  });

  it('replace the request, and the response, one after the other', async () => {
    const server = await openServer();
    server.route('/a', json({ a: 1 }));
    const session = openSession({
      hooks: {
        beforeRequest: [
          (request) => request.withHeader('x-order', '1'),
          async (request) => request.withHeader('x-order', `${request.header('x-order')}2`),
          (request) => request.withBody('{}', 'application/json').with({ method: 'POST' }),
        ],
        afterResponse: [
          (response, request) => responseFrom(request, new Response(`${response.status} one`)),
          async (response, request) => responseFrom(request, new Response(`${await response.text()} two`)),
        ],
      },
    });
    expect(await session.get(server.url('/a')).text()).toBe('200 one two');
    expect(server.last?.method).toBe('POST');
    expect(server.last?.bodyText).toBe('{}');
    expect(server.last?.header('content-type')).toBe('application/json');
    expect(server.last?.header('x-order')).toBe('12');
    expect(session.stats().unreadBodies).toBe(0);
  });

  it('stop a redirect and a retry with false', async () => {
    const server = await openServer();
    server.route('/a', redirect(302, '/b', { body: 'here' }));
    server.route('/c', respond({ status: 503 }));
    const session = openSession({
      retry: quickRetry(2),
      hooks: { beforeRedirect: () => false, beforeRetry: () => false },
    });
    const stopped = await session.get(server.url('/a'));
    expect([stopped.status, await stopped.text()]).toEqual([302, 'here']);
    expect((await session.get(server.url('/c'))).status).toBe(503);
    expect(server.requests).toHaveLength(2);
  });

  it('send a redirect and a retry elsewhere', async () => {
    const server = await openServer();
    server.route('/a', redirect(302, '/wrong'));
    server.route('/c', respond({ status: 503 }));
    const to = (path: string) => (request: PreparedRequest) =>
      request.withUrl(server.url(path)).withHeader('x-by', 'hook');
    const session = openSession({
      retry: quickRetry(1),
      hooks: { beforeRedirect: to('/right'), beforeRetry: ({ request }) => to('/spare')(request) },
    });
    await session.get(server.url('/a')).text();
    await session.get(server.url('/c')).text();
    expect(
      server.requests.map(({ path, rawHeaders }) => [path, rawHeaders.some(([name]) => name === 'x-by')]),
    ).toEqual([
      ['/a', false],
      ['/right', true],
      ['/c', false],
      ['/spare', true],
    ]);
  });

  it.each([
    'beforeRequest',
    'beforeRedirect',
    'beforeRetry',
    'afterExchange',
    'afterResponse',
    'beforeError',
  ] as const)(
    'reject what %s must not return, and what it throws as it is; no connection stays behind',
    async (name) => {
      const server = await openServer();
      server.route('/a', [respond({ status: 503 }), redirect(302, '/b', { body: 'x'.repeat(70_000) })]);
      server.route('/b', sequence({ raw: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc' }, close()));
      for (const garbage of [true, 'text', {}, null, 5]) {
        server.route('/a', [respond({ status: 503 }), redirect(302, '/b', { body: 'x'.repeat(70_000) })]);
        if (name === 'beforeError') server.route('/a', close());
        const session = openSession({
          retry: quickRetry(name === 'beforeError' ? 0 : 1),
          hooks: { [name]: () => garbage },
        });
        const error = await failure(session.get(server.url('/a')));
        expect(error).toBeInstanceOf(TypeError);
        expect((error as Error).message).toMatch(new RegExp(`^hooks\\.${name} must return .*, got `));
        expect(session.stats().unreadBodies).toBe(0);
      }
      const own = new RangeError('mine');
      server.route('/a', [respond({ status: 503 }), redirect(302, '/b')]);
      if (name === 'beforeError') server.route('/a', close());
      const session = openSession({
        retry: quickRetry(name === 'beforeError' ? 0 : 1),
        hooks: {
          [name]: () => {
            throw own;
          },
        },
      });
      expect(await failure(session.get(server.url('/a')))).toBe(own);
      expect(session.stats().unreadBodies).toBe(0);
    },
  );

  it('are dropped by null, all of them or those of one name', async () => {
    const server = await openServer();
    const events: string[] = [];
    const session = openSession({
      hooks: {
        beforeRequest: () => void events.push('request'),
        afterResponse: () => void events.push('response'),
      },
    });
    await session.get(server.url('/'), { hooks: null });
    await session.get(server.url('/'), { hooks: { beforeRequest: null } });
    expect(events).toEqual(['response']);
  });

  it('may keep reading from the response that they replace', async () => {
    const server = await openServer();
    server.route('/a', text('body'));
    const session = openSession({
      hooks: {
        afterExchange: (response) => response.derive({}),
        afterResponse: (response) => response.clone(),
      },
    });
    expect(await session.get(server.url('/a')).text()).toBe('body');
  });
});

describe('beforeError', () => {
  const seen: SessionError[] = [];
  const replacing = (error: SessionError): Error => {
    seen.push(error);
    return new RangeError('replaced', { cause: error });
  };

  it('sees and replaces failures of the connection', async () => {
    const server = await openServer();
    server.route('/', close());
    const error = await failure(openSession({ hooks: { beforeError: replacing } }).get(server.url('/')));
    expect(error).toBeInstanceOf(RangeError);
    expect((error as Error).cause).toBeInstanceOf(ConnectionError);
  });

  it.each<
    [
      string,
      CallOptions,
      (promise: { text(): Promise<unknown>; then: Promise<SessionResponse>['then'] }) => PromiseLike<unknown>,
    ]
  >([
    ['of raiseForStatus', { raiseForStatus: true }, (promise) => promise],
    ['of a shortcut', {}, (promise) => promise.text()],
    ['of both, once', { raiseForStatus: true }, (promise) => promise.text()],
  ])('sees the HTTPError %s, with its body', async (_title, options, read) => {
    seen.length = 0;
    const server = await openServer();
    server.route('/', json({ reason: 'gone' }, { status: 410 }));
    const error = await failure(
      read(openSession({ hooks: { beforeError: replacing } }).get(server.url('/'), options)),
    );
    expect(error).toBeInstanceOf(RangeError);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toBeInstanceOf(HTTPError);
    expect(await (seen[0] as HTTPError).json()).toEqual({ reason: 'gone' });
  });

  it('leaves the caller its own abort reason', async () => {
    const server = await openServer();
    seen.length = 0;
    const reason = new Error('enough');
    const error = await failure(
      openSession({ hooks: { beforeError: replacing } }).get(server.url('/'), {
        signal: AbortSignal.abort(reason),
      }),
    );
    expect(error).toBe(reason);
    expect(seen).toEqual([]);
  });
});
