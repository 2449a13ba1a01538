// What comes along with the import: fetch, web sockets and SOCKS are for those who use them.
import { createRequire } from 'node:module';

await import('httpsession');
const files = Object.keys(createRequire(import.meta.url).cache);
console.log(
  JSON.stringify({
    undiciClient: files.some((file) => /undici.lib.dispatcher.client\.js$/.test(file)),
    wholeUndici: files.some((file) => /undici.index\.js$/.test(file)),
    socks: files.some((file) => /node_modules.socks/.test(file)),
    fetchOfNode: process.moduleLoadList.includes('NativeModule internal/deps/undici/undici'),
  }),
);
