import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Backoff, backoffMs, resolveBackoff } from './backoff.ts';

const half = () => 0.5;
const doubling = { base: 100, factor: 2, max: 1_000 };
const waits = (backoff: Backoff) => [1, 2, 3, 4, 5, 6].map((retry) => backoffMs(backoff, retry, half));

describe('backoffMs', () => {
  it.each<[string, Backoff, number[]]>([
    ['doubles up to the maximum', { ...doubling, jitter: 'none' }, [100, 200, 400, 800, 1_000, 1_000]],
    ['spreads over the whole wait', { ...doubling, jitter: 'full' }, [50, 100, 200, 400, 500, 500]],
    ['adds a number as jitter', { ...doubling, jitter: 300 }, [250, 350, 550, 950, 1_000, 1_000]],
    ['stays level with factor 1', { ...doubling, factor: 1, jitter: 'none' }, [100, 100, 100, 100, 100, 100]],
    ['waits not at all with base 0', { ...doubling, base: 0, jitter: 'none' }, [0, 0, 0, 0, 0, 0]],
  ])('%s', (_, backoff, expected) => {
    expect(waits(backoff)).toEqual(expected);
  });

  it('survives powers beyond any number', () => {
    expect(backoffMs({ ...doubling, jitter: 'none' }, 5_000, half)).toBe(1_000);
    expect(backoffMs({ ...doubling, base: 0, jitter: 'full' }, 5_000, half)).toBe(0);
  });

  it('lies between 0 and the maximum and never shrinks for the same luck', () => {
    const size = fc.double({ min: 0, max: 1e9, noNaN: true });
    const jitter = fc.oneof(fc.constantFrom<Backoff['jitter']>('full', 'none'), size);
    const luck = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const factor = fc.double({ min: 1, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(
        size,
        factor,
        size,
        jitter,
        luck,
        fc.nat(2_000),
        (base, factor, max, jitter, luck, retry) => {
          const wait = (number: number) => backoffMs({ base, factor, max, jitter }, number, () => luck);
          expect(wait(retry + 1)).toBeGreaterThanOrEqual(0);
          expect(wait(retry + 1)).toBeLessThanOrEqual(max);
          expect(wait(retry + 2)).toBeGreaterThanOrEqual(wait(retry + 1));
        },
      ),
    );
  });
});

describe('resolveBackoff', () => {
  const defaults = { base: 300, factor: 2, max: 20_000, jitter: 'full' };

  it.each<[Partial<Backoff> | undefined, object]>([
    [undefined, defaults],
    [{}, defaults],
    [{ base: undefined } as unknown as Partial<Backoff>, defaults],
    [
      { base: 0, jitter: 'none' },
      { ...defaults, base: 0, jitter: 'none' },
    ],
    [
      { max: Number.POSITIVE_INFINITY, jitter: 20 },
      { ...defaults, max: Number.POSITIVE_INFINITY, jitter: 20 },
    ],
    [Object.create({ base: 1 }), defaults],
  ])('fills in %j', (init, expected) => {
    expect(resolveBackoff(init)).toEqual(expected);
  });

  it.each<[object, string]>([
    [{ base: -1 }, 'retry.backoff.base must be a number of 0 or more, got -1'],
    [{ base: 'full' }, 'retry.backoff.base must be a number of 0 or more, got full'],
    [{ factor: '2' }, 'retry.backoff.factor must be a number of 0 or more, got 2'],
    [{ max: Number.NaN }, 'retry.backoff.max must be a number of 0 or more, got NaN'],
    [{ jitter: 'half' }, "retry.backoff.jitter must be 'full', 'none' or a number of 0 or more, got half"],
    [{ jitter: -1 }, "retry.backoff.jitter must be 'full', 'none' or a number of 0 or more, got -1"],
    [{ maximum: 1 }, 'retry.backoff.maximum is not an option; there are base, factor, max, jitter'],
  ])('refuses %j', (init, message) => {
    expect(() => resolveBackoff(init)).toThrow(new TypeError(message));
  });
});
