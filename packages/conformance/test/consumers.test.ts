// Packages as users get them: packed, installed with npm into a fresh folder, and used by the programs in ../consumers.
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Exchange, redirect, respond, ScenarioServer, text } from '@httpsession/testing';
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

  describe.skipIf(chromiumMissing !== '')(`that needs what is loaded on demand ${chromiumMissing}`, () => {
    const open = async (missing = /^$/): Promise<unknown> => {
      await vite({
        root: join(folder, 'vite'),
        logLevel: 'error',
        build: { outDir: 'dist-on-demand', rollupOptions: { input: join(folder, 'vite/on-demand.html') } },
      });
      const built = join(folder, 'vite/dist-on-demand');
      await serveFolder(built);
      for (const file of await readdir(built, { recursive: true }))
        if (missing.test(`/${file}`)) server.route(`/${file}`, respond({ status: 404 }));
      server.route('/lines', text('one\ntwo'));
      server.route('/events', respond({ body: 'data: first\n\ndata: second\n\n' }));
      server.route('/page', respond({ headers: { link: '</page/2>; rel=next' }, body: '1' }));
      server.route('/page/2', text('2'));
      server.route('/digest', digestOnly);
      return outcomeOfPage(server.url(`/on-demand.html?server=${encodeURIComponent(server.url('/'))}`));
    };
    const parts = (): string[] =>
      server.requests.flatMap(({ path }) => onDemand.exec(path)?.[1] ?? []).sort();

    it('gets each part once, when it needs it', async () => {
      expect(await open()).toEqual({
        lines: ['one', 'two'],
        chunks: [2, 2, 2, 1],
        events: ['first', 'second'],
        pages: ['1', '2'],
        digest: 'welcome',
      });
      expect(parts()).toEqual(['digest-client', 'streaming-readers', 'walk-pages']);
    }, 90_000);

    it('hears it from an error of ours when a part is missing', async () => {
      const error = {
        name: 'ConnectionError',
        code: 'ERR_CONNECTION',
        message: 'a part of httpsession could not be loaded',
      };
      expect(await open(onDemand)).toEqual({
        lines: error,
        chunks: error,
        events: error,
        pages: error,
        digest: error,
      });
    }, 90_000);
  });
});

const onDemand = /\/assets\/(digest-client|streaming-readers|walk-pages)[^/]*\.js$/;

/** Asks for Digest and checks the answer as RFC 7616 3.4.1 computes it. */
const digestOnly = (exchange: Exchange): Promise<unknown> => {
  const fields = new Map(
    [...(exchange.request.header('authorization') ?? '').matchAll(/(\w+)="?([^",]*)"?/g)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  );
  const md5 = (message: string): string => createHash('md5').update(message).digest('hex');
  const field = (name: string): string => fields.get(name) ?? '';
  const expected = md5(
    [
      md5('Mufasa:lions:Circle of Life'),
      field('nonce'),
      field('nc'),
      field('cnonce'),
      'auth',
      md5(`${exchange.request.method}:/digest`),
    ].join(':'),
  );
  return exchange.respond(
    field('response') === expected
      ? { body: 'welcome' }
      : {
          status: 401,
          headers: { 'www-authenticate': 'Digest realm="lions", nonce="n1", qop="auth", algorithm=MD5' },
        },
  );
};

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
