import { expect, it } from 'vitest';
import { nameOf, type Platform } from '../../src/suite/harness.ts';
import type { Outcomes } from '../../src/suite/perform.ts';
import { suite } from '../../src/suite/topics.ts';

/** The scenarios that fail by Node's terms, but for those that the platform refuses and never leaves to the Node transport. */
export const failuresBeyond = (platform: Platform, outcomes: Outcomes): Outcomes => {
  const scenarios = suite.filter(({ terms }) => terms.refused?.[platform] === undefined);
  const listed = scenarios.map((scenario) => [nameOf(scenario), outcomes[nameOf(scenario)] ?? 'did not run']);
  return Object.fromEntries(listed.filter(([, outcome]) => outcome !== 'ok'));
};

/** One test per scenario, so that a report names each; all of them read what one run of the platform gave. */
export const reportScenarios = (outcomes: () => Outcomes): void => {
  it.each(suite.map(nameOf))('%s', (name) => {
    expect(outcomes()[name]).toBe('ok');
  });
};
