// Run as a program of its own: does what its argument names, prints `done`, and must then end by itself.
import { Session } from '@httpsession/core';
import { nodePlatform } from '../../src/node-platform.ts';

// The server is in another process: its open sockets must not be what keeps this one, nor its end what frees it.
const [, , scenario = '', origin = ''] = process.argv;
const url = (path: string): string => origin + path;

const options = { timeout: { total: 600_000, attempt: 300_000 }, retry: { limit: 1, backoff: { base: 1 } } };

/** What a program may do. */
const scenarios: Record<string, () => Promise<void>> = {
  'closes its session': async () => {
    const session = new Session(options, nodePlatform);
    await session.get(url('/moved')).text();
    await (await session.get(url('/busy'))).text();
    await session.get(url('/reset')).catch(() => undefined);
    await session.get(url('/big'));
    await session.close();
  },
  'closes its session with calls in flight': async () => {
    const session = new Session(options, nodePlatform);
    const calls = ['/stall', '/stall', '/big'].map((path) =>
      session.get(url(path)).then((r) => r.text(), String),
    );
    const hooked = session.get(url('/'), {
      hooks: { afterResponse: () => new Promise<never>(() => undefined) },
    });
    const sleeping = session.get(url('/busy'), {
      retry: { backoff: { base: 500_000, jitter: 'none' } },
    });
    const settled = Promise.allSettled([...calls, hooked, sleeping]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await session.close();
    await settled;
  },
  'leaves its session open, all bodies read': async () => {
    const session = new Session(options, nodePlatform);
    await session.get(url('/')).text();
    await session.get(url('/big')).bytes();
    await Promise.all(Array.from({ length: 20 }, () => session.get(url('/moved')).text()));
    await session.head(url('/'));
    await session.get(url('/reset')).catch(() => undefined);
    await session.get(url('/stall'), { timeout: 20 }).catch(() => undefined);
  },
  'leaves a response unread but disposes of it': async () => {
    await using session = new Session(options, nodePlatform);
    await using response = await session.get(url('/big'));
    if (response.status !== 200) throw new Error('no answer');
  },
};

process.on('unhandledRejection', (error) => {
  process.stdout.write(`unhandled ${String(error)}\n`);
});
await scenarios[scenario]?.();
process.stdout.write('done\n');
