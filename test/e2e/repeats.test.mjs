// P2 and P3: whatever repeats, reorders or races, one call makes one record, fixed once.
import assert from 'node:assert/strict';
import test from 'node:test';
import { World } from './world/world.mjs';
import { amdForm, newSid, statusForm } from './world/twilio.mjs';
import { conversation, transcription } from './world/elevenlabs.mjs';
import { quiet, until } from './world/wait.mjs';

function permutations(list) {
  if (list.length < 2) return [list];
  return list.flatMap((first, index) =>
    permutations(list.filter((_, other) => other !== index)).map(rest => [first, ...rest]));
}

test('every order of the events of a call gives the same record', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '10s', WRAPUP_TWILIO_GRACE: '10s' });
  const senders = [
    sid => world.status(statusForm({ CallSid: sid, CallStatus: 'in-progress',
      SequenceNumber: '2', CallDuration: '' })),
    sid => world.amd(amdForm(sid, 'human')),
    sid => world.status(statusForm({ CallSid: sid, CallStatus: 'completed' })),
    sid => world.webhook(transcription(conversation({ id: `conv_${sid}`, callSid: sid,
      start: 1_800_000_000, variables: { name: 'Grace Hopper' } }))),
  ];
  world.hide('Grace Hopper');
  const bodies = new Set();
  const orders = permutations(senders).map(order => ({ sid: newSid(), order }));
  await Promise.all(orders.map(async ({ sid, order }) => {
    for (const sender of order) {
      const answer = await sender(sid);
      assert.ok(answer.status === 204 || answer.status === 200, `${answer.status}`);
    }
    bodies.add(JSON.stringify(await world.record(sid)));
  }));
  assert.equal(bodies.size, 1, [...bodies].join('\n'));
  assert.equal(JSON.parse([...bodies][0]).name, 'Grace Hopper');
  await quiet(300);
  assert.equal(world.crm.filedCount(), orders.length);
});

test('repeats, one after the other and at once, are answered like the first', async t => {
  const world = await World.make(t);
  const form = statusForm();
  const event = transcription(conversation({ callSid: form.CallSid }));
  const answers = await Promise.all(Array.from({ length: 30 }, (_, index) =>
    index % 3 === 0 ? world.webhook(event)
      : index % 3 === 1 ? world.status(form) : world.amd(amdForm(form.CallSid, 'human'))));
  assert.deepEqual([...new Set(answers.map(a => a.status))].sort(), [200, 204]);
  await world.record(form.CallSid);
  for (let round = 0; round < 3; round += 1) {
    assert.equal((await world.status(form)).status, 204);
    assert.equal((await world.webhook(event)).status, 200);
  }
  await quiet(400);
  assert.equal(world.crm.attempts(form.CallSid).length, 1);
  assert.equal((await world.story(form.CallSid)).events.length, 3, 'a repeat was kept twice');
});

test('two final statuses: the higher sequence number counts', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '1s' });
  const CallSid = newSid();
  // Stays open for its summary, so that the second word arrives before the record is fixed.
  await world.ended({ CallSid, CallStatus: 'completed', SequenceNumber: '2' });
  await world.ended({ CallSid, CallStatus: 'busy', SequenceNumber: '4' });
  assert.equal((await world.record(CallSid)).status, 'no answer');
});

test('a word that comes late contradicts nothing that was sent', async t => {
  const world = await World.make(t);
  const CallSid = await world.ended({ CallStatus: 'busy' });
  const first = await world.record(CallSid);
  await world.ended({ CallSid, CallStatus: 'completed', SequenceNumber: '9' });
  await world.talked({ callSid: CallSid });
  const story = await world.storyWhen(CallSid, s => s.call.late_conflict);
  assert.ok(story.events.some(event => event.late));
  await quiet(300);
  assert.deepEqual(world.crm.records(CallSid), [first]);
  const metrics = await world.api('GET', '/metrics');
  assert.match(metrics.text, /late_conflicts?\S* [1-9]/);
});

test('the webhook first, then the callback: one call, one record', async t => {
  const world = await World.make(t, { WRAPUP_TWILIO_GRACE: '20s' });
  const CallSid = newSid();
  const document = await world.talked({ callSid: CallSid });
  await quiet(100);
  assert.equal(world.crm.seen.length, 0, 'settled before Twilio could speak');
  await world.ended({ CallSid });
  assert.equal((await world.record(CallSid)).summary, document.analysis.transcript_summary);
  assert.equal(world.crm.records(document.conversation_id).length, 0);
});

test('a webhook for the conversation alone is merged when the CallSid turns up', async t => {
  const world = await World.make(t, { WRAPUP_TWILIO_GRACE: '20s', WRAPUP_SUMMARY_WAIT: '20s' });
  const CallSid = newSid(), id = 'conv_merge_1';
  // Without a call_sid: known by its conversation only, until metadata ties the two together.
  const document = conversation({ id, callSid: '', sip: 'a-sip-call-id' });
  document.metadata.phone_call = { ...document.metadata.phone_call, type: 'twilio',
    call_sid: undefined };
  assert.equal((await world.webhook(transcription(document))).status, 200);
  const put = await world.api('PUT', `/api/calls/${CallSid}/metadata`, { conversationId: id });
  assert.ok(put.status < 300, put.text);
  await world.ended({ CallSid });
  const record = await world.record(CallSid);
  assert.equal(record.summary, document.analysis.transcript_summary);
  await quiet(300);
  assert.equal(world.crm.filedCount(), 1);
});

test('a hundred calls at once, each with its own record', async t => {
  const world = await World.make(t);
  const sids = Array.from({ length: 100 }, newSid);
  await Promise.all(sids.flatMap((sid, index) => [
    world.ended({ CallSid: sid, CallDuration: String(index + 1) }),
    world.talked({ callSid: sid, summary: `Call number ${index} went well.` }),
  ]));
  await until(() => sids.every(sid => world.crm.records(sid).length > 0), 15_000);
  await quiet(300);
  for (const [index, sid] of sids.entries()) {
    const records = world.crm.records(sid);
    assert.equal(records.length, 1);
    assert.equal(records[0].duration, index + 1);
    assert.equal(records[0].summary, `Call number ${index} went well.`);
  }
});
