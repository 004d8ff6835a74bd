// The admin's pages: a service, the dashboard, the server list, a product's settings, e-mail templates.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { barriers } from './src/axe.mjs';
import { launch, openPage } from './src/browser.mjs';
import { World, later, sql, whmcs } from './src/world.mjs';

const SCREENS = fileURLToPath(new URL('../../target/screens/', import.meta.url));
const HOSTILE = '<img src=x onerror="window.hacked=1"> & "quoted" </dd></template><script>window.hacked=2</script>';
const SIZES = {
  desktop: { width: 1280, height: 900 },
  phone: { width: 390, height: 844, scale: 2, hasTouch: true },
};
const BLOCK = '.mikrotikvpn-admin';

let world;
let browser;
let storageState;
let server;
let product;
let service;
let opened;

before(async () => {
  await mkdir(SCREENS, { recursive: true });
  world = new World();
  browser = await launch();
  await world.start();
  server = await world.addServer();
  await whmcs('server', 'set', server, '--name', 'Vienna');
  product = await world.addProduct({ 3: 'l2tp', 4: 100, 5: 12.5, 6: 20, 18: 'on', 19: 'our-psk' });
  service = await world.addService(await world.addClient('ann@example.test', 'letmein'), product, ['--next-due-date', '2030-01-31']);
  await world.router.post('/connect', { name: service.username, 'caller-id': HOSTILE });
  await world.router.post('/traffic', { name: service.username, download: 6 * 2 ** 30, upload: 2 ** 30 });
  await world.router.post('/advance', { seconds: 7500 });
  await whmcs('run', 'UsageUpdate', '--server', server);
  const { page, context } = await openPage(browser);
  await page.goto(`${world.url}admin/login.php`);
  const [{ username }] = await sql('SELECT username FROM tbladmins ORDER BY id LIMIT 1');
  await page.fill('#username', username);
  await page.fill('#password', 'admin');
  await Promise.all([page.waitForURL(/index\.php/), page.click('#login')]);
  storageState = await context.storageState();
  await context.close();
});

after(async () => {
  await browser?.close();
  world?.stop();
});

beforeEach(async () => {
  opened = [];
  await later(60);
});

/** Whatever a test looked at: nothing left this machine, nothing complained, nothing was injected. */
afterEach(async () => {
  for (const { page, context, seen } of opened) {
    const hacked = await page.evaluate(() => window.hacked);
    await context.close();
    assert.deepEqual({ ...seen, hacked }, { console: [], foreign: [], failed: [], hacked: undefined });
  }
  assert.deepEqual(await whmcs('violations'), []);
});

async function visit(path, size = SIZES.desktop) {
  const tab = await openPage(browser, { ...size, storageState });
  opened.push(tab);
  await tab.page.goto(`${world.url}admin/${path}`);
  return tab.page;
}

const servicePage = (id = service.id) => `clientsservices.php?id=${id}`;
const screenshot = (page, name) => page.screenshot({ path: `${SCREENS}admin-${name}.png`, fullPage: true });

/** Labels and values of the block, as text. */
function facts(page) {
  return page.evaluate(() => {
    const text = (element) => element.textContent.replace(/\s+/g, ' ').trim();
    const rows = [...document.querySelectorAll('.mikrotikvpn-facts > div')];
    return Object.fromEntries(rows.map((row) => [text(row.querySelector('dt')), text(row.querySelector(':scope > dd'))]));
  });
}

async function assertFits(page) {
  const { wanted, given } = await page.evaluate(() => ({
    wanted: document.documentElement.scrollWidth,
    given: document.documentElement.clientWidth,
  }));
  assert.ok(wanted <= given, `the page is ${wanted} px wide on ${given} px`);
}

/** Styled as meant: the stylesheet is there and the block is no wider than its place. */
async function assertTidy(page) {
  await assertFits(page);
  assert.deepEqual(await barriers(page, BLOCK), []);
}

for (const [name, size] of Object.entries(SIZES)) {
  test(`a service's page shows its account, usage and last collection, ${name}`, async () => {
    const page = await visit(servicePage(), size);
    const shown = await facts(page);
    assert.match(await page.textContent(`${BLOCK} .mikrotikvpn-state`), /^Router 127\.0\.0\.1:\d+ answers$/);
    assert.match(shown['Account on the router'], new RegExp(`${service.username}.*enabled.*l2tp.*mikrotikvpn whmcs:${service.id}`));
    assert.match(shown.Connection, /^ConnectedL2TP from <img src=x .*, for 2 hours 5 minutes/);
    assert.equal(shown['Speed limits'], '100 Mbit/s down, 12.5 Mbit/s up');
    assert.equal(shown['Traffic in this period'], '6.00 GB down, 1.00 GB up');
    assert.equal(shown.Balance, '13.00 GB left of 20.00 GB');
    assert.match(shown['Next grant'], /^20\.00 GB on 31 Jan 2030$/);
    assert.match(shown['Last collection'], /1 of 1 accounts online then/);
    await assertTidy(page);
    await screenshot(page, `service-${name}`);
    // An admin who reads from right to left has the same page, mirrored.
    await page.evaluate(() => document.querySelector('.mikrotikvpn-admin').setAttribute('dir', 'rtl'));
    const label = await page.locator('.mikrotikvpn-facts dt').first().boundingBox();
    const value = await page.locator('.mikrotikvpn-facts dd').first().boundingBox();
    assert.ok(name === 'phone' ? value.y > label.y : value.x < label.x, 'the value is left of its label, or below it');
    await assertTidy(page);
    await screenshot(page, `service-rtl-${name}`);
  });

  test(`a service's page without its router keeps what is known, ${name}`, async () => {
    await sql(`UPDATE tblservers SET port = 1 WHERE id = ${server}`);
    try {
      const page = await visit(servicePage(), size);
      assert.match(await page.textContent(`${BLOCK} .mikrotikvpn-state`), /does not answer$/);
      assert.match(await page.textContent(`${BLOCK} .mikrotikvpn-warning`), /the connection was refused; check the port/);
      const shown = await facts(page);
      assert.match(shown['Account on the router'], new RegExp(service.username));
      assert.equal(shown.Balance, '13.00 GB left of 20.00 GB');
      await assertTidy(page);
      await screenshot(page, `service-router-down-${name}`);
    } finally {
      await sql(`UPDATE tblservers SET port = ${world.router.port} WHERE id = ${server}`);
    }
  });

  test(`the dashboard shows the routers, ${name}`, async () => {
    const page = await visit('index.php', size);
    const cells = await page.locator(`${BLOCK} .mikrotikvpn-routers tbody tr:first-child td`).allInnerTexts();
    assert.deepEqual(cells.slice(0, 2).map((cell) => cell.trim()), ['Vienna', 'Reachable']);
    assert.match(cells[2], /^7\./);
    assert.deepEqual(cells.slice(3, 5), ['1', '1']);
    await assertTidy(page);
    await screenshot(page, `dashboard-${name}`);
  });

  test(`a product's settings say what is wrong beside the field, ${name}`, async () => {
    const wrong = await world.addProduct({ 4: 'fast', 22: 'long' });
    const page = await visit(`configproducts.php?action=edit&id=${wrong}`, size);
    const warnings = await page.locator('.mikrotikvpn-wrong').allInnerTexts();
    assert.equal(warnings.length, 3);
    assert.match(warnings[0], /"Download speed", "Password rule"/);
    assert.match(warnings[1], /"Download speed" holds "fast"/);
    assert.equal(await page.inputValue('select[name="packageconfigoption[13]"]'), 'MikroTik VPN Traffic Notice');
    await assertFits(page);
    assert.deepEqual(await barriers(page, { include: [['.mikrotikvpn-wrong'], ['.mikrotikvpn-help']] }), []);
    await screenshot(page, `product-${name}`);
  });
}

test('traffic is added with the button beside its fields, and the ledger opens with it', async () => {
  const page = await visit(servicePage());
  await page.fill('[name="mikrotikvpn[gb]"]', '2.5');
  await page.fill('[name="mikrotikvpn[reason]"]', HOSTILE);
  await Promise.all([page.waitForLoadState('load'), page.click(`${BLOCK} button[type=submit]`)]);
  await page.waitForSelector('#moduleCommandResult.alert-success');
  const shown = await facts(page);
  assert.equal(shown.Balance, '15.50 GB left of 20.00 GB');
  assert.match(shown['Add traffic'], /booked 2\.5 GB: ‹img/);
  const [ledger] = await Promise.all([page.waitForEvent('popup'), page.click('[data-mikrotikvpn-ledger]')]);
  assert.equal(await ledger.title(), `Traffic ledger of service ${service.id}`);
  const bytes = await ledger.locator('td[data-bytes]:not([data-bytes=""])').evaluateAll((cells) => cells.map((cell) => Number(cell.dataset.bytes)));
  assert.equal(bytes.pop(), bytes.reduce((sum, one) => sum + one, 0));
  assert.equal(await ledger.evaluate(() => window.hacked), undefined);
  assert.equal(await ledger.locator('img').count(), 0);
  await ledger.screenshot({ path: `${SCREENS}admin-ledger.png` });
});

test('the list of servers links to the router', async () => {
  const page = await visit('configservers.php');
  const link = page.locator('.admin-link a');
  assert.equal(await link.innerText(), 'Open WebFig');
  assert.equal(await link.getAttribute('href'), `http://127.0.0.1:${world.router.port}/`);
  await screenshot(page, 'servers-desktop');
});

test('both e-mail templates are there to edit, with our merge fields', async () => {
  const page = await visit('configemailtemplates.php');
  await Promise.all([page.waitForLoadState('load'), page.click('text=MikroTik VPN Traffic Notice')]);
  await page.waitForSelector('#mergeFields');
  assert.match(await page.inputValue('textarea'), /\{\$traffic_balance_gb\} GB/);
  const fields = await page.locator('#mergeFields code').allInnerTexts();
  for (const field of ['{$vpn_server}', '{$vpn_protocols}', '{$vpn_l2tp_psk}', '{$vpn_instruction_link}']) {
    assert.ok(fields.includes(field), field);
  }
  await screenshot(page, 'email-template-desktop');
});
