import { IncompleteBodyError, Session, SessionClosedError, TimeoutError } from '@httpsession/core';
import { json, raw, ScenarioServer, sequence, stall } from '@httpsession/testing';
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
    session.use(async (request, next) => {
      const response = await next(request);
      seen.push(response.history.length);
      return response;
    });
    expect(await session.get(server.url('/a')).json()).toBe(1);
    const [, second] = server.requestsTo('/a');
    expect(second?.header('cookie')).toBe('sid=1');
    expect(second?.headers('authorization')).toHaveLength(1);
    expect(seen).toEqual([0, 1]);
  });
});
