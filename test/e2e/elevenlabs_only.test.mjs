// Design 4, "When Twilio is silent": calls of which only ElevenLabs tells.
import assert from 'node:assert/strict';
import test from 'node:test';
import { World, account } from './world/world.mjs';
import { callResource, newSid, statusForm } from './world/twilio.mjs';
import { conversation, initiationFailure, transcription } from './world/elevenlabs.mjs';
import { quiet, until } from './world/wait.mjs';

const noTwilio = { TWILIO_ACCOUNT_SID: undefined, TWILIO_AUTH_TOKEN: undefined,
  SERVER_URL: undefined, WRAPUP_TWILIO_BASE_URL: undefined };

async function failed(world, over) {
  const id = `conv_${newSid().slice(2, 14)}`;
  const answer = await world.webhook(initiationFailure({ id, ...over }));
  assert.equal(answer.status, 200, answer.text);
  return id;
}

test('a transcription alone ends the call after the grace', async t => {
  const world = await World.make(t, { WRAPUP_TWILIO_GRACE: '1s' });
  const callSid = newSid(), from = Date.now();
  const document = await world.talked({ callSid, duration: 48 });
  const record = await world.record(callSid);
  assert.ok(Date.now() - from >= 900, 'did not wait for Twilio');
  assert.deepEqual([record.status, record.duration, record.to, record.summary],
    ['held', 48, '+14155550123', document.analysis.transcript_summary]);
});

test("within the grace Twilio's own word counts", async t => {
  const world = await World.make(t, { WRAPUP_TWILIO_GRACE: '1s' });
  const callSid = newSid();
  world.twilio.calls.set(callSid, callResource(callSid, account,
    { duration: '77', answered_by: 'machine_start' }));
  await world.talked({ callSid, duration: 48 });
  const record = await world.record(callSid);
  assert.deepEqual([record.status, record.duration], ['voicemail', 77]);
});

test('a call that still runs at Twilio is waited for', async t => {
  const world = await World.make(t, { WRAPUP_TWILIO_GRACE: '500ms' });
  const callSid = newSid();
  let isRunning = true;
  world.twilio.calls.set(callSid, () => callResource(callSid, account,
    isRunning ? { status: 'in-progress', duration: null, end_time: null } : { duration: '90' }));
  await world.talked({ callSid });
  await until(() => world.twilio.asked(callSid).length > 0);
  await quiet(700);
  assert.equal(world.crm.seen.length, 0, 'settled while Twilio says it runs');
  isRunning = false;
  await world.ended({ CallSid: callSid, CallDuration: '90' });
  assert.equal((await world.record(callSid)).duration, 90);
});

test('a call that could not be started: busy, no answer, unknown', async t => {
  const world = await World.make(t, noTwilio);
  const body = CallStatus => statusForm({ CallStatus, CallSid: newSid() });
  const cases = [
    [{ reason: 'busy', metadata: { type: 'twilio', body: body('busy') } }, 'no answer'],
    [{ reason: 'no-answer', metadata: { type: 'twilio', body: body('no-answer') } }, 'no answer'],
    [{ reason: 'unknown', metadata: { type: 'twilio', body: body('failed') } }, 'no connection'],
    [{ reason: 'unknown', metadata: { type: 'twilio', body: body('no-answer') } }, 'no answer'],
    [{ reason: 'unknown', metadata: { type: 'twilio', body: body('canceled') } }, 'no connection'],
  ];
  for (const [over, status] of cases) {
    await failed(world, over);
    const record = await world.record(over.metadata.body.CallSid);
    assert.deepEqual([record.status, record.duration, record.to], [status, 0, '+14155550123']);
    world.hide(over.metadata.body.To, over.metadata.body.From);
  }
});

test('a SIP call that could not be started', async t => {
  const world = await World.make(t, noTwilio);
  const sip = (status, extra) => ({ type: 'sip', body: { from_number: '+15005550006',
    to_number: '+4930555123', sip_status_code: status, error_reason: 'x', call_sid: 'sip-1',
    ...extra } });
  world.hide('+4930555123');
  for (const [reason, status, word] of [['busy', 486, 'no answer'], ['no-answer', 480, 'no answer'],
    ['unknown', 503, 'no connection']]) {
    const id = await failed(world, { reason, metadata: sip(status) });
    const record = await world.record(id);
    assert.deepEqual([record.status, record.to], [word, '+4930555123']);
  }
});

test('a SIP call settles on the word of ElevenLabs', async t => {
  const world = await World.make(t, { WRAPUP_TWILIO_GRACE: '30s' });
  const id = 'conv_sip_1', from = Date.now();
  const document = await world.talked({ id, sip: 'b2b-4711@sip.example.org', duration: 33,
    to: '+4930555999', variables: { contact_name: 'Emmy Noether' } });
  world.hide('+4930555999', 'Emmy Noether');
  assert.deepEqual(await world.record(id), {
    type: 'conversationAICall', subject: 'Outbound Call', to: '+4930555999', name: 'Emmy Noether',
    summary: document.analysis.transcript_summary, status: 'held', duration: 33,
  });
  assert.ok(Date.now() - from < 2_000, 'waited for a Twilio that has nothing to say');
  assert.equal(world.twilio.seen.length, 0);
  const accepted = await until(() => world.process.log().split('\n')
    .find(line => line.includes(id) && line.includes('record accepted')), 2_000);
  assert.match(accepted, /\[ElevenLabs CRM\]/);
  assert.ok(!world.process.log().includes('[Twilio CRM]'), world.process.log());
});

test('a web page that names a call makes none where Twilio knows none', async t => {
  const world = await World.make(t);
  const forged = newSid(), real = newSid();
  world.twilio.calls.set(real, callResource(real, account, { answered_by: 'human' }));
  for (const callSid of [forged, real]) await world.talked({ callSid, phone: null });
  await world.record(real);
  const story = await world.storyWhen(forged, one => one.call.state === 'parked');
  assert.equal(story.call.parked, 'unlinked');
  assert.match(story.why, /Twilio knows no such call/);
  assert.equal(world.crm.attempts(forged).length, 0);
  assert.ok(world.process.log().includes('call parked'), world.process.log());
  const { text } = await world.api('GET', '/metrics');
  assert.match(text, /wrapup_calls_parked_total\{[^}]*reason="unlinked"\} 1/);
});

test('a SIP call has the metadata that came before for the call that names it', async t => {
  const world = await World.make(t);
  const id = 'conv_sip_2', name = 'Emmy Noether';
  const put = await world.api('PUT', `/api/calls/${newSid()}/metadata`,
    { conversationId: id, name, campaignName: 'Spring' });
  assert.ok(put.status >= 200 && put.status < 300, put.text);
  world.hide(name, '+4930555999');
  await world.talked({ id, sip: 'b2b-4712@sip.example.org', to: '+4930555999' });
  const record = await world.record(id);
  assert.deepEqual([record.subject, record.name], ['Spring', name]);
});

test("a machine by ElevenLabs' call_result", async t => {
  const world = await World.make(t, noTwilio);
  const callSid = newSid();
  await world.talked({ callSid, callResult: 'voicemail', duration: 12 });
  assert.equal((await world.record(callSid)).status, 'voicemail');
});

test('a call whose conversation had no talk is no connection', async t => {
  const world = await World.make(t, noTwilio);
  const callSid = newSid();
  await world.talked({ callSid, duration: 0, status: 'failed' });
  const record = await world.record(callSid);
  assert.ok(['no connection', 'held'].includes(record.status));
  assert.equal(record.duration, 0);
});

test('an otel webhook has no summary; it is fetched', async t => {
  const world = await World.make(t);
  const callSid = newSid();
  const document = world.talk({ callSid });
  const event = { type: 'post_call_transcription_otel', event_timestamp: 1, data: {
    conversation_id: document.conversation_id, agent_id: 'agent_desk', otlp_traces: {} } };
  assert.equal((await world.webhook(event)).status, 200);
  await world.ended({ CallSid: callSid });
  const record = await world.record(callSid);
  assert.equal(record.summary, document.analysis.transcript_summary);
});

test('an inbound call is ours only when asked for', async t => {
  const shut = await World.make(t, noTwilio);
  const inbound = id => {
    const document = conversation({ id, callSid: newSid() });
    document.metadata.phone_call.direction = 'inbound';
    return document;
  };
  const first = inbound('conv_in_1');
  assert.equal((await shut.webhook(transcription(first))).status, 200);
  await quiet(900);
  assert.equal(shut.crm.seen.length, 0);
  const open = await World.make(t, { ...noTwilio, WRAPUP_INBOUND: 'true' });
  const second = inbound('conv_in_2');
  await open.webhook(transcription(second));
  await open.record(second.metadata.phone_call.call_sid);
});
