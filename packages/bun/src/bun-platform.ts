import { cookieSupport } from '@httpsession/cookies';
import { type Platform, sharedClock, userAgent } from '@httpsession/core';
import { download, netrc } from '@httpsession/node/on-demand';
import { BunTransport } from './bun-transport.ts';

/** What a session needs of Bun. */
export const bunPlatform: Platform = Object.freeze({
  name: 'bun',
  userAgent,
  cookies: cookieSupport,
  clock: sharedClock,
  createTransport: (options) => new BunTransport(options),
  download,
  netrc,
} satisfies Platform);
