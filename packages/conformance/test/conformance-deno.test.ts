// The suite by `deno test`, from a bundle of the sources.
import { beforeAll, describe, expect, it } from 'vitest';
import { bundle, runner } from './conformance/bundle.ts';
import { runToEnd } from './conformance/child.ts';
import { binary, missing, type NativeRun, openWorld, runNatively } from './conformance/native-run.ts';
import { reportScenarios } from './conformance/report.ts';

// The bundle has undici's comments, which name types by paths of its own.
const flags = ['--no-config', '--no-lock', '--no-prompt', '--no-check'];

describe.skipIf(missing('deno'))(`Deno${missing('deno')}`, () => {
  let run: NativeRun;

  beforeAll(async () => {
    await using world = await openWorld('deno');
    await using program = await bundle(runner('deno'), 'deno');
    run = await runNatively(binary('deno'), ['test', '--allow-all', ...flags, program.path], world);
  }, 240_000);

  it('deno test ends well', () => {
    expect(run.code, run.output.slice(-2_000)).toBe(0);
  });
  reportScenarios(() => run.outcomes);

  it('works with no leave but for the network, and refuses what it could not keep', async () => {
    await using world = await openWorld('deno');
    await using program = await bundle(runner('modest'), 'deno');
    const args = ['run', ...flags, '--allow-net=127.0.0.1', program.path, world.control];
    expect(JSON.parse(await runToEnd(binary('deno'), args))).toEqual({
      direct: 'here',
      proxy: 'UnsupportedOptionError',
      trustEnv: 'UnsupportedOptionError',
      elsewhere: 'ConnectionError after 1',
    });
  });
});
