import { randomBytes } from 'node:crypto';
import { basicAuthorization, parseChallenges } from '@httpsession/core';
import {
  DIGEST_ALGORITHMS,
  type DigestChallenge,
  digestAuthorization,
  digestKey,
  pickDigestChallenge,
} from '@httpsession/core/digest';
import type { ProxyEndpoint } from './proxy-endpoint.ts';

/** How many challenges of a proxy one request answers: the first, and one for a nonce that went stale meanwhile. */
export const mostChallenges = 2;

/**
 * The credentials for one proxy: Basic in advance, as curl and requests do, and Digest (RFC 7616) from the
 * first challenge on. Shared by all connections to the proxy, so that later ones need no challenge.
 */
export class ProxyAuthenticator {
  readonly #user: string;
  readonly #password: string;
  readonly #basic: string;
  #digest:
    | { readonly challenge: DigestChallenge; readonly key: string; readonly cnonce: string; count: number }
    | undefined;

  /** @throws {TypeError} for credentials that cannot stand in a header */
  constructor(user: string, password: string) {
    this.#user = user;
    this.#password = password;
    this.#basic = basicAuthorization(user, password);
  }

  /**
   * The `Proxy-Authorization` for the next request.
   * @param target - the request target as sent: `host:port` for CONNECT, else the absolute URL
   */
  authorization(method: string, target: string): string {
    const digest = this.#digest;
    if (digest === undefined) return this.#basic;
    digest.count += 1;
    return digestAuthorization(digest.challenge, this.#user, digest.key, {
      method,
      uri: target,
      count: digest.count,
      cnonce: digest.cnonce,
    });
  }

  /**
   * Takes a 407's challenge into use.
   *
   * @param sent - the `Proxy-Authorization` that was refused
   * @returns whether another request has a chance: `false` when the credentials themselves were refused
   */
  accept(proxyAuthenticate: readonly string[], sent: string): boolean {
    const challenge = pickDigestChallenge(parseChallenges(proxyAuthenticate), DIGEST_ALGORITHMS);
    // auth-int would have to hash a body that is not here.
    if (challenge === null || challenge.qop === 'auth-int') return false;
    const { nonce, stale } = challenge;
    if (nonce === this.#digest?.challenge.nonce) return !sent.includes(`nonce="${nonce}"`);
    // A fresh nonce in answer to a Digest answer means a wrong password, unless the proxy calls the old one stale.
    if (sent.startsWith('Digest ') && !stale) return false;
    const cnonce = randomBytes(16).toString('hex');
    this.#digest = {
      challenge,
      key: digestKey(challenge, this.#user, this.#password, cnonce),
      cnonce,
      count: 0,
    };
    return true;
  }
}

/** The authenticators of a session, one for each proxy and user: what one connection learned of a Digest serves all. */
export class ProxyAuthenticators {
  readonly #known: Map<string, ProxyAuthenticator> = new Map();

  /** `undefined` without credentials, and for SOCKS, which has its own way. */
  for(proxyUrl: string, { scheme, credentials }: ProxyEndpoint): ProxyAuthenticator | undefined {
    if (credentials === null || scheme.startsWith('socks')) return undefined;
    let authenticator = this.#known.get(proxyUrl);
    if (authenticator === undefined) {
      authenticator = new ProxyAuthenticator(credentials.user, credentials.password);
      // A function may rotate through thousands of proxies.
      if (this.#known.size >= mostKnown) this.#known.clear();
      this.#known.set(proxyUrl, authenticator);
    }
    return authenticator;
  }
}

const mostKnown = 1000;
