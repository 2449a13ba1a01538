import { RemoteScenarioServer } from '@httpsession/testing/remote';
import type { Expectations, Scenario } from './scenarios.ts';

/** What became of each scenario: `ok`, or what went wrong. */
export type Outcomes = Record<string, string>;

/** Runs every scenario against a server of its own, one after the other. */
export const runSmoke = async (
  scenarios: Readonly<Record<string, Scenario>>,
  control: string,
  expected: Expectations,
  only: string | null = null,
): Promise<Outcomes> => {
  const outcomes: Outcomes = {};
  for (const [name, scenario] of Object.entries(scenarios)) {
    if (only !== null && !name.includes(only)) continue;
    outcomes[name] = await outcomeOf(async () => {
      await using server = await RemoteScenarioServer.start(control, {
        cors: expected.platform === 'browser',
      });
      await scenario(server, expected, control);
    });
  }
  return outcomes;
};

/** Says `ok`, or what was thrown. A scenario that hangs is named rather than waited for. */
export const outcomeOf = async (run: () => Promise<void>): Promise<string> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('it hangs'), 15_000);
  });
  const end = run().then(
    () => 'ok',
    (error: unknown) => (error instanceof Error ? (error.stack ?? String(error)) : String(error)),
  );
  try {
    return await Promise.race([end, patience]);
  } finally {
    clearTimeout(timer);
  }
};
