import { describe, expect, it } from 'vitest';
import { answering, ok, type RawServer, rawServer } from './support/raw-server.ts';
import { failure, fetchText, openSession, quickRetry } from './support/session.ts';

type Callback = (error: unknown, ...answer: unknown[]) => void;
const server = (): Promise<RawServer> => rawServer(answering(() => ok('here')));

describe('lookup', () => {
  it.each<[string, (callback: Callback) => void]>([
    ['a list', (callback) => callback(null, [{ address: '127.0.0.1', family: 4 }])],
    ['one address', (callback) => callback(null, '127.0.0.1', 4)],
    ['an address without its family', (callback) => callback(null, '127.0.0.1')],
    ['an answer that comes later', (callback) => setImmediate(callback, null, '127.0.0.1', 4)],
    ['two answers', (callback) => [callback(null, '127.0.0.1', 4), callback(new Error('late'))]],
  ])('may answer with %s, whichever Node asks for', async (_title, answer) => {
    await using origin = await server();
    const asked: string[] = [];
    const lookup = (name: string, _options: unknown, callback: Callback): void => {
      asked.push(name);
      answer(callback);
    };
    for (const options of [{ lookup }, { lookup, localAddress: '127.0.0.2' }]) {
      expect(await fetchText(openSession(options), `http://some.test:${origin.port}/`)).toBe('200 here');
    }
    expect(asked).toEqual(['some.test', 'some.test']);
    expect(origin.sockets.map(({ remoteAddress }) => remoteAddress)).toEqual(['127.0.0.1', '127.0.0.2']);
  });

  it.each<[string, (callback: Callback) => void]>([
    ['fails', (callback) => callback(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))],
    ['fails without a code', (callback) => callback(new Error('no'))],
    ['finds nothing', (callback) => callback(null, [])],
    ['answers nonsense', (callback) => callback(null, [{ address: 'some.test', family: 4 }])],
    ['answers nothing', (callback) => callback(null)],
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
  ])('that %s is a failed connection in the phase dns, tried again', async (_title, answer) => {
    let asked = 0;
    const lookup = (_name: string, _options: unknown, callback: Callback): void => {
      asked += 1;
      answer(callback);
    };
    const session = openSession({ lookup, retry: quickRetry(2) });
    expect(await failure(session.post('http://some.test/', { body: 'x' }))).toMatchObject({
      name: 'ConnectionError',
      phase: 'dns',
      requestSent: false,
      attempts: 3,
    });
    expect(asked).toBe(3);
  });

  it('that never answers ends at the connect limit', async () => {
    const session = openSession({ lookup: () => undefined, timeout: { connect: 60 } });
    const start = performance.now();
    expect(await failure(session.get('http://some.test/'))).toMatchObject({ phase: 'connect', limit: 60 });
    expect(performance.now() - start).toBeLessThan(250);
  });

  it('is not asked about addresses', async () => {
    await using origin = await server();
    const lookup = (): void => {
      throw new Error('asked');
    };
    expect(await fetchText(openSession({ lookup }), `http://127.0.0.1:${origin.port}/`)).toBe('200 here');
  });

  it('that is no function is refused when it is given', () => {
    expect(() => openSession({ lookup: 'dns' as never })).toThrow(/lookup must be a function/);
  });
});

describe('happy eyeballs', () => {
  it('reaches localhost when nothing listens on ::1', async () => {
    await using origin = await server();
    expect(await fetchText(openSession(), `http://localhost:${origin.port}/`)).toBe('200 here');
  });

  it('tries one address after the other', async () => {
    await using origin = await server();
    const lookup = (_name: string, _options: unknown, callback: Callback): void =>
      callback(null, [
        { address: '::1', family: 6 },
        { address: '127.0.0.9', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]);
    expect(await fetchText(openSession({ lookup }), `http://both.test:${origin.port}/`)).toBe('200 here');
  });

  it('that reaches none is one failed connection', async () => {
    const gone = await server();
    await gone[Symbol.asyncDispose]();
    const lookup = (_name: string, _options: unknown, callback: Callback): void =>
      callback(null, [
        { address: '::1', family: 6 },
        { address: '127.0.0.1', family: 4 },
      ]);
    expect(await failure(openSession({ lookup }).get(`http://both.test:${gone.port}/`))).toMatchObject({
      name: 'ConnectionError',
      phase: 'connect',
      message: expect.stringContaining('connection refused'),
    });
  });

  it('reaches an IPv6 address in a URL', async ({ skip }) => {
    let origin: RawServer;
    try {
      origin = await rawServer(
        answering(() => ok('six')),
        { host: '::1' },
      );
    } catch {
      return skip('no IPv6 here');
    }
    expect(await fetchText(openSession(), `http://[::1]:${origin.port}/`)).toBe('200 six');
    expect(origin.received[0]).toMatch(new RegExp(`^host: \\[::1\\]:${origin.port}\\r$`, 'im'));
    await origin[Symbol.asyncDispose]();
  });
});

describe('localAddress', () => {
  it('is where connections come from', async () => {
    await using origin = await server();
    const session = openSession({ localAddress: '127.0.0.2' });
    expect(await fetchText(session, `http://127.0.0.1:${origin.port}/`)).toBe('200 here');
    await session.get(`http://127.0.0.1:${origin.port}/`, { localAddress: '127.0.0.3' }).text();
    await session.get(`http://127.0.0.1:${origin.port}/`, { localAddress: null }).text();
    expect(origin.sockets.map(({ remoteAddress }) => remoteAddress)).toEqual([
      '127.0.0.2',
      '127.0.0.3',
      '127.0.0.1',
    ]);
  });

  it('that is not ours is a failed connection, and one that is no address a wrong argument', async () => {
    await using origin = await server();
    const session = openSession();
    const url = `http://127.0.0.1:${origin.port}/`;
    expect(await failure(session.get(url, { localAddress: '192.0.2.1' }))).toMatchObject({
      name: 'ConnectionError',
      phase: 'connect',
      requestSent: false,
    });
    expect(() => openSession({ localAddress: 'localhost' })).toThrow(/localAddress must be an IP address/);
    const error = await failure(session.get(url, { localAddress: 'localhost' }));
    expect(error).toBeInstanceOf(TypeError);
    expect(origin.sockets).toHaveLength(0);
  });
});

describe('pools of many origins', () => {
  it('go when their connections close', async () => {
    await using origin = await server();
    const lookup = (_name: string, _options: unknown, callback: Callback): void =>
      callback(null, '127.0.0.1');
    const session = openSession({ lookup, pool: { keepAliveTimeout: 500 } });
    const names = Array.from({ length: 20 }, (_, n) => `http://h${n}.test:${origin.port}/`);
    await Promise.all(names.map((url) => fetchText(session, url)));
    expect(session.stats().sockets).toBe(20);
    await expect.poll(() => session.stats().sockets).toBe(0);
    // And come again.
    expect(await fetchText(session, names[0] ?? '')).toBe('200 here');
  });

  it('are at most maxOrigins: the one unused for longest is closed', async () => {
    await using origin = await server();
    const lookup = (_name: string, _options: unknown, callback: Callback): void =>
      callback(null, '127.0.0.1');
    const session = openSession({ lookup, pool: { maxOrigins: 2 } });
    const visit = async (name: string): Promise<boolean | undefined> => {
      const response = await session.get(`http://${name}.test:${origin.port}/`);
      await response.text();
      return response.connection?.reused;
    };
    const reused = [];
    for (const name of ['a', 'b', 'a', 'c', 'a', 'b', 'c']) reused.push(await visit(name));
    expect(reused).toEqual([false, false, true, false, true, false, false]);
    expect(session.stats().sockets).toBe(2);
  });

  it('in use are never closed for another', async () => {
    let release: (() => void) | undefined;
    await using origin = await rawServer((socket, received) => {
      socket.on('data', () => {
        if (received().startsWith('GET /slow')) release = () => socket.write(ok('slow'));
        else socket.write(ok('here'));
      });
    });
    const session = openSession({ pool: { maxOrigins: 1 } });
    const slow = session.get(`http://127.0.0.1:${origin.port}/slow`).text();
    await expect.poll(() => release).toBeDefined();
    expect(await fetchText(session, `http://localhost:${origin.port}/`)).toBe('200 here');
    release?.();
    expect(await slow).toBe('slow');
  });
});
