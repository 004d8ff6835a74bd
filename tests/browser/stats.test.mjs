import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { barriers } from './src/axe.mjs';
import { DESKTOP, GB, PHONE, Suite, assertFits, screenshot } from './src/suite.mjs';
import { sql, whmcs } from './src/world.mjs';

const GOOGLE = 'https://www.gstatic.com/charts/loader.js';
/** A theme that is dark: the stock ones have no such mode. */
const DARK = `.dark, .dark .card, .dark .card-header, .dark .navbar, .dark .list-group-item:not(.active) { background: #16181d !important; }
  .dark, .dark .list-group-item, .dark .nav-link, .dark .navbar-brand { color: #e8e8ea !important; }`;

const suite = new Suite({ 4: 100, 5: 20, 6: 200, 12: 30 });
let expectedDays;
let expectedMonths;

/** What the two charts of Chart.js hold and how they look. */
const charts = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('.mikrotikvpn-chart canvas')].map((canvas) => {
      const chart = window.Chart.getChart(canvas);
      return {
        labels: chart.data.labels,
        series: chart.data.datasets.map(({ label, data }) => ({ label, data: [...data] })),
        bars: chart.data.datasets.map((_, index) => chart.getDatasetMeta(index).data.at(-1).options.backgroundColor),
        text: chart.options.scales.y.ticks.color,
        legend: chart.legend.options.labels.color ?? chart.options.color,
        width: chart.width,
        bars_drawn: chart.getDatasetMeta(0).data.length,
      };
    }),
  );

/** The rows of both tables, the oldest first as in the charts: day, bytes down, bytes up. */
const tables = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('.mikrotikvpn-table')].map((table) =>
      [...table.tBodies[0].rows].reverse().map((row) => [
        row.querySelector('time').dateTime,
        ...[1, 2, 3].map((column) => Number(row.cells[column].dataset.bytes)),
      ]),
    ),
  );

const download = async (page, action) => {
  const [file] = await Promise.all([page.waitForEvent('download'), action()]);
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
};

test('before the first collection the page says when figures will come', async () => {
  const page = await suite.visit('statistics', PHONE);
  assert.match(await page.getByRole('status').textContent(), /after the next collection/);
  assert.equal(await page.locator('canvas, table.mikrotikvpn-table').count(), 0);
  await assertFits(page);
  assert.deepEqual(await barriers(page), []);
  await screenshot(page, 'statistics-waiting-phone');
});

test('the charts hold every byte that was collected, by day and by month', async () => {
  const past = [[29, 31.5, 4], [27, 12.25, 1.5], [22, 48, 6], [15, 3, 0.5], [14, 60.75, 9], [8, 22, 2], [3, 0.25, 0.125], [1, 18, 3]];
  await suite.bookPast([[400, 90, 12], [70, 120, 16], ...past], 30);
  await suite.use();
  const booked = async (table, date) => {
    const rows = await sql(`SELECT ${date} AS date, download, upload FROM mod_mikrotikvpn_traffic_${table} WHERE service_id = ${suite.service.id} ORDER BY 1`);
    return rows.map((row) => [row.date, Number(row.download), Number(row.upload), Number(row.download) + Number(row.upload)]);
  };
  expectedDays = await booked('daily', 'day');
  expectedMonths = await booked('monthly', 'month');
  assert.ok(expectedDays.at(-1)[1] > 30 * GB, 'the customer downloaded for an hour');

  const page = await suite.visitCharts();
  const [days, months] = await tables(page);
  assert.equal(days.length, 31, 'thirty days and today');
  assert.deepEqual(days.filter(([, , , total]) => total > 0), expectedDays);
  assert.ok(months.length >= 13, 'every month since the first');
  assert.deepEqual(months.filter(([, , , total]) => total > 0), expectedMonths);
  for (const [chart, table] of (await charts(page)).map((chart, index) => [chart, [days, months][index]])) {
    assert.deepEqual(chart.series, [
      { label: 'Download', data: table.map(([, down]) => down / GB) },
      { label: 'Upload', data: table.map(([, , up]) => up / GB) },
    ]);
    assert.equal(chart.labels.length, table.length);
    assert.equal(chart.bars_drawn, table.length);
  }
  await screenshot(page, 'statistics-desktop');
});

test('the charts fit a phone and follow the window', async () => {
  const phone = await suite.visitCharts(PHONE);
  await assertFits(phone);
  await screenshot(phone, 'statistics-phone');
  const page = await suite.visitCharts();
  const wide = (await charts(page))[0].width;
  for (const [width, fits] of [[600, (chart) => chart < wide - 100], [DESKTOP.width, (chart) => chart > wide - 1]]) {
    await page.setViewportSize({ width, height: 900 });
    await page.waitForFunction(() => [...document.querySelectorAll('.mikrotikvpn-chart canvas')].every((canvas) =>
      Math.abs(window.Chart.getChart(canvas).width - canvas.parentNode.getBoundingClientRect().width) < 1));
    for (const chart of await charts(page)) {
      assert.ok(fits(chart.width), `${chart.width} px in a window of ${width} px, ${wide} px before`);
    }
    await assertFits(page);
  }
});

test('the charts take the colours of the theme, also when it turns dark later', async () => {
  const page = await suite.visitCharts();
  const [light] = await charts(page);
  const text = (of) => of.evaluate(() => getComputedStyle(document.querySelector('.mikrotikvpn')).color);
  assert.equal(light.text, await text(page));
  const accent = await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--primary').trim());
  assert.deepEqual(light.bars, [accent, '#c2701c'], "Bootstrap's own and ours");
  await page.addStyleTag({ content: DARK });
  await page.evaluate(() => document.body.classList.add('dark'));
  await page.waitForFunction((before) => window.Chart.getChart(document.querySelector('.mikrotikvpn-chart canvas')).options.scales.y.ticks.color !== before, light.text);
  for (const chart of await charts(page)) {
    assert.equal(chart.text, 'rgb(232, 232, 234)');
    assert.equal(chart.legend, 'rgb(232, 232, 234)');
    assert.deepEqual(chart.bars, light.bars);
  }
  await screenshot(page, 'statistics-dark');
});

test('in Hebrew the page, its charts and the sidebar speak Hebrew and run from right to left', async () => {
  const speak = (language) => sql(`UPDATE tblclients SET language = '${language}' WHERE id = ${suite.client}`);
  await speak('hebrew');
  const page = await suite.visitCharts().finally(() => speak(''));
  const title = await page.textContent('.mikrotikvpn-page');
  assert.match(title, /^[\u0590-\u05ff ]+$/);
  assert.equal((await page.textContent('.sidebar .active')).trim(), title);
  const [chart] = await charts(page);
  assert.match(chart.labels[0], /[\u0590-\u05ff]/);
  assert.equal(chart.labels.length, 31);
  const options = await page.evaluate(() => {
    const { scales, plugins } = window.Chart.getChart(document.querySelector('.mikrotikvpn-chart canvas')).options;
    return [scales.x.reverse, scales.y.position, plugins.legend.rtl, plugins.tooltip.textDirection];
  });
  assert.deepEqual(options, [true, 'right', true, 'rtl']);
  const gap = await page.evaluate(() => {
    const heading = document.querySelector('.mikrotikvpn-page');
    const text = document.createRange();
    text.selectNodeContents(heading);
    return heading.getBoundingClientRect().right - text.getBoundingClientRect().right;
  });
  assert.ok(Math.abs(gap) < 2, `the heading begins ${gap} px from the right`);
  await assertFits(page);
  await screenshot(page, 'statistics-rtl');
});

test('the table behind a chart opens with the keyboard, scrolls, and has what the chart has', async () => {
  const page = await suite.visitCharts();
  const details = page.locator('details').first();
  assert.equal(await details.getAttribute('open'), null, 'folded while the chart is there');
  await details.locator('summary').focus();
  await page.keyboard.press('Enter');
  assert.equal(await details.getAttribute('open'), '');
  await page.keyboard.press('Tab');
  const region = page.getByRole('region', { name: 'By day' }).last();
  assert.ok(await region.evaluate((element) => element === document.activeElement));
  await page.keyboard.press('End');
  await page.waitForFunction(() => document.activeElement.scrollTop > 0);
  assert.equal(await details.getByRole('row').count(), 33);
  assert.deepEqual(await details.getByRole('columnheader').allTextContents(), ['Day', 'Download', 'Upload', 'Total']);
  assert.match(await page.locator('[role=img]').first().getAttribute('aria-label'), /Chart of download and upload by day\. The table/);
  await screenshot(page, 'statistics-table');
});

test('the totals are those of the table', async () => {
  const page = await suite.visitCharts();
  const sum = (rows, column) => (rows.reduce((total, row) => total + row[column], 0) / GB).toFixed(2);
  for (const [key, rows] of Object.entries({ days: expectedDays, months: expectedMonths })) {
    for (const [column, name] of [[1, 'download'], [2, 'upload'], [3, 'total']]) {
      const shown = await page.textContent(`[data-mikrotikvpn-value="${key}-${name}"]`);
      assert.equal(shown.replaceAll(',', ''), `${sum(rows, column)} GB`, `${key} ${name}`);
    }
  }
});

test('the files have the bytes of the tables', async () => {
  const page = await suite.visitCharts();
  const [days, months] = await tables(page);
  for (const [key, rows, length] of [['days', days, 10], ['months', months, 7]]) {
    const link = page.locator(`a[download][href*="${key}.csv"]`);
    await link.focus();
    const { name, text } = await download(page, () => page.keyboard.press('Enter'));
    assert.equal(name, `traffic-${suite.service.id}-${key}.csv`);
    const lines = rows.map(([date, ...bytes]) => [date.slice(0, length), ...bytes].join(','));
    assert.equal(text, [`${key.slice(0, -1)},download_bytes,upload_bytes,total_bytes`, ...lines, ''].join('\r\n'));
  }
});

test('without scripts the tables are open', async () => {
  const page = await suite.visit('statistics', { javaScriptEnabled: false });
  assert.equal(await page.locator('details[open]').count(), 2);
  assert.equal(await page.locator('.mikrotikvpn-table td').first().isVisible(), true);
  assert.equal(await page.locator('.mikrotikvpn-chart').first().isVisible(), false);
});

test('a strict content security policy blocks nothing of ours', async () => {
  const strict = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'";
  const page = await suite.visitCharts({
    prepare: ({ page: tab }) =>
      tab.route('**/clientarea.php*', async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': strict } });
      }),
  });
  assert.equal((await charts(page)).length, 2);
  assert.equal(await page.locator('.mikrotikvpn script:not([src]), .mikrotikvpn [style]:not(canvas), .mikrotikvpn [onclick]').count(), 0);
  // The theme's script with the session's token, and a test of jQuery 1.12 for its own needs.
  const complaints = suite.opened.at(-1).seen.console.splice(0);
  assert.deepEqual(complaints.map((line) => /inline (script|event handler)/.exec(line)?.[1]), ['script', 'event handler']);
});

test('Google Charts that cannot load are replaced by the built-in charts', async () => {
  await whmcs('product', 'set', suite.product, '--option', '23=chart engine = google');
  try {
    const page = await suite.visitCharts({ expected: { foreign: [GOOGLE] } });
    const { seen } = suite.opened.at(-1);
    assert.equal(seen.failed.splice(0).filter((line) => !line.startsWith(GOOGLE)).length, 0);
    assert.equal(seen.console.splice(0).filter((line) => !line.includes('ERR_FAILED')).length, 0);
    const [days] = await tables(page);
    const [chart] = await charts(page);
    assert.deepEqual(chart.series[0].data, days.map(([, down]) => down / GB));
  } finally {
    await whmcs('product', 'set', suite.product, '--option', '23=');
  }
});

// Google's own code is not ours to ship: what it would be given is what is looked at.
const RECORDER = `
  window.drawn = [];
  window.google = { charts: { load: function (version, options) { window.loaded = [version, options.packages[0]]; },
    setOnLoadCallback: function (action) { setTimeout(action); } }, visualization: {
    DataTable: function () { this.columns = []; this.rows = []; this.addColumn = function (type, name) { this.columns.push([type, name]); };
      this.addRows = function (rows) { this.rows = rows; }; },
    ColumnChart: function (box) { this.draw = function (table, options) { window.drawn.push({ box: box.getAttribute('data-mikrotikvpn-chart'),
      columns: table.columns, rows: table.rows, stacked: options.isStacked, colour: options.vAxis.textStyle.color }); }; } } };`;

test('Google Charts are given the same data, when the product says so', async () => {
  await whmcs('product', 'set', suite.product, '--option', '23=chart engine = google');
  try {
    const page = await suite.visitCharts({
      prepare: ({ context }) => context.route(GOOGLE, (route) => route.fulfill({ contentType: 'text/javascript', body: RECORDER })),
    }, 'google');
    const drawn = await page.evaluate(() => window.drawn);
    assert.deepEqual(await page.evaluate(() => window.loaded), ['current', 'corechart']);
    assert.equal(await page.evaluate(() => typeof window.Chart), 'undefined');
    for (const [index, rows] of (await tables(page)).entries()) {
      assert.deepEqual(drawn[index].columns, [['string', ''], ['number', 'Download'], ['number', 'Upload']]);
      assert.deepEqual(drawn[index].rows.map(([, down, up]) => [down.v * GB, up.v * GB]), rows.map(([, down, up]) => [down, up]));
      assert.equal(drawn[index].stacked, true);
    }
    await page.setViewportSize({ width: 700, height: 900 });
    await page.waitForFunction(() => window.drawn.length >= 4);
  } finally {
    await whmcs('product', 'set', suite.product, '--option', '23=');
  }
});

test('Google Charts that load and never start are replaced, too', async () => {
  await whmcs('product', 'set', suite.product, '--option', '23=chart engine = google');
  try {
    const silent = RECORDER.replace('setTimeout(action)', '');
    const page = await suite.visit('statistics', {
      prepare: async ({ page: tab, context }) => {
        await tab.clock.install();
        await context.route(GOOGLE, (route) => route.fulfill({ contentType: 'text/javascript', body: silent }));
      },
    });
    await page.waitForFunction(() => window.loaded);
    assert.equal(await page.locator('[data-mikrotikvpn-engine]').count(), 0);
    await page.clock.fastForward(60_000);
    await page.waitForSelector('[data-mikrotikvpn-engine="chartjs"] canvas');
  } finally {
    await whmcs('product', 'set', suite.product, '--option', '23=');
  }
});

test('the sidebar leads from Information to both pages and back', async () => {
  const page = await suite.visit('');
  const panel = page.locator('[menuItemName="Service Details Overview"]');
  assert.deepEqual(await panel.getByRole('tab').or(panel.getByRole('link')).allInnerTexts(), ['Information', 'Traffic statistics', 'Traffic history']);
  await panel.getByText('Traffic statistics').click();
  await page.waitForSelector('[data-mikrotikvpn-engine]');
  assert.equal((await panel.locator('.active').textContent()).trim(), 'Traffic statistics');
  await panel.getByText('Traffic history').click();
  await page.waitForSelector('[data-mikrotikvpn-kind="grant"]');
  assert.equal((await panel.locator('.active').textContent()).trim(), 'Traffic history');
  await panel.getByText('Information').click();
  await page.waitForSelector('[data-mikrotikvpn-value="username"]');
  assert.equal((await panel.locator('.active').textContent()).trim(), 'Information');
});

test('the history lists grants and corrections in the words of customers', async () => {
  const at = '2026-01-02 03:04:05';
  await sql(`INSERT INTO mod_mikrotikvpn_grants (service_id, period, bytes, granted_at, kind, reason, admin) VALUES (${suite.service.id}, NULL, ${-2.5 * GB}, '${at}', 'correction', '<script>window.hacked=1</script>', 'bob')`);
  await sql(`INSERT INTO mod_mikrotikvpn_grants (service_id, period, bytes, granted_at, kind, admin) VALUES (${suite.service.id}, NULL, ${50 * GB}, '${at}', 'correction', 'bob')`);
  for (const [name, options] of [['phone', PHONE], ['desktop', DESKTOP]]) {
    const page = await suite.visit('history', options);
    const rows = await page.locator('.mikrotikvpn-table tbody tr').evaluateAll((all) => all.map((row) => [row.cells[1].textContent, row.cells[2].textContent]));
    assert.equal(rows.length, 3);
    assert.match(rows[0][0], /^Traffic of the billing period from /);
    assert.deepEqual([rows[0][1], rows[1], rows[2]], ['+200.00 GB', ['Traffic added by our team', '+50.00 GB'], ['Correction by our team', '-2.50 GB']]);
    assert.ok(!(await page.content()).includes('hacked'));
    await assertFits(page);
    assert.deepEqual(await barriers(page), []);
    await screenshot(page, `history-${name}`);
  }
});

test('a suspended customer reads the figures and no credential', async () => {
  await whmcs('run', 'SuspendAccount', '--service', suite.service.id);
  try {
    const page = await suite.visitCharts();
    assert.equal((await tables(page))[0].length, 31);
    const module = await page.innerHTML('.mikrotikvpn');
    assert.ok(!module.includes(suite.service.password) && !module.includes(suite.service.username));
  } finally {
    await whmcs('run', 'UnsuspendAccount', '--service', suite.service.id);
  }
});

test('axe-core finds no barrier on the charts and their tables, light and dark', async () => {
  const page = await suite.visitCharts();
  assert.deepEqual(await barriers(page), []);
  await page.locator('summary').first().click();
  await page.locator('summary').last().click();
  assert.deepEqual(await barriers(page), []);
  await page.addStyleTag({ content: DARK });
  await page.evaluate(() => document.body.classList.add('dark'));
  assert.deepEqual(await barriers(page), []);
});
