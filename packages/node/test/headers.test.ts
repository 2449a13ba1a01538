import type { CallOptions, HeadersInit } from '@httpsession/core';
import { InvalidHeaderError } from '@httpsession/core';
import { ScenarioServer, text } from '@httpsession/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSession } from './support/session.ts';

const start = async (): Promise<ScenarioServer> => {
  const server = await ScenarioServer.start();
  onTestFinished(() => server.close());
  server.otherwise(text('x'));
  return server;
};

/** Header lines of the last request, without those that the connection needs. */
const lines = (server: ScenarioServer): string[] =>
  (server.last?.rawHeaders ?? [])
    .filter(([name]) => !/^(?:host|connection|accept-encoding|content-length)$/i.test(name))
    .map(([name, value]) => `${name}: ${value}`);

describe('on the wire', () => {
  it('case and order are as given, the session first', async () => {
    const server = await start();
    const session = openSession({ headers: { 'X-zeta': '1', 'User-Agent': 'mine', aLPHA: '2' } });
    session.headers.set('X-Late', '3');
    session.headers.set('A-Early', '4');
    await session.get(server.url('/'), { headers: { 'x-CALL': '5', Beta: '6', 'X-ZETA': '7' } }).text();
    expect(lines(server)).toEqual([
      'Accept: */*',
      'User-Agent: mine',
      'X-ZETA: 7',
      'aLPHA: 2',
      'X-Late: 3',
      'A-Early: 4',
      'x-CALL: 5',
      'Beta: 6',
    ]);
  });

  it('each header is there once; of two spellings the last wins', async () => {
    const server = await start();
    await openSession({ headers: null })
      .get(server.url('/'), {
        headers: [
          ['X-A', '1'],
          ['x-a', '2'],
          ['accept', 'y'],
          ['ACCEPT', 'z'],
        ],
      })
      .text();
    expect(lines(server)).toEqual(['x-a: 2', 'ACCEPT: z']);
  });

  it('null really removes, by any case: User-Agent, Accept, Accept-Encoding and what the session says', async () => {
    const server = await start();
    const session = openSession({ headers: { 'X-Session': '1' } });
    const headers = { 'user-agent': null, ACCEPT: null, 'Accept-Encoding': null, 'x-SESSION': null };
    await session.get(server.url('/'), { headers }).text();
    expect(lines(server)).toEqual([]);
    expect(server.last?.header('accept-encoding')).toBe(undefined);
    await session.get(server.url('/'), { headers: { 'X-Session': undefined } }).text();
    expect(server.last?.header('x-session')).toBe('1');
    await session.get(server.url('/'), { headers: null }).text();
    expect(lines(server)).toEqual([]);
  });

  it('what a session or a live header takes away stays away, in its children, too', async () => {
    const server = await start();
    const session = openSession({ headers: { 'user-agent': null, 'Accept-Encoding': null } });
    session.headers.delete('Accept');
    for (const one of [session, session.extend({}), session.extend({ headers: { 'X-Child': '1' } })]) {
      await one.get(server.url('/')).text();
      for (const name of ['user-agent', 'accept', 'accept-encoding'])
        expect(server.last?.header(name)).toBe(undefined);
    }
    expect(server.last?.header('x-child')).toBe('1');
    await session
      .extend({ headers: { 'User-Agent': 'child' } })
      .get(server.url('/'))
      .text();
    expect(server.last?.header('user-agent')).toBe('child');
  });

  it('live headers apply to later calls: set, append and delete', async () => {
    const server = await start();
    const session = openSession({ headers: null });
    session.headers.set('X-A', '1');
    session.headers.append('x-a', '2');
    await session.get(server.url('/')).text();
    expect(lines(server)).toEqual(['x-a: 1, 2']);
    session.headers.delete('X-a');
    await session.get(server.url('/')).text();
    expect(lines(server)).toEqual([]);
  });

  it('a call keeps nothing, and a child lays its own over them', async () => {
    const server = await start();
    const session = openSession({ headers: { 'X-A': '1', 'X-B': '1' } });
    const child = session.extend({ headers: { 'x-b': '2', 'X-A': null } });
    await session.get(server.url('/'), { headers: { 'X-Call': '1' } }).text();
    await session.get(server.url('/')).text();
    expect(server.last?.header('x-call')).toBe(undefined);
    await child.get(server.url('/')).text();
    expect([server.last?.header('x-a'), server.last?.header('x-b')]).toEqual([undefined, '2']);
  });

  it('octets above ASCII go as Latin-1, an empty value as an empty value', async () => {
    const server = await start();
    await openSession()
      .get(server.url('/'), { headers: { 'X-Latin': 'é', 'X-Empty': '' } })
      .text();
    expect(server.last?.raw.includes(Buffer.from('X-Latin: é\r\n', 'latin1'))).toBe(true);
    expect(server.last?.header('x-empty')).toBe('');
  });

  it("a body's own type stands below the caller's, and null removes it", async () => {
    const server = await start();
    const session = openSession();
    const types: (string | undefined)[] = [];
    for (const headers of [{}, { 'content-TYPE': 'application/vnd.api+json' }, { 'Content-Type': null }]) {
      await session.post(server.url('/'), { json: {}, headers }).text();
      types.push(server.last?.header('content-type'));
    }
    expect(types).toEqual(['application/json', 'application/vnd.api+json', undefined]);
  });

  it('Host may be another', async () => {
    const server = await start();
    await openSession()
      .get(server.url('/'), { headers: { Host: 'virtual.test' } })
      .text();
    expect(server.last?.headers('host')).toEqual(['virtual.test']);
  });
});

describe('refused before anything is sent', () => {
  type Wrong = [what: string, headers: unknown, error: new (message: string) => Error];
  const wrong: readonly Wrong[] = [
    ...['a\r\nX-Evil: 1', 'a\rb', 'a\nb', 'a\n', '\r\na', 'a\0b', '\x7f', '\u010a', '\u560d'].map(
      (value): Wrong => [`the value ${JSON.stringify(value)}`, { 'X-A': value }, InvalidHeaderError],
    ),
    ...['', 'a b', 'a:', 'a\r\nb', ' a', 'a\0', 'ü'].map(
      (name): Wrong => [`the name ${JSON.stringify(name)}`, { [name]: '1' }, InvalidHeaderError],
    ),
    ...[
      'Content-Length',
      'transfer-encoding',
      'Keep-Alive',
      'UPGRADE',
      'TE',
      'Trailer',
      'Expect',
      'Proxy-Connection',
      'Proxy-Authorization',
    ].map((name): Wrong => [name, { [name]: '5' }, InvalidHeaderError] as const),
    ['Connection: upgrade', { Connection: 'upgrade' }, InvalidHeaderError],
    ['an object that changes its mind', { 'X-A': { toString: () => 'x' } }, TypeError],
    ['a list as value', { 'X-A': ['1', '2'] }, TypeError],
    ['a symbol', { 'X-A': Symbol('x') }, TypeError],
    ['text', 'X-A: 1', TypeError],
    ['a list of texts', ['ab'], TypeError],
    ['triples', [['a', 'b', 'c']], TypeError],
  ];

  it.each(wrong)('%s', async (_what, headers, error) => {
    const server = await start();
    const session = openSession();
    const given = headers as HeadersInit;
    await expect(session.get(server.url('/'), { headers: given })).rejects.toThrow(error);
    await expect(session.post(server.url('/'), { headers: given, body: 'x' })).rejects.toThrow(error);
    expect(() => session.prepare('GET', server.url('/'), { headers: given })).toThrow(error);
    expect(() => openSession({ headers: given }).prepare('GET', server.url('/'))).toThrow(error);
    expect(server.connections.length).toBe(0);
  });

  it.each<[what: string, method: string, url: (server: ScenarioServer) => unknown, options?: CallOptions]>([
    ['a method with a line break', 'GET\r\nX: 1', (server) => server.url('/')],
    ['a method with a space', 'GET /x', (server) => server.url('/')],
    ['an empty method', '', (server) => server.url('/')],
    ['CONNECT', 'CONNECT', (server) => server.url('/')],
    ['a relative URL', 'GET', () => '/x'],
    ['a URL without //', 'GET', (server) => `http:127.0.0.1:${server.port}/`],
    ['no URL', 'GET', () => undefined],
    ['a scheme that nobody serves', 'GET', () => 'ftp://127.0.0.1/'],
  ])('%s', async (_what, method, url, options) => {
    const server = await start();
    await expect(openSession().request(method, url(server) as string, options)).rejects.toThrow();
    expect(server.connections.length).toBe(0);
  });

  it.each(['/a\r\nb', '/a b', '/Ċ', '/\u560d'])('a path like %j travels encoded, never raw', async (path) => {
    const server = await start();
    await openSession().get(server.url(path)).text();
    expect(server.requests.length).toBe(1);
    expect(server.last?.raw.toString('latin1').split('\r\n')[0]).toMatch(/^GET \/[\x21-\x7e]* HTTP\/1\.1$/);
  });
});
