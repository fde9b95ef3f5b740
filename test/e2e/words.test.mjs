// What senders say, and what of it the CRM reads: names, numbers, voicemail, control characters.
import assert from 'node:assert/strict';
import test from 'node:test';
import { World, account, token } from './world/world.mjs';
import { callResource, newSid, statusForm } from './world/twilio.mjs';
import { conversation, initiationFailure, transcription } from './world/elevenlabs.mjs';

// The document of a conversation with that call, changed, sent by webhook; and the call's end.
async function tell(world, change, form = {}) {
  const sid = newSid(), document = conversation({ callSid: sid });
  change(document);
  assert.equal((await world.webhook(transcription(document))).status, 200);
  await world.ended({ CallSid: sid, ...form });
  return sid;
}

test('voicemail that the agent heard is voicemail, unless Twilio heard a human', async t => {
  const world = await World.make(t);
  const usage = used => d => {
    d.metadata.features_usage = { voicemail_detection: { enabled: true, used } };
  };
  const tool = d => {
    d.transcript.push({ role: 'agent', message: null, time_in_call_secs: 5, tool_calls: [{
      type: 'system', request_id: 'r1', tool_name: 'voicemail_detection', params_as_json: '{}',
      tool_has_been_called: true }] });
  };
  const reason = d => {
    d.metadata.termination_reason = 'voicemail_detection tool was called.';
  };
  const rows = [
    [reason, {}, 'voicemail'], [usage(true), {}, 'voicemail'], [tool, {}, 'voicemail'],
    [usage(false), {}, 'held'], [reason, { AnsweredBy: 'human' }, 'held'],
    [tool, { AnsweredBy: 'human' }, 'held'], [() => {}, {}, 'held'],
  ];
  for (const [index, [change, form, status]] of rows.entries()) {
    const sid = await tell(world, change, form);
    assert.equal((await world.record(sid)).status, status, `row ${index}`);
  }
});

test('control characters reach no record by any way in', async t => {
  const world = await World.make(t);
  const dirty = text => `${text}\u0000\u0001\u007f\u009b1m\u001b[31m`;
  const sid = newSid();
  assert.equal((await world.api('POST', '/api/campaigns',
    { id: 'spring', name: dirty('Spring') })).status < 300, true);
  assert.equal((await world.api('PUT', `/api/calls/${sid}/metadata`,
    { name: dirty('Zoë'), campaign_id: 'spring' })).status < 300, true);
  const document = conversation({ callSid: sid, summary: dirty('Line\none') });
  assert.equal((await world.webhook(transcription(document))).status, 200);
  await world.ended({ CallSid: sid, To: dirty('+14155550123') });
  const record = await world.record(sid);
  assert.deepEqual([record.subject, record.name, record.summary, record.to],
    ['Spring', 'Zoë', 'Line\none', '+14155550123']);
  assert.equal((await world.story(sid)).call.to, '+14155550123');

  const spoken = newSid();
  await world.talked({ callSid: spoken, summary: 'S.', variables: { name: dirty('Bob') } });
  await world.ended({ CallSid: spoken });
  assert.equal((await world.record(spoken)).name, 'Bob');
});

test('a word that is no name gives way to the next source', async t => {
  const world = await World.make(t);
  await world.api('POST', '/api/contacts', { phone: '+14155550123', name: 'Ada Contact' });
  for (const word of ['null', 'undefined', 'None', '{{customer_name}}', '{}', ' ']) {
    const known = newSid(), unknown = newSid();
    await world.api('PUT', `/api/calls/${known}/metadata`,
      { name: word, campaign_name: word, campaign_description: 'Described' });
    await world.talked({ callSid: known });
    await world.ended({ CallSid: known });
    const record = await world.record(known);
    assert.deepEqual([record.name, record.subject], ['Ada Contact', 'Described'], word);

    const to = '+14155550199';
    await world.talked({ callSid: unknown, to, variables: { name: word, customer_name: 'Dyn' } });
    await world.ended({ CallSid: unknown, To: to });
    assert.equal((await world.record(unknown)).name, 'Dyn', word);
  }
});

test('an inbound call is about the caller', async t => {
  const world = await World.make(t, { WRAPUP_INBOUND: 'true' });
  await world.api('POST', '/api/contacts', { phone: '+61413052898', name: 'The Caller' });
  await world.api('POST', '/api/contacts', { phone: '+61299999999', name: 'Our Front Desk' });
  const sid = await world.ended({ Direction: 'inbound', From: '+61413052898',
    To: '+61299999999', CallStatus: 'no-answer' });
  assert.deepEqual(await world.record(sid), {
    type: 'conversationAICall', subject: 'Inbound Call', to: '+61413052898', name: 'The Caller',
    summary: 'The call from The Caller was not answered.', status: 'no answer', duration: 0,
  });
  const found = await world.api('GET', '/api/calls?phone=%2B61413052898');
  assert.deepEqual(found.json.calls.map(c => c.call_sid), [sid]);

  const document = conversation({ sip: 'abc@host', to: '+61413052898' });
  document.metadata.phone_call.direction = 'inbound';
  document.metadata.phone_call.agent_number = '+61299999999';
  assert.equal((await world.webhook(transcription(document))).status, 200);
  const record = await world.record(document.conversation_id);
  assert.deepEqual([record.to, record.name, record.subject],
    ['+61413052898', 'The Caller', 'Inbound Call']);
});

test('a final callback that says more is kept, and a verbatim retry is not', async t => {
  const world = await World.make(t,
    { ELEVENLABS_API_KEY: undefined, WRAPUP_SUMMARY_WAIT: '1500ms' });
  const bare = statusForm();
  for (const name of ['SequenceNumber', 'CallDuration', 'Duration']) delete bare[name];
  const later = { ...bare, CallDuration: '47' };
  const machine = { ...later, AnsweredBy: 'machine_start' };
  for (const form of [bare, bare, later, later, machine, machine]) {
    assert.equal((await world.status(form)).status, 204);
  }
  const record = await world.record(bare.CallSid);
  assert.deepEqual([record.status, record.duration], ['voicemail', 47]);
  assert.equal((await world.story(bare.CallSid)).events.filter(
    e => e.kind === 'twilio.status').length, 3);
});

test("a subaccount's call is asked for under its account; another call's answer is not believed",
  async t => {
    const itsToken = '5'.repeat(32);
    const world = await World.make(t, { ELEVENLABS_WEBHOOK_SECRET: undefined,
      ELEVENLABS_API_KEY: undefined, TWILIO_AUTH_TOKEN: `${token},${itsToken}` });
    const AccountSid = `AC${'5'.repeat(32)}`, sid = newSid();
    world.twilio.calls.set(sid, callResource(sid, AccountSid, { answered_by: 'machine_start' }));
    const form = statusForm({ CallSid: sid, AccountSid });
    assert.equal((await world.status(form, { key: itsToken })).status, 204);
    assert.equal((await world.record(sid)).status, 'voicemail');
    assert.deepEqual(world.twilio.asked(sid).map(r => r.path),
      [`/2010-04-01/Accounts/${AccountSid}/Calls/${sid}.json`]);

    const other = newSid();
    world.twilio.calls.set(other, callResource(newSid(), account, { answered_by: 'fax' }));
    await world.ended({ CallSid: other });
    assert.equal((await world.record(other)).status, 'held');
  });

test('a SIP call that failed for an unknown reason ended as the far end said', async t => {
  const world = await World.make(t);
  for (const [code, status] of [[480, 'no answer'], [486, 'no answer'], [404, 'no connection']]) {
    const id = `conv_sip_${code}`;
    const metadata = { type: 'sip', body: { from_number: '+15005550006',
      to_number: '+14155550123', sip_status_code: code, error_reason: '', call_sid: 'a@b' } };
    const event = initiationFailure({ id, reason: 'unknown', metadata });
    assert.equal((await world.webhook(event)).status, 200);
    assert.equal((await world.record(id)).status, status, String(code));
  }
});
