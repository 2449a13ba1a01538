import makeWretch from 'wretch';
import { retry } from 'wretch/middlewares';
import { retries } from '../setting.mjs';

/** wretch over the platform's fetch, with its retry middleware. */
export const wretch = {
  name: 'wretch',
  open: ({ headers }) => {
    const client = makeWretch()
      .headers(headers)
      .middlewares([retry({ maxAttempts: retries })]);
    return {
      get: (url) => client.url(url).get().json(),
      post: (url, value) => client.url(url).post(value).json(),
      close: () => undefined,
    };
  },
};
