// The program that Deno, Bun and Node run: arguments in, outcomes out as one line of JSON.
import { runSmoke } from './run.ts';
import { type Expectations, scenarios } from './scenarios.ts';
import { serverScenarios } from './server-scenarios.ts';

const [control = '', expected = '{}', only] = (
  globalThis as unknown as { process: { argv: string[] } }
).process.argv.slice(2);
console.log(
  JSON.stringify(
    await runSmoke(
      { ...scenarios, ...serverScenarios },
      control,
      JSON.parse(expected) as Expectations,
      only ?? null,
    ),
  ),
);
