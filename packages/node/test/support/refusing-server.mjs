// A server of its own process, so that it really runs beside the client: answers 413 at the first bytes and closes on the rest.
import { createServer } from 'node:net';

const answer = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 8\r\nConnection: close\r\n\r\ntoo much';

const server = createServer((socket) => {
  socket.on('error', () => undefined);
  socket.once('data', () => {
    socket.pause();
    socket.end(answer, () => socket.destroy());
  });
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address().port));
process.on('disconnect', () => process.exit());
