export { nodePlatform } from './node-platform.ts';
export { UndiciTransport, undiciCapabilities } from './undici-transport.ts';
