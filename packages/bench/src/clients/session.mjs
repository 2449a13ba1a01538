import { createReadStream } from 'node:fs';
import { basic, CookieJar, Session } from '../session-under-test.mjs';
import { headers, highWaterMark, password, retries, timeouts, user } from '../setting.mjs';

/** A session as `new Session()` makes it. */
export const plainSession = {
  name: 'plain session',
  open: (target) => clientOf(new Session(connectionOptions(target))),
};

/** A session with 2 cookies, Basic, 4 headers, retry and all timeouts. */
export const fullSession = {
  name: 'full session',
  open: (target) => clientOf(new Session(fullOptions(target))),
};

export const fullOptions = (target) => {
  const jar = new CookieJar();
  for (const [name, value] of target.cookies) jar.set(name, value, { url: `${target.origin}/` });
  return {
    ...connectionOptions(target),
    cookies: jar,
    auth: basic(user, password),
    headers,
    retry: retries,
    timeout: timeouts,
  };
};

const connectionOptions = (target) => ({
  pool: { connections: target.connections ?? 1_024 },
  ...(target.ca !== undefined && { tls: { ca: target.ca } }),
  ...(target.http2 && { http2: true }),
});

const clientOf = (session) => ({
  session,
  get: (url) => session.get(url).json(),
  post: (url, value) => session.post(url, { json: value }).json(),
  download: async (url) => {
    const response = await session.get(url);
    let bytes = 0;
    for await (const chunk of response.body) bytes += chunk.byteLength;
    return bytes;
  },
  login: (url, form) => session.post(url, { form }).json(),
  upload: (url, path) => send(session, url, createReadStream(path, { highWaterMark })),
  close: () => session.close(),
});

const send = async (session, url, body) => {
  const response = await session.post(url, { body });
  await response.bytes();
  return response.status;
};
