import {
  type CallOptions,
  InvalidCookieError,
  InvalidHeaderError,
  InvalidURLError,
  RequestError,
  type SessionOptions,
} from '@httpsession/core';
import { describe, expect, it } from 'vitest';
import { openServer } from './support/server.ts';
import { failure, openSession } from './support/session.ts';

const circular: Record<string, unknown> = {};
circular.self = circular;

/** Whatever a caller without types may write. */
const call = (options: unknown): CallOptions => options as CallOptions;

// Wrong use: what came, and what the message must say of it.
const wrongUse: readonly (readonly [title: string, options: unknown, message: RegExp])[] = [
  ['an unknown option', { colour: 1 }, /^"colour" is not an option of a call$/],
  ['an option of requests', { verify: false }, /"verify".*httpsession has tls: \{ verify \}/],
  ['an option of got', { searchParams: {} }, /"searchParams".*httpsession has params/],
  ['an option of axios', { baseURL: 'x' }, /"baseURL".*httpsession has baseUrl/],
  ['an option of the session', { origins: [] }, /^origins is an option of the session/],
  ['the pool', { pool: {} }, /^pool is an option of the session/],
  ['a list as options', [], /^options must be an object, got an array$/],
  ['text as options', 'GET', /^options must be an object, got string$/],
  ['null as options', null, /^options must be an object, got null$/],
  ['headers as text', { headers: 'a: b' }, /^headers must be .* got string$/],
  [
    'a list of headers as text',
    { headers: ['ab'] },
    /^headers: a list must hold \[name, value\] pairs, got string$/,
  ],
  ['a header that is an array', { headers: { a: ['1', '2'] } }, /^header a must be .* got an array/],
  ['a header that is an object', { headers: { a: {} } }, /^header a must be .* got object$/],
  ['params as a number', { params: 5 }, /^params must be .* got number$/],
  ['a parameter that is an object', { params: { a: {} } }, /^params\.a must be .* got an object$/],
  ['auth as text', { auth: 'token' }, /^auth must be .* got string$/],
  ['half a credential', { auth: ['user'] }, /^auth must be \[user, password\], got a list of 1$/],
  ['an object as auth', { auth: { user: 'a' } }, /^auth must be /],
  ['a colon in the user', { auth: ['a:b', 'c'] }, /^basic user must not contain a colon$/],
  ['timeout as text', { timeout: '5s' }, /^timeout must be .* got string$/],
  ['a negative timeout', { timeout: -1 }, /^timeout must be .* got -1$/],
  ['a timeout of NaN', { timeout: { headers: Number.NaN } }, /^timeout\.headers must be .* got NaN$/],
  ['an unknown limit', { timeout: { read: 5 } }, /^timeout\.read is not an option/],
  ['a negative retry', { retry: -1 }, /^retry\.limit must be .* got -1$/],
  ['retry as text', { retry: 'yes' }, /^retry must be .* got string$/],
  ['an unknown member of retry', { retry: { total: 3 } }, /^retry\.total is not an option/],
  ['a wrong member of retry', { retry: { methods: 'GET' } }, /^retry\.methods must be .* got string$/],
  ['redirect as true', { redirect: true }, /^redirect must be .* got boolean$/],
  ['a negative redirect', { redirect: -1 }, /^redirect must be .* got -1$/],
  ['a redirect without end', { redirect: Number.POSITIVE_INFINITY }, /^redirect must be .* got Infinity$/],
  [
    'a redirect without end by name',
    { redirect: { max: Number.POSITIVE_INFINITY } },
    /^redirect\.max must be .* got Infinity$/,
  ],
  ['an unknown member of redirect', { redirect: { follow: 1 } }, /^redirect\.follow is not an option/],
  ['a wrong member of redirect', { redirect: { forwardHeaders: 'a' } }, /^redirect\.forwardHeaders must be /],
  ['raiseForStatus as a number', { raiseForStatus: 1 }, /^raiseForStatus must be .* got number$/],
  ['decompress as text', { decompress: 'gzip' }, /^decompress must be .* got string$/],
  ['maxResponseSize below 0', { maxResponseSize: -1 }, /^maxResponseSize must be .* got -1$/],
  ['maxResponseSize as text', { maxResponseSize: '1mb' }, /^maxResponseSize must be .* got string$/],
  ['a signal that is none', { signal: {} }, /^signal must be an AbortSignal, got an object$/],
  ['an event target as signal', { signal: new EventTarget() }, /^signal must be an AbortSignal/],
  ['a controller as signal', { signal: new AbortController() }, /^signal must be an AbortSignal/],
  ['hooks as a function', { hooks: () => undefined }, /^hooks must be .* got function$/],
  ['an unknown hook', { hooks: { response: () => undefined } }, /^hooks\.response is not a hook/],
  [
    'a hook that is text',
    { hooks: { beforeRequest: 'x' } },
    /^hooks\.beforeRequest must be a function.* got string$/,
  ],
  [
    'a hook in a list that is null',
    { hooks: { afterResponse: [null] } },
    /^hooks\.afterResponse must be .* got null$/,
  ],
  [
    'onUploadProgress as true',
    { onUploadProgress: true },
    /^onUploadProgress must be a function, got boolean$/,
  ],
  [
    'onDownloadProgress as an object',
    { onDownloadProgress: {} },
    /^onDownloadProgress must be a function, got an object$/,
  ],
  ['cookies as text', { cookies: 'a=b' }, /^cookies must be .* got string$/],
  ['cookies as a list', { cookies: ['a=b'] }, /^cookies must be .* got a list$/],
  ['a cookie that is a number', { cookies: { a: 1 } }, /^cookies\.a must be a string, got number$/],
  [
    'json and form',
    { json: {}, form: {} },
    /^only one of json, form, multipart and body .* got json and form$/,
  ],
  ['multipart and body', { multipart: {}, body: '' }, /^only one of .* got multipart and body$/],
  ['json of a BigInt', { json: { a: 1n } }, /^json cannot be written as JSON/],
  ['json in a circle', { json: circular }, /^json cannot be written as JSON/],
  ['json of NaN', { json: { a: Number.NaN } }, /^json cannot be written as JSON: NaN is not a JSON number$/],
  ['json of an infinity', { json: [Number.POSITIVE_INFINITY] }, /^json cannot be written as JSON: Infinity/],
  ['json of a function', { json: () => undefined }, /^json cannot be written as JSON: got function$/],
  ['json of a symbol', { json: Symbol('s') }, /^json cannot be written as JSON: got symbol$/],
  ['form as a number', { form: 5 }, /^form must be .* got number$/],
  ['a field that is a Blob', { form: { a: new Blob([]) } }, /^form\.a must be .* got a Blob$/],
  ['multipart as text', { multipart: 'x' }, /^multipart must be .* got string$/],
  ['a part that is a Map', { multipart: { a: new Map() } }, /^multipart\.a must be /],
  ['body as a number', { body: 5 }, /^body must be .* got number/],
  ['body as an object', { body: { a: 1 } }, /^body must be .* got an object; json and form take objects$/],
  ['body as a list of numbers', { body: [1, 2] }, /^body must hold bytes or text, got number$/],
  ['body as a list of pairs', { body: [['a', 'b']] }, /^body must hold bytes or text, got an array$/],
  ['body as a Map', { body: new Map() }, /^body must be .* got a Map/],
  ['tls as true', { tls: true }, /^tls must be an object, got boolean$/],
  ['tls as a list', { tls: [] }, /^tls must be an object, got an array$/],
  ['an unknown member of tls', { tls: { rejectUnauthorized: false } }, /tls\.rejectUnauthorized/],
  ['a wrong member of tls', { tls: { verify: 'no' } }, /tls\.verify must be true or false/],
  ['http2 as text', { http2: 'yes' }, /^http2 must be a boolean, got string$/],
  ['unixSocket as a number', { unixSocket: 5 }, /^unixSocket must be a string, got number$/],
  ['trustEnv as null', { trustEnv: null }, /^trustEnv must be /],
  ['baseUrl as a number', { baseUrl: 5 }, /^baseUrl must be .* got number$/],
];

describe('a call with wrong arguments', () => {
  it.each(wrongUse)(
    'rejects %s as a TypeError that names it, before anything is sent',
    async (_title, options, message) => {
      const server = await openServer();
      const session = openSession();
      const error = await failure(session.post(server.url('/'), call(options)));
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toMatch(message);
      expect(() => session.prepare('POST', server.url('/'), call(options))).toThrow(message);
      expect(server.connections).toHaveLength(0);
    },
  );

  it.each<[string, unknown, RegExp]>([
    ['a number', 5, /^method must be a string, got number$/],
    ['a space', 'GET X', /^method must be a token, got "GET X"$/],
    ['a line break', 'GET\r\nX: y', /^method must be a token, got "GET\\r\\nX: Y"$/i],
    ['nothing', '', /^method must be a token, got ""$/],
    ['CONNECT', 'CONNECT', /^method must not be CONNECT/],
  ])('rejects a method that is %s', async (_title, method, message) => {
    const server = await openServer();
    const error = await failure(openSession().request(method as string, server.url('/')));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toMatch(message);
    expect(server.connections).toHaveLength(0);
  });

  it('rejects TRACE with a body', async () => {
    expect(await failure(openSession().request('TRACE', 'http://a.test/', { json: 1 }))).toBeInstanceOf(
      TypeError,
    );
  });

  it('takes undefined as not given, everywhere', async () => {
    const server = await openServer();
    const names = [
      'headers',
      'params',
      'auth',
      'timeout',
      'retry',
      'redirect',
      'hooks',
      'json',
      'form',
      'multipart',
      'body',
      'signal',
      'baseUrl',
      'cookies',
      'tls',
      'proxy',
      'http2',
      'maxResponseSize',
      'raiseForStatus',
    ];
    const options = Object.fromEntries(names.map((name) => [name, undefined]));
    expect(await openSession().post(server.url('/'), options).text()).toBe('ok');
  });
});

describe('a session with wrong options', () => {
  it.each<[string, unknown, RegExp]>([
    ['an unknown option', { json: {} }, /^"json" is not an option of a session$/],
    ['a wrong baseUrl', { baseUrl: 5 }, /^baseUrl must be /],
    ['origins as text', { origins: 'https://a.test' }, /^origins must be a list of origins, got string$/],
    ['an origin with a path', { origins: ['https://a.test/path'] }, /^origins must hold origins/],
    ['an origin that is none', { origins: ['a.test'] }, /^origins must hold origins/],
    ['a signal that is none', { signal: 5 }, /^signal must be an AbortSignal, got number$/],
    ['cookies as text', { cookies: 'a=b' }, /^cookies must be /],
    ['an unknown member of pool', { pool: { sockets: 5 } }, /^pool\.sockets /],
    ['a wrong member of pool', { pool: { connections: 0 } }, /^pool\.connections must be /],
    ['pool as a number', { pool: 5 }, /^pool must be an object, got number$/],
    ['lookup as text', { lookup: 'x' }, /^lookup must be a function, got string$/],
    ['auth as text', { auth: 'x' }, /^auth must be /],
    ['timeout below 0', { timeout: -5 }, /^timeout must be /],
  ])('refuses %s when it is made', (_title, options, message) => {
    expect(() => openSession(options as SessionOptions)).toThrow(message);
    expect(() => openSession().extend(options as SessionOptions)).toThrow(message);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'use without a function',
      () => openSession().use('x' as never),
      /^use: middleware must be a function, got string$/,
    ],
    [
      'use at no stage',
      () => openSession().use((r, next) => next(r), 'wire' as never),
      /^use: stage must be 'call' or 'exchange', got "wire"$/,
    ],
    ['mount of a function', () => openSession().mount('mock://', fetch as never), /fetchTransport\(fetch\)/],
    [
      'mount of nothing',
      () => openSession().mount('mock://', null as never),
      /^mount: transport must have .* got null$/,
    ],
    [
      'mount at no pattern',
      () => openSession().mount(5 as never, openTransport()),
      /^mount: pattern must be .* got number$/,
    ],
    [
      'mount at half a URL',
      () => openSession().mount('localhost', openTransport()),
      /^mount: pattern "localhost" is not a URL prefix$/,
    ],
    [
      'mount at a URL with a password',
      () => openSession().mount('http://u:secret@a.test', openTransport()),
      /nothing else$/,
    ],
    [
      'auth of nothing',
      () => {
        openSession().auth = undefined as never;
      },
      /^auth must be /,
    ],
  ])('refuses %s', (_title, act, message) => {
    expect(act).toThrow(TypeError);
    expect(act).toThrow(message);
  });

  const openTransport = () =>
    ({ name: 't', capabilities: {}, send: () => undefined, close: async () => undefined }) as never;
});

describe('a URL that cannot be requested', () => {
  it.each([
    'http://',
    'https://[::1',
    'http://a b/',
    'http://a.test:99999/',
    'http://a.test:x/',
    'http://%zz/',
    'http:a.test/',
    'http:/a.test/',
    'http://1.2.3.4.5/',
    'https://exa<mple/',
    '//a.test/',
    'items',
    '/items',
    '',
    '?a=b',
  ])('rejects %j as an InvalidURLError', async (url) => {
    const error = await failure(openSession().get(url));
    expect(error).toBeInstanceOf(InvalidURLError);
    expect(error).toBeInstanceOf(RequestError);
    expect(error).toHaveProperty('code', 'ERR_INVALID_URL');
  });

  it.each([
    'ftp://a.test/',
    'file:///etc/passwd',
    'data:text/plain,x',
    'javascript:1',
    'blob:http://a.test/x',
    'mailto:a@b.test',
  ])('rejects %j, for which no transport is mounted', async (url) => {
    const error = await failure(openSession().get(url));
    expect(error).toBeInstanceOf(InvalidURLError);
  });

  it.each([[5], [null], [undefined], [{}], [['http://a.test/']]])(
    'rejects %j as a TypeError',
    async (url) => {
      const error = await failure(openSession().get(url as unknown as string));
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toMatch(/^url must be a string or a URL, got /);
    },
  );

  it('names the relative URL that lacks a baseUrl, and never a password', async () => {
    expect((await failure(openSession().get('items'))) as Error).toHaveProperty(
      'message',
      '"items" is relative and the session has no baseUrl',
    );
    for (const url of [
      'http://u:hunter2@a.test:99999/',
      'http://u:hunter2@a b/',
      'http://u:hun@ter2@[/?token=hunter2',
    ]) {
      const { message, stack, cause } = (await failure(openSession().get(url))) as Error;
      expect(`${message} ${stack} ${JSON.stringify(cause)}`).not.toMatch(/hunter2|hun@ter2/);
    }
  });

  it.each(['not a url', 'a.test', '/v1', 'http://'])(
    'refuses the baseUrl %j when the session is made',
    (baseUrl) => {
      expect(() => openSession({ baseUrl })).toThrow(InvalidURLError);
    },
  );
});

describe('content that would split a message', () => {
  const evil = ['a\r\nX-Evil: 1', 'a\nb', 'a\rb', 'a\0b', 'a\x7fb', 'a\u010ab', 'a\u560db', 'tail\r\n'];

  it.each(evil)('rejects the header value %j as an InvalidHeaderError', async (value) => {
    const server = await openServer();
    const error = await failure(openSession().get(server.url('/'), { headers: { 'x-a': value } }));
    expect(error).toBeInstanceOf(InvalidHeaderError);
    expect((error as Error).message).toContain('x-a');
    expect((error as Error).message).not.toContain(value);
    expect(() => openSession({ headers: { 'x-a': value } })).toThrow(InvalidHeaderError);
    expect(server.connections).toHaveLength(0);
  });

  it.each(['', 'a b', 'a:b', 'a\r\nb', 'a\0', 'ä', '(x)'])('rejects the header name %j', async (name) => {
    const error = await failure(openSession().get('http://127.0.0.1:9/', { headers: { [name]: '1' } }));
    expect(error).toBeInstanceOf(InvalidHeaderError);
  });

  it.each([
    'Content-Length',
    'Transfer-Encoding',
    'Upgrade',
    'Keep-Alive',
    'TE',
    'Trailer',
    'Expect',
    'Proxy-Authorization',
  ])('leaves the header %s to the transport', async (name) => {
    const error = await failure(openSession().get('http://127.0.0.1:9/', { headers: { [name]: '5' } }));
    expect(error).toBeInstanceOf(InvalidHeaderError);
  });

  it.each([
    ['a;b', '1'],
    ['a b', '1'],
    ['', '1'],
    ['a', '1; b=2'],
    ['a', '1\r\nX: y'],
    ['a', 'ü'],
    ['a', '"'],
    ['a', '1,2'],
  ])('rejects the cookie %j=%j as an InvalidCookieError', async (name, value) => {
    const server = await openServer();
    const error = await failure(openSession().get(server.url('/'), { cookies: { [name]: value } }));
    expect(error).toBeInstanceOf(InvalidCookieError);
    expect(server.connections).toHaveLength(0);
  });

  it('reads a value once: an object that answers differently each time is refused', async () => {
    let asked = 0;
    const shifty = { toString: () => (asked++ === 0 ? 'fine' : 'a\r\nb') };
    const error = await failure(
      openSession().get('http://127.0.0.1:9/', { headers: { a: shifty as unknown as string } }),
    );
    expect(error).toBeInstanceOf(TypeError);
    expect(asked).toBe(0);
  });
});
