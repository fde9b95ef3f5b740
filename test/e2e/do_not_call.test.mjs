// Who must not be called: the API, an import beside the running server, and what somebody says to
// the agent.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { conversation, transcription } from './world/elevenlabs.mjs';
import { newSid } from './world/twilio.mjs';
import { until } from './world/wait.mjs';
import { World } from './world/world.mjs';

const numbersOf = async world => (await world.api('GET', '/api/do-not-call')).json.do_not_call;

test('numbers come onto the list and off it, and survive a kill', async t => {
  const world = await World.make(t);
  const put = await world.api('POST', '/api/do-not-call',
    { phone: '+61 413 052 898', reason: 'asked by letter' });
  assert.deepEqual([put.status, put.json], [201, { listed: 1 }]);
  assert.equal((await world.api('POST', '/api/do-not-call',
    { numbers: ['+61413052898', '+14155550123', 'nobody'] })).status, 400);
  assert.equal((await numbersOf(world)).length, 1);
  await world.process.kill();
  await world.process.start();
  const [entry] = await numbersOf(world);
  assert.deepEqual([entry.phone, entry.reason, entry.source],
    ['+61413052898', 'asked by letter', 'api']);
  assert.equal((await world.api('DELETE', '/api/do-not-call/+61413052898')).status, 204);
  assert.equal((await world.api('DELETE', '/api/do-not-call/+61413052898')).status, 404);
  assert.deepEqual(await numbersOf(world), []);
});

test('who opts out in a call is on the list when the webhook is answered', async t => {
  const world = await World.make(t, { WRAPUP_OPT_OUT_FIELD: 'opt_out' });
  const said = (id, value) => {
    const document = conversation({ id, callSid: newSid(), start: Math.floor(Date.now() / 1000) });
    document.metadata.phone_call.external_number = `+1415555012${id.at(-1)}`;
    document.analysis.data_collection_results = {
      opt_out: { data_collection_id: 'opt_out', value, rationale: 'said so' } };
    return world.webhook(transcription(document));
  };
  assert.equal((await said('conv_1', false)).status, 200);
  assert.equal((await said('conv_2', true)).status, 200);
  const list = await numbersOf(world);
  assert.deepEqual(list.map(entry => entry.phone), ['+14155550122']);
  assert.match(list[0].source, /^CA/);
  assert.equal((await said('conv_3', 'Yes, do not call me again.')).status, 200);
  assert.deepEqual((await numbersOf(world)).map(entry => entry.phone),
    ['+14155550122', '+14155550123']);
  assert.equal((await said('conv_4', 'rather not')).status, 200);
  assert.equal((await numbersOf(world)).length, 2);
  await until(() => /neither yes nor no.*CA.*conv_4/.test(world.process.log()));
  assert.doesNotMatch(world.process.log(), /rather not/);
});

test('an opt-out without a number waits for its call, and rings nobody', async t => {
  const world = await World.make(t, { WRAPUP_OPT_OUT_FIELD: 'opt_out' });
  const callSid = newSid();
  const said = (id, change) => {
    const document = conversation({ id, callSid, start: Math.floor(Date.now() / 1000) });
    document.analysis.data_collection_results = {
      opt_out: { data_collection_id: 'opt_out', value: true } };
    change(document.metadata.phone_call);
    return world.webhook(transcription(document));
  };
  assert.equal((await said('conv_1', phone => { delete phone.external_number; })).status, 200);
  assert.deepEqual(await numbersOf(world), []);
  await until(() => /asked not to be called again.*no number/.test(world.process.log()));
  const metadata = await world.api('PUT', `/api/calls/${callSid}/metadata`,
    { to: '+61413052898', name: 'Ada' });
  assert.equal(metadata.status, 204, JSON.stringify(metadata.json));
  const trunk = phone => Object.assign(phone,
    { type: 'sip_trunking', call_sid: 'SCL_1', external_number: 'sip:+61413052899@pbx.test' });
  assert.equal((await said('conv_2', trunk)).status, 200);
  const bare = phone => { phone.external_number = '61413052890'; };
  assert.equal((await said('conv_3', bare)).status, 200);
  assert.deepEqual((await numbersOf(world)).map(entry => entry.phone),
    ['+61413052890', '+61413052898', '+61413052899']);
});

test('a file of numbers is imported into the running server', async t => {
  const world = await World.make(t);
  const file = path.join(world.process.folder, 'spared.csv');
  await writeFile(file, 'phone;reason\n+1 415 555 0123;asked by letter\n+61413052898;\nnobody;\n');
  const done = await world.process.run(['import', '--yes', '--kind', 'do-not-call', file]);
  const list = await numbersOf(world);
  assert.deepEqual(list.map(entry => [entry.phone, entry.reason, entry.source]),
    [['+14155550123', 'asked by letter', 'import'], ['+61413052898', '', 'import']],
    JSON.stringify(done));
});
