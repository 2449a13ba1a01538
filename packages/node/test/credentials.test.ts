import vm from 'node:vm';
import type { CallOptions, HeadersInit, Session, SessionOptions } from '@httpsession/core';
import { InvalidHeaderError } from '@httpsession/core';
import { ScenarioServer, text } from '@httpsession/testing';
import { Headers as UndiciHeaders, Request as UndiciRequest } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openSession } from './support/session.ts';

// Every name leads to 127.0.0.1; what tells the places apart is scheme, name and port, as a server sees them.
const lookup = (
  _name: string,
  options: { all?: boolean },
  done: (error: null, address: unknown, family?: number) => void,
): void =>
  options.all === true ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);

const names = ['home.test', 'sub.home.test', 'evil.test', 'evilhome.test', 'home.test.evil.test'];
let plain: ScenarioServer;
let otherPort: ScenarioServer;
let secure: ScenarioServer;
let chain: readonly string[] = [];

beforeAll(async () => {
  plain = await ScenarioServer.start();
  otherPort = await ScenarioServer.start();
  secure = await ScenarioServer.start({ tls: { certificate: { names } } });
});
afterAll(async () => {
  await Promise.all([plain.close(), otherPort.close(), secure.close()]);
});
beforeEach(() => follow([]));

/** Makes the servers answer hop `n` with a redirect to hop `n + 1`. */
const follow = (next: readonly string[]): void => {
  chain = next;
  for (const server of [plain, otherPort, secure]) {
    server.reset();
    server.otherwise((exchange) => {
      const hop = Number(exchange.request.path.slice(1));
      const to = chain[hop + 1];
      return exchange.respond(
        to === undefined ? { body: 'end' } : { status: 302, headers: { location: `${to}/${hop + 1}` } },
      );
    });
  }
};

/** What each hop received, in order of the chain. */
const arrived = (): string[] =>
  [plain, otherPort, secure]
    .flatMap(({ requests }) => [...requests])
    .sort((a, b) => Number(a.path.slice(1)) - Number(b.path.slice(1)))
    .map(({ raw }) => raw.toString('latin1'));

const session = (options: SessionOptions = {}): Session =>
  openSession({ lookup: lookup as never, tls: { ca: secure.ca }, ...options });

const http = (name: string): string => `http://${name}:${plain.port}`;
const https = (name: string): string => `https://${name}:${secure.port}`;

interface Move {
  readonly what: string;
  readonly chain: () => string[];
  readonly options?: SessionOptions;
}

const moves: readonly Move[] = [
  { what: 'nowhere else', chain: () => [http('home.test'), http('home.test')] },
  { what: 'another port', chain: () => [http('home.test'), `http://home.test:${otherPort.port}`] },
  { what: 'another host', chain: () => [http('home.test'), http('evil.test')] },
  { what: 'from 127.0.0.1 to localhost', chain: () => [http('127.0.0.1'), http('localhost')] },
  { what: 'a host that ends alike', chain: () => [http('home.test'), http('evilhome.test')] },
  { what: 'a host that begins alike', chain: () => [http('home.test'), http('home.test.evil.test')] },
  {
    what: 'https down to http',
    chain: () => [https('home.test'), http('home.test')],
    options: { redirect: { allowDowngrade: true } },
  },
  { what: 'http up to https', chain: () => [http('home.test'), https('home.test')] },
  { what: 'parent to subdomain', chain: () => [https('home.test'), https('sub.home.test')] },
  { what: 'subdomain to parent', chain: () => [https('sub.home.test'), https('home.test')] },
  {
    what: 'away and home again',
    chain: () => [http('home.test'), http('evil.test'), http('home.test'), http('home.test')],
  },
  {
    what: 'away and on',
    chain: () => [
      http('home.test'),
      http('evil.test'),
      http('sub.home.test'),
      `http://evil.test:${otherPort.port}`,
    ],
  },
  {
    what: 'another port and home',
    chain: () => [http('home.test'), `http://home.test:${otherPort.port}`, http('home.test')],
  },
  {
    what: 'once more at home, then away',
    chain: () => [http('home.test'), http('home.test'), http('evil.test')],
  },
];

/** Where a secret may be seen: `once` until the chain first leaves its origin, `always` whenever it is there, `host` as cookies know it. */
type Reach = 'once' | 'always' | 'host';

interface Kind {
  readonly what: string;
  readonly reach: Reach;
  readonly session?: (home: string) => SessionOptions;
  readonly call?: CallOptions;
  readonly prepare?: (made: Session, home: string) => void;
  readonly relative?: boolean;
}

const basic = btoa('user:SECRET');

const kinds: readonly Kind[] = [
  { what: 'an Authorization header', reach: 'once', call: { headers: { authorization: 'Bearer SECRET' } } },
  { what: 'a Cookie header', reach: 'once', call: { headers: { COOKIE: 'sid=SECRET' } } },
  { what: 'an API key header', reach: 'once', call: { headers: { 'X-API-Key': 'SECRET' } } },
  { what: 'a Private-Token header', reach: 'once', call: { headers: { 'Private-Token': 'SECRET' } } },
  { what: 'a Referer', reach: 'once', call: { headers: { Referer: 'https://home.test/SECRET' } } },
  { what: 'the auth option of a call', reach: 'always', call: { auth: ['user', 'SECRET'] } },
  {
    what: 'auth of a call, as a function',
    reach: 'always',
    call: { auth: (request) => request.withHeader('x-signed', 'SECRET') },
  },
  { what: 'auth of the session', reach: 'always', session: () => ({ auth: ['user', 'SECRET'] }) },
  {
    what: 'auth of the session with a baseUrl',
    reach: 'always',
    session: (home) => ({ auth: ['user', 'SECRET'], baseUrl: home }),
    relative: true,
  },
  { what: 'cookies of a call', reach: 'always', call: { cookies: { sid: 'SECRET' } } },
  {
    what: 'cookies of the jar',
    reach: 'host',
    prepare: ({ cookies }, home) => cookies.setFromResponse(['sid=SECRET'], `${home}/`),
  },
  { what: 'a default header', reach: 'once', session: () => ({ headers: { 'X-API-Key': 'SECRET' } }) },
  {
    what: 'a default header with a baseUrl',
    reach: 'once',
    session: (home) => ({ headers: { 'X-API-Key': 'SECRET' }, baseUrl: home }),
    relative: true,
  },
  {
    what: 'a default Authorization set live',
    reach: 'once',
    prepare: (made) => made.headers.set('Authorization', 'Bearer SECRET'),
  },
];

const table = moves.flatMap((move) =>
  kinds.map((kind) => ({ move, kind, title: `${move.what}: ${kind.what}` })),
);

it.each(table)('$title stays home', async ({ move, kind }) => {
  chain = move.chain();
  const [home = ''] = chain;
  const made = session({ ...move.options, ...kind.session?.(home) });
  kind.prepare?.(made, home);
  const response = await made.get(kind.relative === true ? '0' : `${home}/0`, kind.call);
  expect(await response.text()).toBe('end');
  const seen = arrived();
  expect(seen.length).toBe(chain.length);
  let left = false;
  for (const [hop, origin] of chain.entries()) {
    left ||= origin !== home;
    const allowed =
      kind.reach === 'once'
        ? !left
        : kind.reach === 'always'
          ? origin === home
          : new URL(origin).hostname === new URL(home).hostname;
    const found = seen[hop]?.includes('SECRET') === true || seen[hop]?.includes(basic) === true;
    expect(found, `hop ${hop} at ${origin}`).toBe(allowed);
  }
});

describe('what may go along', () => {
  it('is what forwardHeaders names, in any case, and nothing beside it', async () => {
    chain = [http('home.test'), http('evil.test')];
    await session({ redirect: { forwardHeaders: ['x-trace-ID'] } }).get(`${chain[0]}/0`, {
      headers: { 'X-Trace-Id': 'named', 'X-API-Key': 'SECRET', Accept: 'text/html', Range: 'bytes=0-' },
    });
    const [, there = ''] = arrived();
    expect(there).toContain('X-Trace-Id: named\r\n');
    expect(there).toContain('Accept: text/html\r\n');
    expect(there).toContain('Range: bytes=0-\r\n');
    expect(there).not.toContain('SECRET');
  });

  it('is a Host header to its own server only', async () => {
    chain = [http('home.test'), http('home.test'), http('evil.test')];
    await session().get(`${chain[0]}/0`, { headers: { Host: 'virtual.test' } });
    expect(arrived().map((request) => /^host: (.*)\r$/im.exec(request)?.[1])).toEqual([
      'virtual.test',
      'virtual.test',
      `evil.test:${plain.port}`,
    ]);
  });

  it('is never Proxy-Authorization, which is refused before anything is sent', async () => {
    chain = [http('home.test')];
    for (const headers of [
      { 'Proxy-Authorization': 'Basic SECRET' },
      [['proxy-authorization', 'x']] as const,
    ]) {
      await expect(session().get(`${chain[0]}/0`, { headers })).rejects.toThrow(InvalidHeaderError);
    }
    expect(plain.requests.length).toBe(0);
  });
});

describe('a session with a baseUrl', () => {
  it.each(['//evil.test:PORT/0', '\\\\evil.test:PORT/0', '/\t/evil.test:PORT/0', 'http://evil.test:PORT/0'])(
    'gives no credential to %j, which only looks relative',
    async (url) => {
      chain = [http('evil.test')];
      const made = session({
        baseUrl: http('home.test'),
        auth: ['user', 'SECRET'],
        headers: { 'X-API-Key': 'SECRET', 'User-Agent': 'mine' },
      });
      await made.get(url.replace('PORT', String(plain.port)));
      expect(plain.requests.length).toBe(1);
      const [there = ''] = arrived();
      expect(there).not.toContain('SECRET');
      expect(there).not.toContain(basic);
      expect(there).toContain('User-Agent: mine');
    },
  );

  it('gives them back to nobody: a chain that begins elsewhere and comes home has the auth, not the headers', async () => {
    chain = [http('evil.test'), http('home.test')];
    const made = session({
      baseUrl: http('home.test'),
      auth: ['user', 'SECRET'],
      headers: { 'X-API-Key': 'KEY' },
    });
    await made.get(`${chain[0]}/0`);
    const [there = '', home = ''] = arrived();
    expect(there).not.toMatch(/KEY|Basic/);
    expect(home).toContain(`Basic ${basic}`);
    expect(home).not.toContain('KEY');
  });

  it('gives them to further origins that it names', async () => {
    chain = [http('sub.home.test')];
    const made = session({
      baseUrl: http('home.test'),
      origins: [http('sub.home.test')],
      auth: ['user', 'SECRET'],
      headers: { 'X-API-Key': 'KEY' },
    });
    await made.get(`${chain[0]}/0`);
    expect(arrived()[0]).toContain(basic);
    expect(arrived()[0]).toContain('KEY');
  });
});

describe('URL user information', () => {
  it('is Basic for its own origin, seen in no URL and on no other hop', async () => {
    chain = [http('home.test'), http('evil.test'), http('home.test')];
    const response = await session().get(`http://user:SECRET@home.test:${plain.port}/0`);
    const seen = arrived();
    expect(seen.map((request) => request.includes(basic))).toEqual([true, false, true]);
    expect(seen.join()).not.toContain('SECRET');
    for (const { url, finalUrl, request } of [response, ...response.history]) {
      expect(`${url} ${finalUrl} ${request.url}`).not.toMatch(/SECRET|user/);
    }
  });
});

describe('whatever holds the headers', () => {
  const pairs = [
    ['AUTHORIZATION', 'Bearer SECRET'],
    ['cookie', 'c=SECRET'],
    ['X-Api-KEY', 'SECRET'],
    ['Accept', 'text/html'],
  ] as const;
  const containers: Record<string, () => HeadersInit> = {
    'a record': () => Object.fromEntries(pairs),
    'a record in capitals': () =>
      Object.fromEntries(pairs.map(([name, value]) => [name.toUpperCase(), value])),
    'a frozen record': () => Object.freeze(Object.fromEntries(pairs)),
    'a record without prototype': () => Object.assign(Object.create(null), Object.fromEntries(pairs)),
    Headers: () => new Headers(pairs.map(([name, value]) => [name, value])),
    "another library's Headers": () =>
      new UndiciHeaders(pairs.map(([name, value]) => [name, value])) as unknown as Headers,
    pairs: () => pairs,
    'deep-frozen pairs': () =>
      Object.freeze(pairs.map((pair) => Object.freeze([...pair] as [string, string]))),
    'a Map': () => new Map(pairs),
    'a generator': () =>
      (function* () {
        yield* pairs;
      })(),
    'an iterable object': () => ({
      *[Symbol.iterator]() {
        yield* pairs;
      },
    }),
    'pairs of another realm': () => vm.runInNewContext(`(${JSON.stringify(pairs)})`) as [string, string][],
    'a record of another realm': () =>
      vm.runInNewContext(`(${JSON.stringify(Object.fromEntries(pairs))})`) as Record<string, string>,
  };

  it.each(Object.entries(containers))('%s: nothing leaks, and it stays as it was', async (_what, make) => {
    const init = make();
    const before = 'next' in init ? undefined : shown(init);
    const jar = session();
    for (let time = 0; time < (before === undefined ? 1 : 2); time += 1) {
      follow([http('home.test'), http('evil.test')]);
      jar.cookies.setFromResponse(['jar=1'], `${http('home.test')}/`);
      const options = Object.freeze({ headers: init });
      await jar.get(`${chain[0]}/0`, options).text();
      const [home = '', there = ''] = arrived();
      expect(home.match(/SECRET/g)?.length).toBe(3);
      expect(home.match(/^cookie:.*$/gim)).toEqual([expect.stringMatching(/: jar=1; c=SECRET\r?$/)]);
      expect(there).not.toContain('SECRET');
      expect(there).toContain('text/html');
    }
    if (before !== undefined) expect(shown(init)).toEqual(before);
  });

  it.each<[what: string, make: (url: string) => Request]>([
    ['a Request', (url) => new Request(url, { headers: pairs.map(([name, value]) => [name, value]) })],
    [
      "another library's Request",
      (url) =>
        new UndiciRequest(url, {
          headers: pairs.map(([name, value]) => [name, value]),
        }) as unknown as Request,
    ],
  ])('%s through session.fetch: nothing leaks, and it stays as it was', async (_what, make) => {
    chain = [http('home.test'), http('evil.test')];
    const request = make(`${chain[0]}/0`);
    const before = [...request.headers];
    const made = session();
    made.cookies.setFromResponse(['jar=1'], `${http('home.test')}/`);
    await (await made.fetch(request)).text();
    const [home = '', there = ''] = arrived();
    expect(home.match(/SECRET/g)?.length).toBe(3);
    expect(there).not.toContain('SECRET');
    expect([...request.headers]).toEqual(before);
  });

  it('deep-frozen options of every kind are taken as they are', async () => {
    chain = [http('home.test'), http('home.test')];
    const options: CallOptions = {
      headers: { 'X-A': '1' },
      params: { q: ['1', '2'] },
      cookies: { c: '1' },
      auth: ['user', 'SECRET'],
      json: { a: [1] },
      retry: { limit: 1, methods: ['GET'] },
      timeout: { connect: 1_000 },
      redirect: { max: 3, forwardHeaders: ['x-a'] },
      hooks: { beforeRedirect: [() => undefined] },
    };
    const before = JSON.stringify(options);
    await session(deepFreeze({ headers: { 'X-B': '2' }, params: { s: '1' }, auth: ['other', 'x'] as const }))
      .post(`${chain[0]}/0`, deepFreeze(options))
      .text();
    expect(JSON.stringify(options)).toBe(before);
    expect(arrived().length).toBe(2);
  });

  it('one Headers object serves many calls to many hosts without gathering cookies', async () => {
    const headers = new Headers({ 'X-Shared': '1' });
    const made = session();
    made.cookies.setFromResponse(['sid=SECRET'], `${http('home.test')}/`);
    plain.otherwise(text('end'));
    await Promise.all(
      ['home.test', 'home.test', 'evil.test', 'home.test'].map((name) =>
        made.get(`${http(name)}/`, { headers }).text(),
      ),
    );
    expect([...headers]).toEqual([['x-shared', '1']]);
    for (const request of plain.requests) {
      const own = request.header('host')?.startsWith('home.test') === true;
      expect(request.header('cookie')).toBe(own ? 'sid=SECRET' : undefined);
    }
  });
});

const shown = (init: HeadersInit): string =>
  JSON.stringify(Symbol.iterator in init ? [...(init as Iterable<unknown>)] : Object.entries(init));

const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
};
