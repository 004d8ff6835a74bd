import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barriers } from './src/axe.mjs';
import { PHONE, Suite, assertFits } from './src/suite.mjs';
import { later, sql, whmcs } from './src/world.mjs';

const suite = new Suite({ 3: 'l2tp', 4: 100, 5: 20, 6: 200, 16: 'https://docs.example.test/vpn', 18: 'on', 19: 'our-psk' });

const state = (page) => page.getAttribute('.mikrotikvpn', 'data-mikrotikvpn-state');

/** What every state has to be: no barrier, and nothing beside the window, also on a phone. */
async function assertOpen(name, expected, options = {}) {
  const page = await suite.visit(name, options);
  assert.equal(await state(page), expected);
  assert.deepEqual(await barriers(page), []);
  await page.setViewportSize({ width: PHONE.width, height: PHONE.height });
  await assertFits(page);
}

/** Runs `action` between `set` and `undo`. */
async function during(set, undo, action) {
  await set();
  try {
    await action();
  } finally {
    await undo();
  }
}

const rename = (table, from, to) => () => sql(`ALTER TABLE mod_mikrotikvpn_${table} CHANGE ${from} ${to} BIGINT UNSIGNED NOT NULL DEFAULT 0`);
const without = (table, column) => rename(table, column, 'lost');
const again = (table, column) => rename(table, 'lost', column);
const status = (text) => () => sql(`UPDATE tblhosting SET domainstatus = '${text}' WHERE id = ${suite.service.id}`);

test('no state of the statistics and the history has a barrier', async () => {
  await assertOpen('statistics', 'waiting');
  await assertOpen('history', 'shown');
  await during(status('Terminated'), status('Active'), async () => {
    await assertOpen('statistics', 'inactive');
    await assertOpen('history', 'inactive');
  });
  await during(without('traffic_daily', 'upload'), again('traffic_daily', 'upload'), () => assertOpen('statistics', 'failed'));
});

test('no state of Information has a barrier', async () => {
  await assertOpen('', 'active');
  await suite.use();
  await later();
  await assertOpen('', 'active');
  await later();
  const { router } = suite.world;
  const silence = () => router.post('/faults', { when: {}, effect: { kind: 'refuse' } });
  await during(silence, () => router.request('DELETE', '/faults'), () => assertOpen('', 'unreachable'));
  await later(60);
  await during(status('Suspended'), status('Active'), () => assertOpen('', 'inactive'));
  await during(without('accounts', 'period_upload'), again('accounts', 'period_upload'), () => assertOpen('', 'failed'));
  const lost = await suite.world.addService(suite.client, suite.product);
  await router.exec('/ppp/secret/remove', { numbers: lost.username });
  await assertOpen('', 'missing', { id: lost.id });
});
