import { connect, type Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { type RawServer, rawServer } from './raw-server.ts';

/** A CONNECT proxy whose answers the test writes. */
export interface ScriptedProxy extends RawServer {
  /** The heads it received, in order of arrival. */
  readonly heads: readonly string[];
}

/** What to do with a CONNECT: bytes to send, after which a 2xx opens the tunnel. */
export type AnswerConnect = (head: string, count: number, socket: Socket) => string | null;

/** Every name leads to 127.0.0.1, as behind a real proxy. */
export async function scriptedProxy(answer: AnswerConnect, tls?: TlsOptions): Promise<ScriptedProxy> {
  const heads: string[] = [];
  const server = await rawServer(
    (socket, received) => {
      const onData = (): void => {
        const end = received().indexOf('\r\n\r\n');
        if (end === -1) return;
        socket.off('data', onData);
        const head = received().slice(0, end + 4);
        const reply = answer(head, heads.push(head), socket);
        if (reply === null) return;
        if (!/^HTTP\/1\.\d 2/.test(reply)) return void socket.write(reply, 'latin1');
        const port = Number(/^CONNECT \S+:(\d+) /.exec(head)?.[1]);
        const origin = connect(port, '127.0.0.1', () => {
          socket.write(reply, 'latin1');
          socket.pipe(origin).pipe(socket);
        });
        origin.on('error', () => socket.destroy());
        socket.on('close', () => origin.destroy());
      };
      socket.on('data', onData);
    },
    tls === undefined ? {} : { tls },
  );
  return Object.assign(server, { heads });
}

export const ESTABLISHED = 'HTTP/1.1 200 Connection established\r\n\r\n';
