// The dashboard in a real browser against the real program.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Visitor, openBrowser } from './world/browser.mjs';
import { World, account, apiToken } from './world/world.mjs';
import { callResource, statusForm } from './world/twilio.mjs';
import { until } from './world/wait.mjs';

let browser;
before(async () => { browser = await openBrowser(); });
after(() => browser?.close());

const refuseBusy = request => JSON.parse(request.body).status === 'no answer'
  ? { status: 422, body: { error: 'unknown field "status"' } }
  : { status: 200, body: { ok: true } };

// A finished call of a person with a name.
async function talkedTo(world, name, over = {}) {
  const form = statusForm({ CallStatus: 'completed', CallDuration: '62', ...over });
  world.hide(name);
  const answer = await world.api('PUT', `/api/calls/${form.CallSid}/metadata`,
    { name, campaign: { id: 'spring', name: 'Spring offer' } });
  assert.equal(answer.status, 204, answer.text);
  assert.equal((await world.status(form)).status, 204);
  return form;
}

test('one signs in by token, stays, and signs out', async t => {
  const world = await World.make(t);
  const visitor = await Visitor.make(t, browser, world);
  const { page } = visitor;
  visitor.mayFail = true; // The refused sign-in is a 401, which the browser writes down.
  await visitor.signIn('a wrong token');
  await page.getByRole('alert').filter({ hasText: 'Not signed in' }).waitFor();
  await visitor.checkAccess('sign-in refused');
  visitor.mayFail = false;
  await visitor.signIn();
  const [cookie] = await visitor.context.cookies();
  assert.deepEqual([cookie.name, cookie.httpOnly, cookie.sameSite],
    ['wrapup_session', true, 'Strict']);
  assert.ok(!cookie.value.includes(apiToken));
  await page.reload();
  await visitor.see('Today');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('API token').waitFor();
  await visitor.context.addCookies([cookie]);
  await page.reload();
  await page.getByLabel('API token').waitFor();
});

test('a call is followed from its callback to the CRM', async t => {
  const world = await World.make(t);
  const visitor = await Visitor.make(t, browser, world);
  const { page } = visitor;
  await visitor.signIn();
  await visitor.visit('#/calls', 'Calls');
  await page.getByText('No call matches').waitFor();
  const form = await talkedTo(world, 'Ada Example', { CallStatus: 'ringing', CallDuration: '' });
  await page.getByRole('cell', { name: /\+1415/ }).waitFor(); // The name comes with the record.
  await page.getByText('Going on').last().waitFor();
  const over = { ...form, CallStatus: 'completed', CallDuration: '62', SequenceNumber: '3' };
  assert.equal((await world.status(over)).status, 204);
  await page.locator('.state.delivered').waitFor();
  await page.getByText('Ada Example').waitFor();
  await page.getByRole('rowheader').getByRole('link').click();
  await visitor.see('Ada Example');
  assert.match(await page.locator('.why').innerText(), /delivered|accepted|has it/i);
  const steps = await page.locator('.timeline li').allInnerTexts();
  assert.ok(steps.some(step => /ringing/.test(step)), steps.join('\n'));
  assert.ok(steps.some(step => /CRM[\s\S]*accepted with 200/.test(step)), steps.join('\n'));
  const attempt = page.locator('.timeline li').filter({ hasText: 'Try 1' });
  await attempt.locator('summary').click();
  assert.match(await attempt.locator('pre').innerText(), /conversationAICall[\s\S]*Answer/);
});

test('a CRM that refuses is seen, and the record is sent when it is mended', async t => {
  const world = await World.make(t);
  world.crm.answer = refuseBusy;
  const visitor = await Visitor.make(t, browser, world);
  const { page } = visitor;
  const form = await talkedTo(world, 'Bo Example', { CallStatus: 'busy', CallDuration: '0' });
  await world.storyWhen(form.CallSid, story => story.call.state === 'parked');
  await visitor.signIn();
  await page.getByRole('link', { name: /1 call parked/ }).click();
  await visitor.see('Calls');
  await page.getByRole('rowheader').getByRole('link').click();
  await visitor.see('Bo Example');
  assert.match(await page.locator('.timeline').innerText(), /refused with 422/);
  world.crm.answer = () => ({ status: 200, body: { ok: true } });
  await page.getByRole('button', { name: 'Send now' }).click();
  await visitor.checkAccess('open dialog');
  await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
  await page.locator('.why.delivered').waitFor();
  assert.equal(world.crm.records(form.CallSid).length >= 1, true);
});

test('a record that waits is parked by hand, with a reason, and sent again by hand', async t => {
  const world = await World.make(t);
  world.crm.answer = () => ({ status: 503 });
  const visitor = await Visitor.make(t, browser, world);
  const { page } = visitor;
  const form = await talkedTo(world, 'Bo Example', { CallStatus: 'busy', CallDuration: '0' });
  await world.storyWhen(form.CallSid, story => story.deliveries[0]?.attempts.length > 0);
  await visitor.signIn();
  await visitor.visit(`#/calls/${form.CallSid}`, 'Bo Example');
  await page.getByRole('button', { name: 'Park' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('the customer withdrew');
  await visitor.checkAccess('open dialog');
  await dialog.getByRole('button', { name: 'Park' }).click();
  await page.locator('.why.parked').waitFor();
  await page.getByRole('button', { name: 'Park' }).waitFor({ state: 'detached' });
  const sent = world.crm.attempts(form.CallSid).length;
  const [delivery] = (await world.story(form.CallSid)).deliveries;
  assert.deepEqual([delivery.parked, delivery.due_at], ['given_up', null]);
  const [noted] = (await world.api('GET', '/api/log')).json.entries
    .filter(one => one.action === 'record_parked');
  assert.deepEqual([noted.subject, noted.reason], [form.CallSid, 'the customer withdrew']);
  assert.equal(world.crm.attempts(form.CallSid).length, sent);
  world.crm.answer = () => ({ status: 200 });
  await page.getByRole('button', { name: 'Send now' }).click();
  await dialog.getByRole('button', { name: 'Send' }).click();
  await page.locator('.why.delivered').waitFor();
});

test('parked records are sent again by their reason, once counted', async t => {
  const world = await World.make(t);
  world.crm.answer = refuseBusy;
  const forms = [];
  for (const name of ['Ada Example', 'Bo Sample']) {
    forms.push(await talkedTo(world, name, { CallStatus: 'busy', CallDuration: '0' }));
  }
  for (const form of forms) {
    await world.storyWhen(form.CallSid, story => story.call.state === 'parked');
  }
  const visitor = await Visitor.make(t, browser, world);
  const { page } = visitor;
  await visitor.signIn();
  await visitor.visit('#/failures', 'Failures');
  world.crm.answer = () => ({ status: 200, body: { ok: true } });
  await page.getByRole('button', { name: /Send again.*refused by the CRM/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('2 records are sent').waitFor();
  await dialog.getByText('Bo Sample').waitFor();
  await visitor.checkAccess('replay dialog');
  await dialog.getByLabel('Reason').fill('the CRM was mended');
  await dialog.getByRole('button', { name: 'Send 2' }).click();
  await page.getByText('2 accepted, 0 failed').waitFor();
  await page.getByText('the CRM was mended').waitFor();
  await page.getByText('No call is parked').waitFor();
  for (const form of forms) assert.equal(world.crm.records(form.CallSid).length, 1);
});

test('failures are told by their cause, and sent again by it', async t => {
  const world = await World.make(t);
  world.crm.answer = request => ({
    status: 422, body: { error: `field ${JSON.parse(request.body).duration + 1} is unknown` },
  });
  const forms = [];
  for (const [name, duration] of [['Ada Example', '20'], ['Bo Sample', '31']]) {
    forms.push(await talkedTo(world, name, { CallDuration: duration }));
    await world.storyWhen(forms.at(-1).CallSid, story => story.call.state === 'parked');
  }
  const visitor = await Visitor.make(t, browser, world);
  const { page } = visitor;
  await visitor.signIn();
  await visitor.visit('#/failures', 'Failures');
  const row = page.getByRole('row', { name: /field # is unknown/ });
  await row.waitFor();
  assert.match(await row.innerText(), /refused with 422[\s\S]*crm\s+2\s/);
  await visitor.checkAccess('failures by cause');
  world.crm.answer = () => ({ status: 200, body: { ok: true } });
  await row.getByRole('button', { name: /Send again/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('2 records are sent').waitFor();
  await dialog.getByLabel('Reason').fill('the field is known now');
  await dialog.getByRole('button', { name: 'Send 2' }).click();
  await page.getByText('2 accepted, 0 failed').waitFor();
  await page.getByText('Nothing fails').waitFor();
  for (const form of forms) assert.equal(world.crm.records(form.CallSid).length, 1);
  await visitor.visit('#/log', 'Log');
  const entry = page.getByRole('row', { name: /replay started/ });
  assert.match(await entry.innerText(), /2 records[\s\S]*dashboard[\s\S]*the field is known now/);
});

const names = ['Ada Example', 'Bo Sample', 'Cleo Demo', 'Dan Trial', 'Eva Instance'];

// A morning's calls: most arrive, a few are refused, one is on its way again and again.
async function morning(t, count = 57) {
  const world = await World.make(t,
    { WRAPUP_RETRY_SCHEDULE: '10m,10m', WRAPUP_RECONCILE_INTERVAL: '1s' });
  world.crm.answer = request => JSON.parse(request.body).status === 'no connection'
    ? { status: 503, body: { error: 'try later' } } : refuseBusy(request);
  const forms = [];
  for (let i = 0; i < count; i++) {
    const over = i === 3 ? { CallStatus: 'failed', CallDuration: '0' }
      : i % 20 === 4 ? { CallStatus: 'busy', CallDuration: '0' }
        : { CallDuration: String(20 + i * 7) };
    forms.push(await talkedTo(world, names[i % names.length],
      { To: `+1415555${String(100 + i).padStart(4, '0')}`, ...over }));
    const { CallSid, To, From, CallStatus, CallDuration } = forms.at(-1);
    world.twilio.calls.set(CallSid, callResource(CallSid, account,
      { to: To, from: From, status: CallStatus, duration: CallDuration }));
  }
  await world.storyWhen(forms.at(-1).CallSid, story => story.call.state === 'delivered');
  await world.storyWhen(forms[3].CallSid, story => story.deliveries[0]?.attempts.length === 1);
  return { world, forms };
}

// The others are more telling in storybook.test.mjs, where there is more to see.
const takePicture = (visitor, name) =>
  /^(today|calls|call)(-narrow)?$/.test(name) ? visitor.takePicture(name) : undefined;

test('every page is fit for all in both themes, wide and narrow', async t => {
  const { world, forms } = await morning(t);
  const pages = [
    ['today', '#/today', 'Today'], ['calls', '#/calls', 'Calls'],
    ['live', '#/live', 'Live'],
    ['call', `#/calls/${forms[4].CallSid}`, names[4]], ['failures', '#/failures', 'Failures'],
    ['timing', '#/timing', 'Timing'], ['ledger', '#/ledger', 'Ledger'],
    ['destinations', '#/destinations', 'Destinations'],
    ['senders', '#/senders', 'Senders'], ['settings', '#/settings', 'Settings'],
    ['log', '#/log', 'Log'],
    ['nowhere', '#/x', 'Nothing here'],
  ];
  const visitor = await Visitor.make(t, browser, world);
  const { page } = visitor;
  await visitor.signIn();
  for (const [name, hash, heading] of pages) {
    for (const [width, height] of [[1280, 860], [320, 720]]) {
      await page.emulateMedia({ colorScheme: 'light' });
      await page.setViewportSize({ width, height });
      await visitor.visit(hash, heading);
      await page.getByText('Loading').first().waitFor({ state: 'detached' });
      if (name === 'today') await page.locator('.verdict.good').waitFor();
      await visitor.checkAccess(`${name}, light, ${width} pixels`);
      if (width === 1280 && name !== 'calls') await takePicture(visitor, name);
      // What a theme can change for the worse is contrast.
      await page.emulateMedia({ colorScheme: 'dark' });
      await visitor.checkAccess(`${name}, dark, ${width} pixels`, ['color-contrast']);
      if (width === 320) await takePicture(visitor, `${name}-narrow`);
      if (width === 1280 && name === 'calls') await takePicture(visitor, name);
    }
  }
});

test('calls are paged and searched, and no number is in a URL', async t => {
  const { world, forms } = await morning(t);
  const visitor = await Visitor.make(t, browser, world);
  const { page } = visitor;
  await visitor.signIn();
  const today = await page.locator('.sum', { hasText: 'difference' }).innerText();
  assert.match(today, /^57 = 53 \+ 1 \+ 3 \+ 0 \+ 0,\s+difference 0/, today);
  await visitor.visit('#/calls', 'Calls');
  const rows = page.locator('tbody tr');
  await rows.nth(49).waitFor();
  assert.equal(await rows.count(), 50);
  await page.getByRole('link', { name: 'Older calls' }).click();
  await rows.nth(50).waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 7);
  await page.goBack();
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 50);
  await page.getByLabel('Search').fill('+1 415 555 0107');
  await page.getByLabel('Search').press('Enter');
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
  assert.match(await rows.first().innerText(), /\+14155550107/);
  await page.getByLabel('Search').fill(forms[9].CallSid);
  await page.getByLabel('State').selectOption('delivered');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByText('+14155550109').waitFor();
  await page.getByLabel('State').selectOption('parked');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByText('No call matches').waitFor();
  const told = visitor.urls.map(url => new URL(url))
    .filter(url => /415|555/.test(url.pathname + url.search)).map(String);
  assert.deepEqual(told, []);
});

test('a figure of the day leads to the calls that it counts', async t => {
  const world = await World.make(t, { WRAPUP_RETRY_SCHEDULE: '10m,10m' });
  world.crm.answer = request => JSON.parse(request.body).status === 'no connection'
    ? { status: 503, body: {} } : { status: 200, body: { ok: true } };
  await talkedTo(world, 'Ada Example', { CallStatus: 'ringing', CallDuration: '' });
  const late = await talkedTo(world, 'Bo Sample', { CallStatus: 'failed', CallDuration: '0' });
  const alone = statusForm({ CallStatus: 'busy', CallDuration: '0' });
  assert.equal((await world.status(alone)).status, 204);
  await world.storyWhen(alone.CallSid, story => story.call.state === 'delivered');
  await world.storyWhen(late.CallSid, story => story.call.state === 'delivering');
  const visitor = await Visitor.make(t, browser, world);
  const { page } = visitor;
  await visitor.signIn();
  const rows = page.locator('tbody tr');
  await page.getByText(/^3 = 1 \+ 2 \+ 0 \+ 0 \+ 0,/).waitFor();
  await page.getByRole('link', { name: 'In flight' }).click();
  await visitor.see('Calls');
  await rows.nth(1).waitFor();
  const shown = (await page.locator('tbody .state').allInnerTexts()).map(text => text.trim());
  assert.deepEqual(shown.sort(), ['Going on', 'On its way']);
  await visitor.checkAccess('calls in flight');
  await page.goBack();
  await page.getByRole('link', { name: 'without a campaign' }).click();
  await rows.filter({ hasText: alone.To }).waitFor();
  assert.equal(await rows.count(), 1);
  await page.getByText('Counted from').waitFor();
  await page.locator('select[name=status]').selectOption('voicemail');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByText('No call matches').waitFor();
  assert.ok(await page.getByLabel('Only calls without a campaign').isChecked());
  assert.match(page.url(), /no_campaign=true&.*from=2.*to=2/);
});

test('figures of failures and destinations lead to what they count', async t => {
  const world = await World.make(t, { WRAPUP_RETRY_SCHEDULE: '10m,10m' });
  const answers = { 'no answer': 422, 'no connection': 410, held: 503 };
  world.crm.answer = request => ({ status: answers[JSON.parse(request.body).status], body: {} });
  const refused = [];
  for (const name of ['Ada Example', 'Bo Sample']) {
    refused.push(await talkedTo(world, name, { CallStatus: 'busy', CallDuration: '0' }));
  }
  const waiting = await talkedTo(world, 'Cleo Demo');
  for (const form of refused) {
    await world.storyWhen(form.CallSid, story => story.call.state === 'parked');
  }
  await world.storyWhen(waiting.CallSid, story => story.deliveries[0]?.attempts.length === 1);
  const visitor = await Visitor.make(t, browser, world);
  const { page } = visitor;
  await visitor.signIn();
  const rows = page.locator('tbody tr');
  const leadsTo = async (link, heading, forms) => {
    await link.click();
    await visitor.see(heading);
    await rows.nth(forms.length - 1).waitFor();
    assert.equal(await rows.count(), forms.length);
    for (const form of forms) {
      assert.equal(await page.locator(`tbody th a[href*="${form.CallSid}"]`).count(), 1);
    }
  };
  await leadsTo(page.getByRole('link', { name: '2 calls parked: refused by the CRM' }), 'Calls',
    refused);
  await page.goBack();
  await visitor.see('Today');
  await leadsTo(page.getByRole('link', { name: '1 waiting' }), 'Records', [waiting]);
  await visitor.visit('#/failures', 'Failures');
  await leadsTo(page.getByRole('row', { name: /refused with 422/ })
    .getByRole('link', { name: '2', exact: true }), 'Records', refused);
  await visitor.checkAccess('records of a failure');
  await visitor.visit('#/destinations', 'Destinations');
  await leadsTo(page.locator('dd').getByRole('link', { name: '2', exact: true }), 'Records',
    refused);
  await visitor.visit('#/ledger', 'Ledger');
  await leadsTo(page.locator('td[data-name=Parked] a'), 'Calls', refused);
  await visitor.visit('#/ledger', 'Ledger');
  await page.locator('tbody th a').click();
  await page.getByText('2 parked: refused by the CRM').waitFor();
  await visitor.checkAccess('the account of a day');
});

test('timing is drawn, and told in words and as a table', async t => {
  const world = await World.make(t);
  for (const name of names.slice(0, 3)) {
    const form = await talkedTo(world, name);
    await world.storyWhen(form.CallSid, story => story.call.state === 'delivered');
  }
  const visitor = await Visitor.make(t, browser, world);
  const { page } = visitor;
  await visitor.signIn();
  await visitor.visit('#/timing', 'Timing');
  await page.getByText(/3 deliveries accepted\. 95 of 100 within [\d.]+ m?s/).waitFor();
  assert.equal(await page.locator('.chart path').count(), 3);
  await page.getByText('The same as a table').click();
  const counts = await page.locator('figure tbody td:nth-child(2)').allInnerTexts();
  assert.equal(counts.map(Number).reduce((sum, count) => sum + count), 3);
  await page.getByRole('link', { name: 'A week' }).click();
  await page.getByText('deliveries per hour').waitFor();
});

test('a list does not move under its reader', async t => {
  const world = await World.make(t);
  const visitor = await Visitor.make(t, browser, world);
  const { page } = visitor;
  const first = await talkedTo(world, 'Ada Example');
  await world.storyWhen(first.CallSid, story => story.call.state === 'delivered');
  await visitor.signIn();
  await visitor.visit('#/calls', 'Calls');
  await page.getByText('Ada Example').waitFor();
  await page.getByRole('rowheader').getByRole('link').focus();
  await talkedTo(world, 'Bo Sample');
  const fresh = page.getByRole('button', { name: 'Show 1 new' });
  await fresh.waitFor();
  assert.equal(await page.getByText('Bo Sample').count(), 0);
  assert.ok(await page.evaluate(() => document.activeElement.matches('tbody a')));
  await fresh.click();
  await page.getByText('Bo Sample').waitFor();
  const pause = page.getByRole('button', { name: 'Pause updates', pressed: false });
  await pause.click();
  await page.getByRole('button', { name: 'Pause updates', pressed: true }).waitFor();
});

test('settings are shown masked, with the SERVER_URL that would match', async t => {
  const world = await World.make(t);
  const visitor = await Visitor.make(t, browser, world);
  const { page } = visitor;
  const path = '/call-status-callback', other = 'https://other.example.org';
  const refused = await world.form(path, statusForm({ CallStatus: 'busy' }),
    { url: other + path, headers: { host: 'other.example.org' } });
  assert.equal(refused.status, 403);
  await visitor.signIn();
  await visitor.visit('#/settings', 'Settings');
  await page.getByRole('alert').filter({ hasText: other }).waitFor();
  const token = page.locator('tr', { hasText: 'TWILIO_AUTH_TOKEN' });
  assert.match(await token.innerText(), /not shown\s+environment/);
  const text = await page.locator('main').innerText();
  for (const secret of world.secrets) assert.ok(!text.includes(secret), 'a secret is shown');
  await page.getByRole('button', { name: /^All \d+/ }).click();
  await page.locator('tr', { hasText: 'WRAPUP_SUMMARY_WAIT' }).waitFor();
  await visitor.checkAccess('all settings');
});

test('names from outside are text, and what cannot be seen is shown', async t => {
  const world = await World.make(t);
  const visitor = await Visitor.make(t, browser, world);
  const { page } = visitor;
  const form = await talkedTo(world, '<img src=x onerror=alert(1)>\u202eelpmaxe');
  await world.storyWhen(form.CallSid, story => story.call.state === 'delivered');
  await visitor.signIn();
  await visitor.visit('#/calls', 'Calls');
  await page.getByText('<img src=x onerror=alert(1)>⟨202E⟩elpmaxe').waitFor();
  await visitor.visit(`#/calls/${form.CallSid}`);
  await page.locator('.why').waitFor();
  assert.equal(await page.locator('img').count(), 0);
});

// Presses Tab until something of that name has the focus.
async function tabTo(page, name) {
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement.textContent.trim()) === name) return;
  }
  throw new Error(`the keyboard does not reach "${name}"`);
}

test('the keyboard alone is enough', async t => {
  const world = await World.make(t);
  const form = await talkedTo(world, 'Ada Example');
  await world.storyWhen(form.CallSid, story => story.call.state === 'delivered');
  const visitor = await Visitor.make(t, browser, world);
  const { page } = visitor;
  await page.goto(`${visitor.origin}/`);
  await page.getByLabel('API token').waitFor();
  await until(() => page.evaluate(() => document.activeElement.tagName === 'INPUT'));
  await page.keyboard.type(apiToken);
  await page.keyboard.press('Enter');
  await visitor.see('Today');
  await tabTo(page, 'Skip to content');
  await page.keyboard.press('Enter');
  await until(() => page.evaluate(() => document.activeElement.id === 'main'));
  await page.reload();
  await visitor.see('Today');
  await tabTo(page, 'Destinations');
  await page.keyboard.press('Enter');
  await visitor.see('Destinations');
  await until(() => page.evaluate(() => document.activeElement.tagName === 'H1'));
  await tabTo(page, 'Pause crm');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  // Closed it has no role any more; only when it is gone the next one can open.
  await page.locator('dialog').waitFor({ state: 'detached' });
  await until(() => page.evaluate(() => document.activeElement.textContent === 'Pause crm'));
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.getByLabel('Reason').waitFor();
  const isInField = () => page.evaluate(() => document.activeElement.matches('input'));
  for (let i = 0; i < 5 && !await isInField(); i++) {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.type('the CRM moves');
  await tabTo(page, 'Pause');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Resume crm' }).waitFor();
  await page.getByText('by the dashboard “the CRM moves”').waitFor();
  const { json } = await world.api('GET', '/api/destinations');
  assert.equal(json.destinations[0].state, 'paused');
});

test('a lost connection is told, a restart keeps the session, its end is told', async t => {
  const world = await World.make(t);
  const visitor = await Visitor.make(t, browser, world);
  const { page } = visitor;
  await visitor.signIn();
  visitor.mayFail = true;
  await world.process.stop();
  await page.getByText('Connection lost').waitFor({ timeout: 20_000 });
  await world.process.start();
  await page.getByText('Connection lost').waitFor({ state: 'detached', timeout: 20_000 });
  await visitor.see('Today');
  await visitor.context.clearCookies();
  await page.getByText('The session is over').waitFor({ timeout: 20_000 });
});
