// The server, in a process of its own. Tells its ports and its certificate authority to the parent, and ends with it.
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { testAuthority } from '@httpsession/testing';
import { serveConnection } from './connection.mjs';
import { http2Server } from './http2.mjs';

const listen = (server) =>
  new Promise((resolve) =>
    server.listen({ port: 0, host: '127.0.0.1', backlog: 16_384 }, () => resolve(server.address().port)),
  );

const authority = await testAuthority();
const { cert, key } = await authority.serverCertificate('valid');
const [http, https, h2] = await Promise.all([
  listen(createServer(serveConnection)),
  listen(createTlsServer({ cert, key, ALPNProtocols: ['http/1.1'] }, serveConnection)),
  listen(http2Server({ cert, key })),
]);

process.send({
  http: `http://127.0.0.1:${http}`,
  https: `https://127.0.0.1:${https}`,
  http2: `https://127.0.0.1:${h2}`,
  ca: authority.ca,
});
process.on('disconnect', () => process.exit());
