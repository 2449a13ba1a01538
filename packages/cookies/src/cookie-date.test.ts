import fc from 'fast-check';
import { parseDate } from 'tough-cookie';
import { describe, expect, it } from 'vitest';
import { parseCookieDate } from './cookie-date.ts';

function sameAsTough(text: string): void {
  expect(parseCookieDate(text)).toBe(parseDate(text)?.getTime());
}

describe('parseCookieDate', () => {
  it.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', Date.UTC(1994, 10, 6, 8, 49, 37)],
    ['Sun, 06-Nov-1994 08:49:37 GMT', Date.UTC(1994, 10, 6, 8, 49, 37)],
    ['Sunday, 06-Nov-94 08:49:37 GMT', Date.UTC(1994, 10, 6, 8, 49, 37)],
    ['Sun Nov  6 08:49:37 1994', Date.UTC(1994, 10, 6, 8, 49, 37)],
    ['Wed, 31 Dec 2025 23:59:59 GMT', Date.UTC(2025, 11, 31, 23, 59, 59)],
    ['Thu, 31 Feb 2025 00:00:00 GMT', undefined],
    ['Thu, 01 Jan 1600 00:00:00 GMT', undefined],
    ['Thu, 01 Jan 2026 24:00:00 GMT', undefined],
    ['tomorrow', undefined],
    ['', undefined],
  ])('reads %s', (text, instant) => {
    expect(parseCookieDate(text)).toBe(instant);
  });

  const digit = (max: number): fc.Arbitrary<string> =>
    fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, '0'));
  const word = fc.constantFrom('Sun', 'sun', 'Jan', 'May', 'Sat', 'xyz', 'dec', 'NOV', 'anf');
  const dated = fc
    .tuple(
      word,
      fc.constantFrom(', ', ' ', ',,'),
      digit(40),
      fc.constantFrom(' ', '-', '/'),
      word,
      fc.constantFrom(' ', '-'),
      digit(30),
      digit(99),
      digit(25),
      digit(61),
      digit(61),
      fc.constantFrom(' GMT', ' UTC', ''),
    )
    .map(([w, c, d, s, m, t, y1, y2, h, i, x, z]) => `${w}${c}${d}${s}${m}${t}${y1}${y2} ${h}:${i}:${x}${z}`);

  it('agrees with tough-cookie on everything that looks like a date', () => {
    fc.assert(fc.property(dated, sameAsTough), { numRuns: 3000 });
  });

  it('agrees with tough-cookie on a valid date with any one character changed', () => {
    const base = 'Sun, 06 Nov 1994 08:49:37 GMT';
    const changed = fc
      .tuple(fc.nat(base.length - 1), fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 1 }))
      .map(([at, by]) => base.slice(0, at) + by + base.slice(at + 1));
    fc.assert(fc.property(changed, sameAsTough), { numRuns: 3000 });
  });
});
