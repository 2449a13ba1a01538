import { respond, ScenarioServer, sequence } from '@httpsession/testing';
import OpenAI from 'openai';
import createClient from 'openapi-fetch';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSession, quickRetry } from './support/session.ts';

const start = async (): Promise<ScenarioServer> => {
  const server = await ScenarioServer.start();
  onTestFinished(() => server.close());
  return server;
};

const json = (value: unknown, headers: [string, string][] = [], status = 200) =>
  respond({
    status,
    headers: [['Content-Type', 'application/json'], ...headers],
    body: JSON.stringify(value),
  });

const cookies = (server: ScenarioServer): (string | undefined)[] =>
  server.requests.map((request) => request.header('cookie'));

// What openapi-typescript would generate for a small shop.
interface Shop {
  '/login': {
    post: {
      requestBody: { content: { 'application/json': { user: string } } };
      responses: { 200: { content: { 'application/json': { ok: boolean } } } };
    };
  };
  '/items/{id}': {
    get: {
      parameters: { path: { id: number }; query?: { tag?: string[] } };
      responses: {
        200: { content: { 'application/json': { id: number } } };
        404: { content: { 'application/json': { message: string } } };
      };
    };
    put: {
      parameters: { path: { id: number } };
      requestBody: { content: { 'application/json': { name: string } } };
      responses: { 200: { content: { 'application/json': { name: string } } } };
    };
  };
  '/download': { get: { responses: { 200: { content: { 'text/plain': string } } } } };
}

describe('openapi-fetch over session.fetch', () => {
  it('logs in, keeps the cookie over its calls, and has the default headers of the session', async () => {
    const server = await start();
    server
      .route('POST /login', json({ ok: true }, [['Set-Cookie', 'sid=1; HttpOnly']]))
      .route('GET /items/7', json({ id: 7 }));
    const session = openSession({ headers: { 'X-App': 'shop' } });
    const shop = createClient<Shop>({ baseUrl: server.origin, fetch: session.fetch });
    const login = await shop.POST('/login', { body: { user: 'me' } });
    expect([login.data, login.response.status]).toEqual([{ ok: true }, 200]);
    const item = await shop.GET('/items/{id}', { params: { path: { id: 7 }, query: { tag: ['a', 'b'] } } });
    expect(item.data).toEqual({ id: 7 });
    expect(cookies(server)).toEqual([undefined, 'sid=1']);
    expect(server.requests.map(({ method, target, bodyText }) => [method, target, bodyText])).toEqual([
      ['POST', '/login', '{"user":"me"}'],
      ['GET', '/items/7?tag=a&tag=b', ''],
    ]);
    expect(server.requests[0]?.header('content-type')).toBe('application/json');
    expect(server.requests[0]?.header('content-length')).toBe('13');
    expect(server.requests.map((request) => request.header('x-app'))).toEqual(['shop', 'shop']);
    expect(server.connections.length).toBe(1);
  });

  it('is repeated by the session, a PUT with its body too, cookies of the failures included', async () => {
    const server = await start();
    server
      .route('GET /items/1', [json({}, [['Set-Cookie', 'backend=b2']], 503), json({ id: 1 })])
      .route('PUT /items/1', [respond(503), json({ name: 'new' })]);
    const shop = createClient<Shop>({
      baseUrl: server.origin,
      fetch: openSession({ retry: quickRetry(2) }).fetch,
    });
    expect((await shop.GET('/items/{id}', { params: { path: { id: 1 } } })).data).toEqual({ id: 1 });
    expect(
      (await shop.PUT('/items/{id}', { params: { path: { id: 1 } }, body: { name: 'new' } })).data,
    ).toEqual({ name: 'new' });
    expect(cookies(server)).toEqual([undefined, 'backend=b2', 'backend=b2', 'backend=b2']);
    expect(server.requestsTo('/items/1').map(({ method, bodyText }) => method + bodyText)).toEqual([
      'GET',
      'GET',
      'PUT{"name":"new"}',
      'PUT{"name":"new"}',
    ]);
  });

  it('shows errors, streams and its own middleware as over any fetch', async () => {
    const server = await start();
    server
      .route('GET /items/9', json({ message: 'no such item' }, [], 404))
      .route('/download', respond({ body: 'all of it', headers: { 'content-type': 'text/plain' } }));
    const shop = createClient<Shop>({ baseUrl: server.origin, fetch: openSession().fetch });
    const seen: string[] = [];
    shop.use({
      onRequest: ({ request }) => {
        request.headers.set('X-Middleware', '1');
        return request;
      },
      onResponse: async ({ response }) => {
        seen.push(`${response.status} ${await response.clone().text()}`);
        return new Response(response.body, response);
      },
    });
    const missing = await shop.GET('/items/{id}', { params: { path: { id: 9 } } });
    expect(missing.error).toEqual({ message: 'no such item' });
    const stream = await shop.GET('/download', { parseAs: 'stream' });
    expect(await new Response(stream.data).text()).toBe('all of it');
    expect(seen).toEqual(['404 {"message":"no such item"}', '200 all of it']);
    expect(server.last?.header('x-middleware')).toBe('1');
  });
});

describe('openai over session.fetch', () => {
  const completion = {
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hello' } }],
  };
  const question = { model: 'm', messages: [{ role: 'user' as const, content: 'hi' }] };
  const client = (server: ScenarioServer, fetch: typeof globalThis.fetch): OpenAI =>
    new OpenAI({ apiKey: 'sk-test', baseURL: server.url('/v1'), fetch, maxRetries: 0 });

  it('answers, with the cookies of a load balancer kept over its calls', async () => {
    const server = await start();
    server.route('POST /v1/chat/completions', json(completion, [['Set-Cookie', 'lb=node-2']]));
    const openai = client(server, openSession().fetch);
    for (let call = 0; call < 2; call += 1) {
      expect((await openai.chat.completions.create(question)).choices[0]?.message.content).toBe('hello');
    }
    expect(cookies(server)).toEqual([undefined, 'lb=node-2']);
    expect(server.requests.map((request) => request.header('authorization'))).toEqual([
      'Bearer sk-test',
      'Bearer sk-test',
    ]);
    expect(JSON.parse(server.last?.bodyText ?? '')).toEqual(question);
    expect(server.connections.length).toBe(1);
  });

  it('is repeated by the session when that is asked to repeat POST, with Retry-After obeyed', async () => {
    const server = await start();
    server.route('POST /v1/chat/completions', [
      json(
        { error: {} },
        [
          ['Retry-After', '0'],
          ['Set-Cookie', 'lb=node-3'],
        ],
        503,
      ),
      json({ error: {} }, [['retry-after-ms', '5']], 429),
      json(completion),
    ]);
    const session = openSession({ retry: { limit: 2, methods: ['POST'], backoff: { base: 0, max: 0 } } });
    const answer = await client(server, session.fetch).chat.completions.create(question);
    expect(answer.choices[0]?.message.content).toBe('hello');
    expect(cookies(server)).toEqual([undefined, 'lb=node-3', 'lb=node-3']);
    expect(server.requests.map(({ bodyText }) => JSON.parse(bodyText))).toEqual([
      question,
      question,
      question,
    ]);
  });

  const event = (content: string): string =>
    `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;

  it('streams events as they come', async () => {
    const server = await start();
    let release = (): void => undefined;
    const first = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.route('POST /v1/chat/completions', async (exchange) => {
      await exchange.write(
        'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n',
      );
      const chunk = (text: string): Promise<void> =>
        exchange.write(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
      await chunk(event('wait'));
      await first; // the client must have read it: nothing gathers the stream on the way
      const rest = `${event('ing ü')}data: [DONE]\n\n`;
      const middle = rest.indexOf('ü') - 3;
      await chunk(rest.slice(0, middle));
      await chunk(rest.slice(middle));
      await exchange.write('0\r\n\r\n');
    });
    const session = openSession();
    const stream = await client(server, session.fetch).chat.completions.create({ ...question, stream: true });
    const parts: string[] = [];
    for await (const part of stream) {
      parts.push(part.choices[0]?.delta.content ?? '');
      release();
    }
    expect(parts).toEqual(['wait', 'ing ü']);
    expect(session.stats().unreadBodies).toBe(0);
  });

  it('a stream that is left early frees its connection', async () => {
    const server = await start();
    server.route(
      'POST /v1/chat/completions',
      sequence(
        { raw: `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n${event('one')}` },
        { stall: true },
      ),
    );
    const session = openSession();
    const stream = await client(server, session.fetch).chat.completions.create({ ...question, stream: true });
    for await (const part of stream) {
      expect(part.choices[0]?.delta.content).toBe('one');
      break;
    }
    await server.waitFor(({ openConnections }) => openConnections === 0);
    expect(session.stats().unreadBodies).toBe(0);
  });

  it('its errors and its aborts are its own', async () => {
    const server = await start();
    server
      .route(
        'POST /v1/chat/completions',
        json({ error: { message: 'bad key', code: 'invalid_api_key' } }, [], 401),
      )
      .route('GET /v1/models', { stall: true });
    const openai = client(server, openSession().fetch);
    await expect(openai.chat.completions.create(question)).rejects.toMatchObject({
      name: 'Error',
      status: 401,
      code: 'invalid_api_key',
    });
    await expect(openai.chat.completions.create(question)).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(openai.models.list({ timeout: 50 })).rejects.toBeInstanceOf(
      OpenAI.APIConnectionTimeoutError,
    );
    const controller = new AbortController();
    const listing = openai.models.list({ signal: controller.signal });
    await server.waitFor(4);
    controller.abort();
    await expect(listing).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
  });

  it('uploads a file as a form', async () => {
    const server = await start();
    server.route(
      'POST /v1/files',
      json({
        id: 'f1',
        object: 'file',
        bytes: 7,
        created_at: 1,
        filename: 'a.jsonl',
        purpose: 'fine-tune',
        status: 'processed',
      }),
    );
    const file = await client(server, openSession().fetch).files.create({
      file: new File(['{"a":1}'], 'a.jsonl'),
      purpose: 'fine-tune',
    });
    expect(file.id).toBe('f1');
    expect(server.last?.header('content-type')).toMatch(/^multipart\/form-data; ?boundary=/);
    expect(server.last?.bodyText).toMatch(/filename="a\.jsonl"[\s\S]*\{"a":1\}/);
    expect(server.last?.bodyText).toContain('fine-tune');
  });
});
