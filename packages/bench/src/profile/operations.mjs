import { fetchTransport } from '@httpsession/core';
import { busySession, idleSession, url as instantUrl } from '../clients/instant.mjs';
import { openPeers } from '../clients/peers.mjs';
import { smallJson } from '../server/answers.mjs';
import { Session } from '../session-under-test.mjs';

const body = smallJson.toString();
const init = { headers: { 'content-type': 'application/json' } };

/** A fetch as quick as can be. */
const instantFetch = async (url, options) => {
  new Request(url, options);
  return new Response(body, init);
};

const onSession = (session, operation) => ({
  operation: () => operation(session),
  close: () => session.close(),
});

/** What can be profiled beside a client's small GET: the session without a network. `count` requests are profiled. */
const withoutNetwork = {
  'pipeline, every layer on': () => onSession(busySession(), (session) => session.get(instantUrl)),
  'pipeline, idle': () => onSession(idleSession(), (session) => session.get(instantUrl)),
  'over an instant fetch': () => {
    const session = new Session();
    session.mount('http://instant.example/', fetchTransport(instantFetch));
    return onSession(session, () => session.get('http://instant.example/json').json());
  },
};

export const isWithoutNetwork = (name) => Object.hasOwn(withoutNetwork, name);

/** Opens what `name` says: `{ operation, close }`. */
export const openOperation = async (name, target) => {
  if (isWithoutNetwork(name)) return withoutNetwork[name]();
  const [client] = await openPeers(target, [name]);
  return { operation: () => client.get(`${target.origin}/json`), close: () => client.close() };
};
