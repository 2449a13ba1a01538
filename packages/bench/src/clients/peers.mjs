// Every client of the comparison, by name. A client is imported when it is opened: a process loads only what it measures.
import { plainHeaders, twoCookies } from '../setting.mjs';

export const clientModules = {
  'full session': () => import('./session.mjs').then(({ fullSession }) => fullSession),
  'plain session': () => import('./session.mjs').then(({ plainSession }) => plainSession),
  'undici dispatch': () => import('./undici.mjs').then(({ undiciDispatch }) => undiciDispatch),
  'undici.request': () => import('./undici.mjs').then(({ undiciRequest }) => undiciRequest),
  'undici.fetch': () => import('./undici.mjs').then(({ undiciFetchPeer }) => undiciFetchPeer),
  fetch: () => import('./fetch.mjs').then(({ globalFetch }) => globalFetch),
  'fetch-cookie': () => import('./fetch.mjs').then(({ fetchCookie }) => fetchCookie),
  got: () => import('./got.mjs').then(({ got }) => got),
  axios: () => import('./axios.mjs').then(({ axios }) => axios),
  ky: () => import('./ky.mjs').then(({ ky }) => ky),
  ofetch: () => import('./ofetch.mjs').then(({ ofetch }) => ofetch),
  wretch: () => import('./wretch.mjs').then(({ wretch }) => wretch),
  'node-fetch': () => import('./node-fetch.mjs').then(({ nodeFetch }) => nodeFetch),
  'make-fetch-happen': () => import('./make-fetch-happen.mjs').then(({ mfh }) => mfh),
  superagent: () => import('./superagent.mjs').then(({ superagent }) => superagent),
  impit: () => import('./impit.mjs').then(({ impit }) => impit),
  'Python requests': () => import('./python.mjs').then(({ pythonRequests }) => pythonRequests),
  'Python httpx': () => import('./python.mjs').then(({ pythonHttpx }) => pythonHttpx),
};

export const allPeers = Object.keys(clientModules);

/**
 * Opens the named clients on a target `{ origin, ca?, http2?, cookies?, connections? }`; those that this machine does not have
 * are left out. The session's first request tells which headers it sends: every other client is given the same.
 */
export const openPeers = async (given, names = allPeers) => {
  const target = { cookies: twoCookies, ...given };
  const headers = await headersOfTheSession(target);
  const open = [];
  for (const name of names) {
    if (clientModules[name] === undefined)
      throw new TypeError(`no client is called ${name}; there are ${allPeers.join(', ')}`);
    const client = await clientModules[name]().catch(missingPackage);
    if (client === null || client.available?.() === false) continue;
    open.push({ name, ...(await client.open({ ...target, headers })) });
  }
  return open;
};

/** Closes all, and hands on what the work between came to. */
export const withPeers = async (target, names, work) => {
  const clients = await openPeers(target, names);
  try {
    return await work(clients);
  } finally {
    for (const client of clients) await client.close();
  }
};

// impit ships a binary per platform.
const missingPackage = (error) => {
  if (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND') return null;
  throw error;
};

/** Of one connection: no client may send them itself. */
const ownHeaders = new Set(['host', 'connection']);

const headersOfTheSession = async (target) => {
  if (target.http2) return plainHeaders(target.cookies);
  const { fullSession } = await import('./session.mjs');
  const client = fullSession.open(target);
  const { head } = await client.get(`${target.origin}/echo`);
  await client.close();
  const pairs = head.slice(1).map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return Object.fromEntries(pairs.filter(([name]) => !ownHeaders.has(name)));
};
