import { Session, SessionClosedError, type SessionOptions } from '@httpsession/core';
import { respond, stall, text } from '@httpsession/testing';
import { describe, expect, it } from 'vitest';
import { nodePlatform } from '../src/node-platform.ts';
import { openServer } from './support/server.ts';
import { failure, openSession } from './support/session.ts';

describe('extend', () => {
  it('lays the options of the child over those of the parent', async () => {
    const server = await openServer();
    const session = openSession({
      baseUrl: server.url('/v1/'),
      headers: { 'x-a': '1', 'x-b': '2' },
      params: { p: 1, q: 2 },
      auth: ['u', 'p'],
    });
    session.headers.set('x-live', '1');
    const child = session.extend({ headers: { 'x-b': null, 'x-c': '3' }, params: { p: null, r: 3 } });
    await child.get('items');
    expect(server.last?.target).toBe('/v1/items?q=2&r=3');
    expect(server.last?.header('authorization')).toBe(`Basic ${btoa('u:p')}`);
    expect(['x-a', 'x-b', 'x-c', 'x-live'].map((name) => server.last?.header(name))).toEqual([
      '1',
      undefined,
      '3',
      '1',
    ]);
    await session.get('items');
    expect(server.last?.header('x-b')).toBe('2');
    await session.extend({ auth: null, headers: null, params: null, baseUrl: null }).get(server.url('/bare'));
    expect(server.last?.target).toBe('/bare');
    expect(
      server.last?.rawHeaders
        .map(([name]) => name.toLowerCase())
        .filter((name) => /^(x-|auth|user)/.test(name)),
    ).toEqual([]);
  });

  it('shares the connections and the jar, and has a jar of its own when told', async () => {
    const server = await openServer();
    server.route('/set', respond({ headers: { 'set-cookie': 'sid=1' } }));
    const session = openSession();
    const [sharing, own, none] = [
      session.extend({}),
      session.extend({ cookies: {} }),
      session.extend({ cookies: false }),
    ];
    await sharing.get(server.url('/set'));
    for (const each of [session, sharing, own, none]) await each.get(server.url('/see')).text();
    expect(server.requestsTo('/see').map((seen) => seen.header('cookie'))).toEqual([
      'sid=1',
      'sid=1',
      undefined,
      undefined,
    ]);
    expect(server.connections).toHaveLength(1);
    expect(sharing.cookies).toBe(session.cookies);
    expect(own.cookies).not.toBe(session.cookies);
  });

  it('has connections of its own when it is given a pool', async () => {
    const server = await openServer();
    const session = openSession();
    const child = session.extend({ pool: { connections: 1 } });
    await session.get(server.url('/')).text();
    await child.get(server.url('/')).text();
    expect(server.connections).toHaveLength(2);
    await child.close();
    await server.waitFor((seen) => seen.openConnections === 1);
  });

  it('closes alone, and with its parent', async () => {
    const server = await openServer();
    server.route('/silent', stall());
    const session = openSession();
    const child = session.extend({});
    const grandchild = child.extend({});
    await child.get(server.url('/')).text();
    await grandchild.close();
    expect(await failure(grandchild.get(server.url('/')))).toBeInstanceOf(SessionClosedError);
    expect(await child.get(server.url('/')).text()).toBe('ok');
    const waiting = failure(child.get(server.url('/silent')));
    await server.waitFor(3);
    await session.close();
    expect(await waiting).toBeInstanceOf(SessionClosedError);
    expect(await failure(child.get(server.url('/')))).toBeInstanceOf(SessionClosedError);
    expect(server.connections).toHaveLength(1);
  });

  it('has the middlewares and mounts of its parent as they were', async () => {
    const server = await openServer();
    const session = openSession().use((request, next) => next(request.withHeader('x-one', '1')));
    const child = session.extend({}).use((request, next) => next(request.withHeader('x-two', '2')));
    session.use((request, next) => next(request.withHeader('x-late', '3')));
    await child.get(server.url('/'));
    expect(['x-one', 'x-two', 'x-late'].map((name) => server.last?.header(name))).toEqual([
      '1',
      '2',
      undefined,
    ]);
  });

  it('appends hooks and keeps the policy', async () => {
    const server = await openServer();
    server.route('/', text('no', { status: 404 }));
    const events: string[] = [];
    const session = openSession({
      raiseForStatus: true,
      hooks: { beforeRequest: () => void events.push('parent') },
    });
    const child = session.extend({ hooks: { beforeRequest: () => void events.push('child') } });
    expect(await failure(child.get(server.url('/')))).toHaveProperty('status', 404);
    expect(events).toEqual(['parent', 'child']);
  });

  it('gives a subclass, also one that makes options of its own', async () => {
    const server = await openServer();
    class Api extends Session {
      constructor(options: SessionOptions) {
        super({ ...options, params: { key: '1' } }, nodePlatform);
      }
    }
    await using api = new Api({ trustEnv: false });
    const child = api.extend({ headers: { 'x-a': '1' } });
    expect(child).toBeInstanceOf(Api);
    await api.get(server.url('/')).text();
    await child.get(server.url('/')).text();
    expect(server.last?.target).toBe('/?key=1');
    expect(server.connections).toHaveLength(1);
  });
});
