// What "everything on" means: 2 cookies, Basic, 4 headers, retry and all timeouts.

export const user = 'alice';
export const password = 'correct horse battery staple';

export const twoCookies = [
  ['sid', '0123456789abcdef0123456789abcdef'],
  ['csrf', 'fedcba9876543210'],
];

export const headers = {
  'user-agent': 'bench/1.0',
  accept: 'application/json',
  'accept-language': 'en',
  'x-request-source': 'bench',
};

/** Milliseconds. */
export const timeouts = { connect: 5_000, headers: 10_000, idle: 10_000, attempt: 120_000, total: 240_000 };

export const retries = 2;

/** Bytes that file streams read at a time: Node's own default, for all. */
export const highWaterMark = 64 * 1024;

export const cookieHeader = (cookies) => cookies.map((pair) => pair.join('=')).join('; ');

/** For clients that have neither jar nor credentials: the same, written out. */
export const plainHeaders = (cookies) => ({
  ...headers,
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
  cookie: cookieHeader(cookies),
});
