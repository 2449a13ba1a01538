import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Who may log in at the example service. */
export const exampleUser = { name: 'ada', password: 'correct horse battery staple' } as const;

/** A running example service. Disposing it ends every connection. */
export interface ExampleService extends AsyncDisposable {
  readonly url: string;
}

/**
 * Starts a small web service on 127.0.0.1 that has what a session is for: a login that sets a cookie on a 302, a page behind that cookie, one
 * behind Basic, one that fails before it works, a collection in pages, and one that is slow.
 * @param port @defaultValue any free one
 */
export async function startService(port = 0): Promise<ExampleService> {
  const state: State = { users: new Map(), failedOnce: new Set(), closing: new AbortController() };
  const server = createServer((request, response) => {
    answer(request, response, state).catch((error: unknown) => {
      if (state.closing.signal.aborted || response.destroyed) return;
      console.error(error);
      response.destroy();
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async () => {
      state.closing.abort();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

interface State {
  /** User names by session id. */
  readonly users: Map<string, string>;
  /** Session ids that have met the flaky page's failure and not yet its success. */
  readonly failedOnce: Set<string>;
  readonly closing: AbortController;
}

interface Visit {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly sessionId: string;
  readonly state: State;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
}

type Page = (visit: Visit) => Answer | Promise<Answer>;

const SLOW_PAGE = 5_000;
const LONGEST_FORM = 4_096;
const ITEMS = ['anchor', 'barrel', 'compass', 'dinghy', 'ensign', 'fender', 'galley'];
const PAGE_SIZE = 3;

const pages: ReadonlyMap<string, Page> = new Map<string, Page>([
  ['GET /', () => ({ status: 200, json: { service: 'httpsession example', pages: [...pages.keys()] } })],
  ['POST /login', logIn],
  ['GET /account', showAccount],
  ['GET /basic', showBasic],
  ['GET /flaky', failOnceThenAnswer],
  ['GET /items', listItems],
  ['GET /slow', answerLate],
]);

async function logIn({ request, state }: Visit): Promise<Answer> {
  const form = new URLSearchParams(await readText(request));
  if (form.get('user') !== exampleUser.name || form.get('password') !== exampleUser.password) {
    return { status: 401, json: { error: 'wrong user or password' } };
  }
  const id = randomUUID();
  state.users.set(id, exampleUser.name);
  const cookie = `sid=${id}; Path=/; HttpOnly; SameSite=Lax`;
  return { status: 302, headers: { location: '/account', 'set-cookie': cookie } };
}

function showAccount({ sessionId, state }: Visit): Answer {
  const user = state.users.get(sessionId);
  return user === undefined
    ? { status: 401, json: { error: 'log in first' } }
    : { status: 200, json: { user } };
}

function showBasic({ request }: Visit): Answer {
  const token = Buffer.from(`${exampleUser.name}:${exampleUser.password}`).toString('base64');
  return request.headers.authorization === `Basic ${token}`
    ? { status: 200, json: { user: exampleUser.name } }
    : { status: 401, headers: { 'www-authenticate': 'Basic realm="example", charset="UTF-8"' } };
}

function failOnceThenAnswer({ sessionId, state }: Visit): Answer {
  if (state.failedOnce.delete(sessionId)) return { status: 200, json: { weather: 'fair again' } };
  state.failedOnce.add(sessionId);
  return { status: 503, headers: { 'retry-after': '1' }, json: { error: 'try again in a second' } };
}

function listItems({ url }: Visit): Answer {
  const page = Number(url.searchParams.get('page') ?? '1');
  const json = ITEMS.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
  const isLast = page * PAGE_SIZE >= ITEMS.length;
  return {
    status: 200,
    json,
    ...(!isLast && { headers: { link: `</items?page=${page + 1}>; rel="next"` } }),
  };
}

async function answerLate({ state }: Visit): Promise<Answer> {
  await sleep(SLOW_PAGE, undefined, { signal: state.closing.signal });
  return { status: 200, json: { answer: 'at last' } };
}

async function answer(request: IncomingMessage, response: ServerResponse, state: State): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://service.invalid');
  const sessionId = /(?:^|; )sid=([^;]*)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
  const page = pages.get(`${request.method} ${url.pathname}`);
  const { status, headers, json }: Answer =
    page === undefined
      ? { status: 404, json: { error: 'no such page' } }
      : await page({ request, url, sessionId, state });
  const text = json === undefined ? '' : JSON.stringify(json);
  const type = json === undefined ? {} : { 'content-type': 'application/json' };
  response.writeHead(status, { ...type, 'content-length': Buffer.byteLength(text), ...headers });
  response.end(text);
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LONGEST_FORM) throw new Error(`a form of more than ${LONGEST_FORM} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
