// The suite by `bun test`, from a bundle of the sources.
import { beforeAll, describe, expect, it } from 'vitest';
import { bundle, runner } from './conformance/bundle.ts';
import { binary, missing, type NativeRun, openWorld, runNatively } from './conformance/native-run.ts';
import { reportScenarios } from './conformance/report.ts';

describe.skipIf(missing('bun'))(`Bun${missing('bun')}`, () => {
  let run: NativeRun;

  beforeAll(async () => {
    await using world = await openWorld('bun');
    await using program = await bundle(runner('bun'), 'bun');
    run = await runNatively(binary('bun'), ['test', program.path], world);
  }, 240_000);

  it('bun test ends well', () => {
    expect(run.code, run.output.slice(-2_000)).toBe(0);
  });
  reportScenarios(() => run.outcomes);
});
