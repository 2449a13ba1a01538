import { expect, it } from 'vitest';
import type { Outcomes } from '../../src/smoke/run.ts';

/** One test per scenario, so that a report names each; all of them read what one run of the platform gave. */
export const reportScenarios = (names: readonly string[], outcomes: () => Outcomes): void => {
  it.each(names)('%s', (name) => {
    expect(outcomes()[name]).toBe('ok');
  });
};
