import { Session as CoreSession, headerLines, SessionResponse } from '@httpsession/core';
import { nodePlatform, undiciCapabilities } from '@httpsession/node';
import { smallJson } from '../server/answers.mjs';
import { twoCookies } from '../setting.mjs';
import { fullOptions } from './session.mjs';

const url = 'http://127.0.0.1:1/json';
const head = {
  status: 200,
  statusText: 'OK',
  headers: headerLines([['content-type', 'application/json']]),
  sentAt: 0,
  headersAt: 0,
};

/** A transport that answers at once: what is left is the session itself. */
class InstantTransport {
  name = 'instant';
  capabilities = undiciCapabilities;

  send(request) {
    return Promise.resolve(new SessionResponse(request, head, new InstantBody()));
  }

  close() {
    return Promise.resolve();
  }
}

class InstantBody {
  read() {
    return null;
  }

  readAll() {
    return Promise.resolve([smallJson]);
  }

  cancel() {
    // nothing is on its way
  }

  whenSettled(owner) {
    owner.bodySettled();
  }
}

const platform = { ...nodePlatform, createTransport: () => new InstantTransport() };

const withoutPool = ({ pool: _, ...options }) => options;

/** Every layer has work: jar, Basic, headers, retry, all limits. */
export const busySession = () =>
  new CoreSession(withoutPool(fullOptions({ origin: 'http://127.0.0.1:1', cookies: twoCookies })), platform);

/** No layer has: no jar, no credentials, no limits, no retry. */
export const idleSession = () =>
  new CoreSession({ cookies: false, retry: null, timeout: null, redirect: 'manual', auth: null }, platform);

export { InstantTransport, url };
