export { type FileBodyOptions, fileBody } from './file-body.ts';
export { type NetrcOptions, netrc } from './netrc.ts';
export { nodePlatform } from './node-platform.ts';
export type { TlsOptions } from './tls-options.ts';
export { UndiciTransport, undiciCapabilities } from './undici-transport.ts';
