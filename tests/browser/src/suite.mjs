// One service of one client, and what every test of a file does with it: open pages as that client, and fail for
// whatever a page did that it should not have done.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { after, afterEach, before, beforeEach } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, login, openPage, productPage } from './browser.mjs';
import { World, sql, whmcs } from './world.mjs';

const SCREENS = fileURLToPath(new URL('../../../target/screens/', import.meta.url));
const CLIENT = { email: 'eve@example.test', password: 'letmein' };

export const PHONE = { width: 390, height: 844, scale: 2, hasTouch: true };
export const DESKTOP = { width: 1280, height: 900 };
export const GB = 2 ** 30;

export class Suite {
  /**
   * Starts everything before the tests of this file and ends it after them. `settings` are the product's, `prepare`
   * runs once when all is there.
   */
  constructor(settings, prepare = () => {}) {
    before(async () => {
      await this.#start(settings);
      await prepare(this);
    });
    after(async () => {
      await this.browser?.close();
      this.world?.stop();
    });
    beforeEach(() => {
      this.opened = [];
    });
    afterEach(() => this.#judge());
  }

  async #start(settings) {
    await mkdir(SCREENS, { recursive: true });
    this.world = new World();
    this.browser = await launch();
    await this.world.start();
    await this.world.addServer();
    this.client = await this.world.addClient(CLIENT.email, CLIENT.password);
    this.product = await this.world.addProduct(settings);
    this.service = await this.world.addService(this.client, this.product);
    const { page, context } = await openPage(this.browser);
    await login(page, this.world.url, CLIENT.email, CLIENT.password);
    this.storageState = await context.storageState();
    await context.close();
  }

  async #judge() {
    for (const { context, seen, expected } of this.opened) {
      // What closing the page does is not its own doing.
      const noted = structuredClone(seen);
      await context.close();
      assert.deepEqual(noted, { console: [], foreign: [], failed: [], ...expected });
    }
    assert.deepEqual(await whmcs('violations'), []);
  }

  /**
   * A page of the service, opened in a profile of its own by the client who logged in before: '' is Information.
   * `expected` is what it may do besides, `prepare` runs before it is opened, `id` is another service's; other
   * options are the browser's.
   */
  async visit(name, { expected = {}, prepare = () => {}, id = this.service.id, ...options } = {}) {
    const tab = await openPage(this.browser, { ...DESKTOP, ...options, storageState: this.storageState });
    this.opened.push({ ...tab, expected });
    await prepare(tab);
    const own = name === '' ? '' : `&mikrotikvpn=${name}`;
    await tab.page.goto(productPage(this.world.url, id) + own);
    return tab.page;
  }

  /** The statistics, once both charts are drawn. */
  async visitCharts(options = {}, engine = 'chartjs') {
    const page = await this.visit('statistics', options);
    await page.waitForFunction((drawn) => document.querySelectorAll(`[data-mikrotikvpn-engine="${drawn}"]`).length === 2, engine);
    return page;
  }

  /** Books usage of days before today, as collections of those days would have: [days ago, GB down, GB up]. */
  async bookPast(past, kept) {
    const add = 'ON DUPLICATE KEY UPDATE download = download + VALUES(download), upload = upload + VALUES(upload)';
    for (const [ago, down, up] of past) {
      const day = `CURDATE() - INTERVAL ${ago} DAY`;
      const insert = (table, column, date) =>
        sql(`INSERT INTO mod_mikrotikvpn_traffic_${table} (service_id, ${column}, download, upload) VALUES (${this.service.id}, ${date}, ${down * GB}, ${up * GB}) ${add}`);
      if (ago <= kept) {
        await insert('daily', 'day', day);
      }
      await insert('monthly', 'month', `DATE_FORMAT(${day}, '%Y-%m-01')`);
    }
  }

  /** The customer is connected for an hour at 80 and 4 Mbit/s, and that is collected. */
  async use() {
    const { username: name, password } = this.service;
    const { router } = this.world;
    await router.post('/connect', { name, password });
    await router.post('/rate', { name, download_bps: 80_000_000, upload_bps: 4_000_000 });
    await router.post('/advance', { seconds: 3_600 });
    await router.post('/rate', { name, download_bps: 0, upload_bps: 0 });
    await whmcs('cron', '--daily');
  }
}

export const screenshot = (page, name) => page.screenshot({ path: `${SCREENS}${name}.png`, fullPage: true });

/** Nothing has to be scrolled sideways. */
export async function assertFits(page) {
  const { wanted, given } = await page.evaluate(() => ({
    wanted: document.documentElement.scrollWidth,
    given: document.documentElement.clientWidth,
  }));
  assert.ok(wanted <= given, `the page is ${wanted} px wide on ${given} px`);
}
