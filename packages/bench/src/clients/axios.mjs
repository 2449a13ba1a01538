import { createReadStream } from 'node:fs';
import { Agent } from 'node:https';
import axiosModule from 'axios';
import { cookieHeader, headers, highWaterMark, password, timeouts, user } from '../setting.mjs';

/** axios with its http adapter, Basic and a timeout; it has no jar. */
export const axios = {
  name: 'axios',
  open: ({ ca, cookies }) => {
    const client = axiosModule.create({
      headers: { ...headers, cookie: cookieHeader(cookies) },
      auth: { username: user, password },
      timeout: timeouts.total,
      maxBodyLength: Number.POSITIVE_INFINITY,
      ...(ca !== undefined && { httpsAgent: new Agent({ ca, keepAlive: true }) }),
    });
    return {
      get: async (url) => (await client.get(url)).data,
      post: async (url, value) => (await client.post(url, value)).data,
      download: async (url) => {
        const { data } = await client.get(url, { responseType: 'stream' });
        let bytes = 0;
        for await (const chunk of data) bytes += chunk.length;
        return bytes;
      },
      upload: async (url, path) => {
        const options = { maxRedirects: 0 };
        return (await client.post(url, createReadStream(path, { highWaterMark }), options)).status;
      },
      close: () => undefined,
    };
  },
};
