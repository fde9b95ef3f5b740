// Design 4, "Waiting for the summary": every answer ElevenLabs can give, and the deadline.
import assert from 'node:assert/strict';
import test from 'node:test';
import { World } from './world/world.mjs';
import { newSid } from './world/twilio.mjs';
import { conversation, sentinel, transcription } from './world/elevenlabs.mjs';
import { hang, cut } from './world/loopback.mjs';
import { quiet, until } from './world/wait.mjs';

// The conversation's id is told beforehand, as a dialler does that knows it.
async function linked(world, over = {}) {
  const callSid = newSid(), id = `conv_${callSid.slice(2, 14)}`;
  const put = await world.api('PUT', `/api/calls/${callSid}/metadata`, { conversationId: id });
  assert.ok(put.status >= 200 && put.status < 300, `${put.status} ${put.text}`);
  const document = conversation({ id, callSid, ...over });
  world.hide(document.analysis?.transcript_summary);
  return { callSid, id, document };
}

test('the summary by polling, with the id known', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '20s' });
  const { callSid, id, document } = await linked(world);
  world.eleven.conversations.set(id, document);
  await world.ended({ CallSid: callSid });
  const record = await world.record(callSid);
  assert.equal(record.summary, document.analysis.transcript_summary);
  assert.equal(record.status, 'held');
});

test('an older host without the light summary', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '20s' });
  world.eleven.knowsSummary = false;
  const { callSid, id, document } = await linked(world);
  world.eleven.conversations.set(id, document);
  await world.ended({ CallSid: callSid });
  assert.equal((await world.record(callSid)).summary, document.analysis.transcript_summary);
});

test('the summary found by listing, nobody knows the id', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '20s' });
  world.eleven.pageSizeMax = 3;
  for (let n = 0; n < 7; n += 1) world.talk({ callSid: newSid(), summary: `Another call, ${n}.` });
  const callSid = newSid();
  const document = world.talk({ callSid, summary: 'The one that was meant.' });
  await world.ended({ CallSid: callSid });
  assert.equal((await world.record(callSid, 12_000)).summary, document.analysis.transcript_summary);
});

test('the summary found by our own dynamic variable', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '20s' });
  world.eleven.filtersVariables = true;
  const callSid = newSid();
  const document = world.talk({ callSid, variables: { twilio_call_sid: callSid } });
  await world.ended({ CallSid: callSid });
  assert.equal((await world.record(callSid, 12_000)).summary, document.analysis.transcript_summary);
});

test('one listing serves the calls of one time window', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '20s' });
  const sids = Array.from({ length: 20 }, newSid);
  for (const callSid of sids) world.talk({ callSid, summary: `About ${callSid}.` });
  await Promise.all(sids.map(CallSid => world.ended({ CallSid })));
  for (const sid of sids) {
    assert.equal((await world.record(sid, 15_000)).summary, `About ${sid}.`);
  }
  const lists = world.eleven.lists().filter(r => !r.query.has('dynamic_variable_params'));
  assert.ok(lists.length <= 10, `${lists.length} listings for ${sids.length} calls`);
});

test('processing first, then done', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '20s' });
  const { callSid, id, document } = await linked(world);
  let asks = 0;
  const early = conversation({ id, callSid, status: 'processing' });
  world.eleven.conversations.set(id, () => ((asks += 1) < 3 ? early : document));
  await world.ended({ CallSid: callSid });
  assert.equal((await world.record(callSid, 15_000)).summary, document.analysis.transcript_summary);
});

test('the webhook settles at once while polling waits', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '60s' });
  const { callSid, id, document } = await linked(world);
  world.eleven.conversations.set(id, conversation({ id, callSid, status: 'processing' }));
  await world.ended({ CallSid: callSid });
  await until(() => world.eleven.asked(id).length > 0);
  const before = Date.now();
  assert.equal((await world.webhook(transcription(document))).status, 200);
  assert.equal((await world.record(callSid)).summary, document.analysis.transcript_summary);
  assert.ok(Date.now() - before < 800, `took ${Date.now() - before} ms`);
});

test('done without a usable summary, and failed, settle with our own sentence', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '60s' });
  const unusable = text => ({ analysis: { call_successful: 'unknown', transcript_summary: text,
    evaluation_criteria_results: {}, data_collection_results: {} } });
  for (const over of [unusable(sentinel), unusable(''), unusable(null),
    unusable(sentinel.replace("'", '’')), { analysis: null }, { status: 'failed' }]) {
    const { callSid, id, document } = await linked(world, over);
    world.eleven.conversations.set(id, document);
    await world.ended({ CallSid: callSid });
    const record = await world.record(callSid);
    const context = JSON.stringify(over);
    assert.equal(record.status, 'held', context);
    assert.doesNotMatch(record.summary, /Summary couldn/, context);
    assert.match(record.summary, /^[A-Z].*\.$/, context);
  }
});

test('never longer than the deadline: hanging, away, refusing, failing', async t => {
  const detail = { detail: { status: 'invalid_api_key', message: 'Invalid API key' } };
  const faults = {
    'hangs': () => hang, 'cuts': () => cut, '500': () => ({ status: 500 }),
    '401': () => ({ status: 401, body: detail }), '403': () => ({ status: 403, body: detail }),
    '429': () => ({ status: 429, headers: { 'retry-after': '3600' } }),
    'not JSON': () => ({ status: 200, body: '<html>maintenance</html>' }),
    'processing': () => undefined, 'redirects': () => ({ status: 302,
      headers: { location: 'http://127.0.0.1:1/' } }),
  };
  await Promise.all(Object.entries(faults).map(async ([why, knob]) => {
    const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '1500ms' });
    const { callSid, id } = await linked(world, { status: 'processing' });
    world.eleven.conversations.set(id, conversation({ id, callSid, status: 'processing' }));
    world.eleven.knob = knob;
    const from = Date.now();
    await world.ended({ CallSid: callSid });
    const record = await world.record(callSid, 10_000);
    assert.equal(record.status, 'held', why);
    assert.ok(Date.now() - from < 5_000, `${why}: ${Date.now() - from} ms`);
  }));
});

test('401 with no webhook to wait for settles at once', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '60s',
    ELEVENLABS_WEBHOOK_SECRET: undefined });
  const { callSid, id } = await linked(world);
  world.eleven.knob = () => ({ status: 401, body: { detail: 'no' } });
  await world.ended({ CallSid: callSid });
  await world.record(callSid, 6_000);
  const asked = world.eleven.asked(id).length;
  await quiet(1_500);
  assert.equal(world.eleven.asked(id).length, asked, 'went on asking after 401');
});

test('429 is obeyed, then the summary is fetched', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '30s' });
  const { callSid, id, document } = await linked(world);
  world.eleven.conversations.set(id, document);
  let first;
  world.eleven.knob = request => {
    if (first !== undefined) return undefined;
    first = request.at;
    return { status: 429, headers: { 'retry-after': '3' } };
  };
  await world.ended({ CallSid: callSid });
  assert.equal((await world.record(callSid, 15_000)).summary, document.analysis.transcript_summary);
  const next = world.eleven.seen.filter(r => r.at > first)[0];
  assert.ok(next.at - first >= 2_900, `asked again after ${next.at - first} ms`);
});

test('requests to ElevenLabs are bounded', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '4s',
    WRAPUP_ELEVENLABS_CONCURRENCY: '2' });
  let running = 0, peak = 0;
  const respond = world.eleven.respond.bind(world.eleven);
  world.eleven.respond = async request => {
    running += 1;
    peak = Math.max(peak, running);
    await quiet(60);
    running -= 1;
    return respond(request);
  };
  const calls = await Promise.all(Array.from({ length: 25 }, () => linked(world)));
  for (const { id, document } of calls) world.eleven.conversations.set(id, document);
  await Promise.all(calls.map(({ callSid }) => world.ended({ CallSid: callSid })));
  for (const { callSid } of calls) await world.record(callSid, 15_000);
  assert.ok(peak <= 2, `${peak} requests at once`);
});

test('a summary that comes after the deadline is kept and not sent', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '500ms' });
  const { callSid, document } = await linked(world, { summary: 'Came far too late.' });
  await world.ended({ CallSid: callSid });
  const record = await world.record(callSid);
  assert.notEqual(record.summary, 'Came far too late.');
  assert.equal((await world.webhook(transcription(document))).status, 200);
  await world.storyWhen(callSid, story => JSON.stringify(story).includes('Came far too late.'));
  await quiet(300);
  assert.equal(world.crm.attempts(callSid).length, 1);
});

// It names no CallSid itself, so that only its being named tells whose it is.
test('a conversation that two calls name is one call\'s, also after a restart', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '3s' });
  const id = 'conv_named_twice', summary = 'A debt was spoken of.';
  world.hide(summary);
  world.eleven.conversations.set(id, conversation({ id, summary }));
  const records = [];
  for (const callSid of [newSid(), newSid()]) {
    await world.api('PUT', `/api/calls/${callSid}/metadata`, { conversationId: id });
    await world.ended({ CallSid: callSid, AnsweredBy: 'human' });
    records.push(await world.record(callSid));
    await world.process.stop();
    await world.process.start();
  }
  assert.equal(records[0].summary, summary);
  assert.notEqual(records[1].summary, summary);
});

test('a conversation of another time is not the call\'s', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '2s' });
  const { callSid, document } = await linked(world,
    { callSid: undefined, start: Math.floor(Date.now() / 1000) - 3 * 3_600 });
  world.eleven.conversations.set(document.conversation_id, document);
  await world.ended({ CallSid: callSid, AnsweredBy: 'human' });
  assert.notEqual((await world.record(callSid)).summary, document.analysis.transcript_summary);
});
