import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shown } from './src/browser.mjs';
import { CALLER, PSK, assertNoCredential, scene, screenshot } from './src/client.mjs';
import { later, whmcs } from './src/world.mjs';

const here = scene();
const isPoll = (request) => request.url().includes('mikrotikvpn=live');

/** A page whose clock the test moves, and its polls. */
async function watch(service = here.service) {
  await later();
  const polls = [];
  const tab = await here.visitInformation(service.id, {
    prepare: async ({ page, context }) => {
      await context.clock.install();
      page.on('request', (request) => isPoll(request) && polls.push(request));
    },
  });
  // From here on only the test moves the time of the page.
  await tab.page.clock.pauseAt(await tab.page.evaluate(() => Date.now() + 100));
  return { ...tab, polls };
}

/** Moves the page's clock; gives the answer to the poll that it sends then. */
async function poll(page, seconds = 5) {
  await later(seconds);
  const answer = page.waitForResponse((response) => isPoll(response.request()));
  await page.clock.runFor(seconds * 1000);
  return answer;
}

/** Moves the page's clock by so many seconds in which it must not ask. */
async function silence({ page, polls }, seconds) {
  const before = polls.length;
  await page.clock.runFor(seconds * 1000);
  assert.equal(polls.length, before, `a poll within ${seconds} s`);
}

const state = (page) => page.locator('[data-mikrotikvpn-connection]').getAttribute('data-mikrotikvpn-connection');
const value = (page, name) => page.locator(`[data-mikrotikvpn-value="${name}"]`);

test('the indicator turns when the customer connects and leaves, without reload', async () => {
  const { page } = await watch();
  assert.equal(await state(page), 'off');
  await page.evaluate(() => { window.sameDocument = true; });
  await here.dialIn(here.service, { download: 12_500_000, upload: 800_000 });
  await poll(page);
  await value(page, 'connection').getByText('Connected', { exact: true }).waitFor();
  await poll(page);
  await value(page, 'session-download').getByText('12.5 Mbit/s').waitFor();
  const { values } = await shown(page);
  assert.deepEqual([values['session-protocol'], values['session-caller'], values['session-upload']], ['L2TP', CALLER, '800 kbit/s']);
  assert.equal(await state(page), 'on');
  await screenshot(page, 'live-connected');
  await here.world.router.post('/disconnect', { name: here.service.username });
  await poll(page);
  await value(page, 'connection').getByText('Not connected').waitFor();
  assert.equal((await shown(page)).values['session-protocol'], undefined);
  assert.equal(await state(page), 'off');
  assert.equal(await page.evaluate(() => window.sameDocument), true);
});

test('a poll is one request to the router and holds no credential', async () => {
  const { page } = await watch();
  await here.world.router.post('/stats/reset');
  const body = await (await poll(page)).text();
  assert.equal((await here.world.router.request('GET', '/stats')).total, 1);
  for (const secret of [here.service.password, here.service.username, PSK]) {
    assert.ok(!body.includes(secret) && !body.includes(JSON.stringify(secret).slice(1, -1)), secret);
  }
});

test('a page that nobody looks at asks nothing, and asks when it is looked at again', async () => {
  const tab = await watch();
  const { page } = tab;
  const look = (hidden) => page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
  await look(true);
  await silence(tab, 600);
  await later();
  const answer = page.waitForResponse((response) => isPoll(response.request()));
  await look(false);
  await page.clock.runFor(10);
  assert.equal((await answer).status(), 200);
});

test('a silent router is asked less and less, its last state stays with its time, and it comes back by itself', async () => {
  const tab = await watch();
  const { page } = tab;
  await here.world.router.post('/faults', { when: {}, effect: { kind: 'refuse' } });
  try {
    await poll(page, 5);
    await page.getByRole('alert').getByText(/does not answer/).waitFor();
    assert.match((await shown(page)).values['as-of'], /^Last known state, from /);
    for (const pause of [10, 20, 40, 60, 60]) {
      await silence(tab, pause - 1);
      await poll(page, 1);
    }
  } finally {
    await here.world.router.request('DELETE', '/faults');
  }
  await silence(tab, 55);
  await later(60);
  await poll(page, 5);
  await page.locator('[data-mikrotikvpn-when="unreachable"]').waitFor({ state: 'hidden' });
  assert.equal((await shown(page)).state, 'active');
  await silence(tab, 4);
});

test('a page of a service that is suspended meanwhile loses its credentials', async () => {
  const overdue = await here.world.addService(here.client, here.product, ['--password', 'Overdue-password.42']);
  const tab = await watch(overdue);
  const { page } = tab;
  assert.equal(await value(page, 'username').textContent(), overdue.username);
  await whmcs('run', 'SuspendAccount', '--service', overdue.id);
  await poll(page);
  await page.waitForSelector('[data-mikrotikvpn-state="inactive"]');
  await assertNoCredential(page, overdue);
  await silence(tab, 60);
});

test('a session that has ended ends the polling', async () => {
  const tab = await watch();
  const { page, context } = tab;
  await context.clearCookies();
  assert.match((await poll(page)).headers()['content-type'], /^text\/html/);
  await silence(tab, 600);
});
