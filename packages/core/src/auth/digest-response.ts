import type { DigestChallenge } from './digest-challenge.ts';
import { digestHash } from './digest-hash.ts';
import { utf8ByteString } from './utf8-byte-string.ts';

/** What one Digest answer is computed from, beside the challenge. */
export interface DigestMessage {
  readonly method: string;
  /** The request target as it is sent: path and query. */
  readonly uri: string;
  /** How many answers used this nonce, this one included. */
  readonly count: number;
  /** The client's nonce. */
  readonly cnonce: string;
  /** The body, for `auth-int`. */
  readonly body?: Uint8Array | null;
}

/**
 * The session key H(A1) (RFC 7616 3.4.2). All that is needed of the password from here on.
 *
 * @param cnonce the client's nonce of the first answer, which `-sess` algorithms bind the key to
 */
export const digestKey = (
  challenge: DigestChallenge,
  user: string,
  password: string,
  cnonce: string,
): string => {
  const { algorithm, realm, nonce } = challenge;
  const key = digestHash(algorithm, `${utf8ByteString(user)}:${realm}:${utf8ByteString(password)}`);
  return algorithm.endsWith('-sess') ? digestHash(algorithm, `${key}:${nonce}:${cnonce}`) : key;
};

/** The value of `Authorization` or `Proxy-Authorization` (RFC 7616 3.4). */
export const digestAuthorization = (
  challenge: DigestChallenge,
  user: string,
  key: string,
  message: DigestMessage,
): string => {
  const { algorithm, algorithmAsSent, realm, nonce, opaque, qop } = challenge;
  const fields = [
    ...userFields(challenge, user),
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(message.uri)}`,
  ];
  if (algorithmAsSent !== null) fields.push(`algorithm=${algorithmAsSent}`);
  fields.push(`response="${digestResponse(challenge, key, message)}"`);
  if (opaque !== null) fields.push(`opaque=${quoted(opaque)}`);
  if (qop !== null) fields.push(`qop=${qop}`, `nc=${countText(message.count)}`);
  // Without qop RFC 2617 3.2.2 has no cnonce, but the server needs it to make the key of a -sess algorithm.
  if (qop !== null || algorithm.endsWith('-sess')) fields.push(`cnonce=${quoted(message.cnonce)}`);
  return `Digest ${fields.join(', ')}`;
};

/**
 * The `rspauth` that a server with the key sends back (RFC 7616 3.5): the response to a message without a method.
 *
 * Not for `auth-int`, where it covers the response's body.
 */
export const serverResponse = (challenge: DigestChallenge, key: string, message: DigestMessage): string =>
  digestResponse(challenge, key, { ...message, method: '' });

/** The proof that its maker has the key (RFC 7616 3.4.1). */
const digestResponse = (challenge: DigestChallenge, key: string, message: DigestMessage): string => {
  const { algorithm, qop } = challenge;
  let target = `${message.method}:${message.uri}`;
  if (qop === 'auth-int') target += `:${digestHash(algorithm, message.body ?? '')}`;
  const middle =
    qop === null
      ? challenge.nonce
      : [challenge.nonce, countText(message.count), message.cnonce, qop].join(':');
  return digestHash(algorithm, `${key}:${middle}:${digestHash(algorithm, target)}`);
};

/** `nc`: eight hexadecimal digits. */
const countText = (count: number): string => count.toString(16).padStart(8, '0');

const userFields = ({ userhash, algorithm, realm }: DigestChallenge, user: string): string[] => {
  // RFC 7616 3.4.4
  if (userhash) {
    return [`username="${digestHash(algorithm, `${utf8ByteString(user)}:${realm}`)}"`, 'userhash=true'];
  }
  // RFC 7616 3.4: beyond ASCII the extended notation of RFC 8187.
  if (/[^ -~]/.test(user)) return [`username*=UTF-8''${extended(user.normalize('NFC'))}`];
  return [`username=${quoted(user)}`];
};

const extended = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
