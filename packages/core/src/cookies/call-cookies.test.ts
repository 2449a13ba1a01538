import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidCookieError } from '../errors.ts';
import type { CallOptions } from '../options/call-options.ts';
import type { Platform } from '../platform.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import { Session } from '../session/session.ts';
import { fetchTransport } from '../transport/fetch-transport.ts';
import { cookieHeader, withCookieHeader } from './call-cookies.ts';

const platform: Platform = {
  name: 'test',
  userAgent: null,
  cookies: null,
  createTransport: () => fetchTransport(() => new Response()),
};
const session = new Session({}, platform);
const request = (options: CallOptions): PreparedRequest => session.prepare('GET', 'http://a.test/', options);

describe('the Cookie header', () => {
  it.each<
    [
      jar: string,
      header: string | undefined,
      call: Record<string, string | null> | undefined,
      result: string | null,
    ]
  >([
    ['', undefined, undefined, null],
    ['a=1', undefined, undefined, 'a=1'],
    ['a=1', '', undefined, 'a=1'],
    ['', 'b=2', undefined, 'b=2'],
    ['a=1; b=1', 'b=2', undefined, 'a=1; b=2'],
    ['a=1; b=1', 'b=2; b=3', undefined, 'a=1; b=2; b=3'],
    ['a=1', ' b=2 ;; c=3; ', undefined, 'a=1; b=2; c=3'],
    ['a=1; a=2; b=1', undefined, { b: '2' }, 'a=1; a=2; b=2'],
    ['a=1; a=2; b=1', undefined, { a: '3' }, 'b=1; a=3'],
    ['a=1', 'a=2; b=2', { a: '3' }, 'b=2; a=3'],
    ['a=1', 'b=2', { a: null, b: null }, null],
    ['a=1', undefined, { missing: null }, 'a=1'],
    ['token; a=1', 'other', undefined, 'a=1; other'],
    ['a=x=y', undefined, { b: '1' }, 'a=x=y; b=1'],
  ])('of the jar %j, the header %j and the call %j is %j', (jar, header, cookies, result) => {
    const made = request({ ...(header !== undefined && { headers: { cookie: header } }), cookies });
    expect(cookieHeader(made, jar)).toBe(result);
  });

  it('has nothing of the call at another origin', () => {
    const made = request({ cookies: { a: '1' } }).withUrl('http://b.test/');
    expect(cookieHeader(made, 'jar=1')).toBe('jar=1');
  });

  it('is set on a copy, and on none when it is right already', () => {
    const made = request({ headers: { Cookie: 'a=1' } });
    expect(withCookieHeader(made, '')).toBe(made);
    expect(withCookieHeader(made, 'b=2').header('cookie')).toBe('b=2; a=1');
    expect(made.header('cookie')).toBe('a=1');
  });

  it('has each name of the call once, with its value, and no line break', () => {
    const name = fc.stringMatching(/^[a-z]{1,3}$/);
    const value = fc.stringMatching(/^[!#-+\--:<-[\]-~]{0,5}$/);
    const record = fc.dictionary(name, value, { maxKeys: 5 });
    fc.assert(
      fc.property(record, record, (jar, call) => {
        const fromJar = Object.entries(jar)
          .map((pair) => pair.join('='))
          .join('; ');
        const header = cookieHeader(request({ cookies: call }), fromJar) ?? '';
        const sent = header === '' ? [] : header.split('; ').map((pair) => pair.split(/=(.*)/s, 2));
        expect(new Map(sent.map(([key = '', text = '']) => [key, text]))).toEqual(
          new Map(Object.entries({ ...jar, ...call })),
        );
        expect(sent.length).toBe(new Set(sent.map(([key]) => key)).size);
      }),
    );
  });

  it('never has what is no cookie', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, value) => {
        try {
          expect(cookieHeader(request({ cookies: { [name]: value } }), '')).toMatch(
            /^[^\s;=,]+=[^\s;,"\\]*$/,
          );
        } catch (error) {
          if (!(error instanceof InvalidCookieError)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});
