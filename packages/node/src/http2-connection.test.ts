import { createServer, type Http2Server } from 'node:http2';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import type { Dispatcher } from 'undici/index.js';
import { expect, it, onTestFinished } from 'vitest';
import { ranOut } from './abort-reason.ts';
import { Http2Connection } from './http2-connection.ts';

const listening = (server: Http2Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    onTestFinished(() => void server.close());
  });

/** Tells what became of a request; `gone`: its sender has lost interest before it is written. */
const handler = (gone: boolean, ended: (outcome: string) => void): Dispatcher.DispatchHandler => ({
  onConnect() {
    if (gone) throw new Error('gone');
  },
  onHeaders: () => true,
  onData: () => true,
  onComplete: () => ended('complete'),
  onError: (error) => ended(error.message),
});

it('a request that was given up while it waited for the server to say its limits fails alone', async () => {
  const server = createServer((_request, response) => response.end('ok'));
  const port = await listening(server);
  const socket = connect(port, '127.0.0.1');
  const connection = new Http2Connection(`http://127.0.0.1:${port}`, socket, 1000, {
    retired: () => undefined,
    closed: () => undefined,
  });
  onTestFinished(() => connection.destroy());
  const options = { path: '/', method: 'GET', headers: [] } as unknown as Dispatcher.DispatchOptions;
  const outcomes = await Promise.all(
    [false, true, false].map(
      (gone) => new Promise<string>((resolve) => connection.send(options, handler(gone, resolve))),
    ),
  );
  expect(outcomes).toEqual(['complete', 'gone', 'complete']);
});

it('a connection whose only request was given up before it was sent closes when it has been idle', async () => {
  const server = createServer();
  const port = await listening(server);
  const socket = connect(port, '127.0.0.1');
  const options = { path: '/', method: 'GET', headers: [] } as unknown as Dispatcher.DispatchOptions;
  await new Promise<void>((resolve) => {
    const connection = new Http2Connection(`http://127.0.0.1:${port}`, socket, 20, {
      retired: () => undefined,
      closed: () => resolve(),
    });
    onTestFinished(() => connection.destroy());
    connection.send(
      options,
      handler(true, () => undefined),
    );
  });
  expect(socket.destroyed).toBe(true);
});

it('a connection can be ended in the very moment it was made, whatever the server has said by then', async () => {
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => void uncaught.push(error);
  process.on('uncaughtException', note);
  onTestFinished(() => void process.off('uncaughtException', note));
  const server = createServer();
  const port = await listening(server);
  const options = { path: '/', method: 'GET', headers: [] } as unknown as Dispatcher.DispatchOptions;
  const outcomes = ['destroyed', 'destroyed with a request', 'closed'].map(async (end) => {
    const socket = connect(port, '127.0.0.1');
    // The server's settings wait in the socket: it speaks first.
    while (socket.readableLength === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    // A microtask, as where the session makes it: no tick of Node's comes between.
    await Promise.resolve();
    return new Promise<string>((resolve) => {
      const connection = new Http2Connection(`http://127.0.0.1:${port}`, socket, 1000, {
        retired: () => undefined,
        closed: () => resolve(end),
      });
      if (end === 'destroyed with a request')
        connection.send(
          options,
          handler(false, () => undefined),
        );
      if (end === 'closed') connection.close();
      else void connection.destroy();
    });
  });
  expect(await Promise.all(outcomes)).toEqual(['destroyed', 'destroyed with a request', 'closed']);
  await new Promise((resolve) => setImmediate(resolve));
  expect(uncaught).toEqual([]);
});

/** A connection through a relay that can be told to pass on nothing more, with both sides of it left open. */
const relayed = async (pingLimit: number) => {
  const server = createServer();
  const asked: (() => void)[] = [];
  server.on('stream', (stream, headers) => {
    if (headers[':path'] === '/answered') {
      stream.respond({ ':status': 200 });
      stream.end('ok');
    } else for (const tell of asked.splice(0)) tell();
  });
  const port = await listening(server);
  const pairs: [Socket, Socket][] = [];
  const relay = createTcpServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    pairs.push([client, upstream]);
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of pairs.flat()) socket.destroy();
    relay.close();
  });
  const socket = connect((relay.address() as AddressInfo).port, '127.0.0.1');
  let tellRetired: (() => void) | undefined;
  const retired = new Promise<void>((resolve) => {
    tellRetired = resolve;
  });
  const connection = new Http2Connection(
    `http://127.0.0.1:${port}`,
    socket,
    60_000,
    { retired: () => tellRetired?.(), closed: () => undefined },
    pingLimit,
  );
  onTestFinished(() => connection.destroy());
  return {
    retired,
    request: (path: string, ended: (outcome: string) => void) => {
      let abort: ((reason?: Error) => void) | undefined;
      const options = { path, method: 'GET', headers: [] } as unknown as Dispatcher.DispatchOptions;
      connection.send(options, {
        ...handler(false, ended),
        onConnect: (given: (reason?: Error) => void) => {
          abort = given;
        },
      });
      return { runOut: () => abort?.(ranOut) };
    },
    /** When the server has the next request that it will not answer. */
    asked: () => new Promise<void>((resolve) => asked.push(resolve)),
    silence: () => {
      for (const [client, upstream] of pairs) {
        client.unpipe();
        upstream.unpipe();
        client.pause();
        upstream.pause();
      }
    },
  };
};

it('a connection whose server answers neither a request in time nor a ping is given up, with all that waits on it', async () => {
  const { request, silence, retired, asked } = await relayed(100);
  // From then on the limits of the server are known, and requests go out at once.
  await new Promise<string>((resolve) => request('/answered', resolve));
  const both = asked();
  const other = new Promise<string>((resolve) => request('/silent', resolve));
  await both;
  silence();
  const outcome = await new Promise<string>((resolve) => request('/silent', resolve).runOut());
  expect(outcome).toBe('out of time');
  await retired;
  expect(await other).toMatch(/connection|ping/);
});

it('a connection whose server answers pings stays, however slow one of its answers is', async () => {
  const { request, asked, retired } = await relayed(60_000);
  let isRetired = false;
  void retired.then(() => {
    isRetired = true;
  });
  const reached = asked();
  const outcome = await new Promise<string>((resolve) => {
    const { runOut } = request('/slow', resolve);
    void reached.then(runOut);
  });
  expect(outcome).toBe('out of time');
  expect(await new Promise<string>((resolve) => request('/answered', resolve))).toBe('complete');
  expect(isRetired).toBe(false);
});
