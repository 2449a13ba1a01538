// What a page runs: the browser's driver calls it.
import { crossTab } from 'httpsession';
import type { World } from '../suite/harness.ts';
import { type Outcomes, performAll } from '../suite/perform.ts';
import { suite } from '../suite/topics.ts';

/** What the page offers to its driver. */
export interface Driven {
  conformance(world: World): Promise<Outcomes>;
  /** One tab of several: how often it had to refresh, and with which token it ended. */
  tab(name: string): Promise<{ token: string; refreshes: number }>;
}

const driven: Driven = {
  conformance: (world) => performAll(suite, world),
  async tab(name) {
    let refreshes = 0;
    const token = await crossTab(name)('refresh', async () => {
      refreshes += 1;
      await new Promise((resolve) => setTimeout(resolve, 200));
      return crypto.randomUUID();
    });
    return { token, refreshes };
  },
};
Object.assign(globalThis, driven);
