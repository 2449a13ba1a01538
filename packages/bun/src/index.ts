export { bunPlatform } from './bun-platform.ts';
export { BunTransport, bunCapabilities } from './bun-transport.ts';
