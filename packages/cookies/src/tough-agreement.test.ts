import fc from 'fast-check';
import { Cookie, CookieJar as ToughJar } from 'tough-cookie';
import { describe, expect, it } from 'vitest';
import { expectLinearTime } from '../../core/test/support/linear-time.ts';
import { CookieJar } from './cookie-jar.ts';
import { parseSetCookie } from './set-cookie-parser.ts';

// Printable ASCII, and only rules on which RFC 6265 and its successor agree: named cookies, no prefixes, short values.
const octets = fc.string({ unit: fc.constantFrom(...'abcXYZ019 "%,/=_-[]{}'), maxLength: 12 });
const name = fc.string({ unit: fc.constantFrom(...'abcdeAB_.'), minLength: 1, maxLength: 3 });
const space = fc.constantFrom('', ' ', '  ');
const attribute = fc.oneof(
  fc.tuple(
    fc.constantFrom('Path', 'path', 'PATH'),
    fc.constantFrom('=', ' = ', '=  '),
    fc.constantFrom('/', '/a', '/a/b', '/a/', 'x'),
  ),
  fc.tuple(
    fc.constantFrom('Domain', 'domain'),
    fc.constant('='),
    fc.constantFrom(
      'example.com',
      '.example.com',
      'w.example.com',
      'EXAMPLE.com',
      'com',
      'other.com',
      'x.w.example.com',
    ),
  ),
  fc.tuple(
    fc.constantFrom('Max-Age', 'max-age'),
    fc.constant('='),
    fc.constantFrom('60', '0', '-1', 'x', '3600', '1 0'),
  ),
  fc.tuple(
    fc.constantFrom('Expires', 'EXPIRES'),
    fc.constant('='),
    fc.constantFrom(
      'Thu, 01 Jan 1970 00:00:00 GMT',
      'Fri, 01-Jan-27 00:00:00 GMT',
      'never',
      'Jan 5 2026 12:00:00',
    ),
  ),
  fc.tuple(
    fc.constantFrom('HttpOnly', 'SameSite=Lax', 'SameSite=Strict', 'SameSite=x', 'x', 'x=y', ''),
    fc.constant(''),
    fc.constant(''),
  ),
);
const field = fc
  .tuple(space, name, space, octets, space, fc.array(fc.tuple(space, attribute), { maxLength: 5 }))
  .map(
    ([a, n, b, v, c, list]) =>
      `${a}${n}${b}=${v}${c}${list.map(([s, parts]) => `;${s}${parts.join('')}`).join('')}`,
  );

describe('parsing', () => {
  it('agrees with tough-cookie on named cookies in printable ASCII', () => {
    fc.assert(
      fc.property(field, (text) => {
        const ours = parseSetCookie(text);
        const theirs = Cookie.parse(text);
        if (ours.kind !== 'cookie' || theirs === undefined) throw new Error('both parse');
        expect([
          ours.name,
          ours.value,
          ours.path,
          ours.secure,
          ours.httpOnly,
          ours.maxAge,
          ours.sameSite,
        ]).toEqual([
          theirs.key,
          theirs.value,
          theirs.path,
          theirs.secure,
          theirs.httpOnly,
          typeof theirs.maxAge === 'number' ? theirs.maxAge : null,
          theirs.sameSite ?? null,
        ]);
        expect(ours.expires).toBe(theirs.expires instanceof Date ? theirs.expires.getTime() : null);
        expect(ours.domain).toBe(theirs.domain ?? '');
      }),
      { numRuns: 2000 },
    );
  });

  it('takes any text whatever in linear time without throwing', async () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => void parseSetCookie(text)),
    );
    for (const part of [';', '=', ' ', '; ', ';=', '; Path=', '\t', '; Expires=1']) {
      await expectLinearTime((length) => parseSetCookie(`a=b${part.repeat(length)}`), 200_000);
    }
  });
});

describe('headers', () => {
  const now = Date.now();
  const urls = fc.constantFrom(
    'https://example.com/',
    'https://example.com/a',
    'https://example.com/a/b',
    'https://w.example.com/',
    'https://x.w.example.com/a/c',
    'https://other.com/',
  );
  // Host-only and domain cookies of one name collide in tough-cookie, so here every cookie of a domain says so.
  const scoped = fc
    .tuple(
      name,
      octets,
      fc.constantFrom('/', '/a', '/a/b'),
      fc.constantFrom('', '; Max-Age=60', '; Max-Age=0', '; Secure', '; HttpOnly'),
    )
    .map(([n, v, p, rest]) => `${n}=${v}; Path=${p}; Domain=example.com${rest}`);

  it('are those of tough-cookie, cookie by cookie, for domain cookies over https', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(urls, scoped), { maxLength: 25 }),
        fc.array(urls, { minLength: 1, maxLength: 5 }),
        (sets, asked) => {
          const ours = new CookieJar({ now: () => now });
          const theirs = new ToughJar();
          for (const [url, text] of sets) {
            ours.setCookie(text, url, { ignoreError: true });
            theirs.setCookieSync(text, url, { ignoreError: true });
            for (const at of asked) expect(ours.getCookieString(at)).toBe(theirs.getCookieStringSync(at));
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
