// Design 4 (subject, name) and 6: what the dialler told wrapup beforehand or afterwards.
import assert from 'node:assert/strict';
import test from 'node:test';
import { World } from './world/world.mjs';
import { newSid } from './world/twilio.mjs';
import { conversation, transcription } from './world/elevenlabs.mjs';

async function ok(answer) {
  const got = await answer;
  assert.ok(got.status >= 200 && got.status < 300, `${got.status} ${got.text}`);
  return got.json;
}

test('campaign and name from metadata that came before the callback', async t => {
  const world = await World.make(t);
  world.hide('Lise Meitner');
  await ok(world.api('POST', '/api/campaigns', { id: 'c1', name: 'Spring offer' }));
  const CallSid = newSid();
  await ok(world.api('PUT', `/api/calls/${CallSid}/metadata`,
    { name: 'Lise Meitner', campaignId: 'c1' }));
  await world.ended({ CallSid, CallStatus: 'busy' });
  const record = await world.record(CallSid);
  assert.deepEqual([record.subject, record.name], ['Spring offer', 'Lise Meitner']);
});

test('metadata that comes while the summary is waited for is used', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '30s' });
  const CallSid = await world.ended();
  await ok(world.api('PUT', `/api/calls/${CallSid}/metadata`, { name: 'Maria Mitchell' }));
  world.hide('Maria Mitchell');
  const document = conversation({ callSid: CallSid, variables: { name: 'Somebody Else' } });
  await world.webhook(transcription(document));
  assert.equal((await world.record(CallSid)).name, 'Maria Mitchell');
});

// The dialler's word whose conversation it is may come last, where ElevenLabs does not say so.
test('metadata that comes last makes one call of a callback and a conversation', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '30s', WRAPUP_TWILIO_GRACE: '30s' });
  const name = (CallSid, document) => ok(world.api('PUT', `/api/calls/${CallSid}/metadata`,
    { conversation_id: document.conversation_id, name: 'Jocelyn Bell' }));
  world.hide('Jocelyn Bell');
  const talk = () => conversation({ duration: 20 });
  const CallSid = newSid(), document = talk();
  await world.ended({ CallSid, CallDuration: '35', AnsweredBy: 'machine_end_beep' });
  await world.webhook(transcription(document));
  await world.storyWhen(document.conversation_id, story => story.call.state === 'settling');
  await name(CallSid, document);
  const record = await world.record(CallSid);
  assert.deepEqual([record.status, record.duration, record.name],
    ['voicemail', 35, 'Jocelyn Bell']);
  assert.deepEqual(world.crm.records(document.conversation_id), []);
  // The record is fixed, and the conversation comes after or before the metadata.
  for (const isLast of [true, false]) {
    const other = talk(), busy = await world.ended({ CallStatus: 'busy' });
    await world.record(busy);
    if (isLast) await name(busy, other);
    await world.webhook(transcription(other));
    if (!isLast) await name(busy, other);
    const story = await world.storyWhen(busy, told => told.events.length === 2);
    assert.equal(story.events[1].late, true);
    assert.equal((await world.story(other.conversation_id)).call.id, busy);
    assert.deepEqual(world.crm.records(other.conversation_id), []);
  }
});

test('a campaign without a name has its description, one that nobody knows neither', async t => {
  const world = await World.make(t);
  await ok(world.api('POST', '/api/campaigns', { id: 'c2', description: 'Winter, by phone' }));
  const described = newSid(), unknown = newSid();
  await ok(world.api('PUT', `/api/calls/${described}/metadata`, { campaignId: 'c2' }));
  await ok(world.api('PUT', `/api/calls/${unknown}/metadata`, { campaignId: 'c9' }));
  await world.ended({ CallSid: described, CallStatus: 'busy' });
  await world.ended({ CallSid: unknown, CallStatus: 'busy' });
  assert.equal((await world.record(described)).subject, 'Winter, by phone');
  assert.equal((await world.record(unknown)).subject, 'Outbound Call');
});

test('the name of the contact with that number, and the order of the sources', async t => {
  const world = await World.make(t);
  world.hide('Rosalind Franklin', 'Dorothy Hodgkin', 'Ida Noddack');
  await ok(world.api('POST', '/api/contacts',
    { phoneNumber: '+1 (415) 555-0777', name: 'Rosalind Franklin' }));
  const To = '+14155550777';
  const byContact = await world.ended({ To, CallStatus: 'no-answer' });
  assert.equal((await world.record(byContact)).name, 'Rosalind Franklin');
  const byMetadata = newSid();
  await ok(world.api('PUT', `/api/calls/${byMetadata}/metadata`, { name: 'Dorothy Hodgkin' }));
  await world.ended({ CallSid: byMetadata, To, CallStatus: 'no-answer' });
  assert.equal((await world.record(byMetadata)).name, 'Dorothy Hodgkin');
  const byVariable = newSid();
  await world.talked({ callSid: byVariable, variables: { contact_name: 'Ida Noddack' } });
  await world.ended({ CallSid: byVariable });
  assert.equal((await world.record(byVariable)).name, 'Ida Noddack');
});

test('what was created is listed, page by page', async t => {
  const world = await World.make(t);
  const numbers = [0, 1, 2, 3, 4];
  for (const n of numbers) {
    await ok(world.api('POST', '/api/campaigns', { id: `c${n}`, name: `Campaign ${n}` }));
    await ok(world.api('POST', '/api/contacts',
      { phoneNumber: `+1415555010${n}`, name: `Contact ${n}` }));
  }
  for (const [what, name] of [['campaigns', 'Campaign'], ['contacts', 'Contact']]) {
    const seen = [];
    let query = '?limit=2';
    while (query) {
      const page = await ok(world.api('GET', `/api/${what}${query}`));
      seen.push(...page[what].map(item => item.name));
      query = page.next_cursor ? `?limit=2&cursor=${page.next_cursor}` : '';
    }
    assert.deepEqual(seen, numbers.map(n => `${name} ${n}`));
  }
});

test('metadata that cannot be is refused with a problem document', async t => {
  const world = await World.make(t);
  for (const [method, path, body] of [
    ['PUT', `/api/calls/${newSid()}/metadata`, [1, 2]],
    ['POST', '/api/campaigns', { name: 'without an id' }],
    ['POST', '/api/contacts', { name: 'without a number' }],
  ]) {
    const answer = await world.api(method, path, body);
    assert.equal(answer.status, 400, `${method} ${path} ${answer.text}`);
    assert.match(answer.headers['content-type'], /application\/problem\+json/);
    assert.equal(answer.json.status, 400);
  }
});

test('nothing of metadata given later changes a record that was sent', async t => {
  const world = await World.make(t);
  const CallSid = await world.ended({ CallStatus: 'busy' });
  const first = await world.record(CallSid);
  await world.storyWhen(CallSid, story => story.call.state === 'delivered');
  await ok(world.api('PUT', `/api/calls/${CallSid}/metadata`, { name: 'Too Late Already' }));
  const sent = await world.api('POST', '/api/test-crm-webhook', { callSid: CallSid });
  assert.equal(sent.status, 200, sent.text);
  assert.deepEqual(world.crm.records(CallSid), [first, first]);
});
