import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, login, openPage, openService, productPage, shown } from './src/browser.mjs';
import { World, sql, whmcs } from './src/world.mjs';

const SCREENS = fileURLToPath(new URL('../../target/screens/', import.meta.url));
const CLIENT = { email: 'ann@example.test', password: 'letmein' };
const PSK = '"><img src=x onerror="window.hacked=1"> & <b>';
const PASSWORD = `<script>window.hacked=2</script>'"&`;
const HOSTILE_CALLER = '<script>window.hacked=3</script>';
const MASK = '••••••••';
const PHONE = { width: 390, height: 844, scale: 2, hasTouch: true };
const DESKTOP = { width: 1280, height: 900 };
const SETTINGS = {
  3: 'l2tp',
  4: 100,
  5: 12.5,
  6: 200,
  16: 'https://docs.example.test/vpn?a=1&b="><script>window.hacked=4</script>',
  18: 'on',
  19: PSK,
};

let world;
let browser;
let storageState;
let client;
let product;
let service;
let opened;

before(async () => {
  await mkdir(SCREENS, { recursive: true });
  world = new World();
  browser = await launch();
  await world.start();
  await world.addServer();
  client = await world.addClient(CLIENT.email, CLIENT.password);
  product = await world.addProduct(SETTINGS);
  service = await world.addService(client, product, ['--password', PASSWORD]);
  const { page, context } = await openPage(browser);
  await login(page, world.url, CLIENT.email, CLIENT.password);
  storageState = await context.storageState();
  await context.close();
});

after(async () => {
  await browser?.close();
  world?.stop();
});

beforeEach(() => {
  opened = [];
});

/** Whatever a test looked at: nothing left this machine, nothing complained, nothing was injected. */
afterEach(async () => {
  for (const { page, context, seen } of opened) {
    const hacked = page.url().startsWith('http') ? await page.evaluate(() => window.hacked) : undefined;
    await context.close();
    assert.deepEqual({ ...seen, hacked }, { console: [], foreign: [], failed: [], hacked: undefined });
  }
  assert.deepEqual(await whmcs('violations'), []);
});

/** The product page, opened in a profile of its own by the client who logged in before. */
async function visit(id, options = DESKTOP) {
  const tab = await openPage(browser, { ...options, storageState });
  opened.push(tab);
  await openService(tab.page, world.url, id);
  return tab;
}

const screenshot = (page, name) => page.screenshot({ path: `${SCREENS}${name}.png`, fullPage: true });
const button = (page, action, value) => page.locator(`[data-mikrotikvpn-${action}="mikrotikvpn-${value}"]`);
const gb = (bytes) => (bytes / 2 ** 30).toFixed(2);

async function account() {
  const [row] = await sql(`SELECT * FROM mod_mikrotikvpn_accounts WHERE service_id = ${service.id}`);
  return row;
}

/** Neither in the markup nor in a script or attribute. */
async function assertNoCredential(page, ofService = service) {
  const source = await page.content();
  const module = await page.innerHTML('.mikrotikvpn');
  for (const secret of [ofService.password, PSK]) {
    for (const form of [secret, escaped(secret), JSON.stringify(secret).slice(1, -1)]) {
      assert.ok(!source.includes(form), `the page holds ${form}`);
    }
  }
  assert.ok(!module.includes(ofService.username), 'the module shows the username');
  assert.doesNotMatch(module, /data-mikrotikvpn-(secret|copy|reveal)/);
}

function escaped(text) {
  const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#039;' };
  return text.replace(/[&<>"']/g, (letter) => entities[letter]);
}

async function assertFits(page) {
  const { wanted, given } = await page.evaluate(() => ({
    wanted: document.documentElement.scrollWidth,
    given: document.documentElement.clientWidth,
  }));
  assert.ok(wanted <= given, `the page is ${wanted} px wide on ${given} px`);
}

test('an account that nobody uses yet shows what is on the router and in the database', async () => {
  const { page } = await visit(service.id);
  const [secret] = await world.router.rows('/ppp/secret', service.username);
  const { balance } = await account();
  assert.equal(secret.password, PASSWORD);
  assert.deepEqual(await shown(page), {
    state: 'active',
    values: {
      connection: 'Not connected',
      server: '127.0.0.1',
      username: secret.name,
      password: MASK,
      psk: MASK,
      protocols: 'L2TP/IPsec',
      left: gb(balance),
      quota: '200',
      percent: '100',
      used: '0.00',
      download: '0.00',
      upload: '0.00',
      'next-grant': '200',
      'download-limit': 'up to 100 Mbit/s',
      'upload-limit': 'up to 12.5 Mbit/s',
    },
  });
  await screenshot(page, 'not-connected');
});

test('after the customer has connected and used traffic, a reload shows it on phone and desktop', async () => {
  const phone = await visit(service.id, PHONE);
  const desktop = await visit(service.id, DESKTOP);
  assert.equal((await shown(phone.page)).values.connection, 'Not connected');
  const { username: name } = service;
  await world.router.post('/connect', { name, password: PASSWORD, 'caller-id': HOSTILE_CALLER });
  await world.router.post('/rate', { name, download_bps: 90_000_000, upload_bps: 4_000_000 });
  await world.router.post('/advance', { seconds: 7_260 });
  await world.router.post('/rate', { name, download_bps: 0, upload_bps: 0 });
  await whmcs('cron', '--daily');
  const row = await account();
  const [active] = await world.router.rows('/ppp/active', name);
  assert.ok(row.period_download > 50 * 2 ** 30);
  for (const [{ page }, screen] of [[phone, 'phone'], [desktop, 'desktop']]) {
    await page.reload();
    const { values } = await shown(page);
    assert.equal(values.connection, 'Connected');
    assert.equal(values['session-protocol'], active.service.toUpperCase());
    assert.equal(values['session-address'], active.address);
    assert.equal(values['session-caller'], HOSTILE_CALLER);
    assert.equal(values.uptime, '2 h 1 min');
    assert.equal(values.left, gb(row.balance));
    assert.equal(values.used, gb(Number(row.period_download) + Number(row.period_upload)));
    assert.equal(values.download, gb(row.period_download));
    assert.equal(values.upload, gb(row.period_upload));
    assert.equal(await page.getAttribute('.mikrotikvpn progress', 'value'), values.percent);
    await assertFits(page);
    await screenshot(page, `connected-${screen}`);
  }
});

test('values from the router and from the settings are text, whatever they hold', async () => {
  const { page } = await visit(service.id);
  const link = page.getByRole('link', { name: 'User manual' });
  assert.equal(await link.getAttribute('href'), SETTINGS[16]);
  assert.equal(await link.getAttribute('rel'), 'noopener noreferrer');
  assert.equal(await page.locator('.mikrotikvpn script, .mikrotikvpn img').count(), 0);
  assert.equal(await page.locator('.mikrotikvpn [onerror], .mikrotikvpn [onclick], .mikrotikvpn [style]').count(), 0);
  await button(page, 'reveal', 'password').click();
  await button(page, 'reveal', 'psk').click();
  assert.equal(await page.textContent('#mikrotikvpn-password'), PASSWORD);
  assert.equal(await page.textContent('#mikrotikvpn-psk'), PSK);
  await assertFits(page);
});

test('secrets are shown and hidden again, with the keyboard alone', async () => {
  const { page } = await visit(service.id, PHONE);
  const secret = page.locator('#mikrotikvpn-password');
  const reveal = button(page, 'reveal', 'password');
  await page.locator('[data-mikrotikvpn-copy="mikrotikvpn-username"]').focus();
  await page.keyboard.press('Tab');
  assert.ok(await reveal.evaluate((element) => element === document.activeElement));
  await page.keyboard.press('Enter');
  assert.equal(await secret.textContent(), PASSWORD);
  assert.match(await reveal.textContent(), /^Hide\s+Password$/);
  assert.equal(await page.textContent('#mikrotikvpn-psk'), MASK);
  await assertFits(page);
  await screenshot(page, 'revealed-phone');
  await page.keyboard.press('Space');
  assert.equal(await secret.textContent(), MASK);
  assert.match(await reveal.textContent(), /^Show\s+Password$/);
});

test('copy buttons copy the value, also a hidden one', async () => {
  const { page, context } = await visit(service.id);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const expected = { server: '127.0.0.1', username: service.username, password: PASSWORD, psk: PSK };
  for (const [value, text] of Object.entries(expected)) {
    await button(page, 'copy', value).click();
    await button(page, 'copy', value).getByText('Copied').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), text);
  }
  assert.match(await page.textContent('[data-mikrotikvpn-announce]'), /^Copied\s+IPsec pre-shared key$/);
  assert.equal(await page.textContent('#mikrotikvpn-password'), MASK);
});

test('without a clipboard API a selection is copied, and without that the value is selected', async () => {
  const { page, context } = await visit(service.id);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate(() => {
    window.realClipboard = navigator.clipboard;
    Object.defineProperty(navigator, 'clipboard', { value: undefined });
  });
  const copy = button(page, 'copy', 'password');
  await copy.click();
  await copy.getByText('Copied').waitFor();
  assert.equal(await page.evaluate(() => window.realClipboard.readText()), PASSWORD);
  assert.ok(await copy.evaluate((element) => element === document.activeElement));
  await page.evaluate(() => {
    document.execCommand = () => false;
  });
  await copy.click();
  await copy.getByText('Ctrl+C').waitFor();
  assert.equal(await page.evaluate(() => window.getSelection().toString()), PASSWORD);
});

test('without scripts there is no dead button', async () => {
  const { page, context } = await openPage(browser, { ...DESKTOP, storageState, javaScriptEnabled: false });
  await page.goto(productPage(world.url, service.id));
  assert.equal((await page.textContent('#mikrotikvpn-username')).trim(), service.username);
  assert.equal(await page.locator('.mikrotikvpn button').filter({ visible: true }).count(), 0);
  await context.close();
});

test('a password that is never shown is not in the page either', async () => {
  const never = await world.addProduct({ ...SETTINGS, 23: 'show-password = never' });
  const quiet = await world.addService(client, never, ['--password', 'Never-shown.42']);
  const { page } = await visit(quiet.id);
  assert.ok(!(await page.content()).includes(quiet.password));
  assert.match((await shown(page)).values.password, /^Not shown here\./);
  assert.equal(await button(page, 'reveal', 'password').count(), 0);
});

test('a password that is always shown needs no button', async () => {
  const always = await world.addProduct({ ...SETTINGS, 6: '', 23: 'show-password = always' });
  const open = await world.addService(client, always);
  const { page } = await visit(open.id);
  const { values } = await shown(page);
  assert.equal(values.password, open.password);
  assert.equal(values.left, 'Unlimited');
  assert.equal(await button(page, 'reveal', 'password').count(), 0);
});

test('while the router does not answer, the page says so and still shows what a device needs', async () => {
  await world.router.post('/faults', { when: {}, effect: { kind: 'refuse' } });
  try {
    const { page } = await visit(service.id, PHONE);
    const { state, values } = await shown(page);
    assert.equal(state, 'unreachable');
    assert.match(await page.getByRole('alert').first().textContent(), /VPN server does not answer/);
    assert.equal(values.left, gb((await account()).balance));
    assert.equal(values.username, service.username);
    assert.equal(values.connection, undefined);
    await assertFits(page);
    await screenshot(page, 'unreachable-phone');
  } finally {
    await world.router.request('DELETE', '/faults');
  }
});

test('an account that is not on the router is named as missing and holds no credential', async () => {
  const lost = await world.addService(client, product, ['--password', 'Lost-password.42']);
  await world.router.exec('/ppp/secret/remove', { numbers: lost.username });
  const { page } = await visit(lost.id);
  assert.deepEqual(await shown(page), { state: 'missing', values: {} });
  assert.match(await page.innerText('.mikrotikvpn'), new RegExp(`not set up .* service number ${lost.id}\\.`));
  await assertNoCredential(page, lost);
  await screenshot(page, 'missing');
});

test('a suspended account says that it is not active and holds no credential', async () => {
  const overdue = await world.addService(client, product, ['--password', 'Overdue-password.42']);
  await whmcs('run', 'SuspendAccount', '--service', overdue.id);
  const { page } = await visit(overdue.id);
  assert.deepEqual(await shown(page), { state: 'inactive', values: {} });
  assert.match(await page.innerText('.mikrotikvpn'), /not active \(status: Suspended\)/);
  await assertNoCredential(page, overdue);
  await screenshot(page, 'inactive');
});

test('a page that cannot be made apologises and holds no credential', async () => {
  await whmcs('product', 'set', product, '--option', '4=fast');
  try {
    const { page } = await visit(service.id);
    assert.deepEqual(await shown(page), { state: 'failed', values: {} });
    assert.match(await page.innerText('.mikrotikvpn'), /cannot be shown at the moment/);
    await assertNoCredential(page);
  } finally {
    await whmcs('product', 'set', product, '--option', '4=100');
  }
});
