// The suite by `bun test`, from a bundle of the sources.
import { microsocksMissing } from '@httpsession/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundle, runner } from './conformance/bundle.ts';
import { binary, missing, type NativeRun, openWorld, runNatively } from './conformance/native-run.ts';
import { failuresBeyond, reportScenarios } from './conformance/report.ts';
import { runSockets, socketsOutcome } from './conformance/sockets-run.ts';

const noSocks = microsocksMissing();

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

  it('does all that Node does by the Node transport, but for what it refuses', async () => {
    await using world = await openWorld('node');
    await using program = await bundle(runner('bun'), 'node');
    const { outcomes } = await runNatively(binary('bun'), ['test', program.path], world);
    expect(failuresBeyond('bun', outcomes)).toEqual({});
  });

  it.skipIf(noSocks)(
    `goes through a real SOCKS proxy and keeps to a pin${noSocks ? ` (${noSocks})` : ''}`,
    async () => {
      await using program = await bundle(runner('sockets'), 'bun');
      expect(await runSockets(binary('bun'), [program.path])).toEqual(socketsOutcome);
    },
  );
});
