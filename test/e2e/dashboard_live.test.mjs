// What the dashboard shows as it happens, in a real browser.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Visitor, openBrowser } from './world/browser.mjs';
import { World, send } from './world/world.mjs';
import { statusForm } from './world/twilio.mjs';

let browser;
before(async () => { browser = await openBrowser(); });
after(() => browser?.close());

async function signedIn(t, settings) {
  const world = await World.make(t, settings);
  const visitor = await Visitor.make(t, browser, world);
  await visitor.signIn();
  await visitor.page.mouse.move(0, 0); // A list stands still under a pointer.
  return { world, visitor, page: visitor.page };
}

async function ringing(world) {
  const form = statusForm({ CallStatus: 'ringing', CallDuration: '' });
  assert.equal((await world.status(form)).status, 204);
  return form;
}

async function ended(world, form = statusForm({})) {
  const over = { ...form, CallStatus: 'busy', CallDuration: '0', SequenceNumber: '3' };
  assert.equal((await world.status(over)).status, 204);
  return over;
}

// While the stream is open, pages ask by themselves every 30 s: what is seen sooner was told.
const soon = { timeout: 10_000 };
const streams = visitor => visitor.urls.filter(url => url.endsWith('/api/stream')).length;

test('a call is followed from its callback to the CRM as it is told', async t => {
  const { world, visitor, page } = await signedIn(t);
  await page.evaluate(() => { window.stays = true; });
  await visitor.visit('#/calls', 'Calls');
  const form = await ringing(world);
  await page.getByText('Going on').last().waitFor(soon);
  await page.getByRole('rowheader').getByRole('link').click();
  await page.locator('.timeline').getByText('Status: ringing', { exact: true }).waitFor(soon);
  await ended(world, form);
  await page.locator('.why.delivered').waitFor(soon);
  await page.getByRole('link', { name: 'Today' }).click();
  await page.getByText(/^1 = 1 \+ 0 \+ 0 \+ 0 \+ 0,/).waitFor(soon);
  await ended(world);
  await page.getByText(/^2 = 2 \+ 0 \+ 0 \+ 0 \+ 0,/).waitFor(soon);
  assert.equal(streams(visitor), 1, 'one stream for all pages');
  assert.ok(await page.evaluate(() => window.stays), 'the page was never loaded anew');
  const asked = visitor.urls.filter(url => url.includes(`/api/calls/${form.CallSid}`)).length;
  assert.ok(asked <= 8, `the call was asked for ${asked} times`);
});

test('what happens is listed, can be sifted, and stands still under its reader', async t => {
  const { world, visitor, page } = await signedIn(t);
  await visitor.visit('#/live', 'Live');
  await page.getByText('Nothing has happened').waitFor(soon);
  const form = await ended(world);
  const rows = page.locator('tbody tr');
  await rows.filter({ hasText: 'Delivered' }).first().waitFor(soon);
  await rows.filter({ hasText: form.To }).first().waitFor(soon);
  await visitor.checkAccess('live, with rows');
  await page.setViewportSize({ width: 320, height: 720 });
  await visitor.checkAccess('live, with rows, narrow');
  const link = rows.first().getByRole('link');
  await link.focus();
  const other = await ended(world);
  await page.getByRole('button', { name: /Show \d+ newer/ }).waitFor(soon);
  assert.equal(await rows.filter({ hasText: other.CallSid }).count(), 0);
  assert.ok(await page.evaluate(() => document.activeElement.matches('tbody a')));
  await page.getByRole('button', { name: /Show \d+ newer/ }).click();
  await rows.filter({ hasText: other.CallSid }).first().waitFor(soon);
  await page.getByLabel('Only').fill(form.CallSid);
  await rows.filter({ hasText: other.CallSid }).first().waitFor({ state: 'detached' });
  await page.getByLabel('State').selectOption('parked');
  await page.getByText('None of it matches').waitFor();
});

test('a stream that was cut comes back, and what is missed meanwhile is asked for', async t => {
  const { world, visitor, page } = await signedIn(t);
  await visitor.visit('#/calls', 'Calls');
  await page.getByText('No call matches').waitFor();
  visitor.mayFail = true;
  await world.process.stop();
  await page.getByText('Connection lost').waitFor(soon);
  await world.process.start();
  await ended(world);
  await page.getByText('Connection lost').waitFor({ state: 'detached' });
  await page.locator('.state.delivered').waitFor(soon);
  await visitor.visit('#/live', 'Live');
  const later = await ended(world);
  await page.locator('tbody tr').filter({ hasText: later.CallSid }).first().waitFor(soon);
});

test('a session that ends elsewhere ends here', async t => {
  const { world, visitor, page } = await signedIn(t);
  visitor.mayFail = true;
  await visitor.visit('#/senders', 'Senders');
  const [{ name, value }] = await visitor.context.cookies();
  const out = await send(world.process.port, {
    method: 'DELETE', path: '/api/session',
    headers: { cookie: `${name}=${value}`, 'sec-fetch-site': 'same-origin',
      'content-type': 'application/json' },
  });
  assert.equal(out.status, 204, out.text);
  await page.getByText('The session is over').waitFor(soon);
});

test('who pauses is told nothing, and all of it afterwards', async t => {
  const { world, visitor, page } = await signedIn(t);
  await visitor.visit('#/calls', 'Calls');
  await page.getByText('No call matches').waitFor();
  await page.getByRole('button', { name: 'Pause updates' }).click();
  await page.getByRole('button', { name: 'Pause updates', pressed: true }).waitFor();
  await page.waitForTimeout(500); // What was under way ends.
  const before = visitor.urls.length;
  const sid = (await ended(world)).CallSid;
  await world.storyWhen(sid, story => story.call.state === 'delivered');
  await page.waitForTimeout(1_500);
  assert.deepEqual(visitor.urls.slice(before), [], 'paused means no request');
  await page.getByRole('button', { name: 'Pause updates', pressed: true }).click();
  await page.locator('.state.delivered').waitFor(soon);
});

test('after an upgrade a page says that it is old, or that its script is gone', async t => {
  const { world, visitor, page } = await signedIn(t);
  visitor.mayFail = true;
  await world.process.stop();
  await page.getByText('Connection lost').waitFor(soon);
  await page.route('**/api/status', async route => {
    const response = await route.fetch();
    return route.fulfill({ response, json: { ...await response.json(), version: '99.0.0' } });
  });
  await world.process.start();
  await page.getByText(/wrapup is 99\.0\.0 now; this page is of \d/).waitFor(soon);
  await visitor.checkAccess('upgraded');
  await page.getByRole('button', { name: 'Load it anew' }).click();
  await visitor.see('Today');
  await page.getByText('99.0.0').waitFor({ state: 'detached' });
  const gone = `${visitor.origin}/assets/app-0000000000.js`;
  const { status } = await fetch(gone);
  assert.equal(status, 404, 'no page in the place of a script');
  await page.route('**/assets/app-*.js', route => route.fulfill({ status }));
  await page.reload();
  await page.getByText('This page could not be loaded').waitFor(soon);
});
