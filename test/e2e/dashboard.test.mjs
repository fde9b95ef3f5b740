// The dashboard in a real browser against the real program.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Visitor, openBrowser } from './world/browser.mjs';
import { World, apiToken } from './world/world.mjs';
import { statusForm } from './world/twilio.mjs';

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
