import type { World } from '../suite/harness.ts';
import type { Outcomes } from '../suite/perform.ts';

interface ProcessLike {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The variable by which a program is told its world, as JSON. */
export const worldVariable = 'HTTPSESSION_CONFORMANCE_WORLD';

/** What the program that started this one says. */
export const worldOf = ({ env }: ProcessLike): World => JSON.parse(env[worldVariable] ?? '') as World;

/** Writes an outcome down for the program that started this one. */
export const report = (name: string, outcome: string): void => {
  console.log(`${mark}${JSON.stringify([name, outcome])}`);
};

/** The outcomes among the lines that a program has printed. */
export const outcomesIn = (output: string): Outcomes =>
  Object.fromEntries(
    output
      .split('\n')
      .filter((line) => line.startsWith(mark))
      .map((line) => JSON.parse(line.slice(mark.length)) as [string, string]),
  );

const mark = '@outcome ';
