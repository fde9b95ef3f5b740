// The peers of these tests against the vendors' own SDKs: what the SDKs read and verify is what the
// rest of the tests may rely on.
import assert from 'node:assert/strict';
import test from 'node:test';
import twilio from 'twilio';
import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js';
import { Webhook } from 'standardwebhooks';
import { ElevenLabs, constructEvent, conversation, signatureOf, transcription }
  from './world/elevenlabs.mjs';
import { TwilioRest, callResource, newSid, signatureOf as twilioSignature, statusForm }
  from './world/twilio.mjs';

const account = `AC${'1'.repeat(32)}`, token = 'f'.repeat(32);

// The SDK's own client, with its requests sent to our fake instead of Twilio.
function twilioClient(rest, password = token) {
  const client = twilio(account, password);
  const direct = client.httpClient.request.bind(client.httpClient);
  client.httpClient.request = options => direct({
    ...options, uri: options.uri.replace('https://api.twilio.com', rest.origin),
  });
  return client;
}

test('the twilio SDK reads the fake Twilio', async t => {
  const rest = await new TwilioRest({ account, token }).open();
  t.after(() => rest.close());
  const sids = Array.from({ length: 7 }, newSid);
  for (const sid of sids) {
    rest.calls.set(sid, callResource(sid, account, { answered_by: 'machine_start' }));
  }
  const call = await twilioClient(rest).calls(sids[3]).fetch();
  assert.deepEqual([call.sid, call.status, call.duration, call.answeredBy],
    [sids[3], 'completed', '62', 'machine_start']);
  assert.ok(Date.now() - call.endTime.getTime() < 60_000);
  const listed = await twilioClient(rest).calls.list({ pageSize: 3 });
  assert.deepEqual(listed.map(c => c.sid), sids);
  await assert.rejects(twilioClient(rest).calls(newSid()).fetch(), { status: 404, code: 20404 });
  await assert.rejects(twilioClient(rest, 'wrong').calls(sids[0]).fetch(), { status: 401 });
});

test('the twilio SDK accepts the signatures we make', () => {
  const form = statusForm({ To: '+14155550123', CallerName: "Zoë O'Neil & Co" });
  const url = 'https://hooks.example.org/call-status-callback';
  const signature = twilioSignature(token, url, form);
  assert.ok(twilio.validateRequest(token, signature, url, form));
  assert.ok(!twilio.validateRequest(token, signature, url, { ...form, CallStatus: 'busy' }));
});

test('the ElevenLabs SDK reads the fake ElevenLabs', async t => {
  const fake = await new ElevenLabs({ key: 'k', secret: 's' }).open();
  t.after(() => fake.close());
  const now = Math.floor(Date.now() / 1000);
  for (let n = 0; n < 5; n += 1) {
    const document = conversation({ id: `conv_${n}`, callSid: newSid(), start: now - 100 * n });
    fake.conversations.set(document.conversation_id, document);
  }
  const client = new ElevenLabsClient({ apiKey: 'k', baseUrl: fake.origin, maxRetries: 0 });
  const api = client.conversationalAi.conversations;
  const one = await api.get('conv_2');
  assert.equal(one.status, 'done');
  assert.match(one.analysis.transcriptSummary, /offer/);
  assert.match(one.metadata.phoneCall.callSid, /^CA/);
  const first = await api.list({ pageSize: 2, callStartAfterUnix: now - 350 });
  assert.deepEqual(first.conversations.map(c => c.conversationId), ['conv_0', 'conv_1']);
  const second = await api.list({ pageSize: 2, cursor: first.nextCursor,
    callStartAfterUnix: now - 350 });
  assert.deepEqual(second.conversations.map(c => c.conversationId), ['conv_2', 'conv_3']);
  assert.equal(second.hasMore, false);
  await assert.rejects(api.get('conv_9'), { statusCode: 404 });
  const stranger = new ElevenLabsClient({ apiKey: 'x', baseUrl: fake.origin, maxRetries: 0 });
  await assert.rejects(stranger.conversationalAi.conversations.get('conv_1'),
    { statusCode: 401 });
});

test('the ElevenLabs SDK accepts the webhooks we sign and refuses forged ones', async () => {
  const body = JSON.stringify(transcription(conversation({ summary: 'Zoë asked for a price.' })));
  const event = await constructEvent(body, signatureOf(body, 'secret'), 'secret');
  assert.equal(event.type, 'post_call_transcription');
  const stale = Math.floor(Date.now() / 1000) - 31 * 60;
  await assert.rejects(constructEvent(body, signatureOf(body, 'secret', stale), 'secret'));
  await assert.rejects(constructEvent(body, signatureOf(body, 'other'), 'secret'));
  await assert.rejects(constructEvent(body + ' ', signatureOf(body, 'secret'), 'secret'));
});

test('standardwebhooks verifies what it signed, and nothing else', () => {
  const webhook = new Webhook(`whsec_${Buffer.from('0123456789').toString('base64')}`);
  const at = new Date(), body = '{"a":1}';
  const headers = {
    'webhook-id': 'msg_1', 'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': webhook.sign('msg_1', at, body),
  };
  assert.deepEqual(webhook.verify(body, headers), { a: 1 });
  assert.throws(() => webhook.verify('{"a":2}', headers));
});
