import { describe, expect, it } from 'vitest';
import { run } from '../src/run-command.mjs';

const node = (code: string): [string, ...string[]] => [process.execPath, '-e', code];

describe('run', () => {
  it('tells success from failure', async () => {
    expect(await run(node(''))).toMatchObject({ ok: true, reason: '' });
    expect(await run(node('process.exit(3)'))).toMatchObject({ ok: false, reason: 'exit code 3' });
    expect(await run(['no-such-program-anywhere'])).toMatchObject({
      ok: false,
      reason: expect.stringContaining('no-such-program-anywhere does not start'),
    });
  });

  it('gives a program no standard input to wait for', async () => {
    const { ok, output } = await run(node('process.stdin.on("end", () => console.log("ended")).resume()'), {
      output: 'capture',
      limit: 20,
    });
    expect([ok, output]).toEqual([true, 'ended\n']);
  });

  it('keeps what both streams say', async () => {
    const { output } = await run(node('console.log("one"); console.error("two")'), { output: 'capture' });
    expect(output.split('\n').sort()).toEqual(['', 'one', 'two']);
  });

  it('kills a program that runs over its limit', async () => {
    const { ok, reason } = await run(node('setInterval(() => {}, 1000)'), { limit: 0.5 });
    expect([ok, reason]).toEqual([false, 'killed after 0.5 s']);
  });

  it('ends what a program leaves behind, although that holds the pipes open', async () => {
    const lasting = JSON.stringify('setInterval(() => {}, 1000)');
    const parent = `require('child_process').spawn(process.execPath, ['-e', ${lasting}], { stdio: 'inherit' }); process.exit(0);`;
    const { ok, reason } = await run(node(parent), { output: 'capture', limit: 20 });
    expect([ok, reason]).toEqual([true, '']);
  });
});
