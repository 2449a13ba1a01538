export { denoPlatform } from './deno-platform.ts';
export { DenoTransport, denoCapabilities } from './deno-transport.ts';
