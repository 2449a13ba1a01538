import { cookieSupport } from '@httpsession/cookies';
import { type Platform, sharedClock } from '@httpsession/core';
import { download } from './download.ts';
import { netrc } from './netrc.ts';
import { UndiciTransport } from './undici-transport.ts';
import { version } from './version.ts';

/** What a session needs of Node. */
export const nodePlatform: Platform = Object.freeze({
  name: 'node',
  userAgent: `httpsession/${version}`,
  cookies: cookieSupport,
  clock: sharedClock,
  createTransport: (options) => new UndiciTransport(options),
  download,
  netrc,
} satisfies Platform);
