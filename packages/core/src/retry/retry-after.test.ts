import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectLinearTime } from '../../test/support/linear-time.ts';
import { retryAfterMs } from './retry-after.ts';

const NOW = Date.UTC(2026, 5, 1, 12);
const inSeconds = (count: number) => new Date(NOW + count * 1000).toUTCString();

describe('retryAfterMs', () => {
  it.each<[Record<string, string>, number | undefined]>([
    [{}, undefined],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '120' }, 120_000],
    [{ 'retry-after': ' 7 ' }, 7_000],
    [{ 'retry-after': '1.5' }, 1_500],
    [{ 'retry-after': inSeconds(90) }, 90_000],
    [{ 'retry-after': inSeconds(-90) }, 0],
    [{ 'retry-after': 'Monday, 01-Jun-26 12:00:05 GMT' }, 5_000],
    [{ 'retry-after': 'Mon Jun  1 12:00:05 2026' }, 5_000],
    [{ 'retry-after': '99999999999' }, 99_999_999_999_000],
    [{ 'retry-after': '9'.repeat(400) }, Number.MAX_SAFE_INTEGER],
    [{ 'retry-after': '-1' }, undefined],
    [{ 'retry-after': '+1' }, undefined],
    [{ 'retry-after': '1e3' }, undefined],
    [{ 'retry-after': '0x10' }, undefined],
    [{ 'retry-after': '3, 5' }, undefined],
    [{ 'retry-after': '' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '2026-06-01T12:00:05Z' }, undefined],
    [{ 'retry-after-ms': '250' }, 250],
    [{ 'retry-after-ms': '250.2' }, 251],
    [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
    [{ 'retry-after-ms': '-5', 'retry-after': '9' }, 9_000],
  ])('reads %j as %j', (headers, wait) => {
    expect(retryAfterMs(new Headers(headers), NOW)).toBe(wait);
  });

  it.each<[Record<string, string>, number | undefined]>([
    [{ 'ratelimit-remaining': '0', 'ratelimit-reset': '30' }, 30_000],
    [{ 'ratelimit-remaining': '1', 'ratelimit-reset': '30' }, undefined],
    [{ 'ratelimit-reset': '30' }, undefined],
    [{ 'ratelimit-remaining': '0' }, undefined],
    [{ 'ratelimit-remaining': '0', 'ratelimit-reset': '-30' }, undefined],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '30' }, 30_000],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 60) }, 60_000],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW + 60_000) }, 60_000],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 - 60) }, 0],
    [{ 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '5' }, 5_000],
    [
      {
        'ratelimit-remaining': '1',
        'ratelimit-reset': '9',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': '5',
      },
      5_000,
    ],
    [{ ratelimit: '"default";r=0;t=30' }, 30_000],
    [{ ratelimit: '"default"; r=0; t=30' }, 30_000],
    [{ ratelimit: 'default;t=30;r=0' }, 30_000],
    [{ ratelimit: '"default";r=1;t=30' }, undefined],
    [{ ratelimit: '"default";r=0' }, undefined],
    [{ ratelimit: '"a";r=0;t=5, "b";r=0;t=30,"c";r=9;t=600' }, 30_000],
    [{ ratelimit: '"a;r=0;t=99,";r=3;t=1' }, undefined],
    [{ ratelimit: '"a,b\\"";r=0;t=4' }, 4_000],
    [{ ratelimit: '"default";r=0;t=30', 'retry-after': '2' }, 2_000],
    [{ 'ratelimit-remaining': '0', 'ratelimit-reset': '30', 'retry-after': '2' }, 2_000],
  ])('reads the rate limit %j as %j', (headers, wait) => {
    expect(retryAfterMs(new Headers(headers), NOW)).toBe(wait);
  });

  it('gives a whole number of 0 or more, or nothing, for any text', () => {
    const text = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.string({ unit: fc.constantFrom(...'0129.;=,"rt \\') }),
    );
    const names = fc.constantFrom(
      'retry-after',
      'retry-after-ms',
      'ratelimit',
      'ratelimit-reset',
      'ratelimit-remaining',
    );
    fc.assert(
      fc.property(fc.dictionary(names, text), (fields) => {
        const wait = retryAfterMs({ get: (name) => fields[name] ?? null }, NOW);
        expect(wait === undefined || (Number.isSafeInteger(wait) && wait >= 0)).toBe(true);
      }),
    );
  });

  it.each(['9', ' ', '.', '9.', ',', '"', ';r=0', '"a";r=0;t=9,', 'Sun, ', '\\', '"\\'])(
    'takes linear time for a megabyte of %j',
    async (unit) => {
      await expectLinearTime((length) => {
        const text = unit.repeat(length / unit.length);
        for (const name of ['retry-after', 'retry-after-ms', 'ratelimit']) {
          retryAfterMs({ get: (asked) => (asked === name ? text : null) }, NOW);
        }
      });
    },
  );
});
