import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  IncompleteBodyError,
  type PreparedRequest,
  responseFrom,
  Session,
  SessionClosedError,
  type SessionResponse,
  TimeoutError,
} from '@httpsession/core';
import {
  close,
  json,
  raw,
  redirect,
  respond,
  ScenarioServer,
  sequence,
  sleep,
  stall,
  text,
} from '@httpsession/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { nodePlatform } from '../src/index.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const start = async (options: ConstructorParameters<typeof Session>[0] = {}) => {
  const server = await ScenarioServer.start();
  const session = new Session({ retry: { backoff: { base: 1 } }, ...options }, nodePlatform);
  open.push(server, session);
  return { server, session };
};

const broken = sequence(raw('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"half":'), { close: {} });
const stalled = sequence(raw('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"half":'), stall());

describe('a body that breaks while a shortcut reads it', () => {
  it('is asked for again, within the limit of retries', async () => {
    const { server, session } = await start();
    server.route('/a', [broken, broken, json({ whole: true })]);
    expect(await session.get(server.url('/a')).json()).toEqual({ whole: true });
    expect(server.requestsTo('/a')).toHaveLength(3);
  });

  it('is an error when the retries are used up', async () => {
    const { server, session } = await start({ retry: { limit: 1, backoff: { base: 1 } } });
    server.route('/a', broken);
    const error = await session
      .get(server.url('/a'))
      .text()
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(IncompleteBodyError);
    expect((error as IncompleteBodyError).attempts).toBe(2);
    expect(server.requestsTo('/a')).toHaveLength(2);
  });

  it('is asked for again when it stalled', async () => {
    const { server, session } = await start({ timeout: { idle: 80 } });
    server.route('/a', [stalled, json([1])]);
    expect(await session.get(server.url('/a')).json()).toEqual([1]);
    expect(server.requestsTo('/a')).toHaveLength(2);
  });

  it('is final after a POST, without retries, and for a response that was handed out', async () => {
    const { server, session } = await start();
    server.route('/a', broken);
    await expect(session.post(server.url('/a'), { body: 'x' }).text()).rejects.toBeInstanceOf(
      IncompleteBodyError,
    );
    await expect(session.get(server.url('/a'), { retry: 0 }).text()).rejects.toBeInstanceOf(
      IncompleteBodyError,
    );
    const response = await session.get(server.url('/a'));
    await expect(response.text()).rejects.toBeInstanceOf(IncompleteBodyError);
    expect(server.requestsTo('/a')).toHaveLength(3);
  });

  it('stays within the deadline of the call', async () => {
    const { server, session } = await start({
      timeout: { idle: 60, total: 250 },
      retry: { limit: 50, backoff: { base: 1 } },
    });
    server.route('/a', stalled);
    const error = await session
      .get(server.url('/a'))
      .text()
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(server.requestsTo('/a').length).toBeLessThan(8);
  });

  it.each<[what: string, end: (session: Session, abort: AbortController) => unknown]>([
    ['the deadline', () => undefined],
    ['the signal', (_session, abort) => abort.abort(new Error('enough'))],
    ['the close of the session', (session) => session.close()],
  ])('waits for a hook that does not return no longer than %s allows', async (what, end) => {
    const abort = new AbortController();
    let asked: (() => void) | undefined;
    const hook = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { server, session } = await start({
      signal: abort.signal,
      timeout: { total: what === 'the deadline' ? 300 : null },
      hooks: {
        beforeRetry: [
          () => {
            asked?.();
            return new Promise<never>(() => undefined);
          },
        ],
      },
    });
    server.route('/a', broken);
    const failed = session
      .get(server.url('/a'))
      .text()
      .catch((reason: unknown) => reason);
    await hook;
    await end(session, abort);
    expect(await failed).toBeInstanceOf(Error);
    expect(await failed).not.toBeInstanceOf(IncompleteBodyError);
    expect(server.requestsTo('/a')).toHaveLength(1);
  });

  it('hears of the signal also when a hook has put another request in its place', async () => {
    const { server, session } = await start();
    server.route('/a', [broken, stalled]);
    const abort = new AbortController();
    const failed = session
      .get(server.url('/elsewhere'), {
        signal: abort.signal,
        hooks: { beforeRequest: () => session.prepare('GET', server.url('/a')) },
      })
      .text()
      .catch((reason: unknown) => reason);
    await server.waitFor(2);
    abort.abort('enough');
    expect(await failed).toBe('enough');
  });

  it('is final when a child was closed that would repeat even that, and its parent works on and closes', async () => {
    const { server, session } = await start();
    server.route('/a', stalled).route('/b', json([1]));
    const child = session.extend({ retry: { shouldRetry: ({ error }) => error !== undefined } });
    const failed = [1, 2, 3].map(() =>
      child
        .get(server.url('/a'))
        .text()
        .catch((reason: unknown) => reason),
    );
    await expect.poll(() => session.stats().unreadBodies).toBe(3);
    await child.close();
    for (const reason of await Promise.all(failed)) expect(reason).toBeInstanceOf(SessionClosedError);
    expect(await session.get(server.url('/b')).json()).toEqual([1]);
    expect(server.requestsTo('/a')).toHaveLength(3);
    await session.close();
  });

  it('sends cookies and credentials anew, and keeps the broken response in the history', async () => {
    const { server, session } = await start({ auth: ['u', 'p'] });
    const setting = sequence(raw('HTTP/1.1 200 OK\r\nSet-Cookie: sid=1\r\nContent-Length: 100\r\n\r\nhalf'), {
      close: {},
    });
    server.route('/a', [setting, json(1)]);
    const seen: number[] = [];
    const hooks = { afterResponse: ({ history }: SessionResponse) => void seen.push(history.length) };
    expect(await session.get(server.url('/a'), { hooks }).json()).toBe(1);
    const [, second] = server.requestsTo('/a');
    expect(second?.header('cookie')).toBe('sid=1');
    expect(second?.headers('authorization')).toHaveLength(1);
    expect(seen).toEqual([0, 1]);
  });
});

describe('what is asked for again after a broken body', () => {
  const half = sequence(
    raw('HTTP/1.1 200 OK\r\nETag: "v"\r\nContent-Length: 10\r\n\r\n01234'),
    sleep(30),
    close(),
  );
  const rest = respond({
    status: 206,
    headers: { etag: '"v"', 'content-range': 'bytes 5-9/10' },
    body: '56789',
  });
  const whole = text('0123456789');

  /** A session whose calls are led from one origin to another, where the first body breaks. */
  const redirected = async (
    next: typeof whole,
    hooks: NonNullable<ConstructorParameters<typeof Session>[0]>['hooks'] = {},
  ) => {
    const { server, session } = await start({ hooks });
    const other = await ScenarioServer.start();
    open.push(other);
    server.route('/a', redirect(302, other.url('/b')));
    other.route('/b', [half, next]);
    const secretsAt = (at: ScenarioServer) => at.requests.map((request) => request.header('x-api-key'));
    return { session, url: server.url('/a'), seen: () => [secretsAt(server), secretsAt(other)] };
  };
  const atHome = [['SECRET'], [undefined, undefined]];
  const withSecret = (request: PreparedRequest) => request.withHeader('x-api-key', 'SECRET');

  const folder = () => {
    const path = mkdtempSync(join(tmpdir(), 'httpsession-broken-'));
    open.push({ close: async () => rmSync(path, { recursive: true }) });
    return join(path, 'file');
  };

  it('gets no secret of beforeRequest at another origin', async () => {
    const { session, url, seen } = await redirected(whole, { beforeRequest: withSecret });
    expect(await session.get(url).text()).toBe('0123456789');
    expect(seen()).toEqual(atHome);
  });

  it('gets no secret of a call middleware at another origin', async () => {
    const { session, url, seen } = await redirected(whole);
    session.use((request, next) => next(withSecret(request)));
    expect(await session.get(url).text()).toBe('0123456789');
    expect(seen()).toEqual(atHome);
  });

  it.each(['hook', 'middleware'])('gets no secret of a %s when a download is continued', async (by) => {
    const hooks = by === 'hook' ? { beforeRequest: withSecret } : {};
    const { session, url, seen } = await redirected(rest, hooks);
    if (by === 'middleware') session.use((request, next) => next(withSecret(request)));
    const path = folder();
    await (await session.get(url)).download(path);
    expect(readFileSync(path, 'utf8')).toBe('0123456789');
    expect(seen()).toEqual(atHome);
  });

  it('is what beforeRequest and the middlewares have made of it, once', async () => {
    const { server, session } = await start({
      hooks: { beforeRequest: (request) => request.withUrl(`${request.url}?sig=1`) },
    });
    server.route('/a', [half, half, whole]);
    let runs = 0;
    session.use(async (request, next) => {
      runs += 1;
      return next(request.withHeader('x-run', `${request.header('x-run') ?? ''}${runs}`));
    });
    expect(await session.get(server.url('/a')).text()).toBe('0123456789');
    expect(server.requests.map((request) => [request.target, request.header('x-run')])).toEqual([
      ['/a?sig=1', '1'],
      ['/a?sig=1', '1'],
      ['/a?sig=1', '1'],
    ]);
    expect(runs).toBe(1);
  });

  it('passes afterResponse, which may replace it, and beforeError', async () => {
    const statuses: number[] = [];
    const errors: string[] = [];
    const { server, session } = await start({
      hooks: {
        afterResponse: (response) => {
          statuses.push(response.status);
          return response.headers.has('x-second') ? response.derive({ source: null }) : undefined;
        },
        beforeError: (error) => void errors.push(error.name),
      },
    });
    server.route('/a', [half, text('second', { headers: { 'x-second': '1' } })]);
    expect(await session.get(server.url('/a')).text()).toBe('');
    server.route('/b', [half, text('gone', { status: 410 })]);
    await expect(session.get(server.url('/b')).text()).rejects.toMatchObject({ status: 410 });
    await expect(
      session.get(server.url('/b'), { raiseForStatus: true }).then((r) => r.text()),
    ).rejects.toMatchObject({ status: 410 });
    expect([statuses, errors]).toEqual([
      [200, 200, 200, 410, 410],
      ['HTTPError', 'HTTPError'],
    ]);
  });

  it.each<[by: string, add: (session: Session) => Session]>([
    ['a middleware', (session) => session.use(async (request, next) => (await next(request)).derive({}))],
    [
      'a middleware that makes one of a WHATWG response',
      (session) =>
        session.use(async (request, next) => {
          const { body, status } = await next(request);
          return responseFrom(request, new Response(body, { status }));
        }),
    ],
    [
      'a middleware that clones',
      (session) => session.use(async (request, next) => (await next(request)).clone()),
    ],
    ['a middleware that asks elsewhere', (session) => session.extend().use(({ url }) => session.get(url))],
    ['a hook', (session) => session.extend({ hooks: { afterResponse: (response) => response.derive({}) } })],
  ])('is nothing where %s has put another response in its place', async (_by, add) => {
    const { server, session } = await start();
    server.route('/a', half);
    const replacing = add(session);
    await expect(replacing.get(server.url('/a')).text()).rejects.toBeInstanceOf(IncompleteBodyError);
    expect(server.requests).toHaveLength(1);
    const response = await replacing.get(server.url('/a'));
    await expect(response.download(folder())).rejects.toThrow();
    expect(server.requests).toHaveLength(2);
    await replacing.close();
  });

  it('is also what a middleware got by its second request', async () => {
    const { server, session } = await start();
    session.use(async (request, next) => {
      await next(request.withHeader('x-n', '1'));
      return next(request.withHeader('x-n', '2'));
    });
    server.route('/a', [text('first'), half, whole]);
    expect(await session.get(server.url('/a')).text()).toBe('0123456789');
    expect(server.requests.map((request) => request.header('x-n'))).toEqual(['1', '2', '2']);
  });

  it('counts its redirects with those before', async () => {
    const { server, session } = await start();
    server
      .route('/a', redirect(302, '/b'))
      .route('/b', [half, redirect(302, '/c')])
      .route('/c', [half, redirect(302, '/d')])
      .route('/d', whole);
    const result = (max: number) =>
      session
        .get(server.url('/a'), { redirect: max })
        .text()
        .catch((error: Error) => error.name);
    expect(await result(1)).toBe('TooManyRedirectsError');
    expect(server.requests.map(({ target }) => target)).toEqual(['/a', '/b', '/b']);
    server.route('/b', [half, redirect(302, '/c')]);
    expect(await result(2)).toBe('TooManyRedirectsError');
    expect(server.requestsTo('/d')).toHaveLength(0);
    server.route('/b', [half, redirect(302, '/c')]).route('/c', [half, redirect(302, '/d')]);
    expect(await result(3)).toBe('0123456789');
  });

  it('counts them when a download is continued, too', async () => {
    const { server, session } = await start();
    server
      .route('/a', redirect(302, '/b'))
      .route('/b', [half, redirect(302, '/c')])
      .route('/c', rest);
    const response = await session.get(server.url('/a'), { redirect: 1 });
    await expect(response.download(folder())).rejects.toMatchObject({ name: 'TooManyRedirectsError' });
    expect(server.requestsTo('/c')).toHaveLength(0);
  });

  it('does not count the redirects of what was sent beside it', async () => {
    const { server, session } = await start({ redirect: 1 });
    session.use(async (request, next) => {
      const [first, second] = await Promise.all([
        next(request),
        next(request.withUrl(server.url('/elsewhere'))),
      ]);
      await second.text();
      return first;
    });
    server
      .route('/a', [half, redirect(302, '/b')])
      .route('/b', whole)
      .route('/elsewhere', redirect(302, '/end'))
      .route('/end', text(''));
    expect(await session.get(server.url('/a')).text()).toBe('0123456789');
  });

  it.each<[how: string, read: (session: Session, url: string) => Promise<unknown>]>([
    ['text()', (session, url) => session.get(url).text()],
    ['download()', async (session, url) => (await session.get(url)).download(folder())],
  ])('has the deadline of the call, and says which it was: %s', async (_how, read) => {
    const { server, session } = await start({ timeout: 400 });
    server.route('/a', [half, sequence(sleep(200), half), stall()]);
    const began = performance.now();
    const error = await read(session, server.url('/a')).catch((reason: unknown) => reason);
    const took = performance.now() - began;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ phase: 'total', limit: 400, message: expect.stringContaining('400 ms') });
    expect(server.requests).toHaveLength(3);
    expect(took).toBeGreaterThan(380);
    expect(took).toBeLessThan(600);
  });

  it('is also what was cloned', async () => {
    const { server, session } = await start();
    server.route('/a', [half, rest]);
    const response = await session.get(server.url('/a'));
    const path = folder();
    await response.clone().download(path);
    expect(readFileSync(path, 'utf8')).toBe('0123456789');
    await expect(response.text()).rejects.toThrow();
    expect(server.requests.map((request) => request.header('range'))).toEqual([undefined, 'bytes=5-']);
  });
});
