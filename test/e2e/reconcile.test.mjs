// Design 8: what neither sender could deliver is found in Twilio's and ElevenLabs' lists.
import assert from 'node:assert/strict';
import test from 'node:test';
import { World, account, apiToken } from './world/world.mjs';
import { callResource, newSid } from './world/twilio.mjs';
import { conversation } from './world/elevenlabs.mjs';
import { Process } from './world/process.mjs';
import { SandboxProcess } from './world/sandbox.mjs';
import { quiet, until } from './world/wait.mjs';

const often = { WRAPUP_RECONCILE_INTERVAL: '1s' };

// A call that took place without a word to wrapup.
function lost(world, over = {}) {
  const sid = newSid();
  const call = callResource(sid, account, over);
  world.twilio.calls.set(sid, call);
  world.hide(call.to, call.from);
  return sid;
}

test('calls whose callbacks were all dropped are found and delivered, each once', async t => {
  const world = await World.make(t, often);
  const sids = [];
  for (let i = 0; i < 20; i += 1) {
    const sid = lost(world, i % 2 ? { status: 'busy', duration: null } : { answered_by: 'human' });
    sids.push(sid);
    if (i % 2 === 0) {
      const talk = conversation({ callSid: sid, summary: `They talked about order ${i}.` });
      world.eleven.conversations.set(talk.conversation_id, talk);
    }
  }
  await until(() => sids.every(sid => world.crm.records(sid).length === 1), 15_000);
  await quiet(2_500);
  assert.equal(world.crm.filedCount(), 20);
  sids.forEach((sid, i) => {
    const [record] = world.crm.records(sid);
    assert.equal(record.status, i % 2 ? 'no answer' : 'held');
    if (i % 2 === 0) assert.equal(record.summary, `They talked about order ${i}.`);
  });
  // Of one without a conversation, which would be found too, before or after the call.
  const story = (await world.api('GET', `/api/calls/${sids[1]}`)).json;
  assert.equal(story.events[0].kind, 'reconcile.call');
  assert.equal(story.events[0].source, 'reconcile');
});

test('what a callback told is not told again', async t => {
  const world = await World.make(t, often);
  const sid = await world.ended({ CallStatus: 'busy' });
  await until(() => world.crm.records(sid).length === 1);
  // Not before: a comparison that runs just then may know of the call before its callback does.
  const busy = { status: 'busy', duration: null };
  world.twilio.calls.set(sid, callResource(sid, account, busy));
  const lists = () => world.twilio.seen.filter(r => r.path.endsWith('/Calls.json')).length;
  const before = lists();
  await until(() => lists() > before + 3);
  assert.equal(world.crm.filedCount(), 1);
  const story = (await world.api('GET', `/api/calls/${sid}`)).json;
  assert.ok(story.events.every(e => e.source === 'twilio'), JSON.stringify(story.events));
});

test('scope: numbers, inbound calls, legs, and what ended before WRAPUP_SINCE', async t => {
  const world = await World.make(t, { ...often, TWILIO_PHONE_NUMBER: '+15005550006' });
  const foreign = lost(world, { from: '+15005550009' });
  const inbound = lost(world, { direction: 'inbound', to: '+15005550006', from: '+14155550111' });
  const leg = lost(world, { parent_call_sid: newSid() });
  const past = new Date(Date.now() - 3_600_000).toUTCString().replace('GMT', '+0000');
  const old = lost(world, { date_created: past, start_time: past, end_time: past });
  const mine = lost(world);
  await until(() => world.crm.records(mine).length === 1, 15_000);
  for (const sid of [foreign, inbound, leg, old]) {
    assert.equal(world.crm.records(sid).length, 0);
    assert.equal((await world.api('GET', `/api/calls/${sid}`)).status, 404);
  }
});

test('500 calls of the sandbox without a word: each is found and delivered, once', async t => {
  const sandbox = await SandboxProcess.make(t, ['--speed', '3600', '--processing', '0',
    '--crm-latency', '1']);
  const process = new Process({ ...sandbox.environment, WRAPUP_API_TOKEN: apiToken,
    WRAPUP_RECONCILE_INTERVAL: '1s', WRAPUP_SUMMARY_WAIT: '20s' });
  t.after(async () => { await process.stop(); process.remove(); });
  await process.start();
  const from = Date.now();
  for (let i = 0; i < 500; i += 50) {
    await Promise.all(Array.from({ length: 50 }, () =>
      sandbox.post('/sandbox/calls', { lost: true })));
  }
  const account = await until(async () => {
    const now = await sandbox.account();
    return now.calls_ended === 500 && now.records === 500 && now;
  }, 60_000, () => 'not all records came');
  t.diagnostic(`500 found and delivered in ${Date.now() - from} ms`);
  await quiet(2_500);
  const after = await sandbox.account();
  assert.deepEqual([after.records, after.requests, after.altered], [500, 500, 0]);
  assert.equal(account.calls_placed, 500);
  const ledger = await process.run(['ledger', '--json']);
  const day = JSON.parse(ledger.stdout);
  assert.deepEqual([day.accepted, day.twilio.calls, day.twilio.complete, day.unexplained],
    [500, 500, true, 0], ledger.stdout);
  assert.equal(ledger.status, 0);
});

test('401, 429, nonsense and pages that go round: said, waited out, nothing changes', async t => {
  const world = await World.make(t, often);
  const known = lost(world, { status: 'busy', duration: null });
  await until(() => world.crm.records(known).length === 1, 15_000);
  const status = async () => (await world.api('GET', '/api/reconciliation')).json;
  const list = `/2010-04-01/Accounts/${account}/Calls.json`;
  let pages = 0;
  const faults = {
    'Twilio refuses our credentials': () => ({ status: 401, body: { code: 20003 } }),
    'Twilio asks for patience': () =>
      ({ status: 429, headers: { 'retry-after': '30' }, body: { code: 20429 } }),
    "Twilio's answer cannot be used": () => ({ status: 200, body: '<html>' }),
    'a page of the list names itself as the next': r => ({ status: 200,
      body: { calls: [], next_page_uri: `${list}?${r.query}` } }),
    'the pages of the list repeat': () => ({ status: 200,
      body: { calls: [], next_page_uri: `${list}?Page=${pages += 1}` } }),
    'the next page is on another host': () => ({ status: 200,
      body: { calls: [], next_page_uri: 'https://evil.example/x' } }),
  };
  for (const [words, fault] of Object.entries(faults)) {
    world.twilio.knob = r => (r.path === list ? fault(r) : undefined);
    const trouble = await until(async () => {
      const now = (await status()).twilio.trouble;
      return now?.what.includes(words) && now;
    }, 20_000, () => `never said: ${words}`);
    assert.ok(trouble.count >= 1);
    const late = lost(world, { status: 'busy', duration: null });
    world.twilio.knob = () => undefined;
    await world.process.stop();
    await world.process.start();
    await until(() => world.crm.records(late).length === 1, 20_000);
    assert.equal((await status()).twilio.trouble, null);
  }
  assert.equal(world.crm.records(known).length, 1);
  await until(() => /calls cannot be compared with Twilio/.test(world.process.log()));
});

test('a webhook that ElevenLabs has switched off is shown', async t => {
  const world = await World.make(t, often, { start: false });
  world.eleven.knob = r => (r.path !== '/v1/workspace/webhooks' ? undefined : { status: 200, body: {
    webhooks: [{ name: 'post-call', webhook_id: 'w',
      webhook_url: 'https://u:p@hooks.example.org/x?t=1', is_disabled: false,
      is_auto_disabled: true, most_recent_failure_error_code: 503 }] } });
  await world.process.start();
  const shown = await until(async () => {
    const status = (await world.api('GET', '/api/reconciliation')).json;
    return status.webhooks?.length === 1 && status.webhooks[0];
  }, 15_000);
  assert.deepEqual([shown.url, shown.is_auto_disabled, shown.last_error],
    ['https://hooks.example.org/x', true, '503']);
  await until(() => /switched a webhook off/.test(world.process.log()));
});

test('a summary that was missed comes with the list, and is kept', async t => {
  const world = await World.make(t, { ...often, WRAPUP_SUMMARY_WAIT: '100ms' });
  const sid = lost(world, { answered_by: 'human' });
  await until(() => world.crm.records(sid).length === 1, 15_000);
  const talk = conversation({ callSid: sid, summary: 'It came late.' });
  world.eleven.conversations.set(talk.conversation_id, talk);
  const late = await until(async () => {
    const story = (await world.api('GET', `/api/calls/${sid}`)).json;
    return story.events.find(e => e.kind === 'reconcile.conversation');
  }, 15_000);
  assert.deepEqual([late.late, late.source], [true, 'reconcile']);
  assert.equal(world.crm.records(sid).length, 1);
});

test('wrapup reconcile: a dry run changes nothing, a run takes over', async t => {
  const world = await World.make(t, { WRAPUP_SINCE: '2026-01-01' });
  const past = new Date(Date.now() - 7_200_000).toUTCString().replace('GMT', '+0000');
  const sid = lost(world, { date_created: past, start_time: past, end_time: past,
    status: 'busy', duration: null });
  const from = new Date(Date.now() - 86_400_000).toISOString();
  const dry = await world.process.run(['reconcile', '--from', from, '--dry-run']);
  assert.equal(dry.status, 0, dry.stderr);
  assert.match(dry.stdout, new RegExp(sid));
  assert.match(dry.stdout, /1 missed/);
  assert.match(dry.stdout, /nothing was changed/);
  assert.equal((await world.api('GET', `/api/calls/${sid}`)).status, 404);
  const run = await world.process.run(['reconcile', '--from', from, '--json']);
  assert.equal(run.status, 0, run.stderr);
  assert.equal(JSON.parse(run.stdout).counts.appended, 1);
  await until(() => world.crm.records(sid).length === 1, 15_000);
  const wrong = await world.process.run(['reconcile', '--from', 'some day']);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /from/);
});

test('a run that was ordered goes on after kill -9', { timeout: 120_000 }, async t => {
  const world = await World.make(t, { WRAPUP_SINCE: '2026-01-01', WRAPUP_RECONCILE_INTERVAL: '0' });
  world.wasMeantToEnd = true;
  const past = new Date(Date.now() - 259_200_000).toUTCString().replace('GMT', '+0000');
  const dates = { date_created: past, start_time: past, end_time: past };
  const sids = Array.from({ length: 300 }, () =>
    lost(world, { ...dates, status: 'busy', duration: null }));
  const from = new Date(Date.now() - 345_600_000).toISOString();
  const run = (await world.api('POST', '/api/reconciliation', { from })).json;
  const told = async () => (await world.api('GET', `/api/reconciliation/${run.id}`)).json;
  // The first page, of 200, is behind it.
  await until(() => world.crm.filedCount() > 210, 30_000);
  await world.process.kill();
  world.twilio.seen.length = 0;
  await world.process.start();
  const done = await until(async () => {
    const now = await told();
    return now.state === 'done' && now;
  }, 60_000);
  assert.deepEqual([done.ordered, done.from, done.to], [true, run.from, run.to]);
  const lists = world.twilio.seen.filter(r => r.path.endsWith('/Calls.json'));
  assert.match(lists[0].query.toString(), /Page=1/);
  await until(() => sids.every(sid => world.crm.records(sid).length >= 1), 15_000);
  for (const sid of sids) {
    const story = (await world.api('GET', `/api/calls/${sid}`)).json;
    assert.equal(story.events.length, 1, JSON.stringify(story.events));
    // A second one only where the kill fell between the CRM's word and our note of it.
    assert.ok(world.crm.records(sid).length - 1 <= story.deliveries[0].unknown_count, sid);
  }
});

test('a call that Twilio alone knows and that cannot be taken over is named', async t => {
  const world = await World.make(t, often);
  const fine = lost(world), odd = lost(world, { status: 'vanished' });
  await until(() => world.crm.records(fine).length === 1, 15_000);
  const ledger = await until(async () => {
    const said = await world.process.run(['ledger', '--json']);
    return JSON.parse(said.stdout).missing === 1 && said;
  }, 15_000);
  assert.equal(ledger.status, 1);
  const day = JSON.parse(ledger.stdout);
  assert.deepEqual(day.differences.map(one => [one.call_sid, one.kind]), [[odd, 'missing']]);
  assert.equal(day.twilio.calls, 2);
});

test('while Twilio cannot be asked the ledger says incomplete, and never zero', async t => {
  const world = await World.make(t, often);
  const sid = lost(world);
  await until(() => world.crm.records(sid).length === 1, 15_000);
  const day = async () => JSON.parse((await world.process.run(['ledger', '--json'])).stdout);
  await until(async () => (await day()).twilio.calls === 1, 15_000);
  await until(async () => (await day()).twilio.complete, 15_000);
  world.twilio.knob = () => ({ status: 503, body: '' });
  const now = await until(async () => {
    const said = await day();
    return !said.twilio.complete && said;
  }, 15_000);
  assert.deepEqual([now.twilio.calls, now.accepted], [1, 1]);
  assert.match((await world.process.run(['ledger'])).stdout, /INCOMPLETE/);
});
