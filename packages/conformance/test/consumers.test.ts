// Packages as users get them: packed, installed with npm into a fresh folder, and used by the programs in ../consumers.
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Exchange, redirect, respond, ScenarioServer } from '@httpsession/testing';
import { build as esbuild } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { build as vite } from 'vite';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Exports, publishedPackages } from '../../tooling/src/published-packages.mjs';
import { root } from '../../tooling/src/workspace.mjs';
import { freePort, runToEnd, startServer } from './conformance/child.ts';
import { installConsumers } from './consumers/install.ts';
import { chromiumMissing, outcomeOfPage } from './consumers/page.ts';
import { packTarballs } from './consumers/tarballs.ts';

const binary = (name: string): string => join(root, 'packages/conformance/node_modules/.bin', name);
const packages = publishedPackages();
const names = packages.map(({ manifest }) => manifest.name);
const loggedIn = { hops: [302], cookie: 's3cret', body: { cookie: 'sid=s3cret' } };

let folder: string;
let tarballs: ReadonlyMap<string, string>;
let server: ScenarioServer;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'httpsession-consumers-')));
  tarballs = await packTarballs(folder);
  await installConsumers(folder, tarballs);
}, 180_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(async () => {
  server = await ScenarioServer.start();
  server.route(
    '/login',
    redirect(302, '/home', { headers: { 'set-cookie': 'sid=s3cret; Path=/; HttpOnly' } }),
  );
  server.route('/home', showCookie);
  return () => server.close();
});

const showCookie = (exchange: Exchange): Promise<unknown> =>
  exchange.respond({
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ cookie: exchange.request.header('cookie') ?? null }),
  });

/** Every consumer logs in, is sent on, and takes the cookie along. */
const expectLogin = (): void => {
  const seen = server.requests.filter(({ path }) => path === '/login' || path === '/home');
  expect(seen.map(({ method, path }) => [method, path])).toEqual([
    ['POST', '/login'],
    ['GET', '/home'],
  ]);
  expect(server.requestsTo('/home')[0]?.header('cookie')).toBe('sid=s3cret');
};

const run = async (command: string, ...args: readonly string[]): Promise<unknown> =>
  JSON.parse(await runToEnd(command, [...args, server.url('/')], { cwd: folder }));

describe('a Node program', () => {
  it('imports it', async () => {
    expect(await run(process.execPath, 'node-esm/main.mjs')).toEqual(loggedIn);
    expectLogin();
  });

  // Two thirds of the import time were these.
  it('loads no fetch and no SOCKS with it', async () => {
    expect(await run(process.execPath, 'node-esm/loaded.mjs')).toEqual({
      undiciClient: true,
      wholeUndici: false,
      socks: false,
      fetchOfNode: false,
    });
  });

  it('requires it', async () => {
    expect(await run(process.execPath, 'node-cjs/main.cjs')).toEqual(loggedIn);
    expectLogin();
  });
});

describe('a TypeScript program', () => {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');

  it.each(['bundler', 'node16', 'nodenext'])(
    'is strict about all it uses, with moduleResolution %s',
    async (resolution) => {
      await runToEnd(process.execPath, [tsc, '--project', `typescript/tsconfig.${resolution}.json`], {
        cwd: folder,
      });
    },
  );

  it('for a page needs no types of Node', async () => {
    await runToEnd(process.execPath, [tsc, '--project', 'typescript/tsconfig.browser.json'], { cwd: folder });
  });
});

describe('a page', () => {
  it.skipIf(chromiumMissing !== '')(
    `bundled by Vite works in Chromium ${chromiumMissing}`,
    async () => {
      await vite({ root: join(folder, 'vite'), logLevel: 'error', build: { sourcemap: true } });
      await serveFolder(join(folder, 'vite/dist'));
      const outcome = await outcomeOfPage(server.url(`/?server=${encodeURIComponent(server.url('/'))}`));
      expect(outcome).toEqual({ redirected: true, body: { cookie: 'sid=s3cret' } });
      expectLogin();
    },
    90_000,
  );
});

describe('a worker', () => {
  it('bundled by esbuild works in workerd', async () => {
    await esbuild({
      absWorkingDir: folder,
      entryPoints: ['workerd/worker.js'],
      outfile: 'workerd/program.mjs',
      bundle: true,
      format: 'esm',
      // What wrangler gives esbuild.
      conditions: ['workerd', 'worker', 'browser'],
      target: 'es2022',
      logLevel: 'silent',
    });
    const port = await freePort();
    const config = join(folder, 'workerd/config.capnp');
    await writeFile(config, workerdConfig(port));
    await using _worker = await startServer(binary('workerd'), ['serve', config], port);
    const response = await fetch(`http://127.0.0.1:${port}/?server=${encodeURIComponent(server.url('/'))}`);
    expect(await response.json()).toEqual(loggedIn);
    expectLogin();
  });
});

describe('a Deno program', () => {
  const deno = ['run', '--no-prompt', '--no-lock', '--node-modules-dir=manual', '--allow-all'];

  it('gets it from npm, and its types check', async () => {
    expect(await run(binary('deno'), ...deno, '--check', 'deno/main.ts')).toEqual(loggedIn);
    expectLogin();
  });

  it('gets it by the path of its sources', async () => {
    const source = pathToFileURL(join(root, 'packages/httpsession/src/deno.ts')).href;
    const program = await readFile(join(folder, 'deno/main.ts'), 'utf8');
    await writeFile(join(folder, 'deno/by-path.ts'), program.replace("'httpsession'", `'${source}'`));
    expect(await run(binary('deno'), ...deno, '--conditions=source', 'deno/by-path.ts')).toEqual(loggedIn);
    expectLogin();
  });
});

it('works in a Bun program', async () => {
  expect(await run(binary('bun'), 'run', 'bun/main.ts')).toEqual(loggedIn);
  expectLogin();
});

it.each([
  ['bun', ['run']],
  ['deno', ['run', '--no-prompt', '--no-lock', '--node-modules-dir=manual', '--allow-all']],
])('@httpsession/%s alone downloads, and sends what its fetch cannot', async (name, args) => {
  const path = join(folder, `downloaded-by-${name}`);
  const body = { cookie: null };
  const size = JSON.stringify(body).length;
  expect(await run(binary(name), ...args, `${name}/alone.ts`, path)).toEqual({ body, size });
  expect(server.requestsTo('/home').map((request) => request.bodyText)).toEqual(['asked', '']);
  expect(await readFile(path, 'utf8')).toBe(JSON.stringify(body));
});

describe.each(names)('the tarball of %s', (name) => {
  const tarball = (): string => tarballs.get(name) ?? '';

  it('has nothing for publint to complain of', async () => {
    const bytes = await readFile(tarball());
    const { messages, pkg } = await publint({
      pack: { tarball: new Uint8Array(bytes).buffer },
      strict: true,
    });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
    // The same entries as in the workspace, without the condition that leads to the sources.
    const manifest = packages.find((published) => published.manifest.name === name)?.manifest;
    expect(pkg.exports).toEqual(withoutSource(manifest?.exports ?? {}));
  });

  it('has the right types for every way to import it', async () => {
    const output = await runToEnd(
      binary('attw'),
      [tarball(), '--profile', 'esm-only', '--format', 'ascii', '--no-emoji'],
      { cwd: folder },
    );
    expect(output).toContain('node16 (from ESM): OK (ESM)');
  });
});

it('finds the parts of undici that it names in the version that npm installs', () => {
  const require = createRequire(join(folder, 'node_modules/@httpsession/node/package.json'));
  const newest = dirname(require.resolve('undici/package.json'));
  for (const part of ['lib/dispatcher/client.js', 'lib/core/connect.js']) {
    expect(typeof require(join(newest, part))).toBe('function');
  }
});

const withoutSource = (exports: Exports): Exports =>
  typeof exports === 'string'
    ? exports
    : Object.fromEntries(
        Object.entries(exports)
          .filter(([condition]) => condition !== 'source')
          .map(([condition, target]) => [condition, withoutSource(target)]),
      );

/** Serves the files of a built page from the scenario server, so that the page and what it asks for are one origin. */
const serveFolder = async (path: string): Promise<void> => {
  for (const file of await readdir(path, { recursive: true })) {
    const type = /\.(html|js)$/.exec(file)?.[1];
    if (type === undefined) continue;
    server.route(
      file === 'index.html' ? '/' : `/${file}`,
      respond({
        headers: { 'content-type': type === 'js' ? 'text/javascript' : 'text/html' },
        body: await readFile(join(path, file), 'utf8'),
      }),
    );
  }
};

const workerdConfig = (port: number): string => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "program", esModule = embed "program.mjs")],
      compatibilityDate = "2026-11-01",
      globalOutbound = "net")),
    (name = "net", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`;
