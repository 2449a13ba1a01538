import { once } from 'node:events';
import {
  createSecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Identity } from './certificates.ts';

/** An HTTP/2 server whose streams the test answers. */
export interface Http2Server extends AsyncDisposable {
  readonly port: number;
  readonly sessions: readonly ServerHttp2Session[];
  /** The header fields of every request, in order. */
  readonly requests: readonly IncomingHttpHeaders[];
  /** Cuts every connection. */
  drop(): void;
}

/** Serves HTTP/2 alone over TLS on 127.0.0.1. */
export async function http2Server(
  identity: Identity,
  serve: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, count: number) => void,
  settings: { readonly maxConcurrentStreams?: number } = {},
): Promise<Http2Server> {
  const sessions: ServerHttp2Session[] = [];
  const requests: IncomingHttpHeaders[] = [];
  const sockets = new Set<Socket>();
  const server = createSecureServer({ ...identity, settings });
  server.on('session', (session) => sessions.push(session.on('error', () => undefined)));
  server.on('secureConnection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    serve(stream, headers, requests.push(headers));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    sessions,
    requests,
    drop() {
      for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
