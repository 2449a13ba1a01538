import { createReadStream } from 'node:fs';
import { highWaterMark } from '../setting.mjs';
import { fetchClient, withoutLogin } from './fetch-client.mjs';
import { ownUndici } from './own-undici.mjs';

/** `undici.request` with the headers that the session sends, in an object made once. */
export const undiciRequest = {
  name: 'undici.request',
  open: (target) => {
    const { Agent, request } = ownUndici();
    const dispatcher = agentOf(Agent, target);
    const { headers } = target;
    const jsonHeaders = { ...headers, 'content-type': 'application/json' };
    return {
      get: async (url) => (await request(url, { dispatcher, headers })).body.json(),
      post: async (url, value) =>
        (
          await request(url, {
            dispatcher,
            method: 'POST',
            headers: jsonHeaders,
            body: JSON.stringify(value),
          })
        ).body.json(),
      download: async (url) => {
        const { body } = await request(url, { dispatcher, headers });
        let bytes = 0;
        for await (const chunk of body) bytes += chunk.byteLength;
        return bytes;
      },
      login: (url, form) => loginByHand(request, dispatcher, headers, url, form),
      upload: (url, path) =>
        send(request, dispatcher, headers, url, createReadStream(path, { highWaterMark })),
      close: () => dispatcher.close(),
    };
  },
};

/** What a login needs at the least: two requests, and the cookies carried over. */
const loginByHand = async (request, dispatcher, headers, url, form) => {
  const first = await request(url, {
    dispatcher,
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });
  await first.body.dump();
  const cookie = first.headers['set-cookie'].map((line) => line.slice(0, line.indexOf(';'))).join('; ');
  const second = await request(new URL(first.headers.location, url), {
    dispatcher,
    headers: { ...headers, cookie },
  });
  return second.body.json();
};

const send = async (request, dispatcher, headers, url, body) => {
  const answer = await request(url, {
    dispatcher,
    method: 'POST',
    headers,
    body,
  });
  await answer.body.dump();
  return answer.statusCode;
};

/** undici's dispatcher under everything else: no stream, no promise but ours. */
export const undiciDispatch = {
  name: 'undici dispatch',
  open: (target) => {
    const dispatcher = agentOf(ownUndici().Agent, target);
    const { headers } = target;
    return {
      get: (url) => {
        const { origin, pathname, search } = new URL(url);
        return new Promise((resolve, reject) => {
          dispatcher.dispatch(
            { origin, path: pathname + search, method: 'GET', headers },
            new JsonHandler(resolve, reject),
          );
        });
      },
      close: () => dispatcher.close(),
    };
  },
};

export const undiciFetchPeer = {
  name: 'undici.fetch',
  open: (target) => {
    const { Agent, fetch } = ownUndici();
    const dispatcher = agentOf(Agent, target);
    const send = (url, init) => fetch(url, { ...init, dispatcher });
    return withoutLogin(fetchClient(target, send, () => dispatcher.close()));
  },
};

const agentOf = (Agent, { ca, http2, connections }) =>
  new Agent({
    keepAliveTimeout: 30_000,
    allowH2: http2 === true,
    ...(http2 && { connections: 1, pipelining: 100, maxConcurrentStreams: 100 }),
    ...(connections !== undefined && { connections }),
    connect: { ca },
  });

class JsonHandler {
  #resolve;
  #reject;
  #chunks = [];

  constructor(resolve, reject) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onConnect() {
    // nothing here aborts
  }

  onHeaders() {
    return true;
  }

  onData(chunk) {
    this.#chunks.push(chunk);
    return true;
  }

  onComplete() {
    const [first] = this.#chunks;
    this.#resolve(JSON.parse((this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks)).toString()));
  }

  onError(error) {
    this.#reject(error);
  }
}
