import { parseCookieDate } from './cookie-date.ts';
import { MAX_ATTRIBUTE_BYTES, MAX_PAIR_BYTES } from './cookie-limits.ts';
import type { SameSite } from './cookie-record.ts';

/** A `Set-Cookie` field taken apart, before the rules of a jar are applied to it. */
export interface ParsedSetCookie {
  readonly kind: 'cookie';
  name: string;
  value: string;
  /** Lower-case `Domain` without a leading dot, `''` when there is none. */
  domain: string;
  /** `Path` as sent when it starts with a slash, else `null`: the default path applies. */
  path: string | null;
  /** Milliseconds since 1970, `null` when there was no valid `Expires`. */
  expires: number | null;
  /** Seconds, `null` when there was no valid `Max-Age`; wins over `expires`. */
  maxAge: number | null;
  secure: boolean;
  httpOnly: boolean;
  sameSite: SameSite | null;
  partitioned: boolean;
}

/** A `Set-Cookie` field that must be ignored, and why. */
export interface RejectedSetCookie {
  readonly kind: 'rejected';
  readonly reason: string;
}

// Beyond the control characters of RFC 6265bis 5.6 step 1: a field is a byte string, and a character above U+00FF
// would make every later Cookie header impossible to send.
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 6265bis 5.6 names them
const FORBIDDEN = /[\x00-\x08\x0a-\x1f\x7f]|[^\x00-\xff]/;

/** Takes one `Set-Cookie` field apart by RFC 6265bis 5.6, in one pass and linear time. */
export function parseSetCookie(field: string): ParsedSetCookie | RejectedSetCookie {
  if (FORBIDDEN.test(field)) return CONTROL_CHARACTER;
  const semicolon = field.indexOf(';');
  const pairEnd = semicolon === -1 ? field.length : semicolon;
  const equals = field.indexOf('=');
  const named = equals !== -1 && equals < pairEnd;
  const name = named ? trimmed(field, 0, equals) : '';
  const value = trimmed(field, named ? equals + 1 : 0, pairEnd);
  if (name.length + value.length > MAX_PAIR_BYTES) return TOO_LONG;
  if (name === '' && value === '') return EMPTY;
  const cookie: ParsedSetCookie = {
    kind: 'cookie',
    name,
    value,
    domain: '',
    path: null,
    expires: null,
    maxAge: null,
    secure: false,
    httpOnly: false,
    sameSite: null,
    partitioned: false,
  };
  if (semicolon !== -1) readAttributes(cookie, field, semicolon + 1);
  return cookie;
}

function readAttributes(cookie: ParsedSetCookie, field: string, from: number): void {
  for (let start = from; start < field.length; ) {
    const semicolon = field.indexOf(';', start);
    const end = semicolon === -1 ? field.length : semicolon;
    const equals = indexOfEquals(field, start, end);
    const nameStart = skipSpace(field, start, equals);
    const nameEnd = skipSpaceBack(field, nameStart, equals);
    const kind = attributeKind(field, nameStart, nameEnd);
    if (kind !== undefined) applyAttribute(cookie, kind, field, equals < end ? equals + 1 : end, end);
    start = end + 1;
  }
}

type Attribute =
  | 'expires'
  | 'max-age'
  | 'domain'
  | 'path'
  | 'secure'
  | 'httponly'
  | 'samesite'
  | 'partitioned';

/** Tells attributes apart by length and first letter before comparing: no string is cut out for a name. */
function attributeKind(field: string, start: number, end: number): Attribute | undefined {
  switch (end - start) {
    case 4:
      return matches(field, start, 'path');
    case 6:
      return (field.charCodeAt(start) | 0x20) === LETTER_S
        ? matches(field, start, 'secure')
        : matches(field, start, 'domain');
    case 7:
      return (field.charCodeAt(start) | 0x20) === LETTER_E
        ? matches(field, start, 'expires')
        : matches(field, start, 'max-age');
    case 8:
      return (field.charCodeAt(start) | 0x20) === LETTER_S
        ? matches(field, start, 'samesite')
        : matches(field, start, 'httponly');
    case 11:
      return matches(field, start, 'partitioned');
    default:
      return undefined;
  }
}

function matches(field: string, start: number, word: Attribute): Attribute | undefined {
  for (let i = 0; i < word.length; i++) {
    // Setting bit 5 lowers letters and leaves the dash; the control character it could be confused with is refused above.
    if ((field.charCodeAt(start + i) | 0x20) !== word.charCodeAt(i)) return undefined;
  }
  return word;
}

function applyAttribute(
  cookie: ParsedSetCookie,
  kind: Attribute,
  field: string,
  from: number,
  to: number,
): void {
  const start = skipSpace(field, from, to);
  const end = skipSpaceBack(field, start, to);
  if (end - start > MAX_ATTRIBUTE_BYTES) return;
  switch (kind) {
    case 'secure':
      cookie.secure = true;
      return;
    case 'httponly':
      cookie.httpOnly = true;
      return;
    case 'partitioned':
      cookie.partitioned = true;
      return;
    case 'path':
      cookie.path = field.charCodeAt(start) === SLASH && end > start ? field.slice(start, end) : null;
      return;
    case 'domain':
      cookie.domain = field.slice(field.charCodeAt(start) === DOT ? start + 1 : start, end).toLowerCase();
      return;
    case 'samesite':
      cookie.sameSite = sameSite(field.slice(start, end).toLowerCase());
      return;
    case 'max-age':
      cookie.maxAge = deltaSeconds(field, start, end) ?? cookie.maxAge;
      return;
    case 'expires':
      cookie.expires = parseCookieDate(field.slice(start, end)) ?? cookie.expires;
  }
}

// The last attribute counts, so an unknown word undoes an earlier Strict (RFC 6265bis 5.6.7).
const sameSite = (word: string): SameSite | null =>
  word === 'lax' || word === 'strict' || word === 'none' ? word : null;

/** Digits with an optional minus sign; anything else is no Max-Age (RFC 6265bis 5.6.2). */
function deltaSeconds(field: string, start: number, end: number): number | undefined {
  const negative = field.charCodeAt(start) === MINUS;
  const first = negative ? start + 1 : start;
  if (first >= end) return undefined;
  let seconds = 0;
  for (let i = first; i < end; i++) {
    const digit = field.charCodeAt(i) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    seconds = seconds * 10 + digit;
  }
  return negative ? -seconds : seconds;
}

function trimmed(text: string, from: number, to: number): string {
  const start = skipSpace(text, from, to);
  return text.slice(start, skipSpaceBack(text, start, to));
}

function skipSpace(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && isSpace(text.charCodeAt(at))) at++;
  return at;
}

function skipSpaceBack(text: string, from: number, to: number): number {
  let at = to;
  while (at > from && isSpace(text.charCodeAt(at - 1))) at--;
  return at;
}

// RFC 5234 WSP: space and tab. U+00A0 is part of a value.
const isSpace = (code: number): boolean => code === 0x20 || code === 0x09;

function indexOfEquals(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && text.charCodeAt(at) !== EQUALS) at++;
  return at;
}

const CONTROL_CHARACTER: RejectedSetCookie = {
  kind: 'rejected',
  reason: 'holds a character that no header can carry',
};
const TOO_LONG: RejectedSetCookie = {
  kind: 'rejected',
  reason: `has a name and value over ${MAX_PAIR_BYTES} octets`,
};
const EMPTY: RejectedSetCookie = { kind: 'rejected', reason: 'has neither a name nor a value' };

const MINUS = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;
const ZERO = 0x30;
const EQUALS = 0x3d;
const LETTER_E = 0x65;
const LETTER_S = 0x73;
