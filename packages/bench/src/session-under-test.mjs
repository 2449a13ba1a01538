// The built session, as an application imports it.
import { cookieSupport } from '@httpsession/cookies';
import { Session as CoreSession } from '@httpsession/core';
import { nodePlatform } from '@httpsession/node';

export { CookieJar } from '@httpsession/cookies';
export { basic } from '@httpsession/core';

const umbrella = await import('httpsession');

export const Session =
  umbrella.Session ??
  class Session extends CoreSession {
    constructor(options = {}) {
      super(options, { cookies: cookieSupport, ...nodePlatform });
    }
  };
