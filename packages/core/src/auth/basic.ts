import { knownOptions } from '../options/known-options.ts';
import type { Auth } from './auth.ts';
import { checkSecretText } from './secret-text.ts';

/** Options of {@link basic}. */
export interface BasicOptions {
  /**
   * How user and password become bytes. requests uses `latin1`; RFC 7617 and browsers use UTF-8.
   * @defaultValue 'utf-8'
   */
  readonly encoding?: 'utf-8' | 'latin1';
}

/**
 * Basic authentication (RFC 7617), sent with every request without waiting for a challenge.
 *
 * @throws {TypeError} for a colon in the user name, control characters, or characters the encoding does not have
 */
export function basic(user: string, password: string, options: BasicOptions = {}): Auth {
  const authorization = basicAuthorization(user, password, options);
  return { sign: (request) => request.withHeader('authorization', authorization) };
}

/**
 * The value of a Basic `Authorization` or `Proxy-Authorization` header.
 *
 * @throws {TypeError} as {@link basic} does
 */
export function basicAuthorization(user: string, password: string, options: BasicOptions = {}): string {
  checkSecretText('basic user', user);
  checkSecretText('basic password', password);
  // RFC 7617 2: the first colon ends the user name, so one inside it would move into the password.
  if (user.includes(':')) throw new TypeError('basic user must not contain a colon');
  const { encoding = 'utf-8' } = knownOptions('basic', options, { encoding: true });
  return `Basic ${btoa(encode(`${user}:${password}`, encoding))}`;
}

function encode(text: string, encoding: unknown): string {
  // RFC 7617 2.1: in normalization form C. One character per byte is what btoa takes.
  if (encoding === 'utf-8')
    return Array.from(new TextEncoder().encode(text.normalize('NFC')), (byte) =>
      String.fromCharCode(byte),
    ).join('');
  if (encoding !== 'latin1')
    throw new TypeError(`basic encoding must be utf-8 or latin1, got ${String(encoding)}`);
  if (/[\u0100-\uffff]/.test(text)) throw new TypeError('basic user and password must fit into latin1');
  return text;
}
