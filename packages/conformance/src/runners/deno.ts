// What `deno test` runs: every scenario is a test of its own.
import { nameOf } from '../suite/harness.ts';
import { outcomeOf } from '../suite/perform.ts';
import { suite } from '../suite/topics.ts';
import { report, worldOf } from './world.ts';

interface DenoTests {
  test(definition: {
    readonly name: string;
    readonly sanitizeOps: boolean;
    readonly sanitizeResources: boolean;
    fn(): Promise<void>;
  }): void;
}

const { Deno, process } = globalThis as unknown as {
  Deno: DenoTests;
  process: Parameters<typeof worldOf>[0];
};
const world = worldOf(process);
for (const scenario of suite) {
  Deno.test({
    name: nameOf(scenario),
    // The connections to the control server are kept from one test to the next.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const outcome = await outcomeOf(scenario, world);
      report(nameOf(scenario), outcome);
      if (outcome !== 'ok') throw new Error(outcome);
    },
  });
}
