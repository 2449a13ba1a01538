import type { Platform } from '@httpsession/core';
import { browserTransport } from './browser-transport.ts';
import { PageClock } from './page-clock.ts';

/** A page or a worker of a browser: its fetch, its cookies, its redirects. */
export const browserPlatform: Platform = Object.freeze({
  name: 'browser',
  userAgent: null, // the browser's own, which fetch cannot change
  cookies: null, //   the browser's own jar, which fetch cannot see
  createTransport: browserTransport,
  clock: new PageClock(),
});
