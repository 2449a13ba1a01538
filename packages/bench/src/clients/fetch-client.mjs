import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { highWaterMark } from '../setting.mjs';

/** What a benchmark asks of a client, on any WHATWG fetch. */
export const fetchClient = (target, fetch, close = () => undefined) => {
  const { headers } = target;
  const jsonHeaders = { ...headers, 'content-type': 'application/json' };
  return {
    get: async (url) => (await fetch(url, { headers })).json(),
    post: async (url, value) =>
      (await fetch(url, { method: 'POST', headers: jsonHeaders, body: JSON.stringify(value) })).json(),
    download: async (url) => {
      const { body } = await fetch(url, { headers });
      let bytes = 0;
      for await (const chunk of body) bytes += chunk.byteLength;
      return bytes;
    },
    login: async (url, form) =>
      (await fetch(url, { method: 'POST', headers, body: new URLSearchParams(form) })).json(),
    upload: (url, path) =>
      send(fetch, headers, url, Readable.toWeb(createReadStream(path, { highWaterMark }))),
    close,
  };
};

const send = async (fetch, headers, url, body) => {
  const response = await fetch(url, { method: 'POST', headers, body, duplex: 'half' });
  await response.arrayBuffer();
  return response.status;
};

/** A client without a jar forgets what the login gave it. */
export const withoutLogin = ({ login: _, ...client }) => client;
