// Design 10: /openapi.json describes every operation, and the running server answers as it says.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Contract } from './world/contract.mjs';
import { Stream } from './world/stream.mjs';
import { World, account, apiToken, send } from './world/world.mjs';
import { callResource, newSid, statusForm } from './world/twilio.mjs';

async function contractOf(world) {
  const answer = await world.api('GET', '/openapi.json', undefined, { bearer: null });
  assert.equal(answer.status, 200, answer.text);
  return new Contract(answer.json);
}

// Operations by id: how they are asked rightly, and wrongly where that is possible.
// [status wanted, path, body, options]
function requestsFor({ held, parked, waiting, unknown }) {
  const json = { 'content-type': 'application/json' };
  const lines = { 'content-type': 'application/x-ndjson' };
  return {
    listCalls: [
      [200, '/api/calls'], [200, '/api/calls?state=parked&limit=1'], [200, '/api/calls?campaign=x'],
      [200, '/api/calls?parked=rejected&from=2026-11-01&to=2026-11-20'],
      [200, '/api/calls?no_campaign=true'], [400, '/api/calls?no_campaign=true&campaign=x'],
      [400, '/api/calls?colour=red'], [400, '/api/calls?limit=0'],
      [400, '/api/calls?cursor=nonsense'],
    ],
    searchCalls: [
      [200, '/api/calls/search', { state: 'parked', limit: 1 }],
      [200, '/api/calls/search', { phone: '+1 415 555 0123' }],
      [200, '/api/calls/search', { name: 'mia', call_sid: 'CA1645' }],
      [200, '/api/calls/search', { no_campaign: true }],
      [400, '/api/calls/search', { colour: 'red' }], [400, '/api/calls/search', { state: ['x'] }],
    ],
    getStats: [
      [200, '/api/stats'], [200, '/api/stats?from=2026-11-01&to=2026-11-20'],
      [400, '/api/stats?from=2026-11-02&to=2026-11-01'], [400, '/api/stats?from=soon'],
    ],
    placeCall: [ // No agent is set in this world.
      [501, '/api/calls', { to: '+14155550123' }],
      [415, '/api/calls', 'x', { 'content-type': 'text/plain' }],
    ],
    listIntents: [
      [200, '/api/intents'], [200, '/api/intents?state=placed&limit=1'],
      [400, '/api/intents?state=gone'], [400, '/api/intents?colour=red'],
    ],
    getIntent: [[404, '/api/intents/4711'], [400, '/api/intents/%zz']],
    cancelIntent: [[501, '/api/intents/4711'], [400, '/api/intents/%zz']],
    getStatus: [[200, '/api/status']],
    getStream: [[200, '/api/stream']],
    listNodes: [[200, '/api/nodes']],
    getLog: [
      [200, '/api/log'], [200, '/api/log?limit=1'], [400, '/api/log?limit=0'],
      [400, '/api/log?cursor=zz'],
    ],
    getSettings: [[200, '/api/settings']],
    getCall: [
      [200, `/api/calls/${held}`], [200, `/api/calls/${parked}`], [404, `/api/calls/${unknown}`],
      [400, '/api/calls/%zz'],
    ],
    parkCall: [
      [200, `/api/calls/${waiting}/park`, { reason: 'the customer withdrew' }],
      [404, `/api/calls/${unknown}/park`], [409, `/api/calls/${held}/park`],
      [400, '/api/calls/%zz/park'],
    ],
    putMetadata: [
      [204, `/api/calls/${newSid()}/metadata`, { name: 'Ada Example', campaign: { id: 'spring' } }],
      [400, `/api/calls/${held}/metadata`, { nmae: 'x' }], [400, `/api/calls/${held}/metadata`, {}],
      [415, `/api/calls/${held}/metadata`, 'x', { 'content-type': 'text/plain' }],
    ],
    sendNow: [
      [200, '/api/test-crm-webhook', { callSid: held }], [400, '/api/test-crm-webhook', {}],
      [404, '/api/test-crm-webhook', { callSid: unknown }],
      [502, '/api/test-crm-webhook', { callSid: parked }],
      [409, '/api/test-crm-webhook', { callSid: held, again: false }],
      [415, '/api/test-crm-webhook', 'x', { 'content-type': 'text/plain' }],
    ],
    listCampaigns: [[200, '/api/campaigns'], [400, '/api/campaigns?cursor=zz']],
    putCampaign: [
      [201, '/api/campaigns', { id: 'spring', name: 'Spring offer' }],
      [400, '/api/campaigns', { name: 'x' }], [400, '/api/campaigns', '{', json],
      [415, '/api/campaigns', 'x', { 'content-type': 'text/plain' }],
    ],
    getCampaignCalls: [[404, '/api/campaigns/spring'], [400, '/api/campaigns/%zz']],
    putCampaignCalls: [ // No agent is set in this world.
      [501, '/api/campaigns/spring/calls', { calls: ['+14155550123'] }],
      [415, '/api/campaigns/spring/calls', 'x', { 'content-type': 'text/plain' }],
    ],
    listCampaignCalls: [
      [404, '/api/campaigns/spring/calls'], [400, '/api/campaigns/spring/calls?state=gone'],
    ],
    pauseCampaignCalls: [
      [501, '/api/campaigns/spring/pause'], [400, '/api/campaigns/%zz/pause'],
    ],
    resumeCampaignCalls: [
      [501, '/api/campaigns/spring/resume'], [400, '/api/campaigns/%zz/resume'],
    ],
    cancelCampaignCalls: [
      [501, '/api/campaigns/spring/cancel'], [400, '/api/campaigns/%zz/cancel'],
    ],
    listContacts: [[200, '/api/contacts'], [400, '/api/contacts?limit=201']],
    putContact: [
      [201, '/api/contacts', { phone: '+14155550123', name: 'Ada Example' }],
      [400, '/api/contacts', { phone: '+14155550123' }],
      [400, '/api/contacts', { phone: '+14155550123', time_zone: 'Mars' }],
      [413, '/api/contacts', { phone: '+14155550123', name: 'x'.repeat(70_000) }],
    ],
    import: [
      [200, '/api/import?kind=contacts', '{"phone":"+14155550124","name":"Bo"}\n{"x":1}\n', lines],
      [400, '/api/import?kind=cats', '{}\n', lines],
      [415, '/api/import?kind=calls', '{}\n', { 'content-type': 'text/csv' }],
    ],
    listDoNotCall: [[200, '/api/do-not-call'], [400, '/api/do-not-call?limit=201']],
    putDoNotCall: [
      [201, '/api/do-not-call', { phone: '+14155550125', reason: 'asked by letter' }],
      [201, '/api/do-not-call', { numbers: ['+14155550126', { phone: '+14155550127' }] }],
      [400, '/api/do-not-call', { numbers: [] }],
      [415, '/api/do-not-call', 'x', { 'content-type': 'text/plain' }],
    ],
    dropDoNotCall: [
      [204, '/api/do-not-call/+14155550125'], [404, '/api/do-not-call/+14155550125'],
      [400, '/api/do-not-call/nobody'],
    ],
    listDestinations: [[200, '/api/destinations']],
    pauseDestination: [
      [200, '/api/destinations/crm/pause', { reason: 'the CRM moves' }],
      [404, '/api/destinations/nobody/pause'], [400, '/api/destinations/%zz/pause'],
    ],
    resumeDestination: [
      [200, '/api/destinations/crm/resume'], [404, '/api/destinations/nobody/resume'],
      [400, '/api/destinations/%zz/resume'],
    ],
    getLedger: [
      [200, '/api/ledger'], [200, '/api/ledger?from=2026-03-01&to=2026-03-02'],
      [400, '/api/ledger?date=2026-02-30'], [400, '/api/ledger?from=2026-03-02&to=2026-03-01'],
    ],
    verifyLedger: [[200, '/api/ledger/verify']],
    getReconciliation: [[200, '/api/reconciliation']],
    orderReconciliation: [
      [202, '/api/reconciliation', { from: '2026-11-01', to: '2026-11-02', dry_run: true }],
      [400, '/api/reconciliation', { from: 'yesterday' }], [400, '/api/reconciliation', {}],
    ],
    getReconciliationRun: [
      [200, '/api/reconciliation/1'], [404, '/api/reconciliation/4711'],
      [400, '/api/reconciliation/%zz'],
    ],
    listDeliveries: [
      [200, '/api/deliveries'], [200, '/api/deliveries?state=parked&limit=1'],
      [200, '/api/deliveries?http_status=422&destination=crm'],
      [400, '/api/deliveries?colour=red'], [400, '/api/deliveries?cursor=nonsense'],
    ],
    listFailures: [[200, '/api/failures']],
    listReplays: [[200, '/api/replays']],
    orderReplay: [
      [200, '/api/replays', { filter: { parked: 'rejected' }, preview: true }],
      [400, '/api/replays', { filter: { colour: 'red' } }],
      [400, '/api/replays', { preview: false }],
      [409, '/api/replays', { preview: false, token: `0-0-0-${'0'.repeat(16)}` }],
      [415, '/api/replays', 'x', { 'content-type': 'text/plain' }],
    ],
    getReplay: [[404, '/api/replays/4711'], [400, '/api/replays/%zz']],
    cancelReplay: [[404, '/api/replays/4711'], [400, '/api/replays/%zz']],
    getSession: [[200, '/api/session']],
    beginSession: [
      [204, '/api/session', { token: apiToken }], [400, '/api/session', {}],
      [401, '/api/session', { token: 'a guess' }],
      [403, '/api/session', JSON.stringify({ token: apiToken }),
        { ...json, origin: 'https://another.example' }],
      [415, '/api/session', 'x', { 'content-type': 'text/plain' }],
    ],
    endSession: [
      [204, '/api/session'], [403, '/api/session', '', { 'sec-fetch-site': 'cross-site' }],
    ],
    isAlive: [[200, '/healthz']],
    isReady: [[200, '/readyz']],
    getMetrics: [[200, '/metrics']],
    getOpenApi: [[200, '/openapi.json']],
  };
}

// How an answer without an end begins.
async function firstOf(world) {
  const stream = await Stream.open(world);
  await stream.when(() => stream.lastId);
  stream.close();
  return stream;
}

async function ask(world, operation, path, body, headers) {
  const isPublic = operation.security?.length === 0;
  if (operation.responses['200']?.content?.['text/event-stream']) return firstOf(world);
  if (headers === undefined) {
    return world.api(operation.method.toUpperCase(), path, body, isPublic ? { bearer: null } : {});
  }
  return send(world.process.port, {
    method: operation.method.toUpperCase(), path, body: body ?? '',
    headers: { authorization: 'Bearer operator-token-for-tests-4711-0815', ...headers },
  });
}

test('the document is OpenAPI 3.1 by its own schema', async t => {
  const world = await World.make(t);
  const { document } = await contractOf(world);
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(document));
  assert.ok(valid, JSON.stringify(errors, null, 1));
  assert.equal(validator.version, '3.1');
  assert.match(document.info.version, /^\d+\.\d+\.\d+/);
});

test('every operation answers as the document says, rightly and wrongly asked', async t => {
  const world = await World.make(t);
  const contract = await contractOf(world);
  const held = await world.ended({ CallStatus: 'completed', CallDuration: '62' });
  const answers = {
    'no answer': { status: 422, body: { error: 'unknown field' } },
    'no connection': { status: 503 },
  };
  world.crm.answer = request => answers[JSON.parse(request.body).status]
    ?? { status: 200, body: { ok: true } };
  const waiting = await world.ended({ CallStatus: 'failed' });
  await world.storyWhen(waiting, story => story.deliveries[0]?.attempts.length > 0);
  const parked = await world.ended({ CallStatus: 'busy' });
  await world.storyWhen(parked, story => story.call.state === 'parked');
  await world.storyWhen(held, story => story.call.state === 'delivered');
  const requests = requestsFor({ held, parked, waiting, unknown: newSid() });
  for (const operation of contract.operations()) {
    if (operation.tags.includes('senders')) continue;
    const list = requests[operation.operationId];
    assert.ok(list, `nothing asks ${operation.operationId}`);
    for (const [status, path, body, headers] of list) {
      const answer = await ask(world, operation, path, body, headers);
      assert.equal(answer.status, status, `${operation.operationId} ${path}: ${answer.text}`);
      const wanted = path.startsWith('/api/') ? contract.document.info.version : undefined;
      assert.equal(answer.headers.wrapup, wanted, path);
      contract.check(operation, answer);
    }
    if (operation.security?.length === 0) continue;
    const stranger = await world.api(operation.method.toUpperCase(), list[0][1], list[0][2],
      { bearer: null });
    assert.ok([401, 429].includes(stranger.status), `${operation.operationId} lets strangers in`);
    contract.check(operation, stranger);
  }
});

test('the senders are answered as the document says', async t => {
  const world = await World.make(t);
  const contract = await contractOf(world);
  const by = id => contract.operations().find(operation => operation.operationId === id);
  const form = statusForm({ CallStatus: 'busy' });
  contract.check(by('statusCallback'), await world.status(form));
  contract.check(by('statusCallback'), await world.status(form, { signature: 'AAAA' }));
  contract.check(by('statusCallback'), await world.status({ CallSid: newSid() }));
  const amd = { CallSid: newSid(), AccountSid: account, AnsweredBy: 'human' };
  contract.check(by('amdCallback'), await world.amd(amd));
  contract.check(by('amdCallback'), await world.amd({ CallSid: newSid() }));
  const webhook = by('elevenLabsWebhook');
  contract.check(webhook, await world.webhook({ type: 'something_new', data: {} }));
  contract.check(webhook, await world.webhook({}, { signature: 't=1,v0=00' }));
  assert.deepEqual([...contract.answered.get('statusCallback')].sort(), ['204', '400', '403']);
  assert.deepEqual([...contract.answered.get('amdCallback')].sort(), ['204', '400']);
  assert.deepEqual([...contract.answered.get('elevenLabsWebhook')].sort(), ['200', '401']);
});

test('what Twilio is told to ask about placed calls is answered as the document says', async t => {
  const world = await World.make(t, { ELEVENLABS_AGENT_ID: 'agent_1' });
  const contract = await contractOf(world);
  const requests = {
    answerCall: ['/twiml/nobody', statusForm({ CallStatus: 'in-progress' }), 200],
    placedStatusCallback: ['/call-status-callback/nobody', statusForm({ CallStatus: 'busy' }), 204],
    placedAmdCallback: ['/amd-status-callback/nobody',
      { CallSid: newSid(), AccountSid: account, AnsweredBy: 'human' }, 204],
  };
  for (const [id, [path, form, status]] of Object.entries(requests)) {
    const operation = contract.operations().find(one => one.operationId === id);
    const asks = [[form, {}, status], [form, { signature: 'AAAA' }, 403],
      [{ CallSid: '', AccountSid: account }, {}, 400]];
    for (const [body, options, expected] of asks) {
      const answer = await world.form(path, body, options);
      assert.equal(answer.status, expected, `${path}: ${answer.text}`);
      contract.check(operation, answer);
      if (id === 'answerCall' && expected === 200) assert.match(answer.text, /<Hangup/);
    }
  }
});

test('what only Twilio knows, and calls that go on, answer as the document says', async t => {
  const world = await World.make(t);
  const contract = await contractOf(world);
  const sendNow = contract.operations().find(o => o.operationId === 'sendNow');
  const adopted = newSid();
  world.twilio.calls.set(adopted, callResource(adopted, account));
  const answer = await world.api('POST', '/api/test-crm-webhook', { callSid: adopted });
  assert.equal(answer.status, 202, answer.text);
  contract.check(sendNow, answer);
  const ringing = await world.ended({ CallStatus: 'ringing' });
  const early = await world.api('POST', '/api/test-crm-webhook', { callSid: ringing });
  assert.equal(early.status, 409, early.text);
  contract.check(sendNow, early);
  const story = await world.api('GET', `/api/calls/${ringing}`);
  contract.check(contract.operations().find(o => o.operationId === 'getCall'), story);
});

test('a ledger of days on which Twilio was never heard answers as the document says', async t => {
  const world = await World.make(t, { WRAPUP_RECONCILE_INTERVAL: '1s' }, { start: false });
  await world.twilio.close();
  await world.process.start();
  const contract = await contractOf(world);
  const ledger = contract.operations().find(o => o.operationId === 'getLedger');
  const today = new Date().toISOString().slice(0, 10);
  for (const date of ['2026-03-01', today]) {
    const answer = await world.api('GET', `/api/ledger?date=${date}`);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json.twilio.calls, null, answer.text);
    contract.check(ledger, answer);
  }
});
