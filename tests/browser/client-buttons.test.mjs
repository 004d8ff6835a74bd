import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MASK, PASSWORD, PHONE, PSK, assertFits, button, scene, screenshot } from './src/client.mjs';

const here = scene();

test('secrets are shown and hidden again, with the keyboard alone', async () => {
  const { page } = await here.visitInformation(here.service.id, PHONE);
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
  const { page, context } = await here.visitInformation(here.service.id);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const expected = { server: '127.0.0.1', username: here.service.username, password: PASSWORD, psk: PSK };
  for (const [value, text] of Object.entries(expected)) {
    await button(page, 'copy', value).click();
    await button(page, 'copy', value).getByText('Copied').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), text);
  }
  assert.match(await page.textContent('[data-mikrotikvpn-announce]'), /^Copied\s+IPsec pre-shared key$/);
  assert.equal(await page.textContent('#mikrotikvpn-password'), MASK);
});

test('without a clipboard API a selection is copied, and without that the value is selected', async () => {
  const { page, context } = await here.visitInformation(here.service.id);
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

test('a strict content security policy blocks nothing of ours', async () => {
  const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'";
  const { page, seen } = await here.visitInformation(here.service.id, { prepare: async ({ page, context }) => {
    await page.addInitScript(() => {
      window.blocked = [];
      document.addEventListener('securitypolicyviolation', (event) => window.blocked.push(`${event.effectiveDirective} of ${event.sourceFile}`));
    });
    await context.route(/clientarea\.php/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': policy } });
    });
  } });
  await button(page, 'reveal', 'password').click();
  assert.equal(await page.textContent('#mikrotikvpn-password'), PASSWORD);
  // The theme's inline script and what jQuery tries out are all there is to block.
  const blocked = (await page.evaluate(() => window.blocked)).filter((line) => !line.endsWith('jquery.min.js'));
  const inline = await page.locator('script:not([src])').count();
  assert.deepEqual(blocked, Array(inline).fill(`script-src-elem of ${page.url().split('?')[0]}`));
  assert.equal(await page.locator('.mikrotikvpn script:not([src]), .mikrotikvpn style, .mikrotikvpn [style]').count(), 0);
  seen.console = seen.console.filter((line) => !/inline (script|event handler)/.test(line));
});
