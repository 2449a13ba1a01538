import { type CallOptions, UnsupportedOptionError } from '@httpsession/core';
import { describe, expect, it } from 'vitest';
import { BrowserSession } from './browser-session.ts';

// Nothing listens there: a request that is not refused before it leaves fails in another way.
const url = 'http://127.0.0.1:1/';

describe('what a browser would drop or decide by itself', () => {
  it.each<[string, CallOptions]>([
    ['headers.user-agent', { headers: { 'User-Agent': 'x' } }],
    ['headers.cookie', { headers: { Cookie: 'a=1' } }],
    ['headers.host', { headers: { Host: 'x' } }],
    ['headers.accept-encoding', { headers: { 'Accept-Encoding': 'gzip' } }],
    ['headers.sec-fetch-mode', { headers: { 'Sec-Fetch-Mode': 'cors' } }],
    ['headers.proxy-x', { headers: { 'Proxy-X': '1' } }],
    ['headers.x-http-method-override', { headers: { 'X-HTTP-Method-Override': 'TRACE' } }],
    ['cookies', { cookies: { a: '1' } }],
    ['redirect.max', { redirect: 5 }],
    ['redirect.methods', { redirect: { methods: 'requests' } }],
    ['redirect.forwardHeaders', { redirect: { forwardHeaders: ['x-a'] } }],
    ['redirect.crossOriginBody', { redirect: { crossOriginBody: false } }],
    ['hooks.beforeRedirect', { hooks: { beforeRedirect: () => undefined } }],
    ['decompress', { decompress: false }],
    ['onUploadProgress', { onUploadProgress: () => undefined }],
    ['proxy', { proxy: 'http://127.0.0.1:1' }],
    ['unixSocket', { unixSocket: '/tmp/x' }],
  ])('is refused: %s', async (option, options) => {
    await using session = new BrowserSession({ retry: null });
    const refusal = await session.get(url, options).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UnsupportedOptionError);
    expect(refusal).toMatchObject({ option, platform: 'browser' });
  });
});

describe('cookies: false', () => {
  it('is said to the browser as credentials: omit, by children too', () => {
    const omitting = new BrowserSession({ cookies: false });
    const credentials = (session: BrowserSession): unknown =>
      session.prepare('GET', url).options.transport.credentials;
    expect(credentials(omitting)).toBe('omit');
    expect(credentials(omitting.extend({ params: { a: '1' } }))).toBe('omit');
    expect(credentials(new BrowserSession().extend({ cookies: false }))).toBe('omit');
    expect(credentials(new BrowserSession({ cookies: false, credentials: 'include' }))).toBe('include');
    expect(credentials(new BrowserSession({ cookies: null }))).toBe('omit');
    expect(credentials(new BrowserSession())).toBeUndefined();
  });
});
