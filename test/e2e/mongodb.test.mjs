// Design 6, Metadata: a dialler's MongoDB as the source, written by mongoose, read by the real
// program; late, absent, slow and away.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { Dialler, MongoServer } from './world/mongodb.mjs';
import { binary } from './world/process.mjs';
import { World } from './world/world.mjs';
import { newSid, statusForm } from './world/twilio.mjs';
import { quiet, until } from './world/wait.mjs';

// A dialler's database beside a world; `toml` is the [metadata.mongodb] of wrapup.toml.
async function operation(t, { settings = {}, toml } = {}) {
  const mongodb = await MongoServer.make(t);
  const dialler = await Dialler.make(t, mongodb);
  const world = await World.make(t, { MONGODB_URI: mongodb.uri, ...settings }, { start: false });
  if (toml) {
    writeFileSync(path.join(world.process.folder, 'wrapup.toml'), `[metadata.mongodb]\n${toml}\n`);
  }
  await world.process.start();
  return { mongodb, dialler, world };
}

async function dependencies(world) {
  const answer = await world.api('GET', '/readyz', undefined, { bearer: null });
  assert.equal(answer.status, 200, answer.text);
  return answer.json.dependencies;
}

const metadataIs = (world, state) =>
  until(async () => (await dependencies(world)).metadata === state, 15_000);

async function subjectAndName(world, sid, bound) {
  const { subject, name } = await world.record(sid, bound);
  return [subject, name];
}

test('documents of mongoose give subject, name, summary and voicemail', async t => {
  const { mongodb, dialler, world } = await operation(t);
  world.hide('Lise Meitner', 'Emmy Noether', 'Maria Mitchell');
  const [first] = await dialler.write('campaigns', { _id: { $oid: 'a'.repeat(24) },
    name: 'Spring offer' });
  assert.deepEqual(first, { $oid: 'a'.repeat(24) });
  await dialler.write('campaigns', { _id: 'winter', description: 'Winter, by phone' });
  await dialler.write('contacts', { phoneNumber: '+14155550777', name: 'Emmy Noether' });
  const talk = world.talk({ summary: 'She asked for an offer by Friday.' });
  const [byObjectId, byHex, byText, machine, talked] = Array.from({ length: 5 }, newSid);
  await dialler.write('calls',
    { callSid: byObjectId, contactName: ' Lise Meitner ', campaignId: { $oid: 'a'.repeat(24) } },
    { callSid: byHex, campaignId: 'A'.repeat(24), to: '+14155550777' },
    { callSid: byText, contactName: 'Maria Mitchell', campaignId: 'winter' },
    { callSid: machine, contactName: 'Lise Meitner', answeredBy: 'machine_start' },
    { callSid: talked, contactName: 'Lise Meitner',
      conversationId: talk.conversation_id });
  const before = mongodb.hash();

  for (const CallSid of [byObjectId, byText]) await world.ended({ CallSid, CallStatus: 'busy' });
  await world.ended({ CallSid: byHex, CallStatus: 'no-answer', To: '+14155550777' });
  await world.ended({ CallSid: machine });
  await world.ended({ CallSid: talked });
  assert.deepEqual(await subjectAndName(world, byObjectId), ['Spring offer', 'Lise Meitner']);
  assert.deepEqual(await subjectAndName(world, byHex), ['Spring offer', 'Emmy Noether']);
  assert.deepEqual(await subjectAndName(world, byText), ['Winter, by phone', 'Maria Mitchell']);
  assert.equal((await world.record(machine)).status, 'voicemail');
  const held = await world.record(talked);
  assert.deepEqual([held.status, held.summary], ['held', 'She asked for an offer by Friday.']);
  assert.equal((await dependencies(world)).metadata, 'ok');
  assert.deepEqual(mongodb.hash(), before, 'reading has changed the database');
});

test('a contact with a list of numbers gives its name to no other call of the batch', async t => {
  const { dialler, world } = await operation(t);
  world.hide('Bob List', 'Ada Right');
  await dialler.write('loose_contacts',
    { _id: 1, phoneNumber: ['+61400000001', '+61400000009'], name: 'Bob List' },
    { _id: 2, phoneNumber: '+61400000002', name: 'Ada Right' });
  const numbers = ['+61400000001', '+61400000002', '+61400000009', '+61400000077'];
  const sids = await Promise.all(numbers.map(To => world.ended({ CallStatus: 'busy', To })));
  const names = await Promise.all(sids.map(async sid => (await world.record(sid, 15_000)).name));
  assert.deepEqual(names, ['Bob List', 'Ada Right', 'Bob List', 'Unknown']);
});

test('nested fields under names of their own, by wrapup.toml', async t => {
  const { dialler, world } = await operation(t, { toml:
    'calls = { collection = "dialled", sid = "twilio.sid", name = "customer.fullName", ' +
    'campaign = "customer.campaign", conversation = "talk.id", answered_by = "amd.result" }\n' +
    'campaigns = { collection = "offers", name = "title.long" }\n' +
    'contacts = { collection = "people", phone = "phones.mobile", name = "who.name" }' });
  world.hide('Ida Noddack', 'Rosalind Franklin');
  await dialler.write('loose_offers', { _id: { $oid: 'b'.repeat(24) }, title: { long: 'Autumn' } });
  await dialler.write('loose_people', { _id: 1, phones: { mobile: '+14155550888' },
    who: { name: 'Rosalind Franklin' } });
  const [named, contacted, machine] = Array.from({ length: 3 }, newSid);
  await dialler.write('loose_dialled',
    { _id: 1, twilio: { sid: named },
      customer: { fullName: 'Ida Noddack', campaign: { $oid: 'b'.repeat(24) } } },
    { _id: 2, twilio: { sid: contacted }, customer: { campaign: 'b'.repeat(24) } },
    { _id: 3, twilio: { sid: machine }, amd: { result: 'machine_start' } });
  await world.ended({ CallSid: named, CallStatus: 'busy' });
  await world.ended({ CallSid: contacted, CallStatus: 'busy', To: '+14155550888' });
  await world.ended({ CallSid: machine });
  assert.deepEqual(await subjectAndName(world, named), ['Autumn', 'Ida Noddack']);
  assert.deepEqual(await subjectAndName(world, contacted), ['Autumn', 'Rosalind Franklin']);
  assert.equal((await world.record(machine)).status, 'voicemail');
});

test('a null or an odd type costs that field and nothing else', async t => {
  const { dialler, world } = await operation(t);
  world.hide('Dorothy Hodgkin');
  await dialler.write('loose_campaigns', { _id: 7, name: 'Number seven' },
    { _id: 'odd', name: { en: 'Odd' }, description: 'By its description' });
  const rows = [
    [{ contactName: null, campaignId: 7 }, ['Number seven', 'Unknown']],
    [{ contactName: { first: 'Dorothy' }, campaignId: 'odd' }, ['By its description', 'Unknown']],
    [{ contactName: 'Dorothy Hodgkin', campaignId: null }, ['Outbound Call', 'Dorothy Hodgkin']],
    [{ contactName: 'Dorothy Hodgkin', campaignId: ['odd'], conversationId: { $numberLong: '5' },
      answeredBy: true, to: { $date: '2026-05-05T00:00:00Z' } },
    ['Outbound Call', 'Dorothy Hodgkin']],
    [{ contactName: 'Dorothy Hodgkin', campaignId: { $oid: 'c'.repeat(24) } },
      ['Outbound Call', 'Dorothy Hodgkin']],
  ];
  const sids = rows.map(newSid);
  await dialler.write('loose_calls',
    ...rows.map(([fields], i) => ({ _id: i, callSid: sids[i], ...fields })));
  for (const CallSid of sids) await world.ended({ CallSid, CallStatus: 'busy' });
  for (const [i, [fields, expected]] of rows.entries()) {
    const got = await subjectAndName(world, sids[i]);
    assert.deepEqual(got, expected, JSON.stringify(fields));
  }
});

test('a call that the dialler writes late is found, one that never comes settles', async t => {
  const { dialler, world } = await operation(t);
  world.hide('Maria Mitchell');
  await dialler.write('campaigns', { _id: 'late', name: 'Late offer' });
  const late = newSid(), absent = newSid();
  const from = Date.now();
  await world.ended({ CallSid: late, CallStatus: 'busy' });
  await world.ended({ CallSid: absent, CallStatus: 'busy' });
  await quiet(700);
  assert.equal(world.crm.records(late).length, 0, 'it was settled before the dialler wrote');
  await dialler.write('calls',
    { callSid: late, contactName: 'Maria Mitchell', campaignId: 'late' });
  assert.deepEqual(await subjectAndName(world, late), ['Late offer', 'Maria Mitchell']);
  assert.deepEqual(await subjectAndName(world, absent, 12_000), ['Outbound Call', 'Unknown']);
  const elapsed = world.crm.attempts(absent)[0].at - from;
  assert.ok(elapsed >= 4_500 && elapsed < 9_000, `settled after ${elapsed} ms`);
  assert.equal((await dependencies(world)).metadata, 'ok');
});

test('killed during a burst: all acknowledged, every record right after it is back', async t => {
  const { mongodb, dialler, world } = await operation(t);
  const count = 300, sids = Array.from({ length: count }, newSid);
  await dialler.write('campaigns', { _id: 'burst', name: 'Burst offer' });
  const talks = sids.map((_, i) =>
    (i % 5 === 0 ? world.talk({ summary: `Talk number ${i}.` }) : null));
  await dialler.write('calls', ...sids.map((callSid, i) => ({
    callSid, contactName: `Burst Person ${i}`, campaignId: 'burst',
    ...(talks[i] ? { conversationId: talks[i].conversation_id } : {}),
  })));
  let sent = 0;
  const acknowledge = async () => {
    while (sent < count) {
      const i = sent++;
      const form = statusForm({ CallSid: sids[i], CallStatus: talks[i] ? 'completed' : 'busy' });
      const answer = await world.status(form);
      assert.equal(answer.status, 204, answer.text);
      await quiet(5);
    }
  };
  const killed = until(() => sent >= 60, 30_000).then(() => mongodb.kill());
  await Promise.all([killed, ...Array.from({ length: 8 }, acknowledge)]);
  await metadataIs(world, 'away');
  const waiting = sids.filter(sid => world.crm.records(sid).length === 0);
  assert.ok(waiting.length > 0, 'the kill came too late');
  const story = await world.storyWhen(waiting.at(-1), s => /metadata source does not/.test(s.why));
  assert.equal(story.call.state, 'settling');
  await quiet(1_500);
  assert.ok(world.crm.records(waiting.at(-1)).length === 0, 'it did not wait');

  await mongodb.start();
  const unrecorded = () => sids.filter(sid => world.crm.records(sid).length === 0).length;
  await until(() => unrecorded() === 0, 40_000,
    () => `${unrecorded()} of ${count} have no record`);
  await metadataIs(world, 'ok');
  await quiet(500);
  for (const [i, sid] of sids.entries()) {
    const records = world.crm.records(sid);
    assert.equal(records.length, 1, `call ${i} has ${records.length} records`);
    const { subject, name, status, summary } = records[0];
    assert.deepEqual([subject, name], ['Burst offer', `Burst Person ${i}`]);
    if (talks[i]) assert.deepEqual([status, summary], ['held', `Talk number ${i}.`]);
  }
});

// Acknowledgement times of callbacks that come evenly, and their calls.
async function pace(world, count) {
  const elapsed = [], sids = [];
  let sent = 0;
  const one = async () => {
    while (sent++ < count) {
      const form = statusForm({ CallStatus: 'busy' }), from = performance.now();
      const answer = await world.status(form);
      elapsed.push(performance.now() - from);
      assert.equal(answer.status, 204, answer.text);
      sids.push(form.CallSid);
      await quiet(30);
    }
  };
  await Promise.all(Array.from({ length: 4 }, one));
  elapsed.sort((a, b) => a - b);
  return { sids, p99: elapsed[Math.floor(elapsed.length * 0.99)] };
}

test('a MongoDB that hangs does not slow the acknowledgements', async t => {
  const { mongodb, dialler, world } = await operation(t);
  await dialler.write('calls', { callSid: newSid() });
  await pace(world, 100);
  const before = await pace(world, 600);
  mongodb.freeze();
  const during = await pace(world, 600);
  await metadataIs(world, 'away');
  mongodb.thaw();
  t.diagnostic(`acknowledged, p99: ${before.p99.toFixed(1)} ms, ` +
    `with MongoDB stopped ${during.p99.toFixed(1)} ms`);
  assert.ok(during.p99 <= before.p99 * 5 + 20,
    `p99 ${before.p99} ms before, ${during.p99} ms while MongoDB was stopped`);
  const all = [...before.sids, ...during.sids];
  await until(() => all.every(sid => world.crm.records(sid).length === 1), 60_000,
    () => `${all.filter(sid => !world.crm.records(sid).length).length} have no record`);
});

test('away for longer than WRAPUP_METADATA_WAIT: settled with what is known', async t => {
  const { mongodb, dialler, world } = await operation(t,
    { settings: { WRAPUP_METADATA_WAIT: '2s' } });
  const CallSid = newSid();
  await dialler.write('calls', { callSid: CallSid, contactName: 'Nobody Asked' });
  await mongodb.kill();
  world.hide('Vera Rubin');
  const own = await world.api('PUT', `/api/calls/${CallSid}/metadata`,
    { campaignName: 'Own offer' });
  assert.ok(own.status < 300, own.text);
  const from = Date.now();
  await world.ended({ CallSid, CallStatus: 'busy' });
  const record = await world.record(CallSid, 20_000);
  const elapsed = world.crm.attempts(CallSid)[0].at - from;
  assert.ok(elapsed >= 1_900, `settled after ${elapsed} ms`);
  assert.deepEqual([record.subject, record.name], ['Own offer', 'Unknown']);
  const { why } = await world.storyWhen(CallSid, story => story.call.state === 'delivered');
  assert.match(why, /metadata source did not answer/);
  assert.equal((await dependencies(world)).metadata, 'away');
  const metrics = await world.api('GET', '/metrics');
  assert.match(metrics.text, /wrapup_metadata_lookups_total\{answer="away"\} [1-9]/);
  await until(() => /metadata source does not answer/.test(world.process.log()));
});

// Starts with these settings, expects that to fail, and returns what was said.
async function refusedStart(world) {
  world.wasMeantToEnd = true;
  await world.process.launch();
  await until(() => world.process.exit, 10_000, () => `it started\n${world.process.log()}`);
  assert.notEqual(world.process.exit.code, 0);
  assert.equal(world.process.exit.signal, null);
  return world.process.log();
}

test('a malformed URI or mapping stops the start by name', async t => {
  for (const uri of ['http://127.0.0.1/dialler', 'mongodb://127.0.0.1:27017',
    'mongodb://wrapup:pass/w0rd@host/dialler', 'mongodb://a,,b/dialler']) {
    const world = await World.make(t, { MONGODB_URI: uri }, { start: false });
    const said = await refusedStart(world);
    assert.match(said, /MONGODB_URI/, uri);
    assert.ok(!said.includes('pass/w0rd'), said);
  }
  for (const [line, named] of [
    ['calls = { name = "customer..fullName" }', /metadata\.mongodb.*calls\.name/],
    ['contacts = { phone = "$phone" }', /metadata\.mongodb.*contacts\.phone/],
    ['calls = { nmae = "x" }', /nmae/],
  ]) {
    const world = await World.make(t, { MONGODB_URI: 'mongodb://127.0.0.1:1/dialler' },
      { start: false });
    writeFileSync(path.join(world.process.folder, 'wrapup.toml'), `[metadata.mongodb]\n${line}\n`);
    assert.match(await refusedStart(world), named);
  }
});

test('a host that is not there does not stop the start', async t => {
  const world = await World.make(t, { MONGODB_URI: 'mongodb://127.0.0.1:1/dialler' });
  const CallSid = await world.ended({ CallStatus: 'busy' });
  await metadataIs(world, 'away');
  const story = await world.storyWhen(CallSid, s => /metadata source does not/.test(s.why));
  assert.equal(story.call.state, 'settling');
  assert.equal(world.crm.seen.length, 0);
});

test('doctor shows a wrong field name beside those that are there', async t => {
  const { mongodb, dialler, world } = await operation(t,
    { toml: 'calls = { campaign = "offer" }' });
  await dialler.write('campaigns', { _id: 'c1', name: 'Spring offer' });
  await dialler.write('calls', ...Array.from({ length: 20 }, (_, i) => ({
    callSid: newSid(), campaignId: 'c1', ...(i % 2 ? { contactName: `Person ${i}` } : {}),
  })));
  await dialler.index('calls', 'callSid');
  const before = mongodb.hash();
  const findings = async (...more) => {
    const ran = await world.process.run(['doctor', '--json', ...more]);
    assert.ok(!ran.stdout.includes(String(mongodb.port)), 'shows the address');
    return JSON.parse(ran.stdout).findings.map(f => `${f.level}: ${f.text} -> ${f.advice}`)
      .filter(text => text.includes('MongoDB') || text.includes('metadata.mongodb'));
  };
  const said = (await findings()).join('\n');
  for (const pattern of [/^ok: MongoDB answers -> .*role read/m,
    /^ok: MongoDB has an index on calls\.callSid/m, /^note: MongoDB has no collection contacts/m,
    /^broken: 0 of the latest 20 calls in MongoDB have a campaign/m,
    /^note: 10 of the latest 20 calls in MongoDB have a name/m,
    /^note: most often missing: \[metadata\.mongodb\] calls\.campaign = "offer".* campaignId,/m]) {
    assert.match(said, pattern);
  }
  assert.deepEqual(mongodb.hash(), before, 'doctor has changed the database');
  assert.deepEqual(await findings('--offline'), []);
  await mongodb.kill();
  assert.match((await findings()).join('\n'), /^broken: MongoDB does not answer/m);
});

test('import copies the database, goes on after a kill, and repeated changes nothing', async t => {
  const { mongodb, dialler, world } = await operation(t);
  world.hide('Lise Meitner', 'Emmy Noether');
  const count = 1_500, sids = Array.from({ length: count }, newSid);
  await dialler.write('campaigns', { _id: { $oid: 'd'.repeat(24) }, name: 'Copied offer' });
  await dialler.write('contacts', { phoneNumber: '+1 (415) 555-0666', name: 'Emmy Noether' });
  await dialler.write('calls', ...sids.map((callSid, i) => ({
    callSid, campaignId: 'D'.repeat(24), ...(i > 0 ? { contactName: 'Lise Meitner' } : {}),
  })));
  await dialler.write('loose_calls', { _id: 'no call', contactName: 'Somebody' });
  const before = mongodb.hash(), total = count + 3;
  await world.process.stop();
  const args = ['import', '--from', 'mongodb', '--yes', '--json'];
  const cut = spawn(binary, args, {
    cwd: world.process.folder, env: world.process.environment(), stdio: 'ignore',
  });
  const ended = once(cut, 'exit');
  await until(() => world.process.keepsImport(), 15_000);
  cut.kill('SIGKILL');
  assert.equal((await ended)[1], 'SIGKILL', 'it was over before it could be killed');

  const copied = async () => {
    const ran = await world.process.run(args);
    assert.equal(ran.status, 0, ran.stderr);
    return { ...JSON.parse(ran.stdout), stderr: ran.stderr };
  };
  const rest = await copied();
  assert.match(rest.stderr, /MongoDB: goes on after \d+ documents/);
  assert.equal(rest.documents, total);
  assert.equal(rest.left_out, 1);
  assert.ok(rest.unchanged <= 500, `${rest.unchanged} were known: more than one page`);
  assert.ok(!world.process.keepsImport(), 'the progress of a finished import is kept');
  await world.process.start();
  const again = await copied();
  assert.deepEqual([again.changed, again.unchanged, again.left_out], [0, total - 1, 1]);
  assert.deepEqual(mongodb.hash(), before, 'the import has changed the database');

  await world.process.stop();
  await mongodb.kill();
  world.process.settings = { ...world.process.settings, MONGODB_URI: undefined };
  await world.process.start();
  await world.ended({ CallSid: sids[0], CallStatus: 'busy', To: '+14155550666' });
  await world.ended({ CallSid: sids[count - 1], CallStatus: 'busy' });
  assert.deepEqual(await subjectAndName(world, sids[0]), ['Copied offer', 'Emmy Noether']);
  assert.deepEqual(await subjectAndName(world, sids[count - 1]), ['Copied offer', 'Lise Meitner']);
});

test('an import without a MongoDB to copy from says what is missing', async t => {
  const world = await World.make(t, {}, { start: false });
  const unset = await world.process.run(['import', '--from', 'mongodb', '--yes']);
  assert.equal(unset.status, 2);
  assert.match(unset.stderr, /MONGODB_URI/);
  const away = await world.process.run(['import', '--from', 'mongodb', '--yes'],
    { MONGODB_URI: 'mongodb://127.0.0.1:1/dialler' });
  assert.equal(away.status, 1);
  assert.match(away.stderr, /MongoDB: .*run it again/);
  const none = await world.process.run(['import', '--yes']);
  assert.equal(none.status, 2);
  assert.match(none.stderr, /FILE/);
});
