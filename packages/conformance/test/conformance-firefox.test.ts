// The suite inside a page of headless Firefox, driven by WebDriver BiDi.
import { readFile } from 'node:fs/promises';
import puppeteer from 'puppeteer-core';
import { beforeAll, describe } from 'vitest';
import type { World } from '../src/suite/harness.ts';
import type { Outcomes } from '../src/suite/perform.ts';
import { bundle, runner } from './conformance/bundle.ts';
import { missing, openWorld } from './conformance/native-run.ts';
import { servePages } from './conformance/pages.ts';
import { reportScenarios } from './conformance/report.ts';

const firefoxPath = '/usr/bin/firefox-esr';
const reason = missing('firefox', firefoxPath);

describe.skipIf(reason)(`Firefox${reason}`, () => {
  let outcomes: Outcomes = {};

  beforeAll(async () => {
    await using world = await openWorld('browser');
    await using program = await bundle(runner('page'), 'browser');
    await using pages = await servePages({
      '/': '<!doctype html><script type="module" src="/program.mjs"></script>',
      '/program.mjs': await readFile(program.path, 'utf8'),
    });
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: firefoxPath,
      headless: true,
      protocolTimeout: 200_000,
    });
    try {
      const page = await browser.newPage();
      await page.goto(pages.url);
      await page.waitForFunction('typeof conformance === "function"');
      const { platform, control, deadPort } = world;
      const told: World = { platform, control, deadPort };
      outcomes = (await page.evaluate(`conformance(${JSON.stringify(told)})`)) as Outcomes;
    } finally {
      await browser.close();
    }
  }, 240_000);

  reportScenarios(() => outcomes);
});
