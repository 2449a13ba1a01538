import { ofetch as makeOfetch } from 'ofetch';
import { retries, timeouts } from '../setting.mjs';

/** ofetch over the platform's fetch, with retry and timeout. */
export const ofetch = {
  name: 'ofetch',
  open: ({ headers }) => {
    const client = makeOfetch.create({ headers, retry: retries, timeout: timeouts.total });
    return {
      get: (url) => client(url),
      post: (url, body) => client(url, { method: 'POST', body }),
      close: () => undefined,
    };
  },
};
