// The report as it is served: it follows its folder of results.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { open } from './browser.mjs';

const REFERENCE = '../../results/reference';

test('a run that appears is on the page soon, without a hand being moved', { timeout: 300_000 }, async () => {
  const results = mkdtempSync(join(tmpdir(), 'report-test-'));
  cpSync(join(REFERENCE, 'cost'), join(results, 'cost'), { recursive: true });
  const server = spawn(process.env.HARNESS, ['report', '--serve', '--port', '0', '--results', results], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const address = await new Promise((resolve) => createInterface(server.stdout).once('line', resolve));
    assert.match(address, /^http:\/\/127\.0\.0\.1:\d+$/);
    const { page, close } = await open(`${address}/`, {}, (to) => to === `${address}/status`);
    page.setDefaultTimeout(200_000);
    assert.equal(await page.locator('#run-cost').count(), 1);
    assert.equal(await page.locator('#run-properties').count(), 0);
    cpSync(join(REFERENCE, 'properties'), join(results, 'properties'), { recursive: true });
    await page.waitForSelector('#run-properties');
    await close();
    assert.equal((await fetch(`${address}/etc/passwd`)).status, 404);
    assert.equal((await fetch(`${address}/`, { method: 'POST' })).status, 405);
  } finally {
    server.kill();
  }
});
