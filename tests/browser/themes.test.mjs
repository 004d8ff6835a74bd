import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barriers } from './src/axe.mjs';
import { shown } from './src/browser.mjs';
import { PHONE, Suite, assertFits, screenshot } from './src/suite.mjs';
import { sql } from './src/world.mjs';

const THEMES = {
  six: { bootstrap: '3.4.1', accent: '#2f74c0' },
  'twenty-one': { bootstrap: '4.5.3', accent: '#007bff' },
  nexus: { bootstrap: '4.5.3', accent: '#1062fe' },
};

const SETTINGS = { 3: 'l2tp', 4: 100, 5: 20, 6: 200, 16: 'https://docs.example.test/vpn', 18: 'on', 19: 'our-psk' };
const suite = new Suite(SETTINGS, async () => {
  await suite.bookPast([[50, 20, 3], [12, 31.5, 4], [7, 12.25, 1.5], [1, 18, 3]], 30);
  await suite.use();
});

const current = (page) => page.locator('.sidebar .list-group-item.active').allInnerTexts().then((texts) => texts.map((text) => text.trim()));
const inSidebar = (page, text) => page.locator('[menuItemName^="Service Details"] a').getByText(text, { exact: true });

for (const [theme, { bootstrap, accent }] of Object.entries(THEMES)) {
  const choose = () => sql(`UPDATE tblconfiguration SET value = '${theme}' WHERE setting = 'Template'`);

  test(`${theme} has the libraries of WHMCS's theme`, async () => {
    await choose();
    const page = await suite.visit('');
    const libraries = await page.evaluate(() => [
      window.jQuery.fn.jquery,
      window.jQuery.fn.tooltip.Constructor.VERSION,
      getComputedStyle(document.querySelector('.fas')).fontFamily.replaceAll('"', ''),
    ]);
    assert.deepEqual(libraries, ['1.12.4', bootstrap, 'Font Awesome 5 Free']);
  });

  test(`${theme} shows Information on phone and desktop without a barrier`, async () => {
    await choose();
    for (const [name, options] of [['desktop', {}], ['phone', PHONE]]) {
      const page = await suite.visit('', options);
      const { state, values } = await shown(page);
      assert.equal(state, 'active');
      assert.equal(values.username, suite.service.username);
      assert.deepEqual(await current(page), ['Information']);
      const style = await page.evaluate(() => {
        const { textAlign, direction } = getComputedStyle(document.querySelector('.mikrotikvpn dd'));
        return textAlign === 'start' ? (direction === 'rtl' ? 'right' : 'left') : textAlign;
      });
      assert.equal(style, 'left', 'the theme centres what is around');
      await assertFits(page);
      assert.deepEqual(await barriers(page), []);
      await screenshot(page, `${theme}-information-${name}`);
    }
  });

  test(`${theme} shows the statistics on phone and desktop without a barrier`, async () => {
    await choose();
    for (const [name, options] of [['desktop', {}], ['phone', PHONE]]) {
      const page = await suite.visitCharts(options);
      assert.deepEqual(await current(page), ['Traffic statistics']);
      const bar = await page.evaluate(() => window.Chart.getChart(document.querySelector('.mikrotikvpn-chart canvas')).data.datasets[0].backgroundColor);
      assert.equal(bar, accent);
      await page.locator('summary').first().click();
      await assertFits(page);
      assert.deepEqual(await barriers(page), []);
      await screenshot(page, `${theme}-statistics-${name}`);
    }
  });

  test(`${theme} leads from tab to page and back`, async () => {
    await choose();
    const page = await suite.visit('');
    await inSidebar(page, 'Change password').click();
    await page.locator('#inputNewPassword1').waitFor({ state: 'visible' });
    assert.deepEqual(await current(page), ['Change password']);
    await inSidebar(page, 'Traffic history').click();
    await page.waitForSelector('[data-mikrotikvpn-kind="grant"]');
    assert.deepEqual(await current(page), ['Traffic history']);
    await inSidebar(page, 'Change password').click();
    await page.locator('#inputNewPassword1').waitFor({ state: 'visible' });
    await inSidebar(page, 'Information').click();
    await page.waitForSelector('[data-mikrotikvpn-value="username"]');
    assert.deepEqual(await current(page), ['Information']);
  });
}
