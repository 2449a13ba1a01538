// @httpsession/core/digest: the parts of Digest that proxies need, too. Not in index.ts: what that names, bundlers count among the start
// of every program, and Digest is loaded on demand.
export { DIGEST_ALGORITHMS, type DigestAlgorithm } from './auth/digest-algorithms.ts';
export { type DigestChallenge, pickDigestChallenge } from './auth/digest-challenge.ts';
export { type DigestMessage, digestAuthorization, digestKey } from './auth/digest-response.ts';
