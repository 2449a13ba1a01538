import type { Socket } from 'node:net';

type Callback = (error?: Error | null) => void;

// What the peer sent before it hung up is in our own buffers by then; this is how long reading it may take.
const patience = 1000;

/**
 * Lets a socket be read to its end after the peer has stopped taking what we send.
 *
 * A server that refuses an upload answers, say, 413 and closes. The next write fails with EPIPE or ECONNRESET, and Node destroys the socket
 * together with the answer, which has arrived and is not read yet. So a failed write is reported only after the reading side had its say:
 * it ends by itself, by an answer, an end or an error.
 */
export const keepReading = (socket: Socket): void => {
  const write = socket._write.bind(socket);
  const writev = socket._writev?.bind(socket);
  socket._write = (chunk, encoding, callback) => write(chunk, encoding, late(socket, callback));
  if (writev !== undefined) socket._writev = (chunks, callback) => writev(chunks, late(socket, callback));
};

const late =
  (socket: Socket, callback: Callback): Callback =>
  (error) => {
    if (error == null || !isHangUp(error)) {
      callback(error);
      return;
    }
    const timer = setTimeout(callback, patience, error);
    socket.once('close', () => clearTimeout(timer));
  };

const isHangUp = (error: Error): boolean =>
  'code' in error && (error.code === 'EPIPE' || error.code === 'ECONNRESET');
