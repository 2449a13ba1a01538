import { Agent } from 'node:https';
import fetch from 'node-fetch';
import { fetchClient } from './fetch-client.mjs';

export const nodeFetch = {
  name: 'node-fetch',
  open: (target) => {
    const agent = target.ca === undefined ? undefined : new Agent({ ca: target.ca, keepAlive: true });
    const { get, post, close } = fetchClient(target, (url, init) => fetch(url, { ...init, agent }));
    return { get, post, close };
  },
};
