// What a page runs: the browser's driver calls it.
import { crossTab } from 'httpsession';
import { type Outcomes, runSmoke } from './run.ts';
import { type Expectations, scenarios } from './scenarios.ts';

(globalThis as unknown as { smoke: unknown }).smoke = (
  control: string,
  expected: Expectations,
  only: string | null,
): Promise<Outcomes> => runSmoke(scenarios, control, expected, only);

// One tab of several: how often it had to refresh, and with which token it ended.
(globalThis as unknown as { tab: unknown }).tab = async (
  name: string,
): Promise<{ token: string; refreshes: number }> => {
  let refreshes = 0;
  const lock = crossTab(name);
  const token = await lock('refresh', async () => {
    refreshes += 1;
    await new Promise((resolve) => setTimeout(resolve, 200));
    return crypto.randomUUID();
  });
  return { token, refreshes };
};
