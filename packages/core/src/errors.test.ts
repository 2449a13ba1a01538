import { describe, expect, it, vi } from 'vitest';
import * as errors from './errors.ts';
import type { PreparedRequest } from './request/prepared-request.ts';
import type { SessionResponse } from './response/session-response.ts';

const request = (attempts = 0): PreparedRequest =>
  ({ method: 'GET', url: 'https://api.example/items', attempts, maxAttempts: 3 }) as PreparedRequest;
const response = (status: number, statusText = ''): SessionResponse =>
  ({ status, statusText, request: request(1), history: [] }) as unknown as SessionResponse;
const cause = new Error('below');

type Row = readonly [
  error: errors.SessionError,
  name: string,
  code: string,
  parents: readonly string[],
  retryable: boolean,
];

const rows: readonly Row[] = [
  [new errors.RequestError('m'), 'RequestError', 'ERR_REQUEST', [], false],
  [new errors.InvalidURLError('m'), 'InvalidURLError', 'ERR_INVALID_URL', ['RequestError'], false],
  [new errors.InvalidHeaderError('m'), 'InvalidHeaderError', 'ERR_INVALID_HEADER', ['RequestError'], false],
  [new errors.InvalidCookieError('m'), 'InvalidCookieError', 'ERR_INVALID_COOKIE', ['RequestError'], false],
  [
    new errors.UnreplayableBodyError('m'),
    'UnreplayableBodyError',
    'ERR_BODY_NOT_REPLAYABLE',
    ['RequestError'],
    false,
  ],
  [
    new errors.UnsupportedOptionError('tls', 'browser', 'm'),
    'UnsupportedOptionError',
    'ERR_UNSUPPORTED_OPTION',
    ['RequestError'],
    false,
  ],
  [new errors.SessionClosedError(), 'SessionClosedError', 'ERR_SESSION_CLOSED', ['RequestError'], false],
  [new errors.ConnectionError('m', { requestSent: true }), 'ConnectionError', 'ERR_CONNECTION', [], true],
  [new errors.ProxyError('m', { requestSent: false }), 'ProxyError', 'ERR_PROXY', ['ConnectionError'], true],
  [new errors.TLSError('m', { requestSent: false }), 'TLSError', 'ERR_TLS', ['ConnectionError'], false],
  [new errors.TimeoutError('headers', 5, {}), 'TimeoutError', 'ERR_TIMEOUT', [], true],
  [new errors.TimeoutError('total', 5, {}), 'TimeoutError', 'ERR_TIMEOUT', [], false],
  [new errors.RedirectError('m'), 'RedirectError', 'ERR_REDIRECT', [], false],
  [
    new errors.TooManyRedirectsError(30),
    'TooManyRedirectsError',
    'ERR_TOO_MANY_REDIRECTS',
    ['RedirectError'],
    false,
  ],
  [
    new errors.UnsafeRedirectError('m'),
    'UnsafeRedirectError',
    'ERR_UNSAFE_REDIRECT',
    ['RedirectError'],
    false,
  ],
  [new errors.HTTPError(response(404)), 'HTTPError', 'ERR_HTTP_STATUS', [], false],
  [new errors.HTTPError(response(503)), 'HTTPError', 'ERR_HTTP_STATUS', [], true],
  [new errors.RetryError('m'), 'RetryError', 'ERR_RETRY', [], false],
  [new errors.BodyError('m'), 'BodyError', 'ERR_BODY', [], false],
  [new errors.JSONDecodeError('m', 'text'), 'JSONDecodeError', 'ERR_JSON_DECODE', ['BodyError'], false],
  [new errors.SchemaError([]), 'SchemaError', 'ERR_SCHEMA', ['BodyError'], false],
  [new errors.DecodingError('m'), 'DecodingError', 'ERR_DECODING', ['BodyError'], false],
  [new errors.IncompleteBodyError('m', 3), 'IncompleteBodyError', 'ERR_INCOMPLETE_BODY', ['BodyError'], true],
  [new errors.BodyTooLargeError(5), 'BodyTooLargeError', 'ERR_BODY_TOO_LARGE', ['BodyError'], false],
];

const classes = Object.entries(errors).filter(
  (entry): entry is [string, typeof errors.SessionError] =>
    typeof entry[1] === 'function' && entry[1].prototype instanceof Error,
);

describe('the tree', () => {
  it('has a row for every class', () => {
    expect(new Set(rows.map(([, name]) => name))).toEqual(
      new Set(classes.map(([name]) => name).filter((name) => name !== 'SessionError')),
    );
  });

  it.each(rows)('%o is a %s with code %s', (error, name, code, parents, retryable) => {
    expect([error.name, error.code, error.retryable]).toEqual([name, code, retryable]);
    const family = new Set(['SessionError', name, ...parents]);
    for (const [other, type] of classes) {
      expect(error instanceof type).toBe(family.has(other));
      expect(type.is(error)).toBe(family.has(other));
    }
    expect(String(error)).toBe(`${name}: ${error.message}`);
    expect(error.toJSON()).toMatchObject({ name, code, message: error.message });
    expect(Object.keys(error)).not.toContain('name');
  });
});

describe('is()', () => {
  it('knows the errors of another copy of the module, class by class', async () => {
    vi.resetModules();
    const copy: typeof errors = await import('./errors.ts');
    expect(copy.SessionError).not.toBe(errors.SessionError);
    const foreign = new copy.TooManyRedirectsError(3);
    expect(foreign instanceof errors.SessionError).toBe(false);
    expect(errors.SessionError.is(foreign)).toBe(true);
    expect(errors.RedirectError.is(foreign)).toBe(true);
    expect(errors.TooManyRedirectsError.is(foreign)).toBe(true);
    expect(errors.UnsafeRedirectError.is(foreign)).toBe(false);
    expect(errors.TimeoutError.is(foreign)).toBe(false);
  });

  it.each([null, undefined, 5, 'text', {}, new Error('x'), new TypeError('x'), Object.create(null)])(
    'does not know %o',
    (value) => {
      expect(errors.SessionError.is(value)).toBe(false);
    },
  );

  it('takes a class that somebody derived for itself', () => {
    class QuotaError extends errors.RequestError {}
    expect(QuotaError.is(new QuotaError('m'))).toBe(true);
    expect(QuotaError.is(new errors.RequestError('m'))).toBe(false);
    expect(errors.RequestError.is(new QuotaError('m'))).toBe(true);
  });
});

describe('the message', () => {
  it.each([
    [
      new errors.TimeoutError('headers', 5000, { request: request(2) }),
      'GET https://api.example/items: no response headers within 5000 ms (attempt 2 of 3)',
    ],
    [
      new errors.TimeoutError('total', 100, { request: request(1) }),
      'GET https://api.example/items: the call did not end within 100 ms',
    ],
    [
      new errors.HTTPError(response(404, 'Not Found')),
      'GET https://api.example/items: answered 404 Not Found',
    ],
    [
      new errors.HTTPError(response(400, '\u001b[2Jgone\r\u0085')),
      'GET https://api.example/items: answered 400 ?[2Jgone??',
    ],
    [
      new errors.HTTPError(response(400, 'x'.repeat(30_000))),
      `GET https://api.example/items: answered 400 ${'x'.repeat(100)}…`,
    ],
    [new errors.HTTPError(response(499)), 'GET https://api.example/items: answered 499'],
    [
      new errors.TooManyRedirectsError(30, { response: response(302) }),
      'GET https://api.example/items: stopped after 30 redirects',
    ],
    [new errors.BodyTooLargeError(5), 'the body is larger than 5 bytes'],
    [new errors.SchemaError([{ message: 'x' }]), 'the body does not fit the schema: 1 issue'],
  ])('says what happened, with its limit and attempt: %s', (error, message) => {
    expect(error.message).toBe(message);
  });

  it('keeps its cause and request, and tells the attempts', () => {
    const error = new errors.ConnectionError('reset', { request: request(2), requestSent: true, cause });
    expect(error.cause).toBe(cause);
    expect(error.attempts).toBe(2);
    expect(error.request?.url).toBe('https://api.example/items');
    expect(new errors.RequestError('m')).toMatchObject({ attempts: 0 });
    expect('cause' in new errors.RequestError('m')).toBe(false);
  });
});
