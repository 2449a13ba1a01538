import makeFetchHappen from 'make-fetch-happen';
import { retries, timeouts } from '../setting.mjs';
import { fetchClient } from './fetch-client.mjs';

/** npm's client: retry and timeout, no cache. */
export const mfh = {
  name: 'make-fetch-happen',
  open: (target) => {
    const fetch = makeFetchHappen.defaults({
      ca: target.ca,
      maxSockets: 1_024,
      retry: { retries },
      timeout: timeouts.total,
    });
    const { get, post, close } = fetchClient(target, fetch);
    return { get, post, close };
  },
};
