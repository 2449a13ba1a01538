import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** A server that hands its bare sockets to the test. */
export interface RawServer extends AsyncDisposable {
  readonly port: number;
  /** Every connection accepted so far. */
  readonly sockets: readonly Socket[];
  /** Everything received so far, per connection, as Latin-1. */
  readonly received: readonly string[];
  /** Resolves when no connection is open any more. */
  quiet(): Promise<void>;
}

/** Listens on 127.0.0.1 (or a unix socket) and calls `serve` for every connection, and on every chunk. */
export async function rawServer(
  serve: (socket: Socket, received: () => string) => void,
  options: { readonly tls?: TlsOptions; readonly path?: string; readonly host?: string } = {},
): Promise<RawServer> {
  const sockets: Socket[] = [];
  const received: string[] = [];
  const accept = (socket: Socket): void => {
    const index = sockets.push(socket) - 1;
    received[index] = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      received[index] += chunk.toString('latin1');
    });
    serve(socket, () => received[index] ?? '');
  };
  const server: Server =
    options.tls === undefined
      ? createServer(accept)
      : createTlsServer(options.tls, accept).on('tlsClientError', () => undefined);
  // A TLS server hands over sockets only after the handshake; the bare ones must not outlive the test either.
  const bare = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    bare.add(socket);
    socket.on('error', () => undefined).on('close', () => bare.delete(socket));
  });
  if (options.path === undefined) server.listen(0, options.host ?? '127.0.0.1');
  else server.listen(options.path);
  await once(server, 'listening');
  return {
    port: options.path === undefined ? (server.address() as AddressInfo).port : 0,
    sockets,
    received,
    async quiet() {
      await Promise.all([...bare].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    },
    async [Symbol.asyncDispose]() {
      for (const socket of bare) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Answers every complete request, its body counted by Content-Length, with `respond(head)`. */
export const answering =
  (respond: (head: string) => string): ((socket: Socket, received: () => string) => void) =>
  (socket, received) => {
    let seen = 0;
    socket.on('data', () => {
      for (;;) {
        const end = received().indexOf('\r\n\r\n', seen);
        if (end === -1) return;
        const head = received().slice(seen, end + 4);
        const next = end + 4 + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
        if (received().length < next) return;
        seen = next;
        socket.write(respond(head));
      }
    });
  };

/** A complete 200 with a text. */
export const ok = (text: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
