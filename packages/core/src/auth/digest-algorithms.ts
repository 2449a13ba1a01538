/** The algorithms of RFC 7616 6.1. With `-sess` the password is hashed once per challenge, not used again after. */
export type DigestAlgorithm =
  | 'SHA-512-256'
  | 'SHA-512-256-sess'
  | 'SHA-256'
  | 'SHA-256-sess'
  | 'MD5'
  | 'MD5-sess';

/** All algorithms, the strongest first. */
export const DIGEST_ALGORITHMS: readonly DigestAlgorithm[] = [
  'SHA-512-256',
  'SHA-512-256-sess',
  'SHA-256',
  'SHA-256-sess',
  'MD5',
  'MD5-sess',
];
