import { expect, it } from 'vitest';
import { nameOf } from '../../src/suite/harness.ts';
import type { Outcomes } from '../../src/suite/perform.ts';
import { suite } from '../../src/suite/topics.ts';

/** What a run gives in which no scenario fails. */
export const allWell = (): Outcomes => Object.fromEntries(suite.map((scenario) => [nameOf(scenario), 'ok']));

/** One test per scenario, so that a report names each; all of them read what one run of the platform gave. */
export const reportScenarios = (outcomes: () => Outcomes): void => {
  it.each(suite.map(nameOf))('%s', (name) => {
    expect(outcomes()[name]).toBe('ok');
  });
};
