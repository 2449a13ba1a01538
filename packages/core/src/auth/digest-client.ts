import type { AuthRequest, AuthResponse } from './auth.ts';
import type { parseAuthParams, parseChallenges } from './challenge.ts';
import type { DigestAlgorithm } from './digest-algorithms.ts';
import { type DigestChallenge, pickDigestChallenge } from './digest-challenge.ts';
import { type DigestMessage, digestAuthorization, digestKey, serverResponse } from './digest-response.ts';
import { type DigestSession, DigestSessions } from './digest-sessions.ts';

/** What {@link DigestClient} answers with, and what it has of the start of the program: see `onDemand`. */
export interface DigestCredential {
  readonly user: string;
  readonly password: string;
  readonly algorithms: readonly DigestAlgorithm[];
  /** Makes the client's nonce. */
  readonly cnonce: () => string;
  /** The `Authorization` to fall back to; `null` for none. */
  readonly basic: string | null;
  readonly parseChallenges: typeof parseChallenges;
  readonly parseAuthParams: typeof parseAuthParams;
  /** Makes the error for a server that did not prove itself. */
  readonly unproven: (message: string) => Error;
}

/** An answer on its way, with all that is needed to check the server's own. */
export interface DigestAnswer {
  readonly session: DigestSession;
  readonly message: DigestMessage;
  readonly request: AuthRequest;
}

/** Answers the Digest challenges that one credential gets. Loaded when the first comes: it is 3 kB gzip, most of it hashes. */
export class DigestClient {
  readonly #credential: DigestCredential;
  readonly #sessions = new DigestSessions();

  constructor(credential: DigestCredential) {
    this.#credential = credential;
  }

  /** The request with the answer to a challenge that is expected, where its protection space is known. */
  async answerInAdvance(request: AuthRequest): Promise<DigestAnswer | undefined> {
    const known = this.#sessions.find(request.origin, request.url);
    return known && this.#answer(request, known);
  }

  /** What follows the first response: answers to its challenges, and the check of the server's own. */
  async *settle(
    request: AuthRequest,
    first: DigestAnswer | undefined,
    answered: AuthResponse,
  ): AsyncGenerator<AuthRequest, void, AuthResponse> {
    const { origin } = request;
    const { algorithms, basic, parseChallenges } = this.#credential;
    let sent = first;
    let response = answered;
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
        this.#sessions.forget(origin, challenge.realm);
        return;
      }
      sent = await this.#answer(request, this.#adopt(origin, challenge));
      response = yield sent.request;
    }
    if (sent) this.#accept(origin, sent, response);
  }

  #adopt(origin: string, challenge: DigestChallenge): DigestSession {
    const { user, password, cnonce } = this.#credential;
    return this.#sessions.adopt(origin, challenge, () => {
      const first = cnonce();
      return { key: digestKey(challenge, user, password, first), cnonce: first };
    });
  }

  async #answer(request: AuthRequest, session: DigestSession): Promise<DigestAnswer> {
    const { challenge, key } = session;
    const { user, cnonce } = this.#credential;
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
  }

  #accept(origin: string, { session, message }: DigestAnswer, response: AuthResponse): void {
    const { challenge, key, cnonce: first } = session;
    const { parseAuthParams, unproven } = this.#credential;
    const params = parseAuthParams(response.headers.get('authentication-info') ?? '');
    const proof = params.get('rspauth');
    if (proof !== undefined && challenge.qop === 'auth') {
      if (proof.toLowerCase() !== serverResponse(challenge, key, message)) {
        this.#sessions.forget(origin, challenge.realm);
        throw unproven(`${origin} does not know the password: its rspauth is wrong`);
      }
    }
    const next = params.get('nextnonce');
    // RFC 7616 3.4.2: the key of a -sess algorithm lasts until the next challenge, not the next nonce.
    if (next) this.#sessions.adopt(origin, { ...challenge, nonce: next }, () => ({ key, cnonce: first }));
  }
}
