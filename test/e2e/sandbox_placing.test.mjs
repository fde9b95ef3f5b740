// The sandbox's telephone against the vendors' own SDKs: they place, list and cancel calls in it,
// accept what it signs, and prepare the conversation that a call's TwiML leads to.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import test from 'node:test';
import twilio from 'twilio';
import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js';
import { SandboxProcess } from './world/sandbox.mjs';
import { until } from './world/wait.mjs';

const to = '+12025550177';

// Whoever placed the calls: answers TwiML at /twiml and takes callbacks.
class Dialler {
  received = [];
  twiml = async () => '<Response><Hangup/></Response>';

  static async open(t) {
    const dialler = new Dialler();
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const piece of request) body += piece;
      const form = Object.fromEntries(new URLSearchParams(body));
      dialler.received.push({ path: request.url, form, headers: request.headers });
      if (!request.url.startsWith('/twiml')) return response.writeHead(204).end();
      const twiml = await dialler.twiml(form, request.url);
      if (twiml === undefined) return response.writeHead(500).end();
      return response.writeHead(200, { 'Content-Type': 'text/xml' }).end(twiml);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    dialler.url = `http://127.0.0.1:${server.address().port}`;
    t.after(() => { server.closeAllConnections?.(); server.close(); });
    return dialler;
  }

  to(path) { return this.received.filter(one => one.path.startsWith(path)); }
}

async function stage(t) {
  const dialler = await Dialler.open(t);
  const sandbox = await SandboxProcess.make(t, ['--speed', '3600', '--processing', '0',
    '--target', dialler.url]);
  const world = sandbox.environment;
  const client = twilio(world.TWILIO_ACCOUNT_SID, world.TWILIO_AUTH_TOKEN);
  const direct = client.httpClient.request.bind(client.httpClient);
  client.httpClient.request = options => direct({
    ...options, uri: options.uri.replace('https://api.twilio.com', world.WRAPUP_TWILIO_BASE_URL),
  });
  const eleven = new ElevenLabsClient({ apiKey: world.ELEVENLABS_API_KEY,
    baseUrl: world.WRAPUP_ELEVENLABS_BASE_URL, maxRetries: 0 });
  const order = more => ({
    to, from: world.TWILIO_PHONE_NUMBER, url: `${dialler.url}/twiml/t1#rc=5&rp=5xx`,
    statusCallback: `${dialler.url}/status/t1#rc=5&rp=5xx,ct,rt&ct=2000&rt=2500`,
    statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
    machineDetection: 'Enable', asyncAmd: 'true',
    asyncAmdStatusCallback: `${dialler.url}/amd/t1`, ...more,
  });
  const placing = async body => body === undefined
    ? (await fetch(`${sandbox.control}/sandbox/placing`)).json()
    : sandbox.post('/sandbox/placing', body);
  await placing({ outcome: 'held', ring_ms: 50, talk_ms: 50 });
  return { dialler, sandbox, world, client, eleven, order, placing };
}

test('a call is placed, leads to a prepared conversation and ends', async t => {
  const { dialler, world, client, eleven, order, placing } = await stage(t);
  await placing({ collected: { opt_out: true } });
  dialler.twiml = form => eleven.conversationalAi.twilio.registerCall({
    agentId: world.ELEVENLABS_AGENT_ID, fromNumber: form.From, toNumber: form.To,
    direction: 'outbound', conversationInitiationClientData: { userId: 'intent 1',
      dynamicVariables: { twilio_call_sid: form.CallSid, contact_name: 'Zoë', n: 3, y: true } },
  });
  const call = await client.calls.create(order());
  assert.deepEqual([call.status, call.to, call.direction, call.startTime, call.queueTime],
    ['queued', to, 'outbound-api', null, '0']);
  await until(() => dialler.to('/webhooks').length === 1);
  await until(() => dialler.to('/status').length === 4);
  assert.deepEqual(dialler.to('/status').map(one => one.form.CallStatus).sort(),
    ['completed', 'in-progress', 'initiated', 'ringing']);
  assert.equal(dialler.to('/amd')[0].form.AnsweredBy, 'human');
  assert.equal(dialler.to('/twiml').length, 1);
  assert.equal(dialler.to('/twiml')[0].form.CallStatus, 'in-progress');
  for (const one of dialler.received.filter(r => r.headers['x-twilio-signature'])) {
    assert.ok(!one.path.includes('#'));
    assert.ok(twilio.validateRequest(world.TWILIO_AUTH_TOKEN,
      one.headers['x-twilio-signature'], dialler.url + one.path, one.form), one.path);
  }
  const { conversations } = await eleven.conversationalAi.conversations.list(
    { userId: 'intent 1' });
  assert.equal(conversations.length, 1);
  const conversation = await eleven.conversationalAi.conversations.get(
    conversations[0].conversationId);
  assert.equal(conversation.metadata.phoneCall.callSid, call.sid);
  const given = conversation.conversationInitiationClientData.dynamicVariables;
  assert.deepEqual([given.contact_name, given.n, given.y, given.twilio_call_sid],
    ['Zoë', 3, true, call.sid]);
  assert.equal(conversation.analysis.dataCollectionResults.opt_out.value, true);
  assert.equal((await client.calls(call.sid).fetch()).status, 'completed');
  const account = await placing();
  assert.deepEqual([account.created, account.twiml_requests, account.conversations], [1, 1, 1]);
  assert.deepEqual(account.forms[0].form.filter(([name]) => name === 'StatusCallbackEvent')
    .map(([, value]) => value), ['initiated', 'ringing', 'answered', 'completed']);
});

test('what Twilio would refuse is refused, with its code', async t => {
  const { client, order, placing } = await stage(t);
  const refusals = [
    [{ to: '12345' }, 21211], [{ to: '+15005550001' }, 21217], [{ to: '+15005550002' }, 21214],
    [{ to: '+15005550003' }, 21215], [{ to: '+15005550004' }, 21216],
    [{ from: '+12025550100' }, 21210], [{ from: '+15005550001' }, 21212],
    [{ url: '/relative' }, 21205], [{ url: 'https://under_score.example/' }, 21205],
    [{ statusCallbackEvent: ['initiated ringing answered completed'] }, 21626],
    [{ statusCallbackEvent: ['busy'] }, 21626], [{ statusCallback: 'nowhere' }, 21609],
    [{ timeout: 601 }, 20001], [{ machineDetection: 'true' }, 20001],
  ];
  for (const [change, code] of refusals) {
    await assert.rejects(client.calls.create(order(change)), { status: 400, code },
      JSON.stringify(change));
  }
  await assert.rejects(client.calls('CA' + '0'.repeat(32)).fetch(), { status: 404 });
  const account = await placing();
  assert.deepEqual([account.created, account.refused], [0, refusals.length]);
});

test('a queue by calls per second, a late list, and cancelling', async t => {
  const { dialler, client, order, placing } = await stage(t);
  await placing({ calls_per_minute: 20, list_lag_ms: 2_000, ring_ms: 20_000 });
  const first = await client.calls.create(order());
  const second = await client.calls.create(order({ to: '+12025550178' }));
  assert.ok(Number(second.queueTime) > 1_000, second.queueTime);
  assert.deepEqual(await client.calls.list({ to, from: first.from }), []);
  await until(async () => (await client.calls.list()).length === 2);
  assert.deepEqual((await client.calls.list({ to })).map(one => one.sid), [first.sid]);
  assert.deepEqual((await client.calls.list()).map(one => one.sid), [second.sid, first.sid]);
  assert.equal((await client.calls(second.sid).fetch()).startTime, null);
  await until(async () => (await client.calls(first.sid).fetch()).status === 'ringing');
  for (const { sid } of [first, second]) {
    assert.equal((await client.calls(sid).update({ status: 'canceled' })).status, 'canceled');
  }
  await until(() => dialler.to('/status')
    .filter(one => one.form.CallStatus === 'canceled').length === 2);
  await assert.rejects(client.calls(first.sid).update({ status: 'canceled' }),
    { status: 400, code: 21220 });
  await assert.rejects(client.calls(first.sid).update({ status: 'completed' }),
    { status: 400, code: 21220 });
});

test('answers are lost after the call was created', async t => {
  const { client, order, placing } = await stage(t);
  await placing({ lose_every: 2 });
  await client.calls.create(order());
  await assert.rejects(client.calls.create(order({ to: '+12025550178' })));
  await placing({ lose_every: 3, lose_status: 503 });
  await assert.rejects(client.calls.create(order({ to: '+12025550179' })), { status: 503 });
  const account = await placing();
  assert.deepEqual([account.created, account.answers_lost], [3, 2]);
  assert.equal((await client.calls.list({ to: '+12025550178' })).length, 1);
});

test('busy, no answer, a Url that fails, one that is no TwiML, and no Url at all', async t => {
  const { dialler, client, order, placing } = await stage(t);
  await placing({ outcomes: ['busy', 'no-answer', 'failed'] });
  for (const status of ['busy', 'no-answer', 'failed']) {
    const { sid } = await client.calls.create(order());
    await until(async () => (await client.calls(sid).fetch()).status === status);
  }
  assert.equal(dialler.to('/twiml').length, 0);
  const sentence = new twilio.twiml.VoiceResponse();
  sentence.say('We are sorry.');
  const answers = { '/twiml/well': sentence.toString(),
    '/twiml/nonsense': '<Response><Connect></Response>' };
  dialler.twiml = (_form, path) => answers[path];
  const ends = async more => {
    const { sid } = await client.calls.create(order(more));
    await until(async () => (await client.calls(sid).fetch()).status === 'completed');
    return (await placing()).calls.find(one => one.call_sid === sid);
  };
  const failing = `${dialler.url}/twiml/failing`;
  assert.match((await ends({ url: failing })).trouble, /^11200/);
  assert.match((await ends({ url: `${dialler.url}/twiml/nonsense` })).trouble, /^12100/);
  const saved = await ends({ url: failing, fallbackUrl: `${dialler.url}/twiml/well` });
  assert.deepEqual([saved.trouble, saved.twiml_requests, saved.conversations], ['', 2, 0]);
  assert.equal(dialler.to('/twiml/well')[0].form.ErrorCode, '11200');
  const before = dialler.received.length;
  await ends({ url: undefined, applicationSid: `AP${'0'.repeat(32)}` });
  assert.equal(dialler.received.slice(before).filter(one => one.path.startsWith('/status')).length,
    0);
});

test('register-call is as strict as its description', async t => {
  const { world, eleven, placing } = await stage(t);
  const ask = more => eleven.conversationalAi.twilio.registerCall({
    agentId: world.ELEVENLABS_AGENT_ID, fromNumber: '+12025550100', toNumber: to, ...more });
  const twiml = await ask({ direction: 'outbound' });
  assert.match(twiml, /<Parameter name="conversation_id" value="conv_\w+"/);
  await assert.rejects(ask({ agentId: 'agent_other' }), { statusCode: 404 });
  const post = (body, key = world.ELEVENLABS_API_KEY) =>
    fetch(`${world.WRAPUP_ELEVENLABS_BASE_URL}/v1/convai/twilio/register-call`,
      { method: 'POST', headers: { 'xi-api-key': key }, body: JSON.stringify(body) });
  assert.equal((await post({}, 'wrong')).status, 401);
  const refused = await post({ agent_id: 'a', from_number: 1, direction: 'up',
    conversation_initiation_client_data: { dynamic_variables: { system__x: 1, list: [] } } });
  assert.equal(refused.status, 422);
  const { detail } = await refused.json();
  assert.deepEqual(detail.map(one => one.loc.at(-1)).sort(),
    ['direction', 'from_number', 'list', 'system__x', 'to_number']);
  await placing({ conversations_max: 1 });
  await assert.rejects(ask({}), { statusCode: 429 });
  await placing({ conversations_max: 0, register_status: 500, register_count: 1 });
  await assert.rejects(ask({}), { statusCode: 500 });
  await placing({ register_ms: 700 });
  const began = Date.now();
  await ask({});
  assert.ok(Date.now() - began >= 690);
});
