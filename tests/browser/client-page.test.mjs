import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barriers } from './src/axe.mjs';
import { openPage, productPage, shown } from './src/browser.mjs';
import {
  CALLER, DARK, DESKTOP, MASK, PASSWORD, PHONE, PSK, SETTINGS, assertFits, assertNoCredential, button, gb, scene, screenshot,
} from './src/client.mjs';
import { later, sql, whmcs } from './src/world.mjs';

const here = scene();

const PROTOCOLS = { 'protocol-pptp': 'PPTP', 'protocol-l2tp': 'L2TP/IPsec', 'protocol-sstp': 'SSTP', 'protocol-openvpn': 'OpenVPN' };

test('an account that nobody uses yet shows what is on the router and in the database', async () => {
  const { page } = await here.visitInformation(here.service.id);
  const [secret] = await here.world.router.rows('/ppp/secret', here.service.username);
  const { balance } = await here.account();
  const [{ nextduedate }] = await sql(`SELECT nextduedate FROM tblhosting WHERE id = ${here.service.id}`);
  const due = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(nextduedate));
  assert.equal(secret.password, PASSWORD);
  assert.deepEqual(await shown(page), {
    state: 'active',
    values: {
      connection: 'Not connected',
      server: '127.0.0.1',
      username: secret.name,
      password: MASK,
      ...PROTOCOLS,
      psk: MASK,
      left: gb(balance),
      of: 'left of 200 GB (100%)',
      used: '0.00 GB',
      download: '0.00 GB',
      upload: '0.00 GB',
      next: `+200 GB on ${due}`,
      'download-limit': 'up to 100 Mbit/s',
      'upload-limit': 'up to 12.5 Mbit/s',
    },
  });
  await screenshot(page, 'not-connected');
});

test('a connected account shows its session, its speed and what was used, on phone and desktop', async () => {
  const { username: name } = here.service;
  await here.dialIn(here.service, { download: 90_000_000, upload: 4_000_000, seconds: 7_260 });
  await whmcs('cron', '--daily');
  const row = await here.account();
  const [active] = await here.world.router.rows('/ppp/active', name);
  assert.ok(row.period_download > 50 * 2 ** 30);
  for (const [size, screen] of [[PHONE, 'phone'], [DESKTOP, 'desktop']]) {
    await later();
    const { page } = await here.visitInformation(here.service.id, size);
    const { values } = await shown(page);
    assert.equal(values.connection, 'Connected');
    assert.match(values.since, /^since \d+ \w+ \d{4}, \d\d:\d\d$/);
    assert.equal(values['session-protocol'], active.service.toUpperCase());
    assert.equal(values['session-address'], active.address);
    assert.equal(values['session-caller'], CALLER);
    assert.equal(values['session-download'], '90 Mbit/s');
    assert.equal(values['session-upload'], '4 Mbit/s');
    assert.equal(values.left, gb(row.balance));
    assert.equal(values.used, gb(Number(row.period_download) + Number(row.period_upload)));
    assert.equal(values.download, gb(row.period_download));
    assert.equal(values.upload, gb(row.period_upload));
    const percent = Math.floor((row.balance * 100) / (200 * 2 ** 30));
    assert.equal(values.of, `left of 200 GB (${percent}%)`);
    assert.equal(await page.getAttribute('.mikrotikvpn progress', 'value'), String(percent));
    await assertFits(page);
    assert.deepEqual(await barriers(page), []);
    await screenshot(page, `connected-${screen}`);
  }
});

test('the forecast, and the notice of a capped account with what helps', async () => {
  const id = here.service.id;
  await sql(`UPDATE mod_mikrotikvpn_accounts SET provisioned_at = UTC_TIMESTAMP() - INTERVAL 30 DAY WHERE service_id = ${id}`);
  await sql(`INSERT INTO mod_mikrotikvpn_traffic_daily (service_id, day, download, upload) VALUES (${id}, CURDATE() - INTERVAL 1 DAY, ${70 * 2 ** 30}, 0)`);
  const { page } = await here.visitInformation(id);
  assert.match((await shown(page)).values.forecast, /^At this pace it lasts until \d+ \w+ \d{4}/);
  await sql(`UPDATE mod_mikrotikvpn_accounts SET balance = -1, capped_at = UTC_TIMESTAMP() WHERE service_id = ${id}`);
  const phone = await here.visitInformation(id, PHONE);
  const { values } = await shown(phone.page);
  assert.match(values.capped, /^Your traffic is used up/);
  assert.match(values.helps, /^200 GB are added on /);
  assert.equal(values.forecast, undefined);
  await assertFits(phone.page);
  assert.deepEqual(await barriers(phone.page), []);
  await screenshot(phone.page, 'capped-phone');
  await sql(`UPDATE mod_mikrotikvpn_accounts SET balance = ${150 * 2 ** 30}, capped_at = NULL WHERE service_id = ${id}`);
});

test('values from the router and from the settings are text, whatever they hold', async () => {
  const { page } = await here.visitInformation(here.service.id);
  const link = page.getByRole('link', { name: 'User manual' });
  assert.equal(await link.getAttribute('href'), SETTINGS[16]);
  assert.equal(await link.getAttribute('rel'), 'noopener noreferrer');
  const profile = page.getByRole('link', { name: 'Download profile' });
  assert.equal(await profile.getAttribute('href'), 'https://docs.example.test/client.ovpn?x="><b>');
  assert.equal(await page.locator('.mikrotikvpn script, .mikrotikvpn img, .mikrotikvpn b').count(), 0);
  assert.equal(await page.locator('.mikrotikvpn [onerror], .mikrotikvpn [onclick], .mikrotikvpn [style]').count(), 0);
  await button(page, 'reveal', 'password').click();
  await button(page, 'reveal', 'psk').click();
  assert.equal(await page.textContent('#mikrotikvpn-password'), PASSWORD);
  assert.equal(await page.textContent('#mikrotikvpn-psk'), PSK);
  await assertFits(page);
});

test('a username that came from elsewhere is text, too', async () => {
  const hostile = '"><img/src=x/onerror="window.hacked=5">';
  const renamed = await here.world.addService(here.client, here.product);
  await here.world.router.exec('/ppp/secret/set', { numbers: renamed.username, name: hostile });
  await sql(`UPDATE mod_mikrotikvpn_accounts SET username = '${hostile}' WHERE service_id = ${renamed.id}`);
  const { page } = await here.visitInformation(renamed.id);
  assert.equal((await shown(page)).values.username, hostile);
  assert.equal(await page.locator('.mikrotikvpn img').count(), 0);
});

test("the admin's own HTML stands with its protocol, and the key with L2TP", async () => {
  const { page } = await here.visitInformation(here.service.id);
  const of = (protocol) => page.locator(`[data-mikrotikvpn-protocol="${protocol}"]`);
  assert.equal(await of('pptp').locator('em.mine').textContent(), 'Only for old devices');
  assert.equal(await of('l2tp').locator('#mikrotikvpn-psk').count(), 1);
  assert.equal(await of('openvpn').getByRole('link').count(), 1);
  assert.equal(await page.locator('[data-mikrotikvpn-protocol]').count(), 4);
});

test('a password that is never shown is not in the page either', async () => {
  const never = await here.world.addProduct({ ...SETTINGS, 23: 'show-password = never' });
  const quiet = await here.world.addService(here.client, never, ['--password', 'Never-shown.42']);
  const { page } = await here.visitInformation(quiet.id);
  assert.ok(!(await page.content()).includes(quiet.password));
  assert.match((await shown(page)).values.password, /^Not shown here\./);
  assert.equal(await button(page, 'reveal', 'password').count(), 0);
});

test('a password that is always shown needs no button', async () => {
  const always = await here.world.addProduct({ ...SETTINGS, 6: '', 23: 'show-password = always' });
  const open = await here.world.addService(here.client, always);
  const { page } = await here.visitInformation(open.id);
  const { values } = await shown(page);
  assert.equal(values.password, open.password);
  assert.equal(values.left, 'Unlimited');
  assert.equal(await button(page, 'reveal', 'password').count(), 0);
  assert.equal(await button(page, 'copy', 'password').count(), 1);
});

test('while the router does not answer, the page says so and shows the last known state with its time', async () => {
  await later();
  await here.visitInformation(here.service.id);
  await later(60);
  await here.world.router.post('/faults', { when: {}, effect: { kind: 'refuse' } });
  try {
    const { page } = await here.visitInformation(here.service.id, PHONE);
    const { state, values } = await shown(page);
    assert.equal(state, 'unreachable');
    assert.match(await page.getByRole('alert').first().textContent(), /VPN server does not answer/);
    assert.match(values['as-of'], /^Last known state, from \d+ \w+ \d{4}, \d\d:\d\d$/);
    assert.equal(values.connection, 'Connected');
    assert.equal(values.left, gb((await here.account()).balance));
    assert.equal(values.username, here.service.username);
    await assertFits(page);
    await screenshot(page, 'unreachable-phone');
  } finally {
    await here.world.router.request('DELETE', '/faults');
    await later(60);
  }
});

test('an account that is not on the router is named as missing and holds no credential', async () => {
  const lost = await here.world.addService(here.client, here.product, ['--password', 'Lost-password.42']);
  await here.world.router.exec('/ppp/secret/remove', { numbers: lost.username });
  const { page } = await here.visitInformation(lost.id);
  assert.deepEqual(await shown(page), { state: 'missing', values: {} });
  assert.match(await page.innerText('.mikrotikvpn'), new RegExp(`not set up .* service number ${lost.id}\\.`));
  await assertNoCredential(page, lost);
  await screenshot(page, 'missing');
});

test('a suspended account says that it is suspended and holds no credential', async () => {
  const overdue = await here.world.addService(here.client, here.product, ['--password', 'Overdue-password.42']);
  await whmcs('run', 'SuspendAccount', '--service', overdue.id);
  const { page } = await here.visitInformation(overdue.id);
  assert.deepEqual(await shown(page), { state: 'inactive', values: {} });
  assert.match(await page.innerText('.mikrotikvpn'), /is suspended/);
  await assertNoCredential(page, overdue);
  await screenshot(page, 'inactive');
});

test('a page that cannot be made apologises and holds no credential', async () => {
  await sql('ALTER TABLE mod_mikrotikvpn_accounts CHANGE period_upload lost BIGINT UNSIGNED NOT NULL DEFAULT 0');
  try {
    const { page } = await here.visitInformation(here.service.id);
    assert.deepEqual(await shown(page), { state: 'failed', values: {} });
    assert.match(await page.innerText('.mikrotikvpn'), /cannot be shown at the moment/);
    await assertNoCredential(page, here.service);
  } finally {
    await sql('ALTER TABLE mod_mikrotikvpn_accounts CHANGE lost period_upload BIGINT UNSIGNED NOT NULL DEFAULT 0');
  }
});

test('a new password is in force at once, and the old session is ended', async () => {
  const changed = await here.world.addService(here.client, here.product, ['--password', 'Old-password.42']);
  await here.dialIn(changed);
  const { page } = await here.visitInformation(changed.id);
  await page.evaluate(() => jQuery('[href="#tabChangepw"]').tab('show'));
  await page.fill('input[name="newpw"]', 'New-password.42');
  await page.fill('input[name="confirmpw"]', 'New-password.42');
  await Promise.all([page.waitForNavigation(), page.locator('#tabChangepw [type="submit"]').click()]);
  assert.equal((await here.world.router.rows('/ppp/secret', changed.username))[0].password, 'New-password.42');
  assert.deepEqual(await here.world.router.rows('/ppp/active', changed.username), []);
  assert.equal((await whmcs('service', 'show', changed.id)).password, 'New-password.42');
  await assert.rejects(here.dialIn(changed), /password/i);
  await here.dialIn({ ...changed, password: 'New-password.42' });
});

test('the button Reset connection ends the session, and the product can leave it out', async () => {
  const { page } = await here.visitInformation(here.service.id);
  const [before] = await here.world.router.rows('/ppp/active', here.service.username);
  assert.ok(before);
  await Promise.all([page.waitForNavigation(), page.getByRole('link', { name: 'Reset connection' }).click()]);
  assert.deepEqual(await here.world.router.rows('/ppp/active', here.service.username), []);
  const fixed = await here.world.addProduct({ ...SETTINGS, 23: 'reset-connection = off' });
  const bound = await here.world.addService(here.client, fixed);
  const other = await here.visitInformation(bound.id);
  assert.equal(await other.page.getByRole('link', { name: 'Reset connection' }).count(), 0);
});

test('a dark theme', async () => {
  await here.dialIn(here.service, { download: 20_000_000, upload: 1_500_000, seconds: 3600 });
  for (const [size, screen] of [[PHONE, 'phone'], [DESKTOP, 'desktop']]) {
    await later();
    const { page } = await here.visitInformation(here.service.id, {
      ...size,
      colorScheme: 'dark',
      prepare: ({ page }) => page.addInitScript((css) => document.addEventListener('DOMContentLoaded', () => {
        document.body.classList.add('dark');
        document.head.appendChild(document.createElement('style')).textContent = css;
      }), DARK),
    });
    await page.waitForSelector('.mikrotikvpn[data-mikrotikvpn-theme="dark"]');
    await page.evaluate(() => document.body.classList.remove('dark'));
    await page.waitForSelector('.mikrotikvpn[data-mikrotikvpn-theme="light"]');
    await page.evaluate(() => document.body.classList.add('dark'));
    await page.waitForSelector('.mikrotikvpn[data-mikrotikvpn-theme="dark"]');
    assert.deepEqual(await barriers(page), []);
    await screenshot(page, `dark-${screen}`);
  }
});

test('Arabic: its words and figures from right to left, what is typed into a device as it is typed', async () => {
  await sql(`UPDATE tblclients SET language = 'arabic' WHERE id = ${here.client}`);
  try {
    for (const [size, screen] of [[PHONE, 'phone'], [DESKTOP, 'desktop']]) {
      await later();
      const { page } = await here.visitInformation(here.service.id, size);
      const { values } = await shown(page);
      assert.equal(values.username, here.service.username);
      assert.equal(values['session-caller'], CALLER);
      for (const name of ['connection', 'since', 'of', 'next', 'download-limit']) {
        assert.match(values[name], /\p{Script=Arabic}/u, name);
      }
      const places = await page.evaluate(() => {
        const style = (selector) => getComputedStyle(document.querySelector(selector));
        const box = (selector) => document.querySelector(selector).getBoundingClientRect();
        const [label, buttons] = ['.mikrotikvpn-fields dt', '.mikrotikvpn-fields .mikrotikvpn-buttons'].map(box);
        return {
          language: document.querySelector('.mikrotikvpn').lang,
          direction: style('.mikrotikvpn').direction,
          labelIsRightOfButtons: label.right > buttons.right,
          typed: style('#mikrotikvpn-username').direction,
        };
      });
      assert.deepEqual(places, { language: 'ar', direction: 'rtl', labelIsRightOfButtons: true, typed: 'ltr' });
      await assertFits(page);
      assert.deepEqual(await barriers(page), []);
      await screenshot(page, `right-to-left-${screen}`);
    }
  } finally {
    await sql(`UPDATE tblclients SET language = '' WHERE id = ${here.client}`);
  }
});

test('without scripts the page is complete and there is no dead button', async () => {
  const { page, context } = await openPage(here.browser, { ...DESKTOP, storageState: here.storageState, javaScriptEnabled: false });
  await page.goto(productPage(here.world.url, here.service.id));
  assert.equal((await page.textContent('#mikrotikvpn-username')).trim(), here.service.username);
  assert.equal(await page.locator('.mikrotikvpn button').filter({ visible: true }).count(), 0);
  await context.close();
});
