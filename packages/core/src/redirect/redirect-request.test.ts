import { describe, expect, it } from 'vitest';
import { RedirectError, UnreplayableBodyError, UnsafeRedirectError } from '../errors.ts';
import type { CallOptions } from '../options/call-options.ts';
import type { Platform } from '../platform.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import { responseFrom } from '../response/response-from.ts';
import { Session } from '../session/session.ts';
import { fetchTransport } from '../transport/fetch-transport.ts';
import { redirectRequest } from './redirect-request.ts';

const platform: Platform = {
  name: 'test',
  userAgent: null,
  cookies: null,
  createTransport: () =>
    fetchTransport(() => new Response(), { capabilities: { bodyOnGet: true, options: [] } }),
};
const session = new Session({}, platform);

const next = (
  method: string,
  url: string,
  options: CallOptions,
  status: number,
  location: string | null,
): PreparedRequest | null => {
  const request = session.prepare(method, url, options);
  const headers: Record<string, string> = location === null ? {} : { location };
  return redirectRequest(request, responseFrom(request, new Response(null, { status, headers })));
};

const home = 'https://a.test/start';

describe('methods and bodies', () => {
  // Fetch 4.4 (HTTP-redirect fetch, 12) and requests' rebuild_method. `+` keeps the body.
  const table: Record<string, Record<number, [fetch: string, requests: string]>> = {
    GET: {
      301: ['GET+', 'GET+'],
      302: ['GET+', 'GET+'],
      303: ['GET+', 'GET+'],
      307: ['GET+', 'GET+'],
      308: ['GET+', 'GET+'],
    },
    HEAD: {
      301: ['HEAD+', 'HEAD+'],
      302: ['HEAD+', 'HEAD+'],
      303: ['HEAD+', 'HEAD+'],
      307: ['HEAD+', 'HEAD+'],
      308: ['HEAD+', 'HEAD+'],
    },
    POST: {
      301: ['GET', 'GET'],
      302: ['GET', 'GET'],
      303: ['GET', 'GET'],
      307: ['POST+', 'POST+'],
      308: ['POST+', 'POST+'],
    },
    PUT: {
      301: ['PUT+', 'PUT+'],
      302: ['PUT+', 'GET'],
      303: ['GET', 'GET'],
      307: ['PUT+', 'PUT+'],
      308: ['PUT+', 'PUT+'],
    },
    PATCH: {
      301: ['PATCH+', 'PATCH+'],
      302: ['PATCH+', 'GET'],
      303: ['GET', 'GET'],
      307: ['PATCH+', 'PATCH+'],
      308: ['PATCH+', 'PATCH+'],
    },
    DELETE: {
      301: ['DELETE+', 'DELETE+'],
      302: ['DELETE+', 'GET'],
      303: ['GET', 'GET'],
      307: ['DELETE+', 'DELETE+'],
      308: ['DELETE+', 'DELETE+'],
    },
    QUERY: {
      301: ['QUERY+', 'QUERY+'],
      302: ['QUERY+', 'GET'],
      303: ['GET', 'GET'],
      307: ['QUERY+', 'QUERY+'],
      308: ['QUERY+', 'QUERY+'],
    },
  };
  const cases = Object.entries(table).flatMap(([method, row]) =>
    Object.entries(row).flatMap(([status, [fetch, requests]]) => [
      [method, Number(status), 'fetch', fetch] as const,
      [method, Number(status), 'requests', requests] as const,
    ]),
  );

  it.each(cases)('%s answered %i under the rules of %s becomes %s', (method, status, methods, expected) => {
    const following = next(method, home, { body: 'x', redirect: { methods } }, status, '/next');
    expect(`${following?.method}${following?.body == null ? '' : '+'}`).toBe(expected);
    expect(following?.header('content-type')).toBe(
      expected.endsWith('+') ? 'text/plain;charset=UTF-8' : undefined,
    );
  });

  it('drops every header that describes the content along with it, and no other', () => {
    const content = [
      'Content-Encoding',
      'Content-Language',
      'Content-Location',
      'Content-Type',
      'Content-MD5',
      'Content-Disposition',
      'Digest',
    ];
    const headers = Object.fromEntries(
      [...content, 'Accept', 'Range', 'If-None-Match', 'X-Custom'].map((name) => [name, 'x']),
    );
    const following = next('POST', home, { body: 'x', headers }, 302, '/next');
    expect(
      following?.headers
        .toPairs()
        .map(([name]) => name)
        .sort(),
    ).toEqual(['Accept', 'If-None-Match', 'Range', 'X-Custom']);
  });

  it.each([200, 201, 300, 304, 305, 306, 309, 399, 400])('%i is no redirect', (status) => {
    expect(next('GET', home, {}, status, '/next')).toBe(null);
  });

  it.each([null, '', ' '])('the Location %j leads nowhere', (location) => {
    expect(next('GET', home, {}, 302, location)).toBe(null);
  });

  it('refuses to send a one-shot stream again, and would send it never sent', () => {
    const request = session.prepare('POST', home, {
      body: (async function* () {
        yield 'x';
      })(),
    });
    const response = responseFrom(request, new Response(null, { status: 307, headers: { location: '/b' } }));
    expect(redirectRequest(request, response)?.body).toBe(request.body);
    request.body?.stream();
    expect(() => redirectRequest(request, response)).toThrow(UnreplayableBodyError);
  });

  it('carries a body to another origin unless told not to', () => {
    const to = 'https://b.test/';
    expect(next('POST', home, { body: 'x' }, 307, to)?.body).not.toBe(null);
    const options: CallOptions = { body: 'x', redirect: { crossOriginBody: false } };
    expect(() => next('POST', home, options, 307, to)).toThrow(UnsafeRedirectError);
    expect(next('POST', home, options, 307, '/same')?.body).not.toBe(null);
    expect(next('POST', home, options, 303, to)?.method).toBe('GET');
  });
});

describe('targets', () => {
  it.each<[location: string, url: string, href: string]>([
    ['/b', 'https://a.test/x/y?q#f', 'https://a.test/b#f'],
    ['b', 'https://a.test/x/y', 'https://a.test/x/b'],
    ['?z=1', 'https://a.test/x/y', 'https://a.test/x/y?z=1'],
    ['#other', 'https://a.test/x', 'https://a.test/x#other'],
    ['/b#', 'https://a.test/x#f', 'https://a.test/b'],
    ['//b.test/c', 'https://a.test/x', 'https://b.test/c'],
    ['HTTPS://B.test:443/c', 'https://a.test/', 'https://b.test/c'],
    ['https://u:p@a.test/c', 'https://a.test/', 'https://a.test/c'],
    ['https://u:p@b.test/c', 'https://a.test/', 'https://b.test/c'],
    ['  /b  ', 'https://a.test/', 'https://a.test/b'],
    ['/a b', 'https://a.test/', 'https://a.test/a%20b'],
    ['\\back', 'https://a.test/x/', 'https://a.test/back'],
    ['/%7e%zz', 'https://a.test/', 'https://a.test/%7e%zz'],
    ['/\u00c3\u0161', 'https://a.test/', 'https://a.test/%C3%83%C5%A1'],
    ['/\u00c3\u00bc', 'https://a.test/', 'https://a.test/%C3%BC'],
    ['/\u00fc', 'https://a.test/', 'https://a.test/%C3%BC'],
  ])('%j seen from %s leads to %s', (location, url, href) => {
    const request = session.prepare('GET', url);
    const response = responseFrom(request, new Response(null, { status: 302 }));
    const target = redirectRequest(
      request,
      response.derive({
        headers: { getAll: (name) => (name === 'location' ? [location] : []), pairs: () => [] },
      }),
    )?.target;
    expect(target && target.href + target.fragment).toBe(href);
  });

  it.each([
    'file:///etc/passwd',
    'data:text/plain,x',
    'ftp://a.test/',
    'javascript:alert(1)',
    'blob:https://a.test/x',
    'mailto:a@b.test',
    'ws://a.test/',
    'http+unix://%2Fvar%2Frun%2Fx.sock/',
    'about:blank',
  ])('%s is refused', (location) => {
    expect(() => next('GET', home, {}, 302, location)).toThrow(UnsafeRedirectError);
  });

  it.each([
    'https://[bad',
    'https://',
    'https://:1',
    '//',
    'https://a b.test/',
    'https://a.test:99999/',
    'https://[::1%25.a.test]/',
  ])('%s is no URL', (location) => {
    expect(() => next('GET', home, {}, 302, location)).toThrow(RedirectError);
  });

  it('refuses Locations that differ, and takes the same one twice', () => {
    const request = session.prepare('GET', home);
    const answered = (...locations: string[]) =>
      responseFrom(request, new Response(null, { status: 302 })).derive({
        headers: { getAll: (name) => (name === 'location' ? locations : []), pairs: () => [] },
      });
    expect(() => redirectRequest(request, answered('/b', '/c'))).toThrow(RedirectError);
    expect(redirectRequest(request, answered('/b', '/b'))?.url).toBe('https://a.test/b');
  });

  it('goes from https down to http only when told, and then without secrets', () => {
    const down = 'http://a.test/';
    const headers = { authorization: 'secret', 'x-key': 'secret', accept: 'text/html' };
    expect(() => next('GET', home, { headers }, 302, down)).toThrow(UnsafeRedirectError);
    const redirect = { allowDowngrade: true, forwardHeaders: ['X-Key'] };
    const following = next('GET', home, { headers, redirect }, 302, down);
    expect(following?.headers.toPairs()).toEqual([['accept', 'text/html']]);
  });
});

describe('headers', () => {
  const headers = {
    Authorization: 's',
    Cookie: 's=1',
    'X-API-Key': 's',
    'Private-Token': 's',
    'X-CSRF-Token': 's',
    Referer: 's',
    Origin: 's',
    From: 's',
    Host: 'v.test',
    Accept: 'p',
    'Accept-Language': 'p',
    'Content-Type': 'p',
    'User-Agent': 'p',
    Range: 'p',
    'If-Match': 'p',
    'Cache-Control': 'p',
    Pragma: 'p',
    traceparent: 'p',
    tracestate: 'p',
    baggage: 'p',
  };
  const names = (request: PreparedRequest | null): string[] =>
    (request?.headers.toPairs() ?? []).map(([name]) => name);

  it('all stay on the way to the same origin, Host included', () => {
    expect(names(next('GET', home, { headers }, 302, '/next')).sort()).toEqual(Object.keys(headers).sort());
  });

  it.each([
    'https://b.test/',
    'https://a.test:8443/',
    'https://sub.a.test/',
    'https://test/',
    'https://xa.test/',
    'https://a.test./',
  ])('only those that tell nothing go to %s', (location) => {
    const plain = Object.entries(headers)
      .filter(([, value]) => value === 'p')
      .map(([name]) => name);
    expect(names(next('GET', home, { headers }, 302, location))).toEqual(plain);
  });

  it('named ones go along, by any case, but never Host', () => {
    const redirect = { forwardHeaders: ['x-api-KEY', 'host'] };
    const following = next('GET', home, { headers, redirect }, 302, 'https://b.test/');
    expect(names(following)).toContain('X-API-Key');
    expect(names(following)).not.toContain('Host');
    expect(names(following)).not.toContain('Authorization');
  });
});
