import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Session, SessionClosedError } from '@httpsession/core';
import { redirect, repeated, reset, respond, stall, text } from '@httpsession/testing';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodePlatform } from '../src/node-platform.ts';
import { failureOf, start, until } from './support/open-session.ts';

describe('a program', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'httpsession-'));
    await build({
      entryPoints: [fileURLToPath(new URL('./support/exits-by-itself.ts', import.meta.url))],
      outfile: join(folder, 'program.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      conditions: ['source'],
      // CommonJS inside the bundle asks for built-ins by require.
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
      logLevel: 'error',
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    'closes its session',
    'closes its session with calls in flight',
    'leaves its session open, all bodies read',
    'leaves a response unread but disposes of it',
  ])('that %s ends by itself, and says nothing of unhandled rejections', async (scenario) => {
    const { server } = await start();
    server
      .route('/', text('ok'))
      .route('/moved', redirect(302, '/'))
      .route('/busy', respond(503))
      .route('/stall', stall())
      .route('/reset', reset())
      .route('/big', respond({ body: repeated('x', 4 << 20) }));
    const startedAt = performance.now();
    // A process that does not end is killed, which rejects.
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [join(folder, 'program.mjs'), scenario, server.origin],
      {
        timeout: 20_000,
      },
    );
    expect(stdout).toBe('done\n');
    expect(stderr).toBe('');
    expect(server.requests.length).toBeGreaterThan(0);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });
});

describe('close()', () => {
  it('ends calls in flight and refuses later ones, and comes to an end itself', async () => {
    const { server, session } = await start({ pool: { connections: 2 } });
    server.route('/', stall()).route('/big', respond({ body: repeated('x', 4 << 20) }));
    const calls = Array.from({ length: 10 }, () => failureOf(session.get(server.url('/')).text()));
    await server.waitFor(2);
    await Promise.all([session.close(), session.close()]);
    for (const error of await Promise.all(calls)) expect(error).toBeInstanceOf(SessionClosedError);
    expect(await failureOf(session.get(server.url('/')))).toBeInstanceOf(SessionClosedError);
    await server.waitFor(() => server.openConnections === 0);
    expect(session.stats()).toEqual({ sockets: 0, pending: 0, queued: 0, unreadBodies: 0 });
  });

  it('is what `await using` does', async () => {
    const { server } = await start();
    server.route('/', text('ok'));
    let kept: Session;
    {
      await using session = new Session({}, nodePlatform);
      kept = session;
      await session.get(server.url('/')).text();
      expect(server.openConnections).toBe(1);
    }
    await server.waitFor(() => server.openConnections === 0);
    expect(await failureOf(kept.get(server.url('/')))).toBeInstanceOf(SessionClosedError);
  });

  it('breaks a body that is being read', async () => {
    const { server, session } = await start();
    server.route('/big', respond({ body: repeated('x', 16 << 20) }));
    const response = await session.get(server.url('/big'));
    const reading = failureOf(
      (async () => {
        for await (const chunk of response.chunks(1000)) {
          void chunk;
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      })(),
    );
    await new Promise((resolve) => setTimeout(resolve, 30));
    await session.close();
    expect(await reading).toBeInstanceOf(SessionClosedError);
  });
});

describe('a session after many calls', () => {
  it('holds no timer, socket or listener of them', async () => {
    const count = () => {
      const names = process.getActiveResourcesInfo();
      return names.filter((name) => name === 'Timeout' || name === 'TCPSocketWrap' || name === 'TLSWrap')
        .length;
    };
    const { server, session } = await start({
      pool: { connections: 8 },
      timeout: { total: 100_000, attempt: 90_000 },
      retry: { limit: 1, backoff: { base: 0 } },
    });
    server
      .route('/', text('ok'))
      .route('/moved', redirect(302, '/'))
      .route('/busy', respond(503))
      .route('/reset', reset())
      .route('/stall', stall())
      .route('/big', respond({ body: repeated('x', 1 << 20) }));
    const before = count();
    const controller = new AbortController();
    for (let n = 0; n < 30; n += 1) {
      const abort = AbortSignal.timeout(5);
      await Promise.allSettled([
        session.get(server.url('/'), { signal: controller.signal }).text(),
        session.get(server.url('/moved')).json(),
        session.get(server.url('/busy')),
        session.get(server.url('/reset')),
        session.get(server.url('/stall'), { signal: abort }),
        session.get(server.url('/stall'), { timeout: { headers: 5 } }),
        session.get(server.url('/big')).then((response) => response.body?.cancel()),
        session.get(server.url('/big'), { maxResponseSize: 10 }).text(),
        session.post(server.url('/stall'), { body: new Uint8Array(1 << 20), timeout: 5 }),
      ]);
    }
    await until(() => session.stats().pending === 0);
    expect(session.stats()).toMatchObject({ queued: 0, unreadBodies: 0 });
    await session.close();
    await server.waitFor(() => server.openConnections === 0);
    await until(() => count() <= before);
  });

  it('whose responses nobody kept frees their memory', async () => {
    const { server, session } = await start();
    server.route('/', respond({ body: repeated('x', 64 << 10) }));
    const gc = (globalThis as { gc?: () => void }).gc ?? (() => undefined);
    const round = async () => {
      for (let n = 0; n < 300; n += 1) await session.get(server.url('/')).bytes();
      server.reset();
      server.route('/', respond({ body: repeated('x', 64 << 10) }));
      gc();
      await new Promise((resolve) => setTimeout(resolve, 20));
      return process.memoryUsage().arrayBuffers;
    };
    await round();
    const first = await round();
    const last = await round();
    // A response holds 64 KiB: 300 kept ones would be 19 MiB.
    expect(last - first).toBeLessThan(15 << 20);
  });
});
