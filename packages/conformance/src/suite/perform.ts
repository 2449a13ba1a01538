import { RemoteProxyServer, RemoteScenarioServer } from '@httpsession/testing/remote';
import { Session, UnsupportedOptionError } from 'httpsession';
import { nameOf, type Scenario, type Stage, type World } from './harness.ts';

/** What became of each scenario by name: `ok`, or what went wrong. */
export type Outcomes = Record<string, string>;

/** Milliseconds that a scenario may take: one that hangs is named rather than waited for. */
const patience = 15_000;

/**
 * Plays one scenario against a server of its own, and holds the platform to the scenario's terms.
 * @throws whatever is wrong: also when a refusal that the terms declare does not come
 */
export const perform = async (scenario: Scenario, world: World): Promise<void> => {
  const option = scenario.terms.refused?.[world.platform];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hanging = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it hangs for ${patience} ms`)), patience);
  });
  try {
    await Promise.race([playOn(scenario, world), hanging]);
  } catch (error) {
    if (option === undefined) throw error;
    if (error instanceof UnsupportedOptionError && error.option === option) return;
    throw new Error(`${world.platform} was to refuse ${option}, but: ${String(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
  if (option !== undefined) throw new Error(`${world.platform} was to refuse ${option}, and did not`);
};

/** Plays scenarios one after the other, for runtimes without a test runner. */
export const performAll = async (scenarios: readonly Scenario[], world: World): Promise<Outcomes> => {
  const outcomes: Outcomes = {};
  for (const scenario of scenarios) outcomes[nameOf(scenario)] = await outcomeOf(scenario, world);
  return outcomes;
};

/** `ok`, or what went wrong as text. */
export const outcomeOf = (scenario: Scenario, world: World): Promise<string> =>
  perform(scenario, world).then(
    () => 'ok',
    (error: unknown) =>
      error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : `threw ${String(error)}`,
  );

const playOn = async (scenario: Scenario, world: World): Promise<void> => {
  const opened: AsyncDisposable[] = [];
  const keep = <T extends AsyncDisposable>(one: T): T => {
    opened.push(one);
    return one;
  };
  const { control, platform } = world;
  const cors = platform === 'browser';
  try {
    const stage: Stage = {
      ...world,
      server: keep(await RemoteScenarioServer.start(control, { cors })),
      startServer: async (options) => keep(await RemoteScenarioServer.start(control, { cors, ...options })),
      startProxy: async (auth) =>
        keep(await RemoteProxyServer.start(control, auth === undefined ? {} : { auth })),
      createSession: (options) => keep(new Session(options)),
    };
    await scenario.play(stage);
  } finally {
    for (const one of opened.reverse()) await one[Symbol.asyncDispose]();
  }
};
