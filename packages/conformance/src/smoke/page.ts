// What a page runs: the browser's driver calls it.
import { type Outcomes, runSmoke } from './run.ts';
import { type Expectations, scenarios } from './scenarios.ts';

(globalThis as unknown as { smoke: unknown }).smoke = (
  control: string,
  expected: Expectations,
  only: string | null,
): Promise<Outcomes> => runSmoke(scenarios, control, expected, only);
