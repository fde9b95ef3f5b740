// Design 4: the outcome table, and by whose word a machine is a machine.
import assert from 'node:assert/strict';
import test from 'node:test';
import { World, account } from './world/world.mjs';
import { amdForm, callResource, newSid, statusForm } from './world/twilio.mjs';
import { sentinel } from './world/elevenlabs.mjs';
import { until } from './world/wait.mjs';

// Nobody to ask for a summary: every call settles at once with our own sentence.
const alone = { ELEVENLABS_API_KEY: undefined, ELEVENLABS_WEBHOOK_SECRET: undefined };

test('every row of the outcome table', async t => {
  const world = await World.make(t, alone);
  const table = [
    [{ CallStatus: 'completed', CallDuration: '62', AnsweredBy: 'human' }, 'held', 62],
    [{ CallStatus: 'completed', CallDuration: '62' }, 'held', 62],
    [{ CallStatus: 'completed', CallDuration: '62', AnsweredBy: 'unknown' }, 'held', 62],
    [{ CallStatus: 'completed', CallDuration: '0' }, 'no connection', 0],
    [{ CallStatus: 'completed', CallDuration: '0', AnsweredBy: 'human' }, 'no connection', 0],
    [{ CallStatus: 'no-answer' }, 'no answer', 0],
    [{ CallStatus: 'busy' }, 'no answer', 0],
    [{ CallStatus: 'failed' }, 'no connection', 0],
    [{ CallStatus: 'canceled' }, 'no connection', 0],
    ...['machine_start', 'machine_end_beep', 'machine_end_silence', 'machine_end_other', 'fax',
      'machine', 'voicemail'].map(by =>
      [{ CallStatus: 'completed', CallDuration: '9', AnsweredBy: by }, 'voicemail', 9]),
    [{ CallStatus: 'completed', CallDuration: '0', AnsweredBy: 'fax' }, 'voicemail', 0],
    [{ CallStatus: 'busy', AnsweredBy: 'machine_start' }, 'voicemail', 0],
    [{ CallStatus: 'failed', AnsweredBy: 'machine_start' }, 'voicemail', 0],
  ];
  const sids = await Promise.all(table.map(([form]) => world.ended(form)));
  for (const [row, [form, status, duration]] of table.entries()) {
    const record = await world.record(sids[row]);
    const context = JSON.stringify(form);
    assert.equal(record.status, status, context);
    assert.equal(record.duration, duration, context);
    assert.equal(record.subject, 'Outbound Call', context);
    assert.equal(record.to, '+14155550123', context);
    assert.equal(record.name, 'Unknown', context);
    assert.notEqual(record.summary, sentinel, context);
    assert.match(record.summary, /^[A-Z].*\.$/s, context);
  }
  assert.equal(world.crm.filedCount(), table.length);
});

test('a busy call leaves at once though a summary could be asked for', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '60s' });
  const started = Date.now();
  const sids = await Promise.all(['busy', 'no-answer', 'failed', 'canceled'].map(
    CallStatus => world.ended({ CallStatus })));
  for (const sid of sids) await world.record(sid, 2_000);
  assert.ok(Date.now() - started < 1_500, `took ${Date.now() - started} ms`);
  assert.equal(world.eleven.seen.length, 0, 'ElevenLabs was asked about calls nobody took');
});

test('a machine by the AMD callback, before and after the end of the call', async t => {
  const world = await World.make(t);
  const early = newSid();
  assert.equal((await world.amd(amdForm(early, 'machine_start'))).status, 204);
  await world.ended({ CallSid: early });
  const late = await world.ended();
  assert.equal((await world.amd(amdForm(late, 'machine_end_beep'))).status, 204);
  assert.equal((await world.record(early)).status, 'voicemail');
  assert.equal((await world.record(late)).status, 'voicemail');
});

test('the callback is believed before the AMD callback', async t => {
  const world = await World.make(t, alone);
  const sid = newSid();
  await world.amd(amdForm(sid, 'machine_start'));
  await world.ended({ CallSid: sid, AnsweredBy: 'human' });
  assert.equal((await world.record(sid)).status, 'held');
});

test("a machine by Twilio's REST answer, asked once", async t => {
  const world = await World.make(t, alone);
  const sid = newSid();
  world.twilio.calls.set(sid, callResource(sid, account, { answered_by: 'machine_start' }));
  await world.ended({ CallSid: sid });
  assert.equal((await world.record(sid)).status, 'voicemail');
  assert.equal(world.twilio.asked(sid).length, 1);
});

test('a duration that is missing comes from REST, else from the conversation', async t => {
  const world = await World.make(t);
  const asked = newSid(), silent = newSid();
  world.twilio.calls.set(asked, callResource(asked, account, { duration: '41' }));
  const callAgainst = form => { delete form.CallDuration; delete form.Duration; return form; };
  assert.equal((await world.status(callAgainst(statusForm({ CallSid: asked })))).status, 204);
  await world.talked({ callSid: asked });
  assert.equal((await world.status(callAgainst(statusForm({ CallSid: silent })))).status, 204);
  await world.talked({ callSid: silent, duration: 37 });
  assert.equal((await world.record(asked)).duration, 41);
  assert.deepEqual([(await world.record(silent)).status, (await world.record(silent)).duration],
    ['held', 37]);
});

test('no duration from anybody is none, and held only with a conversation', async t => {
  const world = await World.make(t, alone);
  const form = statusForm();
  delete form.CallDuration;
  delete form.Duration;
  await world.status(form);
  const record = await world.record(form.CallSid);
  assert.deepEqual([record.status, record.duration], ['no connection', 0]);
});

test('Twilio away does not hold a record beyond its deadline', async t => {
  const world = await World.make(t, alone);
  await world.twilio.close();
  const sid = await world.ended();
  assert.equal((await world.record(sid, 10_000)).status, 'held');
});

test('the subject, name and summary of a call somebody talked on', async t => {
  const world = await World.make(t);
  const sid = await world.ended({ To: '+4917012345678' });
  await world.talked({ callSid: sid, summary: 'Asked for "terms" & Zoë’s number.',
    variables: { customer_name: 'Ada Lovelace' } });
  world.hide('Ada Lovelace');
  assert.deepEqual(await world.record(sid), {
    type: 'conversationAICall', subject: 'Outbound Call', to: '+4917012345678',
    name: 'Ada Lovelace', summary: 'Asked for "terms" & Zoë’s number.', status: 'held',
    duration: 62,
  });
});

test('progress events make no record until the call is over', async t => {
  const world = await World.make(t, alone);
  const CallSid = newSid();
  for (const [index, CallStatus] of ['initiated', 'ringing', 'in-progress'].entries()) {
    const answer = await world.status(statusForm({ CallSid, CallStatus,
      SequenceNumber: String(index), CallDuration: '', Duration: '' }));
    assert.equal(answer.status, 204);
  }
  const story = await world.story(CallSid);
  assert.deepEqual([story.call.state, story.record, story.events.length], ['open', null, 3]);
  assert.equal(world.crm.seen.length, 0);
  await world.ended({ CallSid });
  await world.record(CallSid);
});

test('a leg with a parent and an inbound call make no record of their own', async t => {
  const world = await World.make(t, alone);
  const parent = await world.ended();
  const leg = await world.ended({ ParentCallSid: parent, Direction: 'outbound-dial' });
  await world.record(parent);
  const after = await world.ended();
  await world.record(after);
  assert.equal(world.crm.attempts(leg).length, 0, 'a child leg made a record');
  await until(() => world.crm.filedCount() === 2);
});
