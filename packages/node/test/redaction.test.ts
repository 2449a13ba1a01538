import { Console } from 'node:console';
import { PassThrough } from 'node:stream';
import { inspect } from 'node:util';
import {
  basic,
  bearer,
  type CallOptions,
  digest,
  type HTTPError,
  InvalidURLError,
  type JSONDecodeError,
  type PreparedRequest,
  type SchemaError,
  SessionError,
  type SessionResponse,
} from '@httpsession/core';
import {
  close,
  redirect,
  reset,
  respond,
  type ScenarioServer,
  sequence,
  stall,
  text,
} from '@httpsession/testing';
import { describe, expect, it } from 'vitest';
import { openServer } from './support/server.ts';
import { failure, openSession } from './support/session.ts';

// Every secret holds this word, and nothing else does.
const word = 'hunter2';

const secrets: readonly (readonly [title: string, options: CallOptions])[] = [
  ['Authorization', { headers: { Authorization: `Bearer ${word}` } }],
  ['auth basic', { auth: basic('u', word) }],
  ['auth tuple', { auth: ['u', word] }],
  ['auth bearer', { auth: bearer(word) }],
  ['auth digest', { auth: digest('u', word) }],
  ['Cookie', { headers: { Cookie: `sid=${word}` } }],
  ['cookies', { cookies: { sid: word } }],
  ['X-API-Key', { headers: { 'X-API-Key': word } }],
  ['params', { params: { token: word } }],
  ['json', { json: { password: word } }],
  ['body', { body: `password=${word}` }],
  ['multipart', { multipart: { password: word } }],
];

// Base64 hides the word from a search, not from a reader.
const hidden = [word, btoa(`u:${word}`), encodeURIComponent(btoa(`u:${word}`))];

const printed = (value: unknown): string => {
  const out = new PassThrough();
  new Console({ stdout: out, inspectOptions: { depth: 20, showHidden: true } }).log(value);
  new Console({ stdout: out }).log(value);
  return String(out.read());
};

const views = (value: unknown): string[] => {
  const all = [
    String(value),
    inspect(value, {
      depth: Number.POSITIVE_INFINITY,
      showHidden: true,
      maxArrayLength: null,
      maxStringLength: null,
    }),
    inspect([{ nested: value }], { depth: 20 }),
    printed(value),
    JSON.stringify({ value }) ?? '',
  ];
  if (value instanceof Error)
    all.push(value.message, value.stack ?? '', ...(value.cause === undefined ? [] : views(value.cause)));
  return all;
};

const leaks = (subjects: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(subjects).flatMap(([name, subject]) =>
    views(subject)
      .filter((view) => hidden.some((secret) => view.includes(secret)))
      .map((view) => `${name}: ${view.slice(0, 400)}`),
  );

interface Failure {
  readonly routes?: (server: ScenarioServer) => void;
  readonly options?: CallOptions;
  readonly path?: string;
  read?(response: SessionResponse): Promise<unknown>;
}

const slow = { raw: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc' };

const failures: Readonly<Record<string, Failure>> = {
  refused: { path: 'http://127.0.0.1:1/' },
  'reset before the head': { routes: (server) => server.route('/', reset()) },
  'closed before the head': { routes: (server) => server.route('/', close()) },
  'no HTTP': {
    routes: (server) => server.route('/', sequence({ raw: `NONSENSE ${word}\r\n\r\n` }, close())),
  },
  'a head with a forbidden byte': {
    routes: (server) =>
      server.route('/', sequence({ raw: `HTTP/1.1 200 OK\r\nSet-Cookie: sid=${word}\x00\r\n\r\n` }, close())),
  },
  'a head that is too large': {
    routes: (server) => server.route('/', respond({ headers: { 'x-a': word.repeat(20_000) } })),
  },
  'cut body': {
    routes: (server) => server.route('/', sequence(slow, close())),
    read: (response) => response.text(),
  },
  'timeout for the head': {
    routes: (server) => server.route('/', stall()),
    options: { timeout: { headers: 60 } },
  },
  'timeout for the body': {
    routes: (server) => server.route('/', sequence(slow, stall())),
    options: { timeout: { idle: 60 } },
    read: (response) => response.text(),
  },
  'timeout in all': { routes: (server) => server.route('/', stall()), options: { timeout: 60 } },
  HTTPError: {
    routes: (server) =>
      server.route(
        '/',
        respond({ status: 403, body: word, headers: { 'set-cookie': `sid=${word}`, 'x-token': word } }),
      ),
    options: { raiseForStatus: true },
  },
  'too many redirects': {
    routes: (server) =>
      server.route('/', redirect(307, `/?token=${word}`, { headers: { 'set-cookie': `sid=${word}` } })),
    options: { redirect: 2 },
  },
  'unsafe redirect': { routes: (server) => server.route('/', redirect(302, `file:///${word}`)) },
  'redirect refused': {
    routes: (server) => server.route('/', redirect(302, `http://u:${word}@127.0.0.1/?token=${word}`)),
    options: { redirect: 'error' },
  },
  'Location that is no URL': { routes: (server) => server.route('/', redirect(302, `http://u:${word}@[/`)) },
  'retries exhausted': {
    routes: (server) => server.route('/', respond({ status: 503, body: word })),
    options: { retry: { limit: 1, methods: ['POST'], backoff: { base: 0 }, throwOnExhausted: true } },
  },
  JSONDecodeError: {
    routes: (server) => server.route('/', text(`{"password": "${word}", oops}`)),
    read: (response) => response.json(),
  },
  SchemaError: {
    routes: (server) => server.route('/', text(`{"password": "${word}"}`)),
    read: (response) =>
      response.json({
        '~standard': {
          version: 1,
          vendor: 'test',
          validate: () => ({ issues: [{ message: `got ${word}` }] }),
        },
      }),
  },
  'not a form': {
    routes: (server) => server.route('/', text(word)),
    read: (response) => response.formData(),
  },
  'body too large': {
    routes: (server) => server.route('/', text(word)),
    options: { maxResponseSize: 2 },
    read: (response) => response.text(),
  },
  'corrupt gzip': {
    routes: (server) => server.route('/', text(word, { headers: { 'content-encoding': 'gzip' } })),
    read: (response) => response.text(),
  },
  'unknown coding': {
    routes: (server) => server.route('/', text(word, { headers: { 'content-encoding': 'rot13' } })),
    read: (response) => response.text(),
  },
};

describe.each(Object.entries(failures))(
  'an error of kind %s',
  (_kind, { routes, options = {}, path = '', read }) => {
    it.each(secrets)('does not show the secret in %s', async (_title, secret) => {
      const server = await openServer();
      routes?.(server);
      const session = openSession({ headers: { 'x-session-key': word } });
      session.params.set('key', word);
      const payloads: Record<string, unknown> = {};
      const url =
        path === '' ? `${server.url('/').replace('//', `//u:${word}@`)}?token=${word}#${word}` : path;
      const error = await failure(
        session
          .post(url, {
            ...options,
            ...secret,
            hooks: {
              beforeRequest: (request) => void Object.assign(payloads, { beforeRequest: request }),
              beforeRetry: (outcome) => void Object.assign(payloads, { beforeRetry: outcome }),
              beforeRedirect: (next, response) => void Object.assign(payloads, { next, redirect: response }),
              afterExchange: (response) => void Object.assign(payloads, { exchanged: response }),
              beforeError: (failed) => void Object.assign(payloads, { beforeError: failed }),
            },
          })
          .then((response) => (read === undefined ? response : read(response))),
      );
      expect(error).toBeInstanceOf(SessionError);
      const { request, response } = error as { request?: PreparedRequest; response?: SessionResponse };
      expect(request).toBeDefined();
      expect(
        leaks({
          error,
          request,
          response,
          history: response?.history,
          'as sent': response?.request,
          session,
          ...payloads,
        }),
      ).toEqual([]);
    });
  },
);

describe('nothing that a session hands out shows a secret', () => {
  it('neither session, nor credential, nor prepared request, nor response, nor explanation', async () => {
    const server = await openServer();
    server.route('/', text(word, { headers: { 'set-cookie': `sid=${word}` } }));
    const auths = [basic('u', word), bearer(word), bearer(() => word), digest('u', word)];
    const session = openSession({
      baseUrl: server.url('/').replace('//', `//u:${word}@`),
      auth: ['u', word],
      headers: { 'x-api-key': word, authorization: word, cookie: `a=${word}` },
      params: { token: word },
      proxy: null,
    });
    session.auth = bearer(word);
    const response = await session.post('', { json: { password: word } });
    const promise = session.get('');
    await promise;
    const prepared = session.prepare('POST', '', { form: { password: word }, headers: { 'x-key': word } });
    expect(
      leaks({
        session,
        child: session.extend({ headers: { 'x-other': word } }),
        auth: session.auth,
        auths,
        prepared,
        promise,
        response,
        'response.request': response.request,
        'request.headers': prepared.headers,
        'request.target': prepared.target.userinfo,
        explanation: session.explain('POST', '', { json: { password: word }, cookies: { a: word } }),
      }),
    ).toEqual([]);
  });

  it('while its content stays at hand for those who ask', async () => {
    const server = await openServer();
    server.route('/', text(`${word}`, { status: 403 }));
    const session = openSession();
    const error = await failure(session.get(server.url('/'), { raiseForStatus: true }));
    expect(await (error as HTTPError).text()).toBe(word);
    server.route('/', text(word));
    const undecoded = (await failure(session.get(server.url('/')).json())) as JSONDecodeError;
    expect(undecoded.text).toBe(word);
    expect(Object.keys(undecoded)).not.toContain('text');
    const schema = {
      '~standard': { version: 1, vendor: 'x', validate: () => ({ issues: [{ message: word }] }) },
    } as const;
    server.route('/', text('1'));
    expect(((await failure(session.get(server.url('/')).json(schema))) as SchemaError).issues).toEqual([
      { message: word },
    ]);
  });

  it('also where a URL cannot be read', async () => {
    const session = openSession();
    for (const url of [
      `http://u:${word}@a.test:99999/`,
      `http://a.test:99999/?token=${word}`,
      `http://u:${word}@[/`,
    ]) {
      const error = await failure(session.get(url));
      expect(error).toBeInstanceOf(InvalidURLError);
      expect(leaks({ error })).toEqual([]);
    }
    expect(
      leaks({
        error: await failure(
          session.get('http://a.test/', {
            hooks: { beforeRequest: (request) => request.withUrl(`http://u:${word}@[`) },
          }),
        ),
      }),
    ).toEqual([]);
  });
});
