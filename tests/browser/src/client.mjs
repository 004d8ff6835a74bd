// The scene of the client page's tests: a product and a customer with hostile values, and what the tests look at.
import assert from 'node:assert/strict';
import { afterEach } from 'node:test';
import { DESKTOP, PHONE, Suite, assertFits, screenshot } from './suite.mjs';
import { sql } from './world.mjs';

export { DESKTOP, PHONE, assertFits, screenshot };
export const PSK = '"><img src=x onerror="window.hacked=1"> & <b>';
export const PASSWORD = `<script>window.hacked=2</script>'"&`;
export const CALLER = '<script>window.hacked=3</script>';
export const MASK = '••••••••';
export const SETTINGS = {
  3: 'any',
  4: 100,
  5: 12.5,
  6: 200,
  16: 'https://docs.example.test/vpn?a=1&b="><script>window.hacked=4</script>',
  17: 'on',
  18: 'on',
  19: PSK,
  23: 'sstp = on\nopenvpn = on\nopenvpn-profile = https://docs.example.test/client.ovpn?x="><b>\nhtml-pptp = <em class="mine">Only for old devices</em>',
};

/** A theme that is dark: WHMCS's own have no such mode. */
export const DARK = `body.dark, .dark .card, .dark .card-header, .dark .navbar, .dark .list-group-item:not(.active), .dark .product-details-tab-container { background: #16181d !important; }
  body.dark, .dark .list-group-item, .dark .nav-link, .dark .navbar-brand, .dark .card { color: #e8e8ea !important; }`;

export const button = (page, action, value) => page.locator(`[data-mikrotikvpn-${action}="mikrotikvpn-${value}"]`);
export const gb = (bytes) => `${(bytes / 2 ** 30).toFixed(2)} GB`;

/** The suite of one file, its service with a hostile password. */
export function scene() {
  // Registered first, so that it runs before the pages are closed.
  afterEach(async () => {
    for (const { page } of here.opened) {
      const hacked = page.url().startsWith('http') ? await page.evaluate(() => window.hacked) : undefined;
      assert.equal(hacked, undefined, 'a value was run as a script');
    }
  });
  const here = new ClientSuite(SETTINGS, async () => {
    here.service = await here.world.addService(here.client, here.product, ['--password', PASSWORD]);
  });
  return here;
}

class ClientSuite extends Suite {
  /** Information of a service, once its scripts have run; gives the tab with what it did. */
  async visitInformation(id = this.service.id, options = {}) {
    const page = await this.visit('', { ...options, id });
    await page.waitForSelector('.mikrotikvpn');
    await page.waitForFunction(() => document.querySelector('.mikrotikvpn button[hidden]') === null);
    return this.opened.at(-1);
  }

  async account(id = this.service.id) {
    const [row] = await sql(`SELECT * FROM mod_mikrotikvpn_accounts WHERE service_id = ${id}`);
    return row;
  }

  async dialIn(service = this.service, { download = 0, upload = 0, seconds = 60 } = {}) {
    const { username: name, password } = service;
    await this.world.router.post('/connect', { name, password, 'caller-id': CALLER });
    await this.world.router.post('/rate', { name, download_bps: download, upload_bps: upload });
    await this.world.router.post('/advance', { seconds });
  }
}

/** Neither in the markup nor in a script or attribute. */
export async function assertNoCredential(page, service) {
  const source = await page.content();
  const module = await page.innerHTML('.mikrotikvpn');
  for (const secret of [service.password, PSK]) {
    for (const form of [secret, escaped(secret), JSON.stringify(secret).slice(1, -1)]) {
      assert.ok(!source.includes(form), `the page holds ${form}`);
    }
  }
  assert.ok(!module.includes(service.username), 'the module shows the username');
  assert.doesNotMatch(module, /data-mikrotikvpn-(secret|copy=|reveal)/);
}

function escaped(text) {
  const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#039;' };
  return text.replace(/[&<>"']/g, (letter) => entities[letter]);
}
