import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Middleware } from '@httpsession/core';
import { close, raw, redirect, respond, type ScenarioServer, sequence, text } from '@httpsession/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openServer } from './support/server.ts';
import { failure, openSession, quickRetry } from './support/session.ts';

/** Sends what is asked of `/both` to `/first` and `/second` side by side, and answers with the first. */
const both: Middleware = async (request, next) => {
  if (!request.url.endsWith('/both')) return next(request);
  const urls = ['first', 'second'].map((name) => request.url.replace(/both$/, name));
  const [first, second] = await Promise.all(
    urls.map((url, n) => next(request.withUrl(url).withHeader('x-number', `${n}`))),
  );
  if (first === undefined) throw new Error('nothing came');
  await second?.text();
  return first;
};

const brokenOff = sequence(
  raw('HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: "one"\r\nSet-Cookie: a=1\r\n\r\n01234'),
  close(),
);

/** What the server was asked for, with the header that tells the requests apart. */
const seen = (server: ScenarioServer, path: string): (string | undefined)[] =>
  server.requestsTo(path).map((request) => request.header('x-number'));

describe('of two requests that a middleware sends at once', () => {
  const open = (): ReturnType<typeof openSession> => openSession({ retry: quickRetry(2) }).use(both);

  it('the one whose body broke is asked for again', async () => {
    const server = await openServer();
    server.route('/first', [brokenOff, text('0123456789')]).route('/second', text('other'));
    expect(await open().get(server.url('/both')).text()).toBe('0123456789');
    expect([seen(server, '/first'), seen(server, '/second')]).toEqual([['0', '0'], ['1']]);
  });

  it('the one whose download broke off is continued', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'httpsession-concurrent-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const server = await openServer();
    const rest = respond({
      status: 206,
      headers: { 'content-range': 'bytes 5-9/10', etag: '"one"' },
      body: '56789',
    });
    server.route('/first', [brokenOff, rest]).route('/second', text('other'));
    const response = await open().get(server.url('/both'));
    await response.download(join(folder, 'file'));
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('0123456789');
    expect([seen(server, '/first'), seen(server, '/second')]).toEqual([['0', '0'], ['1']]);
    expect(server.requestsTo('/first')[1]?.header('range')).toBe('bytes=5-');
    // It carries what the jar holds now, not what it was sent with at first.
    expect(server.requestsTo('/first')[1]?.header('cookie')).toBe('a=1');
  });

  it('the one that was redirected is asked for again where it was sent to', async () => {
    const server = await openServer();
    server
      .route('/first', redirect(307, '/moved'))
      .route('/moved', [brokenOff, text('0123456789')])
      .route('/second', text('other'));
    expect(await open().get(server.url('/both')).text()).toBe('0123456789');
    expect(['/first', '/moved', '/second'].map((path) => seen(server, path))).toEqual([
      ['0'],
      ['0', '0'],
      ['1'],
    ]);
  });

  it('the one whose answer a middleware put another in place of is not asked for again', async () => {
    const server = await openServer();
    server.route('/first', [brokenOff, text('0123456789')]).route('/second', text('other'));
    const session = openSession({ retry: quickRetry(2) })
      .use(async (request, next) => (await next(request)).derive({}))
      .use(both);
    const error = await failure(session.get(server.url('/both')).text());
    expect(error).toMatchObject({ name: 'IncompleteBodyError' });
    expect([seen(server, '/first'), seen(server, '/second')]).toEqual([['0'], ['1']]);
  });
});

it('a body that broke is asked for again with the cookies of now and one credential', async () => {
  const server = await openServer();
  server.route('/a', [brokenOff, text('0123456789')]);
  const session = openSession({
    retry: quickRetry(2),
    auth: { sign: (request) => request.withHeader('x-signed', `${request.header('x-signed') ?? ''}once`) },
  });
  expect(await session.get(server.url('/a')).text()).toBe('0123456789');
  expect(server.requests.map((request) => [request.header('cookie'), request.header('x-signed')])).toEqual([
    [undefined, 'once'],
    ['a=1', 'once'],
  ]);
});

describe('a one-shot body that is sent twice at once', () => {
  async function* hello(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode('hello');
  }

  it('goes out once: the other call is told', async () => {
    const server = await openServer();
    server.route('/', text('ok'));
    const session = openSession({ retry: quickRetry(2) });
    const prepared = session.prepare('POST', server.url('/'), { body: hello() });
    const [first, second] = await Promise.allSettled([session.send(prepared), session.send(prepared)]);
    expect(second).toMatchObject({ status: 'rejected', reason: { name: 'UnreplayableBodyError' } });
    expect(first.status === 'fulfilled' && (await first.value.text())).toBe('ok');
    expect(server.requestsTo('/').map(({ bodyText }) => bodyText)).toEqual(['hello']);
    expect(session.stats()).toMatchObject({ pending: 0, queued: 0, unreadBodies: 0 });
  });

  it('leaves nothing behind where a middleware takes the first of two', async () => {
    const server = await openServer();
    server.route('/', text('ok'));
    const session = openSession();
    session.use((request, next) => Promise.any([next(request), next(request)]));
    expect(await session.post(server.url('/'), { body: hello() }).text()).toBe('ok');
    expect(server.requestsTo('/')).toHaveLength(1);
    expect(session.stats()).toMatchObject({ pending: 0, queued: 0, unreadBodies: 0 });
  });
});
