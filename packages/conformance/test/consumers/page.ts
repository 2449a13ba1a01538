import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const executablePath = '/usr/bin/chromium';

/** Why no page can be opened; empty where one can. */
export const chromiumMissing: string = existsSync(executablePath) ? '' : `there is no ${executablePath}`;

/** Opens a page in headless Chromium, waits until its title is `done`, and gives what it left in `globalThis.outcome`. */
export const outcomeOfPage = async (url: string): Promise<unknown> => {
  const browser = await chromium.launch({ executablePath, args: quiet });
  try {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(url);
    await page.waitForFunction('document.title === "done"', undefined, { timeout: 30_000 }).catch((cause) => {
      throw new Error(`the page did not finish: ${complaints.join('; ')}`, { cause });
    });
    return await page.evaluate('outcome');
  } finally {
    await browser.close();
  }
};

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
