import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Files of a site that browsers are shown. */
export interface Pages extends AsyncDisposable {
  readonly url: string;
}

/** Serves files by path from 127.0.0.1: `/` is HTML, `*.mjs` are scripts. */
export const servePages = (files: Readonly<Record<string, string>>): Promise<Pages> => {
  const server = createServer((request, response) => {
    const file = files[request.url ?? ''];
    const type = request.url?.endsWith('.mjs') === true ? 'text/javascript' : 'text/html';
    response
      .writeHead(file === undefined ? 404 : 200, { 'content-type': `${type}; charset=utf-8` })
      .end(file);
  });
  return onLoopback(server);
};

/** Has a server listen on a free port of 127.0.0.1 until it is disposed of, its connections with it. */
export const onLoopback = async (server: Server): Promise<Pages> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
