import { createServer, type Http2Server } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import type { Dispatcher } from 'undici/index.js';
import { expect, it, onTestFinished } from 'vitest';
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
