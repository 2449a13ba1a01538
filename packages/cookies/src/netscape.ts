import type { CookieRecord } from './cookie-record.ts';
import type { CookieDraft } from './imported-cookie.ts';

const HEADER = '# Netscape HTTP Cookie File';
const HTTP_ONLY = '#HttpOnly_';

/** Writes a cookies.txt as curl, wget and Python's MozillaCookieJar read it. */
export function writeNetscape(cookies: Iterable<CookieRecord>): string {
  const lines = [HEADER, '# Written by httpsession. These are credentials: keep them to yourself.', ''];
  for (const cookie of cookies) {
    // The format has no escape, so a tab would end the column: such a cookie cannot be written.
    if (cookie.value.includes('\t') || cookie.name.includes('\t') || cookie.path.includes('\t')) continue;
    lines.push(line(cookie));
  }
  return `${lines.join('\n')}\n`;
}

/**
 * Reads a cookies.txt: seven tab-separated columns, or six where the value is empty or the path left out.
 * @throws {TypeError} naming the line that does not fit, or saying that the text is JSON
 */
export function readNetscape(text: string): CookieDraft[] {
  if (typeof text !== 'string') throw new TypeError(`text must be a string, got ${typeof text}`);
  if (/^\uFEFF?\s*[[{]/.test(text))
    throw new TypeError('text must be a cookies.txt, got JSON: read it with fromJSON');
  const cookies: CookieDraft[] = [];
  text.split('\n').forEach((raw, index) => {
    const content = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    const httpOnly = content.startsWith(HTTP_ONLY);
    if (!httpOnly && (content.startsWith('#') || content.trim() === '')) return;
    cookies.push(readLine(httpOnly ? content.slice(HTTP_ONLY.length) : content, httpOnly, index + 1));
  });
  return cookies;
}

function line(cookie: CookieRecord): string {
  return [
    // Python asserts that the leading dot and the flag agree.
    `${cookie.httpOnly ? HTTP_ONLY : ''}${cookie.hostOnly ? '' : '.'}${cookie.domain}`,
    cookie.hostOnly ? 'FALSE' : 'TRUE',
    cookie.path,
    cookie.secure ? 'TRUE' : 'FALSE',
    // 0 is a session cookie to curl, wget and yt-dlp.
    cookie.expires === null ? '0' : String(Math.floor(cookie.expires / 1000)),
    cookie.name,
    cookie.value,
  ].join('\t');
}

function readLine(content: string, httpOnly: boolean, number: number): CookieDraft {
  const place = `cookies.txt line ${number}`;
  const columns = content.split('\t');
  // Six columns that go on with a flag after the domain's lack the path; those that do not, the value.
  if (columns.length === 6 && isFlag(columns[2])) columns.splice(2, 0, '/');
  if (columns.length < 6 || columns.length > 7) {
    throw new TypeError(`${place} must have 6 or 7 columns between tabs, got ${columns.length}`);
  }
  const [domain = '', subdomains = '', path = '', secure = '', expires = '', name = '', value = ''] = columns;
  if (!isFlag(subdomains) || !isFlag(secure))
    throw new TypeError(`${place} must say TRUE or FALSE in columns 2 and 4`);
  if (!/^-?\d*(?:\.\d*)?$/.test(expires))
    throw new TypeError(`${place} must have a number of seconds in column 5`);
  const seconds = Number(expires === '' ? 0 : expires);
  return {
    name,
    value,
    // wget writes the port along.
    domain: domain.replace(/^([^:[\]]+):\d+$/, '$1'),
    hostOnly: !isTrue(subdomains),
    path: path === '' ? '/' : path,
    secure: isTrue(secure),
    httpOnly,
    expires: seconds > 0 ? seconds * 1000 : null,
  };
}

const isFlag = (column: string | undefined): boolean => /^(?:true|false)$/i.test(column ?? '');
const isTrue = (column: string): boolean => column.toLowerCase() === 'true';
