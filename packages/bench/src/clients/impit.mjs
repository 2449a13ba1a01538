import { Impit } from 'impit';
import { timeouts } from '../setting.mjs';
import { fetchClient } from './fetch-client.mjs';

/** impit: a browser's TLS and header order, in Rust. */
export const impit = {
  name: 'impit',
  open: (target) => {
    const client = new Impit({ timeout: timeouts.total, ignoreTlsErrors: target.ca !== undefined });
    const { get, post, close } = fetchClient(target, (url, init) => client.fetch(url, init));
    return { get, post, close };
  },
};
