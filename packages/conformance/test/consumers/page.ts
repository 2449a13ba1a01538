import { existsSync } from 'node:fs';
import { chromiumPath, launchChromium } from '../conformance/chromium.ts';

/** Why no page can be opened; empty where one can. */
export const chromiumMissing: string = existsSync(chromiumPath) ? '' : `there is no ${chromiumPath}`;

/** Opens a page in headless Chromium, waits until its title is `done`, and gives what it left in `globalThis.outcome`. */
export const outcomeOfPage = async (url: string): Promise<unknown> => {
  const browser = await launchChromium();
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
