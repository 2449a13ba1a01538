import type { CallOptions, Session } from '@httpsession/core';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Authority, createAuthority, type Identity } from './support/certificates.ts';
import { type Gate, gateTo } from './support/gate.ts';
import { http2Server } from './support/http2-server.ts';
import { answering, ok, rawServer } from './support/raw-server.ts';
import { failure, openSession } from './support/session.ts';

let authority: Authority;
let identity: Identity;
beforeAll(async () => {
  authority = await createAuthority();
  identity = await authority.issue(['127.0.0.1']);
});

interface Scene {
  readonly gate: Gate;
  readonly session: Session;
  readonly url: string;
  /** The paths that the server was asked for. */
  paths(): readonly unknown[];
}

const overHttp1 = async (): Promise<Scene> => {
  const paths: unknown[] = [];
  const serve = answering((head) => {
    paths.push(head.split(' ')[1]);
    return ok('fine');
  });
  const server = await rawServer(serve, { tls: identity });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return scene(server.port, { pool: { connections: 1 } }, () => paths);
};

const overHttp2 = async (): Promise<Scene> => {
  const server = await http2Server(identity, (stream) => {
    stream.respond({ ':status': 200 });
    stream.end('fine');
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return scene(server.port, { http2: true }, () => server.requests.map((headers) => headers[':path']));
};

const overHttp1Offered = async (): Promise<Scene> => {
  const { gate, url, paths } = await overHttp1();
  const session = openSession({ http2: true, tls: { ca: authority.ca }, pool: { connections: 1 } });
  return { gate, session, url, paths };
};

const scene = async (
  port: number,
  options: Parameters<typeof openSession>[0],
  paths: Scene['paths'],
): Promise<Scene> => {
  const gate = await gateTo(port);
  onTestFinished(() => gate[Symbol.asyncDispose]());
  const session = openSession({ tls: { ca: authority.ca }, ...options });
  return { gate, session, url: `https://127.0.0.1:${gate.port}`, paths };
};

/** Calls that each can be given up. */
const callsOf = ({ session, url }: Scene, count: number, options: CallOptions = {}) =>
  Array.from({ length: count }, (_, n) => {
    const controller = new AbortController();
    const text = session.get(`${url}/${n}`, { ...options, signal: controller.signal }).text();
    // Whoever is given up is asked for its failure later.
    text.catch(() => undefined);
    return { text, abort: () => controller.abort(`no ${n}`) };
  });

const connecting = ({ gate }: Scene): Promise<void> =>
  expect.poll(() => gate.connections.length).toBe(1) as unknown as Promise<void>;

describe.each([
  ['HTTP/1', overHttp1],
  ['HTTP/2', overHttp2],
  ['HTTP/1 where HTTP/2 was offered', overHttp1Offered],
])('a connection that many requests wait for (%s)', (_name, prepare) => {
  it('is used by the others when the first is aborted', async () => {
    const stage = await prepare();
    const [first, ...others] = callsOf(stage, 10);
    await connecting(stage);
    first?.abort();
    expect(await failure(first?.text ?? Promise.resolve())).toBe('no 0');
    expect(stage.session.stats()).toMatchObject({ pending: 1, queued: 8 });
    stage.gate.open();
    expect(await Promise.all(others.map(({ text }) => text))).toEqual(Array(9).fill('fine'));
    expect(stage.paths()).toEqual(others.map((_, n) => `/${n + 1}`));
    expect(stage.gate.connections).toHaveLength(1);
    expect(stage.session.stats()).toEqual({ sockets: 1, pending: 0, queued: 0, unreadBodies: 0 });
  });

  it('is used by the last one when all the others are aborted, in any order', async () => {
    const stage = await prepare();
    const calls = callsOf(stage, 8);
    await connecting(stage);
    for (const n of [0, 3, 1, 2, 7, 4, 6]) {
      calls[n]?.abort();
      await new Promise(setImmediate);
    }
    stage.gate.open();
    expect(await calls[5]?.text).toBe('fine');
    expect(stage.paths()).toEqual(['/5']);
    expect(stage.gate.connections).toHaveLength(1);
  });

  it.each([
    ['one after another', [0, 1, 2, 3, 4]],
    ['the last first', [4, 3, 2, 1, 0]],
  ])('is given up when all have gone away, %s', async (_order, order) => {
    const stage = await prepare();
    const calls = callsOf(stage, 5);
    await connecting(stage);
    for (const n of order) calls[n]?.abort();
    await expect.poll(() => stage.gate.connections[0]?.destroyed).toBe(true);
    expect(stage.session.stats()).toEqual({ sockets: 0, pending: 0, queued: 0, unreadBodies: 0 });
    stage.gate.open();
    expect(await stage.session.get(`${stage.url}/later`).text()).toBe('fine');
    expect(stage.paths()).toEqual(['/later']);
    expect(stage.gate.connections).toHaveLength(2);
  });

  it('is given up when the session closes', async () => {
    const stage = await prepare();
    const calls = callsOf(stage, 5);
    await connecting(stage);
    calls[0]?.abort();
    await stage.session.close();
    for (const { text } of calls.slice(1))
      expect(await failure(text)).toMatchObject({ code: 'ERR_SESSION_CLOSED' });
    await expect.poll(() => stage.gate.connections[0]?.destroyed).toBe(true);
    expect(stage.gate.connections).toHaveLength(1);
  });

  it('has the connect limit of the one that takes it over', async () => {
    const stage = await prepare();
    const [first] = callsOf(stage, 1);
    const second = failure(stage.session.get(stage.url, { timeout: { connect: 60, queue: 20_000 } }));
    await connecting(stage);
    first?.abort();
    expect(await second).toMatchObject({ name: 'TimeoutError', phase: 'connect', limit: 60 });
    await expect.poll(() => stage.gate.connections[0]?.destroyed).toBe(true);
    expect(stage.gate.connections).toHaveLength(1);
  });

  it('is made anew when it has taken longer than the next one would wait for it', async () => {
    const stage = await prepare();
    const [first] = callsOf(stage, 1);
    await connecting(stage);
    const second = stage.session.get(`${stage.url}/second`, { timeout: { connect: 200 } }).text();
    await new Promise((resolve) => setTimeout(resolve, 250));
    first?.abort();
    await expect.poll(() => stage.gate.connections[0]?.destroyed).toBe(true);
    stage.gate.open();
    expect(await second).toBe('fine');
    expect(stage.gate.connections).toHaveLength(2);
  });
});
