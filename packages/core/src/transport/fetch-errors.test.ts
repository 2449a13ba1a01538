import { describe, expect, it } from 'vitest';
import { ConnectionError, InvalidURLError, ProxyError, TLSError } from '../errors.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import { type FailureContext, translateFetchError } from './fetch-errors.ts';

const request = { method: 'GET', url: 'http://a.example/', attempts: 1, maxAttempts: 3 } as PreparedRequest;

const translated = (cause: unknown, context: FailureContext = {}): Error =>
  translateFetchError(cause, request, context);

const failed = (message: string): TypeError =>
  new TypeError('fetch failed', {
    cause: new Error(`error sending request for url (http://ssl.socket.example/): ${message}`),
  });

const coded = (code: string): TypeError => Object.assign(new TypeError('x'), { code });

describe('translateFetchError', () => {
  it.each([
    [
      'Deno: refused',
      failed('client error (Connect): tcp connect error: Connection refused (os error 111)'),
      'connect',
      false,
    ],
    [
      'Deno: unknown host',
      failed('client error (Connect): dns error: failed to lookup address information'),
      'dns',
      false,
    ],
    [
      'Deno: reset',
      failed('client error (SendRequest): connection error: Connection reset by peer (os error 104)'),
      'headers',
      true,
    ],
    [
      'Deno: closed',
      failed('client error (SendRequest): connection closed before message completed'),
      'headers',
      true,
    ],
    ['Bun: refused', coded('ECONNREFUSED'), 'connect', false],
    ['Bun: unknown host', coded('ENOTFOUND'), 'dns', false],
    ['Bun: reset', coded('ECONNRESET'), 'headers', true],
    ['Bun: no such socket', coded('ENOENT'), 'connect', false],
    ['Bun: garbage', coded('Malformed_HTTP_Response'), 'headers', true],
    ['workerd: anything', new Error('Network connection lost.'), 'unknown', true],
    ['workerd: unknown host', new Error('internal error; reference = abc'), 'unknown', true],
    ['Chromium: anything', new TypeError('Failed to fetch'), 'unknown', true],
    ['no error at all', 'gone', 'unknown', true],
  ])('%s', (_, cause, phase, requestSent) => {
    const error = translated(cause);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ phase, requestSent, retryable: true, cause });
    expect(error).not.toBeInstanceOf(TLSError);
  });

  it.each([
    ['Deno', failed('client error (Connect): invalid peer certificate: UnknownIssuer')],
    ['Bun', coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE')],
    ['Bun, expired', coded('CERT_HAS_EXPIRED')],
  ])('calls a refused certificate final: %s', (_, cause) => {
    const error = translated(cause);
    expect(error).toBeInstanceOf(TLSError);
    expect(error).toMatchObject({ requestSent: false, retryable: false });
  });

  it('names the proxy when that is what could not be reached, and never the server instead', () => {
    expect(translated(coded('ECONNREFUSED'), { proxied: true })).toBeInstanceOf(ProxyError);
    expect(translated(coded('ECONNRESET'), { proxied: true })).not.toBeInstanceOf(ProxyError);
    const denied = translated(failed('client error (Connect): proxy authentication required'), {
      proxied: true,
    });
    expect(denied).toBeInstanceOf(ProxyError);
    expect(denied).toMatchObject({ retryable: false, requestSent: false });
  });

  it('does not ask again for a permission that is not there', () => {
    const cause = new Error('Requires net access to "127.0.0.1:1", run again with the --allow-net flag');
    expect(translated(cause)).toMatchObject({ retryable: false, requestSent: false });
  });

  it('calls what cannot be fetched a bad URL', () => {
    expect(translated(new TypeError('Fetch failed: Requests to port 9 are blocked'))).toBeInstanceOf(
      InvalidURLError,
    );
  });
});
