import { onDemand } from '../on-demand.ts';
import { knownOptions } from '../options/known-options.ts';
import type { Auth } from './auth.ts';
import { AuthError } from './auth-error.ts';
import { basicAuthorization } from './basic.ts';
import { parseAuthParams, parseChallenges } from './challenge.ts';
import { DIGEST_ALGORITHMS, type DigestAlgorithm } from './digest-algorithms.ts';
import type { DigestClient, DigestCredential } from './digest-client.ts';
import { checkSecretText } from './secret-text.ts';

/** Options of {@link digest}. */
export interface DigestOptions {
  /**
   * Algorithms to answer, the most wanted first. Leave out `MD5` where the server has better.
   * @defaultValue all six of RFC 7616, the strongest first
   */
  readonly algorithms?: readonly DigestAlgorithm[];
  /**
   * Whether to send the password itself when the server offers Basic and no Digest that can be answered.
   * @defaultValue false
   */
  readonly allowBasic?: boolean;
  /**
   * Makes the client's nonce. For tests with fixed vectors.
   * @defaultValue 16 random bytes in hexadecimal
   */
  readonly cnonce?: () => string;
}

/**
 * Digest authentication (RFC 7616, and RFC 2069 for servers without `qop`).
 *
 * The first request goes out plain and its challenge is answered; later ones in the same protection space are answered
 * in advance. One message gets at most one answer to a challenge, and a second when the nonce was stale. A server that
 * sends `Authentication-Info` with a wrong `rspauth` fails the call with {@link AuthError}, as it does not know the
 * password; with `auth-int` that cannot be checked, since it covers a body not yet read.
 *
 * @throws {TypeError} for control characters in user or password, or an unknown algorithm
 */
export const digest = (user: string, password: string, options: DigestOptions = {}): Auth => {
  checkSecretText('digest user', user);
  checkSecretText('digest password', password);
  const {
    algorithms = DIGEST_ALGORITHMS,
    allowBasic = false,
    cnonce = randomNonce,
  } = knownOptions('digest', options, { algorithms: true, allowBasic: true, cnonce: true });
  checkAlgorithms(algorithms);
  const basic = allowBasic ? basicAuthorization(user, password) : null;
  const credential: DigestCredential = {
    user,
    password,
    algorithms,
    cnonce,
    basic,
    parseChallenges,
    parseAuthParams,
    unproven: (message) => new AuthError(message),
  };
  let client: DigestClient | null = null;

  return {
    async *flow(request) {
      const sent = await client?.answerInAdvance(request);
      const response = yield sent?.request ?? request;
      if (sent === undefined && response.status !== 401) return;
      const { DigestClient } = await digestClient();
      client ??= new DigestClient(credential);
      yield* client.settle(request, sent, response);
    },
  };
};

// Hashes and all are 3 kB gzip, which nobody needs before the first challenge.
const digestClient = /* @__PURE__ */ onDemand(() => import('./digest-client.ts'));

// getRandomValues, unlike randomUUID, exists on pages without TLS.
const randomNonce = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );

const checkAlgorithms = (algorithms: readonly DigestAlgorithm[]): void => {
  const names: readonly string[] = DIGEST_ALGORITHMS;
  if (!Array.isArray(algorithms) || algorithms.length === 0) {
    throw new TypeError('digest algorithms must be a list with at least one name');
  }
  for (const name of algorithms) {
    if (!names.includes(name))
      throw new TypeError(`digest algorithms must be of ${names.join(', ')}, got ${name}`);
  }
};
