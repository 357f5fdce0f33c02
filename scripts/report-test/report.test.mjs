// The report as a file: what it shows, what its controls do, who can use it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { OUT, open } from './browser.mjs';

const URL = `file://${OUT}/report.html`;
const json = (name) => JSON.parse(readFileSync(`${OUT}/${name}`, 'utf8'));
const claims = json('claims.json');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const signed = (x) => (x === null ? '' : `${x < 0 || Object.is(x, -0) ? '-' : '+'}${Math.abs(x).toFixed(3)}`);
const texts = (locator) => locator.allTextContents().then((all) => all.map((text) => text.trim()));

test('the verdict table says what `claims` says', async () => {
  const { page, close } = await open(URL);
  assert.ok(claims.length > 0);
  for (const claim of claims) {
    assert.ok(claim.verdicts.length > 0);
    for (const { form, verdict: due } of claim.verdicts) {
      const row = `#verdict-table tr[data-claim="${claim.id}"][data-form="${form}"] > *`;
      const [id, statement, , verdict] = await texts(page.locator(row));
      assert.deepEqual([id, statement, verdict], [claim.id, claim.statement, due]);
    }
    const rows = await page.locator(`#claim-${claim.id} table.tests tbody tr`).all();
    const tests = claim.parts.flatMap((part) => part.tests);
    assert.equal(rows.length, tests.length);
    for (const row of rows) {
      const [name, , verdict, effect, interval] = await texts(row.locator(':scope > *'));
      const due = tests.find((test) => test.test === name.replace(/\s*\((supporting|as the paper claims it|against the strongest rule known)\)$/, ''));
      assert.ok(due, name);
      assert.ok(verdict.startsWith(due.verdict));
      assert.equal(effect, due.decisive ? signed(due.decisive.effect) : '');
      const end = (x) => (x === null ? 'open' : signed(x));
      if (due.decisive && due.decisive.effect !== null) assert.equal(interval, `[${end(due.decisive.low)} ${end(due.decisive.high)}]`);
    }
  }
  await close();
});

test('a link leads to evidence that can be unfolded, with every row that decides', async () => {
  const { page, close } = await open(URL);
  const claim = claims[0];
  await page.locator('.brief a').first().click();
  await page.locator(`#claim-${claim.id} details.evidence summary`).first().click();
  const rows = claim.parts[0].tests.filter((test) => test.decides)[0].rows.filter((row) => row.role !== 'map');
  await page.waitForSelector(`#claim-${claim.id} details.evidence[open] table`);
  assert.equal(await page.locator(`#claim-${claim.id} details.evidence[open] tbody tr`).count(), rows.length);
  await close();
});

test('every figure is drawn, says what it shows and with which parameters', async () => {
  const { page, close } = await open(URL);
  const figures = await page.locator('figure.drawn').all();
  assert.ok(figures.length > 3);
  for (const figure of figures) {
    const title = await figure.locator('svg > title').textContent();
    assert.ok(title.length > 20);
    for (const finding of await texts(figure.locator('.finding'))) assert.ok(title.includes(finding), finding);
    assert.ok(await figure.locator('details.parameters tbody tr').count() > 0);
    assert.ok((await figure.locator('figcaption').textContent()).trim().length > 20);
  }
  assert.equal(await page.locator('.notice.bad').count(), 0);
  await close();
});

test('a selector changes the curve, and its numbers are those of `show`', async () => {
  const { page, close } = await open(URL);
  const points = () => page.locator('#explorer-plot .line').evaluateAll((lines) => lines.map((line) => line.getAttribute('points')));
  await page.selectOption('#explorer-choices-run', { label: 'reference/quick' });
  await page.selectOption('#explorer-choices-measure', 'recovered');
  await page.selectOption('#explorer-choices-source', 'random');
  const noises = await page.locator('#explorer-choices-noise option').evaluateAll((options) => options.map((o) => o.value));
  assert.ok(noises.length > 1);
  await page.selectOption('#explorer-choices-noise', noises[0]);
  const before = await points();
  await page.selectOption('#explorer-choices-noise', noises.at(-1));
  assert.notDeepEqual(await points(), before);

  const n = Number(await page.locator('#explorer-choices-n').inputValue());
  const dynamics = await page.locator('#explorer-choices-dynamics').inputValue();
  const due = json('quick.json').filter((e) => e.measure === 'recovered' && e.source === 'random' && e.n === n
    && e.dynamics === dynamics && (e.flips / n).toFixed(2) === Number(noises.at(-1)).toFixed(2));
  const head = await texts(page.locator('#explorer-numbers thead th'));
  const rows = await page.locator('#explorer-numbers tbody tr').all();
  let compared = 0;
  for (const row of rows) {
    const cells = await texts(row.locator('td'));
    for (const e of due.filter((e) => Math.abs(e.load - Number(cells[0])) < 1e-4)) {
      const shown = parseFloat(cells[head.indexOf(e.protocol)]);
      assert.ok(Math.abs(shown - e.value) < 6e-4, `${e.protocol} ${shown} ${e.value}`);
      compared += 1;
    }
  }
  assert.equal(compared, due.length);
  await page.locator('#explorer-protocols input').first().uncheck();
  assert.equal((await points()).length, before.length - 1);
  await close();
});

test('a ranking can be chosen and sorted', async () => {
  const { page, close } = await open(URL);
  const board = page.locator('.board[data-kind="load50"]');
  const first = await board.locator('.condition').textContent();
  const options = await page.locator('#ranking-choices-noise option').evaluateAll((all) => all.map((o) => o.value));
  await page.selectOption('#ranking-choices-noise', options[0]);
  assert.notEqual(await board.locator('.condition').textContent(), first);
  await board.getByRole('button', { name: 'Protocol' }).click();
  const labels = await texts(board.locator('tbody th'));
  assert.deepEqual(labels, labels.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })));
  assert.equal(await board.locator('th[aria-sort="ascending"]').count(), 1);
  await close();
});

test('memories have the fixed points that the harness found', async () => {
  const { page, close } = await open(URL);
  const [wrong, total] = await page.evaluate(() => {
    let [wrong, total] = [0, 0];
    for (const { n, messages, memories } of report.data.stage.scenes) {
      for (const memory of memories.filter((memory) => !memory.error)) {
        const network = report.network.of(memory, n);
        messages.forEach((text, i) => {
          const x = Int8Array.from(text, (c) => (c === '1' ? 1 : -1));
          total += 1;
          if (report.network.isFixed(network, x) !== (memory.fixed[i] === '1')) wrong += 1;
        });
      }
    }
    return [wrong, total];
  });
  assert.ok(total > 20);
  assert.equal(wrong, 0);
  await close();
});

test('asynchronous reads of a symmetric memory never raise the energy', async () => {
  const { page, close } = await open(URL);
  const [rises, reads] = await page.evaluate(() => {
    let [rises, reads] = [0, 0];
    const { scenes } = report.data.stage;
    for (const { n, messages, memories, max_steps: most } of scenes) {
      for (const memory of memories.filter((memory) => memory.symmetric)) {
        const network = report.network.of(memory, n);
        const random = report.network.random(7);
        const x = Int8Array.from(messages[0], (c) => (random() < 0.2 ? -1 : 1) * (c === '1' ? 1 : -1));
        const { states } = report.network.read(network, x, 'async', random, most);
        const energies = states.map(({ state }) => report.network.energy(network, state));
        reads += 1;
        rises += energies.filter((e, i) => i > 0 && e > energies[i - 1] + 1e-4 * Math.abs(e)).length;
      }
    }
    return [rises, reads];
  });
  assert.ok(reads > 2);
  assert.equal(rises, 0);
  await close();
});

test('the animation ends in the stored glyph', async () => {
  const { page, close } = await open(URL);
  const pixels = (id) => page.locator(`#memory-${id} rect`).evaluateAll((all) => all.map((r) => (r.getAttribute('class').endsWith('on') ? 1 : 0)).join(''));
  await page.click('#memory-more > summary');
  for (const dynamics of ['sync', 'async', 'held', 'soft']) {
    await page.selectOption('#memory-choices-dynamics', dynamics);
    await page.selectOption('#memory-choices-flips', '4');
    const [stored, query] = [await pixels('stored'), await pixels('query')];
    assert.equal([...stored].filter((pixel, i) => pixel !== query[i]).length, 4);
    assert.equal(await pixels('state'), query);
    await page.click('#memory-play');
    await page.waitForSelector('#memory-words:is([data-end="fixed"], [data-end="stopped"])', { timeout: 20000 });
    assert.equal(await pixels('state'), stored);
    assert.match(await page.textContent('#memory-words'), /recovered/);
    assert.ok(await page.locator('#memory-energy .mark').count() > 1);
  }
  await page.locator('.glyphs button').nth(1).click();
  assert.equal(await page.locator('.glyphs button').nth(1).getAttribute('aria-pressed'), 'true');
  await close();
});

test('a phone shows it without scrolling sideways', async () => {
  const { page, close } = await open(URL, { viewport: { width: 390, height: 844 }, isMobile: true, deviceScaleFactor: 2 });
  for (const summary of await page.locator('summary').all()) await summary.click();
  const [width, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(width <= screen, `${width} > ${screen}`);
  // Nor has anything on it a part that is out of sight to the right.
  const cut = await page.evaluate(() => [...document.querySelectorAll('main :is(table, td, th, p, svg, select, .scroll, .paper)')]
    .filter((one) => one.checkVisibility() && !one.closest('.hidden, thead'))
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 || one.matches('.scroll, .paper') && one.scrollWidth > one.clientWidth + 1)
    .map((one) => one.outerHTML.slice(0, 120)));
  assert.deepEqual(cut, []);
  await close();
});

test('the keyboard reaches every control', async () => {
  const { page, close } = await open(URL);
  const due = await page.evaluate(() => {
    const all = [...document.querySelectorAll('a[href], button, select, input, summary')];
    return all.filter((one) => one.checkVisibility({ visibilityProperty: true })).length;
  });
  const reached = new Set();
  for (let i = 0; i < due + 400; i++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const one = document.activeElement;
      one.dataset.reached ??= String(document.querySelectorAll('[data-reached]').length + 1);
      const control = one.matches('a[href], button, select, input, summary');
      return [one.tagName, one.id, one.dataset.reached, control];
    });
    if (at[0] === 'BODY') break;
    if (at[3]) reached.add(at[2]);
    if (at[1] === 'memory-play') {
      await page.keyboard.press('Enter');
      assert.equal(await page.textContent('#memory-play'), 'Pause');
    }
  }
  assert.equal(reached.size, due);
  await close();
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing to object to in ${colorScheme} colours`, async () => {
    const { page, close } = await open(URL, { colorScheme });
    for (const summary of await page.locator('summary').all()) await summary.click();
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'],
      rules: { 'color-contrast': { enabled: true } },
    }));
    const told = violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`);
    assert.deepEqual(told, []);
    await page.screenshot({ path: `${OUT}/${colorScheme}.png` });
    await close();
  });
}

test('the first screen has the question, the verdicts, a picture and a memory', async () => {
  for (const [width, height] of [[1280, 900], [390, 844]]) {
    for (const colorScheme of ['light', 'dark']) {
      const { page, close } = await open(URL, { viewport: { width, height }, colorScheme });
      await page.screenshot({ path: `${OUT}/first-${width}-${colorScheme}.png` });
      if (width > 1000) {
        for (const part of ['h1', '.brief', '#picture svg', '#memory-play', '#memory-words']) {
          const box = await page.locator(part).boundingBox();
          assert.ok(box.y >= 0 && box.y + box.height <= height, `${part}: ${JSON.stringify(box)}`);
        }
        for (const claim of claims) {
          const due = claim.verdicts.map(({ verdict }) => verdict);
          assert.deepEqual(await texts(page.locator(`.brief li:has(a[href="#claim-${claim.id}"]) .verdict`)), due);
        }
      }
      await close();
    }
  }
});

test('a number leads to its row and to the command that prints it', async () => {
  const { page, close } = await open(URL);
  await page.locator('.board tbody a').first().click();
  await page.locator('#explorer-fold > summary').click();
  const link = page.locator('#explorer-numbers tbody a').first();
  const shown = await link.textContent();
  await link.click();
  const row = page.locator('#explorer-row');
  const value = row.locator('dd').nth(4);
  assert.equal(parseFloat(await value.textContent()).toFixed(3), shown);
  const command = await row.locator('code').textContent();
  const [, args] = command.match(/^cargo run -p harness -- (.*)$/);
  const printed = execFileSync('bash', ['-c', `"$HARNESS" ${args}`], { cwd: '../..', encoding: 'utf8' }).trim().split('\n');
  assert.equal(printed.length, 2, printed.join('\n'));
  const column = printed[0].split(',').indexOf('value');
  // The parameters are quoted, and have commas.
  const fields = printed[1].match(/("([^"]|"")*"|[^,]*)(,|$)/g).map((field) => field.replace(/,$/, ''));
  assert.equal(Number(fields[column]).toFixed(3), shown);
  await close();
});

test('every chart leaves as SVG, PNG and CSV', async () => {
  const { page, close } = await open(URL);
  await page.click('#memory-more > summary');
  const rows = await page.locator('.exports').all();
  assert.equal(rows.length, await page.locator('figure.drawn').count() + await page.locator('.board').count() + 3);
  for (const row of rows) {
    for (const kind of ['SVG', 'PNG', 'CSV']) {
      const [download] = await Promise.all([page.waitForEvent('download'), row.getByRole('button', { name: kind }).click()]);
      const bytes = readFileSync(await download.path());
      // Chromium lets ten downloads leave a page in a second, and drops the next.
      await page.waitForTimeout(120);
      const begins = bytes.subarray(0, 8).toString('latin1');
      const name = download.suggestedFilename();
      if (kind === 'SVG') assert.ok(begins.startsWith('<svg') || begins.startsWith('<?xml'), `${name}: ${begins}`);
      if (kind === 'PNG') assert.ok(begins.startsWith('\u0089PNG') && bytes.length > 2000, `${name}: ${bytes.length}`);
      if (kind === 'CSV') assert.ok(bytes.toString().trim().split('\n').length > 1, name);
    }
  }
  await close();
});

test('all reference runs fit a page of 3 MB', () => {
  assert.ok(statSync(`${OUT}/all.html`).size < 3_000_000);
});

test('the switch changes the colours', async () => {
  const { page, close } = await open(URL, { colorScheme: 'light' });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.selectOption('#theme', 'dark');
  assert.notEqual(await ground(), light);
  await close();
});

test('it prints', async () => {
  const { page, close } = await open(URL);
  const pdf = await page.pdf({ format: 'A4', path: `${OUT}/report.pdf` });
  assert.ok(pdf.length > 50_000);
  await close();
});
