import type { Socket } from 'node:net';
import type { Identity } from './certificates.ts';
import { type RawServer, rawServer } from './raw-server.ts';

/** The types of frame a test writes (RFC 9113 6). */
export const frameTypes = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7 } as const;

/** Set on the last frame of a stream; on SETTINGS and PING, where it says ACK, it is the same bit. */
export const endStream = 1;
/** Set on HEADERS that no CONTINUATION follows. */
export const endHeaders = 4;

/** One frame, its payload in Latin-1 where it is text. */
export const frame = (
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array | string = '',
): Buffer => {
  const bytes = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload;
  const head = Buffer.alloc(9);
  head.writeUIntBE(bytes.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, bytes]);
};

/** `:status` as HPACK's literal without indexing (RFC 7541 6.2.2), so that it can be any three characters. */
export const status = (code: string): Buffer => Buffer.from(`\x08\x03${code}`, 'latin1');

/** The payload of RST_STREAM, and each half of that of GOAWAY. */
export const errorCode = (code: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(code);
  return bytes;
};

/**
 * A server that answers the HEADERS of a request with whatever frames the test makes. It acknowledges SETTINGS and PING, and never grants
 * more than the 64 KiB that a window has to begin with.
 */
export const frameServer = (
  identity: Identity,
  answer: (stream: number, write: (...frames: readonly Buffer[]) => void, socket: Socket) => void,
): Promise<RawServer> =>
  rawServer(
    (socket) => {
      let bytes = Buffer.alloc(0);
      let at = preface;
      const write = (...frames: readonly Buffer[]): void => {
        if (!socket.destroyed) socket.write(Buffer.concat(frames));
      };
      write(frame(frameTypes.settings, 0, 0));
      socket.on('data', (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk]);
        while (bytes.length >= at + 9) {
          const end = at + 9 + bytes.readUIntBE(at, 3);
          if (bytes.length < end) return;
          const type = bytes[at + 3];
          const isAck = ((bytes[at + 4] ?? 0) & 1) === 1;
          if (type === frameTypes.settings && !isAck) write(frame(type, 1, 0));
          if (type === frameTypes.ping && !isAck) write(frame(type, 1, 0, bytes.subarray(at + 9, end)));
          if (type === frameTypes.headers) answer(bytes.readUInt32BE(at + 5), write, socket);
          at = end;
        }
      });
    },
    { tls: { ...identity, ALPNProtocols: ['h2'] } },
  );

// RFC 9113 3.4: what a client sends before its first frame.
const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'.length;
