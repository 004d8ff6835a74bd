// Debian's Chromium, driven by Playwright, and what both the browser test and the demo do with it.
import { chromium } from 'playwright-core';

const QUIET = [
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser without a window; the caller closes it. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    // Chromium refuses its sandbox to root, which is who runs tests in containers.
    args: process.getuid() === 0 ? [...QUIET, '--no-sandbox'] : QUIET,
    env: { ...process.env, LANG: 'C.UTF-8' },
  });
}

/**
 * A page in a fresh profile that remembers everything it should not have done: `console` has errors
 * and warnings, `foreign` the requests that left this machine (they are stopped), `failed` those that
 * got no answer or an error.
 */
export async function openPage(browser, { width = 1280, height = 900, scale = 1, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor: scale, ...options });
  const page = await context.newPage();
  const seen = { console: [], foreign: [], failed: [] };
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) {
      seen.console.push(`${message.type()}: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => seen.console.push(`exception: ${error.message}`));
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText;
    // A page that is left takes what it asked for with it.
    if (reason !== 'net::ERR_ABORTED') {
      seen.failed.push(`${request.url()}: ${reason}`);
    }
  });
  page.on('response', (response) => {
    if (response.status() >= 400) {
      seen.failed.push(`${response.url()}: ${response.status()}`);
    }
  });
  await context.route((url) => url.protocol !== 'data:' && url.hostname !== '127.0.0.1', (route) => {
    seen.foreign.push(route.request().url());
    return route.abort();
  });
  return { page, context, seen };
}

/** Logs in as a client types it; `url` is the address of WHMCS. */
export async function login(page, url, email, password) {
  await page.goto(`${url}login.php`);
  await page.fill('#inputEmail', email);
  await page.fill('#inputPassword', password);
  await Promise.all([page.waitForURL(/clientarea\.php/), page.click('#login')]);
}

export const productPage = (url, service) => `${url}clientarea.php?action=productdetails&id=${service}`;

/** Opens the page of a service; resolves when the module's part of it is there and its script has run. */
export async function openService(page, url, service) {
  await page.goto(productPage(url, service));
  await page.waitForSelector('.mikrotikvpn');
  await page.waitForFunction(() => document.querySelector('.mikrotikvpn button[hidden]') === null);
}

/** What the page shows: the state of the account and every named value that can be seen, as text. */
export function shown(page) {
  return page.evaluate(() => {
    const text = (element) => element.textContent.replace(/\s+/g, ' ').trim();
    const all = [...document.querySelectorAll('.mikrotikvpn [data-mikrotikvpn-value]')];
    const named = all.filter((element) => element.closest('[hidden]') === null);
    return {
      state: document.querySelector('.mikrotikvpn').dataset.mikrotikvpnState,
      values: Object.fromEntries(named.map((element) => [element.dataset.mikrotikvpnValue, text(element)])),
    };
  });
}
