import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidURLError } from '../errors.ts';
import { parseBaseURL, parseRequestURL, resolveURL } from './request-url.ts';

const base = (text: string): URL => parseBaseURL(text);

describe('joining', () => {
  it.each<[input: string, baseUrl: string | null, href: string]>([
    ['http://a.test', null, 'http://a.test/'],
    ['  http://A.test:80/x  ', null, 'http://a.test/x'],
    ['http://faß.de/', null, 'http://xn--fa-hia.de/'],
    ['http://a.test/ b?c d', null, 'http://a.test/%20b?c%20d'],
    ['http://a.test/a\r\nb\t', null, 'http://a.test/ab'],
    ['http://a.test/Ċ', null, 'http://a.test/%C4%8A'],
    ['items', 'http://a.test/v1/', 'http://a.test/v1/items'],
    ['items', 'http://a.test/v1', 'http://a.test/items'],
    ['/items', 'http://a.test/v1/', 'http://a.test/items'],
    ['?q=1', 'http://a.test/v1/', 'http://a.test/v1/?q=1'],
    ['', 'http://a.test/v1/', 'http://a.test/v1/'],
    ['../x', 'http://a.test/v1/w/', 'http://a.test/v1/x'],
    // These leave the base; that credentials do not go along is proven at the wire.
    ['//evil.test/x', 'http://a.test/v1/', 'http://evil.test/x'],
    ['\\\\evil.test', 'http://a.test/v1/', 'http://evil.test/'],
    ['/\t/evil.test/x', 'http://a.test/v1/', 'http://evil.test/x'],
    ['http://2130706433/', null, 'http://127.0.0.1/'],
    ['http://a.test\\@b.test/', null, 'http://a.test/@b.test/'],
    ['http://a.test#@b.test/', null, 'http://a.test/'],
  ])('%j over %j is %s', (input, baseUrl, href) => {
    const parsed = resolveURL(input, baseUrl === null ? null : base(baseUrl));
    expect(parsed.href).toBe(href);
    expect(parsed.origin).toBe(new URL(href).origin);
    // From the memo, too.
    expect(resolveURL(input, baseUrl === null ? null : base(baseUrl)).href).toBe(href);
  });

  it('does not confuse a joined URL with an absolute one that reads like base and path', () => {
    expect(resolveURL('http://evil.test/', base('http://a.test/')).href).toBe('http://evil.test/');
    expect(resolveURL('http://a.test/ http://evil.test/', null).href).toBe(
      'http://a.test/%20http://evil.test/',
    );
  });

  it('takes apart path, fragment and user information', () => {
    const parsed = resolveURL('https://us%40er:p%3Aw@a.test:8443/p/?q=1#top', null);
    expect(parsed).toMatchObject({
      href: 'https://a.test:8443/p/?q=1',
      origin: 'https://a.test:8443',
      path: '/p/?q=1',
      fragment: '#top',
      userinfo: ['us@er', 'p:w'],
    });
    expect(resolveURL('http://a.test/', null).userinfo).toBe(null);
  });

  it('gives custom schemes an origin of scheme and authority', () => {
    expect(parseRequestURL('app://one/x').origin).toBe('app://one');
    expect(parseRequestURL('app://two/x').origin).not.toBe(parseRequestURL('app://one/x').origin);
  });

  it('leaves a URL object as it was', () => {
    const url = new URL('http://u:p@a.test/#x');
    resolveURL(url, null);
    expect(url.href).toBe('http://u:p@a.test/#x');
  });
});

describe('refusals', () => {
  it.each<[input: string, message: string]>([
    ['items', '"items" is relative and the session has no baseUrl'],
    ['//a.test/x', '"//a.test/x" is relative and the session has no baseUrl'],
    ['http:a.test', '"http:a.test" lacks the // after its scheme'],
    ['https:/a.test', '"https:/a.test" lacks the // after its scheme'],
    ['http://', '"http://" is not a URL'],
    ['http://[::1', '"http://[::1" is not a URL'],
    ['http://a.test:99999/', '"http://a.test:99999/" is not a URL'],
    ['http://a b.test/', '"http://a b.test/" is not a URL'],
    ['http://a%2Fb.test/', '"http://a%2Fb.test/" is not a URL'],
  ])('%j is refused by name', (input, message) => {
    expect(() => resolveURL(input, null)).toThrow(new InvalidURLError(message));
  });

  it.each([
    'http://user:pass@[::1/x',
    'http:\\\\user:pass@host',

    'http://user:pa/ss@h:x@[',
    'http:user:pass@a.test',
    '\thttp://user:pass@:99999',
    'http://user:pass#1@host:99999/',
    'http://user:pass?1@host:99999/',
    '//user:pass#1@host/',
    'https://user:pass%#1@[',
    'http://user:pass#1@host/',
  ])('no password of %j is shown, at any depth', (input) => {
    const error = thrownBy(() => resolveURL(input, null));
    expect(error).toBeInstanceOf(InvalidURLError);
    expect(inspect(error, { depth: 10 }).split('\n')[0]).not.toMatch(/user|pa\/?ss/);
    expect(JSON.stringify(error)).not.toMatch(/pass/);
    expect((error as Error).cause).toBe(undefined);
  });

  it('no query is shown', () => {
    const error = thrownBy(() => resolveURL('http://[::1/x?token=secret', null));
    expect(inspect(error, { depth: 10 }).split('\n')[0]).not.toContain('secret');
    expect((error as Error).cause).toBe(undefined);
  });

  it.each([null, 5, {}, undefined, ['http://a.test/']])('%j is no URL argument', (input) => {
    expect(() => resolveURL(input as string, null)).toThrow(TypeError);
    expect(() => parseBaseURL(input as string)).toThrow(TypeError);
  });

  it('throws a typed error for whatever text, and shows nothing before an @', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          resolveURL(`${text}SECRET@${text}`, null);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidURLError);
          expect((error as Error).message).not.toContain('SECRET');
        }
      }),
      { numRuns: 1000 },
    );
  });
});

const thrownBy = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('it did not throw');
};
