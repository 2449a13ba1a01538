import { createSecureServer } from 'node:http2';
import { smallJson } from './answers.mjs';

/** HTTP/2 over TLS: answers every request with the small JSON. */
export const http2Server = (certificate) => {
  const server = createSecureServer({ ...certificate, settings: { maxConcurrentStreams: 1000 } });
  const headers = {
    ':status': 200,
    'content-type': 'application/json; charset=utf-8',
    'content-length': smallJson.length,
  };
  server.on('stream', (stream) => {
    stream.on('error', () => stream.destroy());
    stream.respond(headers);
    stream.end(smallJson);
  });
  server.on('sessionError', () => undefined);
  return server;
};
