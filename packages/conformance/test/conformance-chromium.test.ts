// The suite inside a page of headless Chromium, from a bundle of the sources.
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Driven } from '../src/runners/page.ts';
import type { World } from '../src/suite/harness.ts';
import type { Outcomes } from '../src/suite/perform.ts';
import { bundle, runner } from './conformance/bundle.ts';
import { chromiumPath, launchChromium } from './conformance/chromium.ts';
import { missing, openWorld } from './conformance/native-run.ts';
import { servePages } from './conformance/pages.ts';
import { reportScenarios } from './conformance/report.ts';

const reason = missing('chromium', chromiumPath);

describe.skipIf(reason)(`Chromium${reason}`, () => {
  let outcomes: Outcomes = {};
  let tabs: Awaited<ReturnType<Driven['tab']>>[] = [];

  beforeAll(async () => {
    await using world = await openWorld('browser');
    await using program = await bundle(runner('page'), 'browser');
    await using pages = await servePages({
      '/': '<!doctype html><script type="module" src="/program.mjs"></script>',
      '/program.mjs': await readFile(program.path, 'utf8'),
    });
    const browser = await launchChromium();
    try {
      const context = await browser.newContext();
      const open = async () => {
        const page = await context.newPage();
        await page.goto(pages.url);
        await page.waitForFunction('typeof conformance === "function"');
        return page;
      };
      const { platform, control, deadPort } = world;
      const told: World = { platform, control, deadPort };
      outcomes = await (await open()).evaluate(`conformance(${JSON.stringify(told)})`);
      const others = [await open(), await open(), await open()];
      tabs = await Promise.all(others.map((other) => other.evaluate<(typeof tabs)[number]>('tab("api")')));
    } finally {
      await browser.close();
    }
  }, 240_000);

  reportScenarios(() => outcomes);

  it('refreshes once for all tabs, which share the token', () => {
    expect(tabs.reduce((sum, { refreshes }) => sum + refreshes, 0)).toBe(1);
    expect(new Set(tabs.map(({ token }) => token)).size).toBe(1);
  });
});
