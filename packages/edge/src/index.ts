export { edgePlatform } from './edge-platform.ts';
export { EdgeSession } from './edge-session.ts';
export { edgeCapabilities, edgeTransport } from './edge-transport.ts';
