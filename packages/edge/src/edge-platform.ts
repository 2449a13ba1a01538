import { cookieSupport } from '@httpsession/cookies';
import { type Platform, userAgent } from '@httpsession/core';
import { edgeTransport } from './edge-transport.ts';

/** workerd, and every other place that has a fetch and neither sockets nor files. */
export const edgePlatform: Platform = Object.freeze({
  name: 'edge',
  userAgent,
  cookies: cookieSupport,
  createTransport: edgeTransport,
});
