import type { Auth, AuthRequest, AuthResponse } from './auth.ts';
import { AuthError } from './auth-error.ts';
import { basicAuthorization } from './basic.ts';
import { parseAuthParams, parseChallenges } from './challenge.ts';
import { type DigestChallenge, pickDigestChallenge } from './digest-challenge.ts';
import { DIGEST_ALGORITHMS, type DigestAlgorithm } from './digest-hash.ts';
import { type DigestMessage, digestAuthorization, digestKey, serverResponse } from './digest-response.ts';
import { type DigestSession, DigestSessions } from './digest-sessions.ts';
import { hexOf } from './hash-block.ts';
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
  const { algorithms = DIGEST_ALGORITHMS, allowBasic = false, cnonce = randomNonce } = options;
  checkAlgorithms(algorithms);
  const basic = allowBasic ? basicAuthorization(user, password) : null;
  const sessions = new DigestSessions();

  const adopt = (origin: string, challenge: DigestChallenge): DigestSession =>
    sessions.adopt(origin, challenge, () => {
      const first = cnonce();
      return { key: digestKey(challenge, user, password, first), cnonce: first };
    });

  const answer = async (request: AuthRequest, session: DigestSession): Promise<Answer> => {
    const { challenge, key } = session;
    const { pathname, search } = new URL(request.url);
    const body = challenge.qop === 'auth-int' ? await request.bodyBytes() : null;
    session.count += 1;
    // RFC 7616 3.4.2 makes a -sess key of the first cnonce, many servers of the latest: one for all pleases both.
    const own = session.count === 1 || challenge.algorithm.endsWith('-sess') ? session.cnonce : cnonce();
    const message = {
      method: request.method,
      uri: pathname + search,
      count: session.count,
      cnonce: own,
      body,
    };
    const authorization = digestAuthorization(challenge, user, key, message);
    return { session, message, request: request.withHeader('authorization', authorization) };
  };

  const accept = (origin: string, { session, message }: Answer, response: AuthResponse): void => {
    const { challenge, key, cnonce: first } = session;
    const params = parseAuthParams(response.headers.get('authentication-info') ?? '');
    const proof = params.get('rspauth');
    if (proof !== undefined && challenge.qop === 'auth') {
      if (proof.toLowerCase() !== serverResponse(challenge, key, message)) {
        sessions.forget(origin, challenge.realm);
        throw new AuthError(`${origin} does not know the password: its rspauth is wrong`);
      }
    }
    const next = params.get('nextnonce');
    // RFC 7616 3.4.2: the key of a -sess algorithm lasts until the next challenge, not the next nonce.
    if (next) sessions.adopt(origin, { ...challenge, nonce: next }, () => ({ key, cnonce: first }));
  };

  return {
    async *flow(request) {
      const { origin } = request;
      const known = sessions.find(origin, request.url);
      let sent = known && (await answer(request, known));
      let response = yield sent?.request ?? request;
      for (let answers = 0; response.status === 401; answers += 1) {
        const challenges = parseChallenges([response.headers.get('www-authenticate') ?? '']);
        const challenge = pickDigestChallenge(challenges, algorithms);
        if (challenge === null) {
          const asked = challenges.some(({ scheme }) => scheme === 'basic');
          if (asked && basic !== null && answers === 0) yield request.withHeader('authorization', basic);
          return;
        }
        // A new nonce that is not called stale tells that the credential is wrong, unless it was sent in advance.
        const refused = answers > 0 || challenge.nonce === sent?.session.challenge.nonce;
        if (answers > 1 || (refused && !challenge.stale)) {
          sessions.forget(origin, challenge.realm);
          return;
        }
        sent = await answer(request, adopt(origin, challenge));
        response = yield sent.request;
      }
      if (sent) accept(origin, sent, response);
    },
  };
};

/** An answer on its way, with all that is needed to check the server's own. */
interface Answer {
  readonly session: DigestSession;
  readonly message: DigestMessage;
  readonly request: AuthRequest;
}

// getRandomValues, unlike randomUUID, exists on pages without TLS.
const randomNonce = (): string => hexOf(crypto.getRandomValues(new Int32Array(4)), false);

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
