import type { DigestChallenge } from './digest-challenge.ts';

/** One nonce in use: what the next answer needs. */
export interface DigestSession {
  readonly challenge: DigestChallenge;
  /** H(A1). */
  readonly key: string;
  /** The client's nonce that the key of a `-sess` algorithm was made with. */
  readonly cnonce: string;
  /** Answers given so far. It only grows: servers refuse a count they have seen. */
  count: number;
}

/**
 * The nonces in use, by origin and protection space, shared by all requests of one credential.
 *
 * An answer is never offered to another origin than the one that made the challenge, even where `domain` names it.
 */
export class DigestSessions {
  readonly #byOrigin = new Map<string, DigestSession[]>();

  /** The latest session whose protection space has this URL. */
  find(origin: string, url: string): DigestSession | undefined {
    return this.#byOrigin.get(origin)?.find(({ challenge }) => covers(challenge, origin, url));
  }

  /**
   * Takes a nonce into use. One that is in use already keeps its count: two counts for one nonce would repeat.
   *
   * @param make makes the key, only when the nonce is new
   */
  adopt(
    origin: string,
    challenge: DigestChallenge,
    make: () => Pick<DigestSession, 'key' | 'cnonce'>,
  ): DigestSession {
    const sessions = this.#byOrigin.get(origin) ?? [];
    const known = sessions.findIndex((session) => isSame(session.challenge, challenge));
    const [session = { challenge, ...make(), count: 0 }] = known < 0 ? [] : sessions.splice(known, 1);
    sessions.unshift(session);
    sessions.length = Math.min(sessions.length, MAX_NONCES);
    // Last in the map is last to be forgotten.
    this.#byOrigin.delete(origin);
    this.#byOrigin.set(origin, sessions);
    const [oldest] = this.#byOrigin.keys();
    if (oldest !== undefined && this.#byOrigin.size > MAX_ORIGINS) this.#byOrigin.delete(oldest);
    return session;
  }

  /** Stops answering unasked for a realm whose server refused the credential. */
  forget(origin: string, realm: string): void {
    const sessions = this.#byOrigin.get(origin)?.filter(({ challenge }) => challenge.realm !== realm);
    if (sessions) this.#byOrigin.set(origin, sessions);
  }
}

// A few nonces stay, because parallel first requests get one each and realms may alternate.
const MAX_NONCES = 8;
const MAX_ORIGINS = 128;

const isSame = (a: DigestChallenge, b: DigestChallenge): boolean =>
  a.nonce === b.nonce && a.realm === b.realm && a.algorithm === b.algorithm && a.qop === b.qop;

// RFC 7616 3.3: URIs with an entry as prefix are in the space; without entries all URIs of the server are.
const covers = ({ domain }: DigestChallenge, origin: string, url: string): boolean =>
  domain.length === 0 ||
  domain.some((entry) => URL.canParse(entry, origin) && url.startsWith(new URL(entry, origin).href));
