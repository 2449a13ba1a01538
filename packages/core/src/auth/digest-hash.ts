import type { DigestAlgorithm } from './digest-algorithms.ts';
import { md5 } from './md5.ts';
import { sha256, sha512t256 } from './sha2.ts';

/**
 * The hash of bytes in hexadecimal; a string stands for bytes, one per character.
 *
 * Own code in plain JavaScript: WebCrypto has neither MD5 nor SHA-512/256 and nothing at all on pages without TLS,
 * and @noble/hashes 2.4 is 5.3 kB gzip in a browser bundle for these three (3.0 kB without SHA-512/256), ours 1.7 kB.
 */
export const digestHash = (algorithm: DigestAlgorithm, bytes: Uint8Array | string): string => {
  const hash = algorithm.startsWith('MD5') ? md5 : algorithm.startsWith('SHA-256') ? sha256 : sha512t256;
  return hash(typeof bytes === 'string' ? bytesOf(bytes) : bytes);
};

const bytesOf = (byteString: string): Uint8Array =>
  Uint8Array.from(byteString, (character) => character.charCodeAt(0));
