import { cookieSupport } from '@httpsession/cookies';
import { type Platform, sharedClock, userAgent } from '@httpsession/core';
import { download, netrc } from '@httpsession/node/on-demand';
import { DenoTransport } from './deno-transport.ts';

/** What a session needs of Deno. Needs `--allow-net`; proxies need to see their variables too (see `DenoTransport`). */
export const denoPlatform: Platform = Object.freeze({
  name: 'deno',
  userAgent,
  cookies: cookieSupport,
  clock: sharedClock,
  createTransport: (options) => new DenoTransport(options),
  download,
  netrc,
} satisfies Platform);
