// What the dashboard says when something is wrong: never more than is known, and nothing less.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { Visitor, openBrowser } from './world/browser.mjs';
import { PostgresServer } from './world/postgres.mjs';
import { World, account } from './world/world.mjs';
import { callResource, newSid, statusForm } from './world/twilio.mjs';
import { until } from './world/wait.mjs';

let browser;
before(async () => { browser = await openBrowser(); });
after(() => browser?.close());

const often = { WRAPUP_RECONCILE_INTERVAL: '1s' };

async function signedIn(t, settings) {
  const world = await World.make(t, settings);
  const visitor = await Visitor.make(t, browser, world);
  return { world, visitor, page: visitor.page };
}

function atTwilio(world, over = {}) {
  const sid = newSid();
  const call = callResource(sid, account, over);
  world.twilio.calls.set(sid, call);
  world.hide(call.to, call.from);
  return sid;
}

const today = async world => (await world.api('GET', '/api/ledger')).json;

test('a day that Twilio was not asked about has no green verdict', async t => {
  const { world, visitor, page } = await signedIn(t, often);
  const sid = atTwilio(world);
  await until(() => world.crm.records(sid).length === 1, 15_000);
  await until(async () => (await today(world)).twilio?.complete, 15_000);
  await visitor.signIn();
  await page.locator('.verdict.good').waitFor();
  world.twilio.knob = () => ({ status: 401, body: { code: 20003 } });
  await until(async () => !(await today(world)).twilio.complete, 15_000);
  await page.reload(); // What no call tells of is asked for every half minute.
  await page.locator('.verdict.wait', { hasText: 'Whether calls are missing is not known' })
    .waitFor();
  await page.getByText(/or not completely, since [\d:]+: nothing is claimed/).waitFor();
  assert.equal(await page.locator('.verdict.good').count(), 0);
  await page.locator('.needs', { hasText: 'Twilio refuses our credentials' }).waitFor();
  await visitor.checkAccess('today, not compared');
  await visitor.visit('#/ledger', 'Ledger');
  await page.getByText('nothing is claimed of what may be missing').waitFor();
  const unexplained = page.locator('td[data-name=Unexplained]');
  assert.equal(await unexplained.first().innerText(), 'not known');
});

test('the pages stand while Twilio was never heard', async t => {
  const world = await World.make(t, often, { start: false });
  await world.twilio.close();
  await world.process.start();
  await world.ended({ CallStatus: 'busy' });
  const visitor = await Visitor.make(t, browser, world);
  const { page } = visitor;
  await visitor.signIn();
  await page.locator('.totals', { hasText: 'At Twilio' }).getByText('–').waitFor();
  await visitor.visit('#/ledger', 'Ledger');
  await page.getByText('nothing is claimed of what may be missing').waitFor();
  await visitor.visit(`#/ledger?date=${(await today(world)).date}`, 'Ledger');
  await page.getByRole('heading', { name: 'Not explained' }).waitFor();
});

test('calls that are not explained are named, with a reason, on Today and Ledger', async t => {
  const { world, visitor, page } = await signedIn(t, often);
  const fine = atTwilio(world), odd = atTwilio(world, { status: 'vanished' });
  await until(() => world.crm.records(fine).length === 1, 15_000);
  await until(async () => (await today(world)).missing === 1, 15_000);
  await visitor.signIn();
  const named = page.locator('li', { hasText: odd });
  await named.filter({ hasText: 'missing' }).waitFor();
  await page.getByRole('link', { name: '1 call is missing here' }).waitFor();
  await page.locator('.needs', { hasText: /not explained|unexplained/ }).waitFor();
  await visitor.visit('#/ledger', 'Ledger');
  await named.filter({ hasText: 'missing' }).waitFor();
  await visitor.checkAccess('the ledger names a call');
  await page.getByRole('link', { name: odd }).click();
  await page.getByText('wrapup send SID').waitFor();
});

test('what the alerts say stands on Today, and a CRM that refuses is not well', async t => {
  const { world, visitor, page } = await signedIn(t, { WRAPUP_RETRY_SCHEDULE: '10m,10m' });
  world.crm.answer = () => ({ status: 401, body: {} });
  const sid = await world.ended({ CallStatus: 'busy' });
  await world.storyWhen(sid, story => story.deliveries[0]?.attempts.length === 1);
  const { alerts } = await until(async () => {
    const status = (await world.api('GET', '/api/status')).json;
    return status.alerts.some(one => one.alert === 'crm_refuses:crm') && status;
  }, 20_000);
  await visitor.signIn();
  for (const { text } of alerts) await page.locator('.needs', { hasText: text }).waitFor();
  await page.locator('.state.failing').waitFor();
  await visitor.visit('#/destinations', 'Destinations');
  await page.locator('.state.failing').waitFor();
  assert.equal(await page.locator('.state.active').count(), 0);
});

test('who resumes a destination is told how many records that sends', async t => {
  const { world, visitor, page } = await signedIn(t);
  world.crm.answer = () => ({ status: 422, body: {} });
  const refused = await world.ended({ CallStatus: 'busy' });
  await world.storyWhen(refused, story => story.call.parked === 'rejected');
  world.crm.answer = () => ({ status: 410, body: {} });
  const gone = [];
  for (let i = 0; i < 2; i += 1) {
    gone.push(await world.ended({ CallStatus: 'busy' }));
    await world.storyWhen(gone.at(-1), story => story.call.parked === 'destination_gone');
  }
  await visitor.signIn();
  await visitor.visit('#/destinations', 'Destinations');
  await page.getByRole('button', { name: 'Resume crm' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('2 records are sent').waitFor();
  await dialog.getByText('1 stay parked').waitFor();
  world.crm.answer = () => ({ status: 200, body: { ok: true } });
  await dialog.getByLabel('Reason').fill('it is back');
  await dialog.getByRole('button', { name: 'Resume' }).click();
  for (const sid of gone) await world.storyWhen(sid, story => story.call.state === 'delivered');
  assert.equal((await world.api('GET', `/api/calls/${refused}`)).json.call.state, 'parked');
});

test('what was given up waits for nobody, and a campaign is found in any case', async t => {
  const { world, visitor, page } = await signedIn(t);
  world.crm.answer = () => ({ status: 422, body: {} });
  const sid = newSid();
  const named = { name: 'Ada Example', campaign: { id: 'renewal', name: 'Renewal' } };
  world.hide(named.name);
  assert.equal((await world.api('PUT', `/api/calls/${sid}/metadata`, named)).status, 204);
  await world.ended({ CallStatus: 'busy', CallSid: sid });
  await world.storyWhen(sid, story => story.call.state === 'parked');
  const given = await world.process.run(
    ['replay', '--parked', 'rejected', '--give-up', '--yes', '--reason', 'nobody wants it']);
  assert.equal(given.status, 0, given.stderr);
  await world.storyWhen(sid, story => story.call.parked === 'given_up');
  await visitor.signIn();
  await page.getByText('Nothing. Nobody waits for you').waitFor();
  await page.getByRole('link', { name: '1 given up' }).click();
  await visitor.see('Calls');
  await page.locator(`tbody th a[href*="${sid}"]`).waitFor();
  await page.locator('datalist option[value=Renewal]').waitFor({ state: 'attached' });
  const search = async text => {
    await page.getByLabel('Search').fill(text);
    await page.getByLabel('Search').press('Enter');
  };
  await visitor.visit('#/calls', 'Calls');
  await page.locator('datalist option[value=Renewal]').waitFor({ state: 'attached' });
  await search('renewal');
  await page.locator(`tbody th a[href*="${sid}"]`).waitFor();
  assert.match(page.url(), /campaign=Renewal/);
  await search('Ada');
  await page.locator(`tbody th a[href*="${sid}"]`).waitFor();
  await search('Adam');
  await page.getByText('people by a part of theirs').waitFor();
  await visitor.visit('#/calls', 'Calls');
  await page.getByRole('columnheader', { name: 'First heard' }).waitFor();
});

test('a call is found by what people remember of it, without a country', async t => {
  const { world, visitor, page } = await signedIn(t);
  const sid = newSid(), other = newSid();
  const mia = { name: 'Mia Example' };
  world.hide(mia.name);
  assert.equal((await world.api('PUT', `/api/calls/${sid}/metadata`, mia)).status, 204);
  await world.ended({ CallStatus: 'busy', CallSid: sid, To: '+61413052898' });
  await world.ended({ CallStatus: 'busy', CallSid: other, To: '+61413052899' });
  for (const one of [sid, other]) {
    await world.storyWhen(one, story => story.call.state === 'delivered');
  }
  await visitor.signIn();
  await visitor.visit('#/calls', 'Calls');
  for (const text of ['0413 052 898', '0413052898', '052898', 'mia', 'Example', sid.slice(0, 10)]) {
    await page.getByLabel('Search').fill(text);
    await page.getByLabel('Search').press('Enter');
    await page.locator(`tbody th a[href*="${sid}"]`).waitFor();
    await page.locator(`tbody th a[href*="${other}"]`).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Clear' }).click();
    await page.locator(`tbody th a[href*="${other}"]`).waitFor();
  }
  const found = await world.api('GET', '/api/calls?phone=0413%20052%20898');
  assert.deepEqual(found.json.calls.map(call => call.id), [sid]);
  await page.getByLabel('Search').fill('052890');
  await page.getByLabel('Search').press('Enter');
  await page.getByText('its last six digits or more').waitFor();
});

const away = 'The store cannot be written or read: no event is acknowledged';

// A day that adds up and of which nobody waits, with one call of it.
async function fineDay(t, settings) {
  const seen = await signedIn(t, { ...often, ...settings });
  const sid = atTwilio(seen.world);
  await until(() => seen.world.crm.records(sid).length === 1, 15_000);
  await until(async () => (await today(seen.world)).twilio?.complete, 15_000);
  await seen.visitor.signIn();
  await isFine(seen);
  return seen;
}

async function isFine({ page }, needs = 'Nothing. Nobody waits for you') {
  await page.locator('.verdict.good').waitFor();
  await page.getByText(needs).waitFor();
  await page.getByText('No record waits.', { exact: true }).waitFor();
  await page.getByText(away).first().waitFor({ state: 'detached' });
}

// Nothing is told as well, on any page.
async function isInDoubt({ visitor, page }) {
  await page.getByRole('alert').filter({ hasText: away }).waitFor();
  await page.locator('.needs', { hasText: away }).waitFor();
  await page.locator('.verdict.wait', { hasText: /These figures are of \d\d:\d\d:\d\d/ }).waitFor();
  await page.locator('.state.doubted').waitFor();
  const green = page.locator('main .good, main .verdict.good, main .state.active');
  assert.deepEqual(await green.allInnerTexts(), []);
  assert.equal(await page.getByText('Nobody waits for you').count(), 0);
  await visitor.checkAccess('the store is away');
  await visitor.visit('#/senders', 'Senders');
  await page.getByRole('alert').filter({ hasText: away }).waitFor();
  assert.deepEqual(await green.allInnerTexts(), []);
  await visitor.visit('#/today', 'Today');
}

test('a database that is away: nothing is told as well, and all of it when it is back', async t => {
  const server = await PostgresServer.make(t);
  const seen = await fineDay(t, { DATABASE_URL: server.url });
  seen.visitor.mayFail = true;
  server.stop();
  await isInDoubt(seen);
  server.start();
  await isFine(seen);
});

test('a full disk: figures that can be read are not told as well either', async t => {
  const seen = await fineDay(t);
  const { world } = seen;
  seen.visitor.mayFail = true;
  const limit = bytes => assert.equal(spawnSync('prlimit',
    ['--pid', String(world.process.child.pid), `--fsize=${bytes}:unlimited`]).status, 0);
  limit(statSync(path.join(world.process.data, 'wrapup.db-wal')).size);
  await until(async () => {
    assert.equal((await world.status(statusForm({ CallStatus: 'busy' }))).status, 503);
    return seen.page.getByText(away).first().isVisible();
  }, 20_000);
  await isInDoubt(seen);
  limit('unlimited');
  await isFine(seen, /requests? of senders refused/);
});

test('a server that is gone: the last verdict does not stay', async t => {
  const seen = await fineDay(t);
  const { world, page } = seen;
  seen.visitor.mayFail = true;
  await world.process.stop();
  await page.getByText('Connection lost').waitFor();
  await page.locator('.verdict.wait').waitFor();
  assert.deepEqual(await page.locator('main .good').allInnerTexts(), []);
  await world.process.start();
  await isFine(seen);
});
