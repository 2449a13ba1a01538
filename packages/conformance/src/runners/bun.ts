// What `bun test` runs: every scenario is a test of its own.
// @ts-expect-error Bun's own module, which only Bun knows
import { test as bunTest } from 'bun:test';
import { nameOf } from '../suite/harness.ts';
import { outcomeOf } from '../suite/perform.ts';
import { suite } from '../suite/topics.ts';
import { report, worldOf } from './world.ts';

const test = bunTest as (name: string, run: () => Promise<void>, limit: number) => void;
const world = worldOf((globalThis as unknown as { process: Parameters<typeof worldOf>[0] }).process);
for (const scenario of suite) {
  test(nameOf(scenario), async () => {
    const outcome = await outcomeOf(scenario, world);
    report(nameOf(scenario), outcome);
    if (outcome !== 'ok') throw new Error(outcome);
  }, 30_000);
}
