// Design 9: calls are placed through Twilio with everything set right, and never twice.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { conversation, signatureOf, transcription } from './world/elevenlabs.mjs';
import { Stage, serverUrl } from './world/placing_stage.mjs';
import { newSid } from './world/twilio.mjs';
import { quiet, until } from './world/wait.mjs';
import { send } from './world/world.mjs';

const ada = { to: '+61413052898', name: 'Ada', campaign: { name: 'Spring' } };

test('a placed call is led by an agent and becomes one record with name and campaign', async t => {
  const stage = await Stage.make(t);
  const placed = await stage.place({ ...ada, variables: { order: '4711' } });
  assert.equal(placed.status, 201, placed.text);
  const { intent, call_sid: sid, to, from } = placed.json;
  assert.match(sid, /^CA[0-9a-f]{32}$/);
  const [own] = stage.sandbox.environment.TWILIO_PHONE_NUMBER.split(',');
  assert.deepEqual([to, from], [ada.to, own]);

  const ended = await stage.intentWhen(intent, i => i.state === 'ended');
  assert.equal(ended.status, 'completed');
  const story = await stage.callWhen(sid, c => c.call?.state === 'delivered');
  assert.equal(story.record.name, 'Ada');
  assert.equal(story.record.subject, 'Spring');
  assert.equal(story.record.status, 'held');
  assert.equal(story.call.conversation_id, ended.conversation_id);

  const played = await stage.played();
  assert.deepEqual([played.created, played.conversations, played.refused], [1, 1, 0]);
  const agent = JSON.parse(played.register_calls[0]);
  assert.equal(agent.direction, 'outbound');
  assert.deepEqual(agent.conversation_initiation_client_data.dynamic_variables,
    { order: '4711', twilio_call_sid: sid, contact_name: 'Ada', campaign: 'Spring', intent });
  t.diagnostic(JSON.stringify(played.forms[0]));
});

test('the agent is told the name and the campaign that the record has', async t => {
  const stage = await Stage.make(t);
  await stage.api('POST', '/api/campaigns', { id: 'gold', name: 'Gold offer' });
  await stage.api('POST', '/api/contacts', { phone: ada.to, name: 'Gwen', campaign: 'gold' });
  const placed = await stage.place({ to: ada.to });
  const story = await stage.callWhen(placed.json.call_sid, c => c.call?.state === 'delivered');
  const [asked] = (await stage.played()).register_calls;
  const { contact_name: name, campaign } =
    JSON.parse(asked).conversation_initiation_client_data.dynamic_variables;
  assert.deepEqual([name, campaign], ['Gwen', 'Gold offer']);
  assert.deepEqual([story.record.name, story.record.subject], [name, campaign]);
});

// docs/placing.md prints the form; reference: Twilio's CreateCall.
test('Twilio receives exactly the form that the documentation prints', async t => {
  const stage = await Stage.make(t);
  assert.equal((await stage.place(ada)).status, 201);
  const [{ form }] = (await stage.played()).forms;
  const [own] = stage.sandbox.environment.TWILIO_PHONE_NUMBER.split(',');
  const tokens = new Set(form.map(([, value]) => value.match(/(?:callback|twiml)\/([^#]*)/)?.[1])
    .filter(Boolean));
  assert.equal(tokens.size, 1, JSON.stringify(form));
  const [token] = tokens;
  assert.ok(token.length >= 64, token);
  const received = form.map(([name, value]) => `${name}=${value}`
    .replace(serverUrl(stage.process.port), 'https://calls.example.com')
    .replace(token, 'TOKEN').replace(`From=${own}`, 'From=+15005550006'));
  const page = await readFile(new URL('../../docs/placing.md', import.meta.url), 'utf8');
  const [, section] = page.split('## What Twilio is asked\n');
  const printed = section.split('\n## ')[0].split('\n').filter(line => line.startsWith('    '))
    .map(line => line.trim());
  assert.deepEqual(received, printed);
});

test('a repeated request with its Idempotency-Key places one call', async t => {
  const stage = await Stage.make(t);
  const key = { 'idempotency-key': 'order-4711' };
  const first = await stage.place(ada, key), again = await stage.place(ada, key);
  assert.equal(first.status, 201, first.text);
  assert.equal(again.status, 201, again.text);
  assert.equal(again.json.call_sid, first.json.call_sid);
  const other = await stage.place({ ...ada, name: 'Bob' }, key);
  assert.deepEqual([other.status, other.json.code], [422, 'idempotency_key_reused']);
  assert.equal((await stage.played()).created, 1);
});

test('one open call per number; what cannot be placed is said with a code', async t => {
  const stage = await Stage.make(t, {}, { ring_ms: 3_000 });
  assert.equal((await stage.place(ada)).status, 201);
  const twice = await stage.place({ ...ada, to: '+61 413 052 898' });
  assert.deepEqual([twice.status, twice.json.code], [409, 'already_open'], twice.text);
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const bob = { to: '+61413052896', not_before: later };
  assert.equal((await stage.place(bob)).status, 202);
  const waits = await stage.place(bob);
  assert.deepEqual([waits.json.open_state, Date.parse(waits.json.open_due_at)],
    ['waiting', Date.parse(later)], waits.text);
  assert.ok(waits.json.detail.includes(`due at ${waits.json.open_due_at} and given up at ` +
    waits.json.open_not_after), waits.text);
  const [own] = stage.sandbox.environment.TWILIO_PHONE_NUMBER.split(',');
  const itself = await stage.place({ to: own });
  assert.deepEqual([itself.status, itself.json.field], [400, 'to'], itself.text);
  const listed = await stage.api('POST', '/api/campaigns/own/calls', { calls: [own] });
  assert.deepEqual([listed.status, listed.json.bad?.[0].field], [400, 'to'], listed.text);
  const nobody = await stage.place({ name: 'Ada' });
  assert.deepEqual([nobody.status, nobody.json.field], [400, 'to']);
  const odd = await stage.place({ to: 'hello' });
  assert.deepEqual([odd.status, odd.json.field], [400, 'to']);
  const unknown = await stage.place({ ...ada, colour: 'red' });
  assert.equal(unknown.status, 400);
  const foreign = await stage.place({ to: '+61413052899', from: '+15005550001' });
  assert.equal(foreign.status, 502, foreign.text);
  assert.ok(foreign.json.twilio_code >= 21210 && foreign.json.advice, foreign.text);
  const { status, stdout } = await stage.process.run(['status']);
  assert.equal(status, 1);
  assert.ok(stdout.replace(/\s+/g, ' ').includes('1 call was not placed within the last hour: ' +
    `${foreign.json.advice} (${foreign.json.twilio_code}). -> wrapup call --list --state refused`),
    stdout);
});

test('without an agent or credentials: 501 says what is missing', async t => {
  const stage = await Stage.make(t, { ELEVENLABS_AGENT_ID: undefined });
  const answer = await stage.place(ada);
  assert.equal(answer.status, 501);
  assert.match(answer.json.detail, /ELEVENLABS_AGENT_ID/);
});

test('a call that waits for its window is cancelled before anybody rings', async t => {
  const stage = await Stage.make(t);
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const waiting = await stage.place({ ...ada, not_before: later });
  assert.equal(waiting.status, 202, waiting.text);
  assert.equal(waiting.json.call_sid, undefined);
  const gone = await stage.api('DELETE', `/api/intents/${waiting.json.intent}`);
  assert.deepEqual([gone.status, gone.json.state], [200, 'cancelled']);
  assert.equal((await stage.api('DELETE', '/api/intents/nobody')).status, 404);
  assert.equal((await stage.played()).created, 0);
});

test('nobody is rung outside the calling hours, or who is on the do-not-call list', async t => {
  const hour = new Date().getUTCHours();
  const at = later => `${String((hour + later) % 24).padStart(2, '0')}:00`;
  const stage = await Stage.make(t, { WRAPUP_CALLING_HOURS: `${at(10)}-${at(13)}` });
  const there = { ...ada, time_zone: 'Etc/UTC' };
  const outside = await stage.place(there);
  assert.deepEqual([outside.status, outside.json.code], [409, 'outside_hours'], outside.text);
  const inTime = hours => new Date(Date.now() + hours * 3_600_000).toISOString();
  const tooSoon = await stage.place({ ...there, not_after: inTime(2) });
  assert.deepEqual([tooSoon.status, tooSoon.json.code], [409, 'outside_hours'], tooSoon.text);
  assert.match(tooSoon.json.detail, /no calling hour there lies before not_after, .*: the next /);
  assert.ok(tooSoon.json.detail.endsWith(tooSoon.json.opens_at), tooSoon.text);
  const satellite = await stage.place({ to: '+881612345680' });
  assert.deepEqual([satellite.status, satellite.json.code, satellite.json.field],
    [409, 'outside_hours', 'time_zone'], satellite.text);
  assert.match(satellite.json.detail, /^time_zone is wanted/);
  // Inside now, and closed by then.
  const gone = await stage.place({ ...ada, time_zone: 'Etc/GMT-11', not_before: inTime(5),
    not_after: inTime(6) });
  assert.deepEqual([gone.status, gone.json.code], [409, 'outside_hours'], gone.text);
  const nowhere = await stage.place({ ...ada, time_zone: 'Mars/Olympus' });
  assert.deepEqual([nowhere.status, nowhere.json.field], [400, 'time_zone'], nowhere.text);
  const waits = await stage.place({ ...there, not_after: inTime(24) });
  assert.equal(waits.status, 202, waits.text);
  await stage.intentWhen(waits.json.intent, i => new Date(i.due_at) > new Date(inTime(8)));

  // Eleven hours further east it is inside.
  const east = await stage.place({ ...ada, to: '+61413052899', time_zone: 'Etc/GMT-11' });
  assert.equal(east.status, 201, east.text);

  // Who says no zone has the contact's.
  const contact = (phone, zone) => stage.api('POST', '/api/contacts', { phone, time_zone: zone });
  assert.equal((await contact('+61413052895', 'Etc/GMT-11')).status, 201);
  const known = await stage.place({ to: '+61413052895' });
  assert.equal(known.status, 201, known.text);
  assert.equal((await contact('+61413052894', 'Etc/UTC')).json.time_zone, 'Etc/UTC');
  assert.equal((await stage.place({ to: '+61413052894' })).json.code, 'outside_hours');
  const said = await stage.place({ to: '+61413052894', time_zone: 'Etc/GMT-11' });
  assert.equal(said.status, 201, said.text);
  const mars = await contact('+61413052893', 'Mars/Olympus');
  assert.deepEqual([mars.status, mars.json.field], [400, 'time_zone'], mars.text);

  const listed = await stage.api('POST', '/api/do-not-call', { phone: '+61413052897' });
  assert.equal(listed.status, 201, listed.text);
  const unwanted = await stage.place({ ...ada, to: '+61413052897', time_zone: 'Etc/GMT-11' });
  assert.deepEqual([unwanted.status, unwanted.json.code], [409, 'do_not_call'], unwanted.text);
  assert.equal((await stage.played()).created, 3);
});

test('a ringing call is cancelled at Twilio, and its record says so', async t => {
  const stage = await Stage.make(t, {}, { ring_ms: 60_000 });
  const placed = await stage.place(ada);
  assert.equal(placed.status, 201, placed.text);
  await stage.api('DELETE', `/api/intents/${placed.json.intent}`);
  await stage.intentWhen(placed.json.intent, i => i.state === 'cancelled');
  const story = await stage.callWhen(placed.json.call_sid, c => c.call?.state === 'delivered');
  assert.equal(story.record.status, 'no connection');
  assert.equal((await stage.played()).conversations, 0);
});

test('a number that is listed while its phone rings is cancelled, whoever lists it', async t => {
  const stage = await Stage.make(t, { WRAPUP_OPT_OUT_FIELD: 'opt_out' },
    { ring_ms: 60_000 });
  const [bob, waits] = ['+61413052891', '+61413052892'];
  const placed = await Promise.all([ada.to, bob].map(to => stage.place({ ...ada, to })));
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const waiting = await stage.place({ to: waits, not_before: later });
  // The first by a request, the second by what is said in another call, to the same person.
  const listed = await stage.api('POST', '/api/do-not-call', { numbers: [ada.to, waits] });
  assert.equal(listed.status, 201, listed.text);
  const { ELEVENLABS_AGENT_ID: agent, ELEVENLABS_WEBHOOK_SECRET: secret } =
    stage.sandbox.environment;
  const said = conversation({ agent, callSid: newSid(), to: bob });
  said.analysis.data_collection_results = {
    opt_out: { data_collection_id: 'opt_out', value: true } };
  const body = JSON.stringify(transcription(said));
  const heard = await send(stage.process.port, { path: '/webhooks/elevenlabs', body,
    headers: { 'content-type': 'application/json',
      'elevenlabs-signature': signatureOf(body, secret) } });
  assert.equal(heard.status, 200, heard.text);
  for (const { json } of placed) {
    const gone = await stage.intentWhen(json.intent, i => i.state === 'cancelled');
    assert.equal(gone.reason, 'do_not_call');
    const story = await stage.callWhen(json.call_sid, c => c.call?.state === 'delivered');
    assert.equal(story.record.status, 'no connection');
  }
  const never = (await stage.api('GET', `/api/intents/${waiting.json.intent}`)).json;
  assert.deepEqual([never.state, never.reason], ['refused', 'do_not_call']);
  assert.equal((await stage.played()).conversations, 0);
});

test('what has ended cannot be cancelled, and says why', async t => {
  const stage = await Stage.make(t, {}, { ring_ms: 1_000 });
  const placed = await stage.place(ada);
  const open = await stage.place(ada);
  assert.deepEqual([open.json.code, open.json.open_intent], ['already_open', placed.json.intent]);
  await stage.intentWhen(placed.json.intent, i => i.state === 'ended');
  const late = await stage.api('DELETE', `/api/intents/${placed.json.intent}`);
  assert.deepEqual([late.status, late.json.code, late.json.call_sid],
    [409, 'ended', placed.json.call_sid], late.text);
  assert.match(late.json.detail, /its call completed/);
});

test('wrapup call --list and --cancel', async t => {
  const stage = await Stage.make(t);
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const { intent } = (await stage.place({ ...ada, not_before: later })).json;
  const cli = (...args) => stage.process.run(['call', ...args]);
  const listed = await cli('--list', '--state', 'waiting');
  assert.equal(listed.status, 0, listed.stderr);
  assert.match(listed.stdout, new RegExp(`waiting .*\\+61413052898 .*${intent}`));
  const page = JSON.parse((await cli('--list', '--json')).stdout);
  const week = (new Date(page.intents[0].not_after) - new Date(later)) / 86_400_000;
  assert.equal(week, 7);
  const gone = await cli('--cancel', intent);
  assert.deepEqual([gone.status, gone.stdout], [0, 'cancelled\n'], gone.stderr);
  assert.match((await cli('--list', '--state', 'waiting')).stderr, /Nothing was asked for/);
  const nobody = await cli('--cancel', 'nobody');
  assert.deepEqual([nobody.status, nobody.stdout], [1, '']);
});

test('a lost answer of Twilio places nobody twice', async t => {
  const stage = await Stage.make(t, {}, { lose_every: 1 });
  const answers = await Promise.all(Array.from({ length: 5 }, (_, i) =>
    stage.place({ ...ada, to: `+6141305290${i}` })));
  for (const answer of answers) assert.ok([201, 202].includes(answer.status), answer.text);
  for (const { json } of answers) await stage.intentWhen(json.intent, i => i.state === 'ended');
  const played = await stage.played();
  assert.deepEqual([played.created, played.conversations, played.answers_lost], [5, 5, 5]);
});

test('no agent: the person hears a sentence, the record says so and waits for nothing', async t => {
  const stage = await Stage.make(t, { WRAPUP_SUMMARY_WAIT: '180s' },
    { register_status: 500, register_count: 1 });
  const placed = await stage.place(ada);
  assert.equal(placed.status, 201, placed.text);
  const intent = await stage.intentWhen(placed.json.intent, i => i.state === 'ended');
  assert.deepEqual([intent.abandoned, intent.no_agent], [true, 'agent_unavailable']);
  const story = await stage.callWhen(placed.json.call_sid, c => c.call?.state === 'delivered',
    8_000);
  assert.equal(story.facts.no_agent, 'agent_unavailable');
  assert.equal(story.record.status, 'held');
  assert.equal(story.record.summary, 'The call to Ada was answered, but no agent could be ' +
    'connected: ElevenLabs was not available.');
  const told = story.events.find(e => e.kind === 'placing.no_agent');
  assert.equal(told?.payload.reason, 'agent_unavailable', JSON.stringify(story.events));
  // An agent that ElevenLabs does not know: the same.
  const unknown = await stage.place({ to: '+61413052899', agent_id: 'agent_nobody' });
  assert.equal(unknown.status, 201, unknown.text);
  const other = await stage.callWhen(unknown.json.call_sid, c => c.call?.state === 'delivered',
    8_000);
  assert.deepEqual([other.facts.no_agent, other.call.note],
    ['agent_refused', 'answered without an agent: no summary to wait for']);
  const played = await stage.played();
  assert.equal(played.conversations, 0);
  const metrics = await stage.api('GET', '/metrics');
  assert.match(metrics.text, /wrapup_answered_calls_total\{outcome="abandoned"\} 2/);
});

test('kill -9 in the middle of many: each is placed once and has one record', async t => {
  const stage = await Stage.make(t, { WRAPUP_RECONCILE_INTERVAL: '1s' }, { lose_every: 5 });
  const count = 40;
  for (let i = 0; i < count; i += 1) {
    const body = { to: `+614130530${String(i).padStart(2, '0')}`, name: `Number ${i}` };
    const key = { 'idempotency-key': `kill-${i}` };
    await until(async () => {
      try { return [201, 202].includes((await stage.place(body, key)).status); } catch {
        await stage.process.start();
        return false;
      }
    }, 20_000);
    if (i % 10 === 5) { stage.process.child.kill('SIGKILL'); await stage.process.ended; }
  }
  let intents;
  await until(async () => {
    intents = (await stage.api('GET', '/api/intents?limit=200')).json.intents;
    return intents.length === count && intents.every(i => i.state === 'ended');
  }, 60_000, () => `not all ended: ${intents.map(i => i.state)}\n` +
    stage.process.log().slice(-2000));
  const played = await stage.played();
  assert.equal(played.created, count);
  assert.equal(new Set(played.calls.map(c => c.to)).size, count);
  // Who answers while nobody is there to say what to do, or while the process dies with the agent
  // asked for, hears no agent, and is not rung again for it.
  const abandoned = new Set(intents.filter(i => i.abandoned).map(i => i.to));
  const unheard = played.calls.filter(c => abandoned.has(c.to) || c.trouble.startsWith('11200 '));
  for (const c of played.calls) assert.equal(c.conversations, unheard.includes(c) ? 0 : 1, c.to);
  assert.ok(unheard.length <= 4, JSON.stringify(unheard));
  const account = await until(async () => {
    const now = await stage.sandbox.account();
    return now.records === count && now;
  }, 30_000, () => 'not all records came');
  await quiet(1_000);
  assert.equal(account.altered, 0);
});
