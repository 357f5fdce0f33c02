// One browser for all tests, and what every test watches for.
import chromium from '@sparticuz/chromium';
import { chromium as playwright } from 'playwright-core';
import assert from 'node:assert/strict';
import { after } from 'node:test';

export const OUT = process.env.OUT;

const browser = await playwright.launch({
  executablePath: process.env.CHROMIUM ?? (await chromium.executablePath()),
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
});
after(() => browser.close());

// A page on `url`, which has to make no request but for itself and write nothing on the console. `allowed` says which other
// requests are right.
export const open = async (url, options = {}, allowed = () => false) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const faults = [];
  page.on('console', (message) => faults.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('request', (request) => {
    const to = request.url();
    if (to.split('#')[0] !== url && !/^(data|blob):/.test(to) && !allowed(to)) faults.push(`request: ${to}`);
  });
  await page.goto(url);
  // The rest of the page follows its first screen.
  await page.waitForSelector('html[data-ready]', { state: 'attached' });
  return { page, close: async () => { assert.deepEqual(faults, []); await context.close(); } };
};
