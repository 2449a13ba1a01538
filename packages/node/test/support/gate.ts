import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Deferred } from '@httpsession/core';

/** A server in front of another: it accepts connections and passes nothing on until it is opened, so that a TLS handshake takes as long as a test wants. */
export interface Gate extends AsyncDisposable {
  readonly port: number;
  /** Every connection accepted so far. */
  readonly connections: readonly Socket[];
  open(): void;
}

/** Stands on 127.0.0.1 before a port of the same host. */
export async function gateTo(port: number): Promise<Gate> {
  const connections: Socket[] = [];
  const opened = new Deferred<void>();
  const server = createServer((socket) => {
    connections.push(socket.on('error', () => undefined));
    // The end of a paused socket would not be seen: what comes is held here.
    const early: Buffer[] = [];
    const hold = (chunk: Buffer): number => early.push(chunk);
    socket.on('data', hold);
    void opened.promise.then(() => {
      if (socket.destroyed) return;
      const upstream = connect(port, '127.0.0.1').on('error', () => undefined);
      for (const chunk of early) upstream.write(chunk);
      socket.off('data', hold).pipe(upstream).pipe(socket);
      socket.once('close', () => upstream.destroy());
      upstream.once('close', () => socket.destroy());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    open: () => opened.resolve(undefined),
    async [Symbol.asyncDispose]() {
      for (const socket of connections) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
