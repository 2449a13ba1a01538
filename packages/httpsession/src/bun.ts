import { bunPlatform } from '@httpsession/bun';
import { CookieJar } from '@httpsession/cookies';
import {
  type Auth,
  Session as CoreSession,
  type ModuleHelpers,
  moduleHelpers,
  type SessionOptions,
} from '@httpsession/core';
import { optionsFromJSON } from './from-json.ts';
import { netrcOf } from './netrc-of.ts';

export * from './api.ts';
export { CookieJar };

/** A session on Bun: see the package's README for what Bun cannot do. */
export class Session extends CoreSession {
  constructor(options: SessionOptions = {}) {
    super(options, bunPlatform);
  }

  /** The session's cookies: live. @throws {SessionError} where the session or the platform keeps none */
  override get cookies(): CookieJar {
    return super.cookies as CookieJar; // what the platform made, or the caller's own jar
  }

  /** A session of what `toJSON()` wrote down; `options` stand above it. @throws {TypeError} when it is something else */
  static fromJSON(json: unknown, options: SessionOptions = {}): Session {
    return new Session(optionsFromJSON(json, options, (cookies, url) => CookieJar.fromJSON(cookies, url)));
  }
}

const helpers: ModuleHelpers<Session> = /* @__PURE__ */ moduleHelpers((options) => new Session(options));
/** Makes a session: `session(options)` is `new Session(options)`. */
export const session: ModuleHelpers<Session>['session'] = helpers.session;
/** One request with the shared session, which keeps connections and no cookies. */
export const request: ModuleHelpers<Session>['request'] = helpers.request;
/** GET with the shared session. */
export const get: ModuleHelpers<Session>['get'] = helpers.get;
/** HEAD with the shared session. */
export const head: ModuleHelpers<Session>['head'] = helpers.head;
/** OPTIONS with the shared session. */
export const options: ModuleHelpers<Session>['options'] = helpers.options;
/** POST with the shared session. */
export const post: ModuleHelpers<Session>['post'] = helpers.post;
/** PUT with the shared session. */
export const put: ModuleHelpers<Session>['put'] = helpers.put;
/** PATCH with the shared session. */
export const patch: ModuleHelpers<Session>['patch'] = helpers.patch;
/** DELETE with the shared session. */
export const del: ModuleHelpers<Session>['del'] = helpers.del;
/** QUERY with the shared session. */
export const query: ModuleHelpers<Session>['query'] = helpers.query;
/** Credentials from netrc, asked for each host. @throws {UnsupportedOptionError} where no netrc is read */
export const netrc: () => Auth = /* @__PURE__ */ netrcOf(bunPlatform);
