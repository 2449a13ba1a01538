import makeKy from 'ky';
import { retries, timeouts } from '../setting.mjs';

/** ky over the platform's fetch, with retry and timeout. */
export const ky = {
  name: 'ky',
  open: ({ headers }) => {
    const client = makeKy.create({ headers, retry: retries, timeout: timeouts.total });
    return {
      get: (url) => client.get(url).json(),
      post: (url, value) => client.post(url, { json: value }).json(),
      close: () => undefined,
    };
  },
};
