import { describe, expect, it } from 'vitest';
import { bundles, regression, weigh } from './size-budget.mjs';

describe('the ratchet', () => {
  it.each([
    ['the same', { start: 1000, later: 500 }, ''],
    ['less', { start: 900, later: 400 }, ''],
    ['what moved from the start to later', { start: 100, later: 1415 }, ''],
    ['a hundredth more', { start: 1010, later: 505 }, ''],
    [
      'more at the start',
      { start: 1011, later: 400 },
      'the start grew from 1000 to 1011 bytes (at most 1010)',
    ],
    ['more on demand', { start: 1000, later: 516 }, 'the whole grew from 1500 to 1516 bytes (at most 1515)'],
  ])('judges %s', (_, weight, complaint) => {
    expect(regression(weight, { start: 1000, later: 500 })).toBe(complaint);
  });

  it('wants a figure to compare with', () => {
    expect(regression({ start: 1, later: 0 }, undefined)).toMatch(/not written down/);
  });
});

describe('a bundle', () => {
  const forbidden = bundles[0]?.forbidden ?? [];

  it('shows what of Node and of the jar it would reach', async () => {
    const program = `export * from '@httpsession/cookies'; export * from 'node:zlib'`;
    const { reached } = await weigh({ name: 'wrong', program, conditions: ['browser'], forbidden });
    expect(reached).toContain('node:zlib');
    expect(reached.some((path) => path.includes('tough-cookie'))).toBe(true);
  });

  it('shows it also where it is loaded on demand, which does not count at the start', async () => {
    const program = `export const jar = () => import('@httpsession/cookies')`;
    const { reached, start, later } = await weigh({
      name: 'late',
      program,
      conditions: ['browser'],
      forbidden,
    });
    expect(reached.some((path) => path.includes('tough-cookie'))).toBe(true);
    expect(start).toBeLessThan(1_000);
    expect(later).toBeGreaterThan(40_000);
  });
});
