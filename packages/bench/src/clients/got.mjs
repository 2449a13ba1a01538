import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import makeGot from 'got';
import { headers, highWaterMark, password, retries, timeouts, user } from '../setting.mjs';
import { jarOf } from './tough-jar.mjs';

/** got with jar, Basic, retry and all of its timeouts. */
export const got = {
  name: 'got',
  open: (target) => {
    const client = makeGot.extend({
      cookieJar: jarOf(target),
      username: user,
      password,
      headers,
      retry: { limit: retries },
      timeout: {
        connect: timeouts.connect,
        response: timeouts.headers,
        socket: timeouts.idle,
        request: timeouts.total,
      },
      ...(target.ca !== undefined && { https: { certificateAuthority: target.ca } }),
      http2: target.http2 === true,
    });
    return {
      get: (url) => client(url).json(),
      post: (url, value) => client.post(url, { json: value }).json(),
      login: (url, form) => client.post(url, { form, methodRewriting: true }).json(),
      download: async (url) => {
        let bytes = 0;
        for await (const chunk of client.stream(url)) bytes += chunk.length;
        return bytes;
      },
      upload: async (url, path) => {
        const stream = client.stream.post(url, { retry: { limit: 0 } });
        await pipeline(createReadStream(path, { highWaterMark }), stream, async (answer) => {
          for await (const _ of answer);
        });
        return stream.response.statusCode;
      },
      close: () => undefined,
    };
  },
};
