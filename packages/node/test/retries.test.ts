import {
  type CallOptions,
  ConnectionError,
  RedirectError,
  RetryError,
  type RetryInit,
  TimeoutError,
  TLSError,
  urllib3Retry,
} from '@httpsession/core';
import {
  close,
  raw,
  redirect,
  repeated,
  reset,
  respond,
  type Script,
  sequence,
  stall,
  text,
} from '@httpsession/testing';
import { describe, expect, it } from 'vitest';
import { failureOf, newSession, start } from './support/open-session.ts';

const quick = { backoff: { base: 0 } };
const idempotent = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'QUERY'];
const others = ['POST', 'PATCH', 'REPORT'];

const faults: Record<string, Script> = {
  'a reset before headers': reset(),
  'a FIN before headers': close(),
  'half a head': sequence(raw('HTTP/1.1 200 OK\r\nContent-'), close()),
  'a stall': stall(),
  '408': respond(408),
  '429': respond(429),
  '500': respond(500),
  '502': respond(502),
  '503': respond(503),
  '504': respond(504),
  '413 with Retry-After': respond({ status: 413, headers: { 'retry-after': '0' } }),
};
const finalFaults: Record<string, Script> = {
  '413 without Retry-After': respond(413),
  '400': respond(400),
  '404': respond(404),
  '501': respond(501),
  garbage: sequence(raw('SSH-2.0-OpenSSH_9.2\r\n'), close()),
  'conflicting lengths': raw('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'),
};

const outcomeOf = async (call: PromiseLike<{ status: number }>): Promise<unknown> =>
  Promise.resolve(call).then(
    ({ status }) => status,
    (error: unknown) => error,
  );

describe('by default', () => {
  const sendsAgain = Object.entries(faults).flatMap(([fault, script]) => [
    ...idempotent.map((method) => [fault, method, 3, script] as const),
    ...others.map((method) => [fault, method, 1, script] as const),
  ]);
  const neverAgain = Object.entries(finalFaults).flatMap(([fault, script]) =>
    ['GET', 'POST'].map((method) => [fault, method, 1, script] as const),
  );

  it.each([...sendsAgain, ...neverAgain])(
    'after %s %s arrives %i times',
    async (fault, method, times, script) => {
      // Short only where it has to come: on a busy machine an answer may take that long, too.
      const timeout = fault === 'a stall' ? { headers: 80 } : {};
      const { server, session } = await start({ retry: quick, timeout });
      server.route('/', script);
      const outcome = await outcomeOf(session.request(method, server.url('/')));
      expect(server.requestsTo('/').length).toBe(times);
      const status = /^\d+/.exec(fault);
      if (status !== null) expect(outcome).toBe(Number(status[0]));
      else if (fault === 'a stall') expect(outcome).toBeInstanceOf(TimeoutError);
      else expect(outcome).toBeInstanceOf(ConnectionError);
      if (outcome instanceof Error) expect(outcome).toMatchObject({ attempts: times, requestSent: true });
    },
  );

  it.each(['GET', 'POST', 'PATCH'])(
    '%s is tried three times where nothing listens: it never left',
    async (method) => {
      const { server } = await start();
      await server.close();
      const session = newSession({ retry: quick });
      const retried: string[] = [];
      const error = await failureOf(
        session.request(method, server.url('/'), {
          ...(method !== 'GET' && {
            body: (async function* () {
              yield 'once';
            })(),
          }),
          hooks: { beforeRetry: ({ error: cause }) => void retried.push(String(cause?.code)) },
        }),
      );
      expect(error).toBeInstanceOf(ConnectionError);
      expect(error).toMatchObject({ requestSent: false, phase: 'connect', attempts: 3, retryable: true });
      expect(String(error)).toContain('connection refused (attempt 3 of 3)');
      expect(retried.length).toBe(2);
    },
  );
});

describe('a policy', () => {
  it.each<[string, RetryInit, string, Script, number]>([
    ['limit 0', 0, 'GET', respond(503), 1],
    ['null', null, 'GET', respond(503), 1],
    ['limit 4', { ...quick, limit: 4 }, 'GET', respond(503), 5],
    ['POST among the methods', { ...quick, methods: ['post'] }, 'POST', respond(503), 3],
    ['POST among the methods', { ...quick, methods: ['post'] }, 'GET', respond(503), 1],
    ['other statuses', { ...quick, statusCodes: [418] }, 'GET', respond(418), 3],
    ['other statuses', { ...quick, statusCodes: [418] }, 'GET', respond(503), 1],
    ['a status limit', { ...quick, limit: 5, status: 1 }, 'GET', respond(503), 2],
    ['a read limit', { ...quick, limit: 5, read: 1 }, 'GET', reset(), 2],
    ['a read limit, for a status', { ...quick, limit: 3, read: 0 }, 'GET', respond(503), 4],
    ['shouldRetry: true', { ...quick, shouldRetry: () => true }, 'POST', respond(400), 3],
    ['shouldRetry: false', { ...quick, shouldRetry: () => false }, 'GET', respond(503), 1],
    ['shouldRetry: undefined', { ...quick, shouldRetry: () => undefined }, 'GET', respond(503), 3],
    [
      'afterStatusCodes',
      { ...quick, afterStatusCodes: [202] },
      'GET',
      respond({ status: 202, headers: { 'retry-after': '0' } }),
      3,
    ],
  ])('with %s sends %j %s as often as it says', async (_name, retry, method, script, times) => {
    const { server, session } = await start({ retry });
    server.route('/', script);
    await outcomeOf(session.request(method, server.url('/')));
    expect(server.requests.length).toBe(times);
  });

  it('that throws when its retries are used up raises RetryError, whose body can be read and holds no connection', async () => {
    const { server, session } = await start({
      retry: { ...quick, throwOnExhausted: true },
      pool: { connections: 1 },
    });
    server.route('/', text('down', { status: 503 })).route('/ok', text('ok'));
    const error = await failureOf(session.get(server.url('/')));
    expect(error).toBeInstanceOf(RetryError);
    expect(error).toMatchObject({ attempts: 3, response: { status: 503, attempts: 3 } });
    expect(String(error)).toContain('still answered 503 after 3 attempts');
    expect(await session.get(server.url('/ok')).text()).toBe('ok');
    expect(await (error as RetryError).response?.text()).toBe('down');
    server.route('/', text('still', { status: 503 }));
    expect(await failureOf(session.get(server.url('/'), { retry: { limit: 0 } }))).toBeInstanceOf(RetryError);
  });

  it.each<[string, RetryInit]>([
    ['null', null],
    ['0', 0],
  ])('of %s gives the response itself, whatever the session throws', async (_name, retry) => {
    const { server, session } = await start({ retry: { ...quick, throwOnExhausted: true } });
    server.route('/', respond(503));
    expect(await session.get(server.url('/'), { retry })).toMatchObject({ status: 503, attempts: 1 });
    const child = session.extend({ retry });
    expect(await child.get(server.url('/'))).toMatchObject({ status: 503, attempts: 1 });
    await child.close();
    expect(server.requests).toHaveLength(2);
  });

  it('tells onRetry of each repetition, its reason and its delay', async () => {
    const told: unknown[] = [];
    const { server, session } = await start({
      retry: {
        limit: 5,
        backoff: { base: 2, factor: 2, jitter: 'none' },
        onRetry: ({ attempt, response, error }, delay) =>
          told.push([attempt, response?.status ?? error?.code, delay]),
      },
    });
    server.route('/', [
      respond({ status: 503, headers: { connection: 'close' } }),
      reset(),
      respond({ status: 429, headers: { 'retry-after-ms': '7' } }),
      text('ok'),
    ]);
    const response = await session.get(server.url('/'));
    expect(response.attempts).toBe(4);
    expect(told).toEqual([
      [1, 503, 2],
      [2, 'ERR_CONNECTION', 4],
      [3, 429, 7],
    ]);
    expect(response.history.map(({ status, tag }) => [status, tag])).toEqual([
      [503, 'retry'],
      [429, 'retry'],
    ]);
  });

  it('waits with full jitter between 0 and a doubling bound', async () => {
    const delays: number[] = [];
    const { server, session } = await start({
      retry: {
        limit: 40,
        backoff: { base: 1, factor: 1.1, max: 5 },
        onRetry: (_outcome, delay) => delays.push(delay),
      },
    });
    server.route('/', respond(503));
    await session.get(server.url('/'));
    expect(delays.length).toBe(40);
    for (const [n, delay] of delays.entries()) {
      expect(delay).toBeGreaterThanOrEqual(0);
      expect(delay).toBeLessThan(Math.min(5, 1.1 ** n));
    }
    expect(new Set(delays).size).toBeGreaterThan(30);
  });

  it('adds at most the share of its budget to the load of a session', async () => {
    const { server, session } = await start({ retry: { ...quick, limit: 3, budget: 0.2 } });
    server.route('/', respond(503));
    for (let n = 0; n < 100; n += 1) await session.get(server.url('/')).catch(() => undefined);
    // A fifth of 100 calls, and a reserve of ten.
    expect(server.requests.length).toBeLessThanOrEqual(100 + 20 + 10);
    expect(server.requests.length).toBeGreaterThan(110);
  });
});

describe('Retry-After', () => {
  const waited = async (
    headers: Record<string, string>,
    retry: RetryInit = {},
  ): Promise<[number, number]> => {
    const { server, session } = await start({ retry: { ...quick, ...(retry as object) } });
    server.route('/', [respond({ status: 503, headers }), text('ok')]);
    const startedAt = performance.now();
    const { status } = await session.get(server.url('/'));
    return [status, performance.now() - startedAt];
  };

  it.each([
    ['seconds', { 'retry-after': '1' }, 980],
    ['milliseconds', { 'retry-after-ms': '150' }, 145],
    ['a date', { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }, 0],
    ['a date in the past', { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }, 0],
  ])('as %s is obeyed', async (kind, headers, least) => {
    const [status, took] = await waited(headers, kind === 'a date' ? { maxRetryAfter: 1 } : {});
    expect(status).toBe(kind === 'a date' ? 503 : 200);
    expect(took).toBeGreaterThanOrEqual(least);
    expect(took).toBeLessThan(least + 700);
  });

  it.each(['-1', 'soon', '', '1e9', '3, 5', '0x10', '١'])('%j is no number and ignored', async (value) => {
    const [status, took] = await waited({ 'retry-after': value });
    expect(status).toBe(200);
    expect(took).toBeLessThan(500);
  });

  it.each(['61', '99999999999', '9'.repeat(400), 'Fri, 31 Dec 9999 23:59:59 GMT'])(
    'of %s is longer than anybody waits: the answer is the answer',
    async (value) => {
      const [status, took] = await waited({ 'retry-after': value });
      expect(status).toBe(503);
      expect(took).toBeLessThan(500);
    },
  );

  it('is ignored when the policy says so', async () => {
    const [status, took] = await waited({ 'retry-after': '30' }, { respectRetryAfter: false });
    expect(status).toBe(200);
    expect(took).toBeLessThan(500);
  });
});

describe('one count of retries', () => {
  it('runs through all redirects of a call', async () => {
    const { server, session } = await start({ retry: { ...quick, limit: 2 } });
    server
      .route('/a', [respond(503), redirect(302, '/b')])
      .route('/b', [respond(503), redirect(302, '/c')])
      .route('/c', respond(503));
    const response = await session.get(server.url('/a'));
    expect(response.status).toBe(503);
    expect(response.attempts).toBe(3);
    expect(server.requests.map(({ path }) => path)).toEqual(['/a', '/a', '/b', '/b', '/c']);
    expect(response.history.map(({ tag }) => tag)).toEqual(['retry', 'redirect', 'retry', 'redirect']);
  });

  it('does not count redirects as attempts', async () => {
    const { server, session } = await start({ retry: { ...quick, limit: 2 } });
    server.route('/a', redirect(302, '/b')).route('/b', reset());
    const error = await failureOf(session.get(server.url('/a')));
    expect(error).toMatchObject({ attempts: 3 });
    expect(String(error)).toContain('(attempt 3 of 3)');
  });

  it('repeats only the GET that follows a POST', async () => {
    const { server, session } = await start({ retry: quick });
    server.route('/form', redirect(303, '/done')).route('/done', [respond(503), text('done')]);
    expect(await session.post(server.url('/form'), { form: { a: 1 } }).text()).toBe('done');
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /form',
      'GET /done',
      'GET /done',
    ]);
  });
});

describe('the body of a repeated request', () => {
  const bodies: [string, () => CallOptions][] = [
    ['text', () => ({ body: 'content' })],
    ['bytes', () => ({ body: new TextEncoder().encode('content') })],
    ['a Blob', () => ({ body: new Blob(['con', 'tent']) })],
    ['a function', () => ({ body: () => new Blob(['content']).stream() })],
    [
      'a generator function',
      () => ({
        body: async function* () {
          yield 'con';
          yield 'tent';
        },
      }),
    ],
    ['text with progress', () => ({ body: 'content', onUploadProgress: () => undefined })],
  ];

  it.each(bodies)('is sent again as a whole when it is %s', async (_kind, options) => {
    const { server, session } = await start({ retry: quick });
    server.route('/', [respond(503), reset(), text('ok')]);
    expect(await session.put(server.url('/'), options()).text()).toBe('ok');
    expect(server.requests.map(({ bodyText }) => bodyText)).toEqual(['content', 'content', 'content']);
  });

  it.each<[string, () => NonNullable<CallOptions['body']>]>([
    [
      'a generator',
      () =>
        (async function* () {
          yield 'content';
        })(),
    ],
    ['a stream', () => new Blob(['content']).stream()],
  ])('is never sent empty when it was %s: the failure stands', async (_kind, body) => {
    const { server, session } = await start({ retry: quick });
    server.route('/503', respond(503)).route('/reset', reset());
    expect((await session.put(server.url('/503'), { body: body() })).status).toBe(503);
    expect(await failureOf(session.put(server.url('/reset'), { body: body() }))).toBeInstanceOf(
      ConnectionError,
    );
    expect(server.requests.map(({ path, bodyText }) => [path, bodyText])).toEqual([
      ['/503', 'content'],
      ['/reset', 'content'],
    ]);
  });

  it('that its own generator breaks is the caller’s failure, final and untouched', async () => {
    const { server, session } = await start({ retry: quick });
    server.route('/', text('ok'));
    const mine = new Error('disk gone');
    let opened = 0;
    const body = async function* () {
      opened += 1;
      yield 'some';
      throw mine;
    };
    expect(await failureOf(session.put(server.url('/'), { body }))).toBe(mine);
    expect(opened).toBe(1);
  });
});

describe('beforeRetry', () => {
  it('stops the repetition, or replaces the request', async () => {
    const { server, session } = await start({ retry: quick });
    server.route('/', respond(503));
    const stopped = await session.get(server.url('/'), { hooks: { beforeRetry: () => false } });
    expect([stopped.status, stopped.attempts, server.requests.length]).toEqual([503, 1, 1]);
    await session.get(server.url('/'), {
      hooks: { beforeRetry: ({ request }, attempt) => request.withHeader('x-attempt', String(attempt)) },
    });
    expect(server.requests.slice(1).map((request) => request.header('x-attempt'))).toEqual([
      undefined,
      '1',
      '2',
    ]);
  });

  it('may read the answer that is given up', async () => {
    const { server, session } = await start({ retry: quick, pool: { connections: 1 } });
    server.route('/', [text('why', { status: 503 }), text('ok')]);
    const read: string[] = [];
    const hooks = {
      beforeRetry: async ({ response }: { response?: { text(): Promise<string> } }) => {
        read.push((await response?.text()) ?? '');
        return undefined;
      },
    };
    expect(await session.get(server.url('/'), { hooks }).text()).toBe('ok');
    expect(read).toEqual(['why']);
  });
});

describe('failures that repeating cannot mend', () => {
  it('are sent once: a certificate, a forbidden redirect, a bad head', async () => {
    const { server: tls, session } = await start({ retry: quick }, { tls: 'self-signed' });
    const { server } = await start();
    server.route('/file', redirect(302, 'file:///etc/passwd'));
    expect(await failureOf(session.get(tls.url('/')))).toBeInstanceOf(TLSError);
    expect(tls.connections.length).toBe(1);
    expect(await failureOf(session.get(server.url('/file')))).toBeInstanceOf(RedirectError);
    expect(server.requests.length).toBe(1);
  });
});

describe('failed answers that nobody reads', () => {
  it('hold no connection, however long they are', async () => {
    const { server, session } = await start({ retry: { ...quick, limit: 4 }, pool: { connections: 1 } });
    server.route('/', [
      respond({ status: 503, body: repeated('x', 4 << 20) }),
      respond({ status: 503, body: repeated('x', 4 << 20), framing: 'chunked' }),
      respond({ status: 503, body: 'short' }),
      sequence(raw('HTTP/1.1 503 Busy\r\nContent-Length: 10\r\n\r\nabc'), stall()),
      text('ok'),
    ]);
    const response = await session.get(server.url('/'));
    expect(await response.text()).toBe('ok');
    expect(response.history.map(({ status }) => status)).toEqual([503, 503, 503, 503]);
    expect(await response.history[2]?.text()).toBe('short');
    expect(await failureOf((response.history[0] as Response).text())).toBeInstanceOf(TypeError);
    expect(session.stats()).toMatchObject({ pending: 0, unreadBodies: 0 });
  });
});

describe('urllib3Retry', () => {
  it.each<[string, RetryInit, string, Script, number, unknown]>([
    ['the defaults', urllib3Retry(), 'GET', respond(503), 1, 503],
    [
      'the defaults',
      urllib3Retry({ total: 2 }),
      'GET',
      respond({ status: 503, headers: { 'retry-after': '0' } }),
      3,
      503,
    ],
    ['a forcelist', urllib3Retry({ total: 2, statusForcelist: [500] }), 'GET', respond(500), 3, RetryError],
    ['a forcelist', urllib3Retry({ total: 2, statusForcelist: [500] }), 'POST', respond(500), 1, 500],
    ['a forcelist', urllib3Retry({ total: 0, statusForcelist: [500] }), 'GET', respond(500), 1, RetryError],
    [
      'raiseOnStatus: false',
      urllib3Retry({ total: 2, statusForcelist: [500], raiseOnStatus: false }),
      'GET',
      respond(500),
      3,
      500,
    ],
    [
      'every method',
      urllib3Retry({ total: 1, statusForcelist: [500], allowedMethods: null }),
      'POST',
      respond(500),
      2,
      RetryError,
    ],
    ['read errors', urllib3Retry({ total: 3 }), 'GET', reset(), 4, ConnectionError],
    ['read errors of POST', urllib3Retry({ total: 3 }), 'POST', reset(), 1, ConnectionError],
    ['read: false', urllib3Retry({ total: 3, read: false }), 'GET', reset(), 1, ConnectionError],
    ['total: false', urllib3Retry({ total: false }), 'GET', reset(), 1, ConnectionError],
    ['total: null, read: 2', urllib3Retry({ total: null, read: 2 }), 'GET', reset(), 3, ConnectionError],
  ])('with %s decides as urllib3 does', async (_name, retry, method, script, times, expected) => {
    const { server, session } = await start({ retry });
    server.route('/', script);
    const outcome = await outcomeOf(session.request(method, server.url('/')));
    expect(server.requests.length).toBe(times);
    if (typeof expected === 'number') expect(outcome).toBe(expected);
    else expect(outcome).toBeInstanceOf(expected);
  });

  it('waits by its formula: not before the first retry, then doubling', async () => {
    const { server, session } = await start({
      retry: urllib3Retry({ total: 3, statusForcelist: [500], backoffFactor: 0.1, raiseOnStatus: false }),
    });
    server.route('/', respond(500));
    const startedAt = performance.now();
    await session.get(server.url('/'));
    const took = performance.now() - startedAt;
    expect(took).toBeGreaterThan(590);
    expect(took).toBeLessThan(1200);
    expect(server.requests.length).toBe(4);
  });
});
