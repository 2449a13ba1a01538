// workerd forgets the timers that a request has set when that request ends.
import { ScenarioServer, sequence, sleep, stall, text } from '@httpsession/testing';
import { expect, it } from 'vitest';
import { bundle, runner } from './conformance/bundle.ts';
import { missing } from './conformance/native-run.ts';
import { startWorker } from './conformance/workerd.ts';

it.skipIf(missing('workerd'))(
  `a limit ends its request however many others of the same session have ended before${missing('workerd')}`,
  async () => {
    await using server = await ScenarioServer.start();
    server.route('/soon', sequence(sleep(400), text('soon')));
    server.route('/never', stall());
    await using program = await bundle(runner('module-session'), 'workerd');
    await using worker = await startWorker(program);
    const ask = async (path: string, limit: number): Promise<string> => {
      const to = encodeURIComponent(server.url(path));
      const response = await fetch(`${worker.url}/?limit=${limit}&to=${to}`, {
        signal: AbortSignal.timeout(8000),
      });
      return response.text();
    };
    const first = ask('/soon', 1200);
    // Due later than the first one's, which it would not need a timer of its own for.
    const second = ask('/never', 1500);
    expect(await Promise.all([first, second])).toEqual(['soon', 'timed out: headers']);
    expect(await ask('/never', 500)).toBe('timed out: headers');
  },
  30_000,
);
