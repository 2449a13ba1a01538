import type { Challenge } from './challenge.ts';
import type { DigestAlgorithm } from './digest-algorithms.ts';
import { utf8ByteString } from './utf8-byte-string.ts';

/** How much of the message the response protects; `null` is RFC 2069, without `nc` and `cnonce`. */
export type DigestQop = 'auth' | 'auth-int' | null;

/** A Digest challenge that can be answered. Texts have one character per byte. */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | null;
  readonly algorithm: DigestAlgorithm;
  /** The server's spelling of the algorithm, sent back; `null` when it named none. */
  readonly algorithmAsSent: string | null;
  readonly qop: DigestQop;
  /** The last nonce was too old; the credential may well be right. */
  readonly stale: boolean;
  /** The server wants a hash in place of the user name. */
  readonly userhash: boolean;
  /** URIs under which the answer may be sent unasked; empty for the whole origin. */
  readonly domain: readonly string[];
}

/**
 * The challenge to answer: of the first algorithm in `algorithms` that is offered, `null` when there is none.
 *
 * Challenges without realm or nonce, with an unknown algorithm or only unknown `qop` values count for nothing
 * (RFC 7616 3.3).
 */
export const pickDigestChallenge = (
  challenges: readonly Challenge[],
  algorithms: readonly DigestAlgorithm[],
): DigestChallenge | null => {
  const offers = challenges.flatMap((challenge) => readDigestChallenge(challenge, algorithms) ?? []);
  for (const algorithm of algorithms) {
    const offer = offers.find((candidate) => candidate.algorithm === algorithm);
    if (offer) return offer;
  }
  return null;
};

const readDigestChallenge = (
  { scheme, params }: Challenge,
  algorithms: readonly DigestAlgorithm[],
): DigestChallenge | null => {
  if (scheme !== 'digest') return null;
  const text = (name: string): string | null => {
    const value = params.get(name);
    return value === undefined ? null : byteString(value);
  };
  const realm = text('realm');
  const nonce = text('nonce');
  const algorithmAsSent = text('algorithm') || null;
  // RFC 7616 3.3: names are compared without case.
  const name = (algorithmAsSent ?? 'MD5').toLowerCase();
  const algorithm = algorithms.find((known) => known.toLowerCase() === name);
  const qop = pickQop(params.get('qop'));
  if (realm === null || !nonce || algorithm === undefined || qop === undefined) return null;
  return {
    realm,
    nonce,
    opaque: text('opaque'),
    algorithm,
    algorithmAsSent,
    qop,
    stale: isTrue(params.get('stale')),
    userhash: isTrue(params.get('userhash')),
    domain: params.get('domain')?.match(/[^ ]+/g) ?? [],
  };
};

// `auth` first: `auth-int` must read the whole body before a byte of it is sent.
const QOPS = ['auth', 'auth-int'] as const;

const pickQop = (value = ''): DigestQop | undefined => {
  const offered = value.toLowerCase().match(/[^\t ,]+/g);
  return offered === null ? null : QOPS.find((qop) => offered.includes(qop));
};

const isTrue = (value = ''): boolean => value.toLowerCase() === 'true';

// fetch gives header values one character per byte. Where a transport decoded UTF-8, its bytes are restored.
const byteString = (text: string): string => (/[\u0100-\uffff]/.test(text) ? utf8ByteString(text) : text);
