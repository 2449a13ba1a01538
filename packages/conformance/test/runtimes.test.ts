// The same behaviours on every runtime. Each runs the suite once, in a process of its own, from a bundle of the sources.
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type ControlServer, startControlServer } from '@httpsession/testing';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Outcomes, runSmoke } from '../src/smoke/run.ts';
import { scenarios } from '../src/smoke/scenarios.ts';
import { serverScenarios } from '../src/smoke/server-scenarios.ts';
import { bundle } from './smoke/bundle.ts';
import { freePort, runToEnd, startServer } from './smoke/child.ts';
import { reportScenarios } from './smoke/report.ts';

const binary = (name: string): string => new URL(`../node_modules/.bin/${name}`, import.meta.url).pathname;
const onSockets = { ...scenarios, ...serverScenarios };
const chromiumPath = '/usr/bin/chromium';

let control: ControlServer;
let deadPort: number;
let outcomes: Outcomes = {};
let tabs: { token: string; refreshes: number }[] = [];

beforeAll(async () => {
  control = await startControlServer();
  deadPort = await freePort();
});

afterAll(() => control.close());

describe('Node', () => {
  beforeAll(async () => {
    outcomes = await runSmoke(onSockets, control.url, { platform: 'node', deadPort });
  });
  reportScenarios(Object.keys(onSockets), () => outcomes);
});

describe.each([
  ['Deno', 'deno', ['run', '--allow-all', '--no-config', '--no-lock']],
  ['Bun', 'bun', ['run']],
] as const)('%s', (_, platform, args) => {
  beforeAll(async () => {
    await using program = await bundle('program.ts', platform);
    const expected = JSON.stringify({ platform, deadPort });
    const out = await runToEnd(binary(platform), [...args, program.path, control.url, expected]);
    outcomes = JSON.parse(out);
  });
  reportScenarios(Object.keys(onSockets), () => outcomes);
});

describe('Deno with no leave but for the network', () => {
  it('works, and refuses what it could not keep', async () => {
    await using program = await bundle('modest.ts', 'deno');
    const out = await runToEnd(binary('deno'), [
      'run',
      '--no-prompt',
      '--no-config',
      '--no-lock',
      '--allow-net=127.0.0.1',
      program.path,
      control.url,
    ]);
    expect(JSON.parse(out)).toEqual({
      direct: 'here',
      proxy: 'UnsupportedOptionError',
      trustEnv: 'UnsupportedOptionError',
      elsewhere: 'ConnectionError after 1',
    });
  });
});

describe('workerd', () => {
  beforeAll(async () => {
    await using program = await bundle('worker.ts', 'workerd');
    const port = await freePort();
    const config = join(program.folder, 'config.capnp');
    await writeFile(config, workerdConfig(port));
    await using _server = await startServer(binary('workerd'), ['serve', config], port);
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      body: JSON.stringify({ control: control.url, expected: { platform: 'edge', deadPort }, only: null }),
    });
    outcomes = (await response.json()) as Outcomes;
  });
  reportScenarios(Object.keys(scenarios), () => outcomes);
});

describe.skipIf(!existsSync(chromiumPath))('Chromium', () => {
  beforeAll(async () => {
    await using program = await bundle('page.ts', 'browser');
    const script = await readFile(program.path, 'utf8');
    const pages = createServer((request, response) => {
      const isScript = request.url === '/program.mjs';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(isScript ? script : '<!doctype html><script type="module" src="/program.mjs"></script>');
    });
    await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
    const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumArgs });
    try {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${(pages.address() as AddressInfo).port}/`);
      await page.waitForFunction('typeof smoke === "function"');
      outcomes = await page.evaluate(
        `smoke(${JSON.stringify(control.url)}, ${JSON.stringify({ platform: 'browser', deadPort })}, null)`,
      );
      const others = await Promise.all([1, 2, 3].map(() => context.newPage()));
      for (const other of others) await other.goto(page.url());
      for (const other of others) await other.waitForFunction('typeof tab === "function"');
      tabs = await Promise.all(others.map((other) => other.evaluate<(typeof tabs)[number]>('tab("api")')));
    } finally {
      await browser.close();
      pages.close();
    }
  });
  reportScenarios(Object.keys(scenarios), () => outcomes);

  it('refreshes once for all tabs, which share the token', () => {
    expect(tabs.reduce((sum, { refreshes }) => sum + refreshes, 0)).toBe(1);
    expect(new Set(tabs.map(({ token }) => token)).size).toBe(1);
  });
});

const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

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
