// The suite by `deno test`, from a bundle of the sources.
import { microsocksMissing } from '@httpsession/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundle, runner } from './conformance/bundle.ts';
import { runToEnd } from './conformance/child.ts';
import { binary, missing, type NativeRun, openWorld, runNatively } from './conformance/native-run.ts';
import { failuresBeyond, reportScenarios } from './conformance/report.ts';
import { runSockets, socketsOutcome } from './conformance/sockets-run.ts';

const noSocks = microsocksMissing();

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

  it('does all that Node does by the Node transport, but for what it refuses', async () => {
    await using world = await openWorld('node');
    await using program = await bundle(runner('deno'), 'node');
    const args = ['test', '--allow-all', ...flags, program.path];
    const { outcomes } = await runNatively(binary('deno'), args, world);
    expect(failuresBeyond('deno', outcomes)).toEqual({});
  });

  it.skipIf(noSocks)(
    `goes through a real SOCKS proxy and keeps to a pin${noSocks ? ` (${noSocks})` : ''}`,
    async () => {
      await using program = await bundle(runner('sockets'), 'deno');
      const variables = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'];
      const undici = ['JEST_WORKER_ID', 'UNDICI_NO_WASM_SIMD'];
      const env = [...variables, ...variables.map((name) => name.toLowerCase()), ...undici].join();
      const args = ['run', ...flags, '--allow-net=127.0.0.1', `--allow-env=${env}`, program.path];
      expect(await runSockets(binary('deno'), args)).toEqual(socketsOutcome);
    },
  );

  it('works with no leave but for the network, and refuses what it could not keep', async () => {
    await using world = await openWorld('deno');
    await using program = await bundle(runner('modest'), 'deno');
    const args = ['run', ...flags, '--allow-net=127.0.0.1', program.path, world.control];
    expect(JSON.parse(await runToEnd(binary('deno'), args))).toEqual({
      direct: 'here',
      proxy: 'UnsupportedOptionError',
      trustEnv: 'UnsupportedOptionError',
      lookup: 'UnsupportedOptionError',
      careless: 'UnsupportedOptionError',
      body: 'UnsupportedOptionError',
      elsewhere: 'ConnectionError after 1',
    });
  });
});
