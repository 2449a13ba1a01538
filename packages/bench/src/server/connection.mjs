import { answer, echo, prebuilt, streamHead } from './answers.mjs';
import { RequestReader } from './request-reader.mjs';

const block = Buffer.alloc(256 * 1024, 'x');
const notFound = answer('404 Not Found', {}, Buffer.from('missing'));
const unauthorized = answer('401 Unauthorized', {}, Buffer.from('no cookie'));
const uploaded = answer('200 OK', {}, Buffer.from('taken'));
const incomplete = answer('400 Bad Request', {}, Buffer.from('not the bytes announced'));

/** Sockets whose request to `/hold` waits for `/release`. */
const held = new Set();

/** Serves one plain or TLS socket. */
export const serveConnection = (socket) => {
  socket.setNoDelay?.(true);
  const reader = new RequestReader((head, bodyBytes) => serve(socket, head, bodyBytes));
  socket.on('data', (data) => reader.push(data));
  socket.on('error', () => socket.destroy());
  socket.on('close', () => held.delete(socket));
};

const serve = (socket, head, bodyBytes) => {
  const start = head.indexOf(' ') + 1;
  const path = head.slice(start, head.indexOf(' ', start));
  if (path === '/account' && !head.includes('sid=')) socket.write(unauthorized);
  else if (prebuilt.has(path)) socket.write(prebuilt.get(path));
  else if (path.startsWith('/upload/'))
    socket.write(bodyBytes === Number(path.slice(8)) ? uploaded : incomplete);
  else if (path.startsWith('/bytes/')) writeBytes(socket, Number(path.slice(7)));
  else if (path === '/hold') held.add(socket);
  else if (path === '/held') socket.write(answer('200 OK', {}, Buffer.from(String(held.size))));
  else if (path === '/release') release(socket);
  else if (path === '/echo') socket.write(echo(head, bodyBytes));
  else if (path.startsWith('/json')) socket.write(prebuilt.get('/json'));
  else socket.write(notFound);
};

const release = (socket) => {
  for (const one of held) one.write(prebuilt.get('/json'));
  held.clear();
  socket.write(answer('200 OK', {}, Buffer.from('ok')));
};

const writeBytes = (socket, length) => {
  let left = length;
  socket.write(streamHead(length));
  const write = () => {
    while (left > 0) {
      const size = Math.min(left, block.length);
      left -= size;
      if (!socket.write(size === block.length ? block : block.subarray(0, size)) && left > 0) {
        socket.once('drain', write);
        return;
      }
    }
  };
  write();
};
