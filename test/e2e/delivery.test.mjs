// Design 7 and P2: the same bytes and keys on every attempt, and every answer of a CRM judged.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { World } from './world/world.mjs';
import { filedThenCut } from './world/crm.mjs';
import { cut, hang } from './world/loopback.mjs';
import { quiet, until } from './world/wait.mjs';

const busy = world => world.ended({ CallStatus: 'busy' });

// Answers the first requests of a call with these, and the rest with 200.
const first = (...answers) => (_, count) => answers[count - 1] ?? { status: 200 };

// All attempts for a call carry the same body and keys; the signature was verified on arrival.
function sameEveryTime(world, key) {
  const attempts = world.crm.attempts(key);
  const seen = new Set(attempts.map(r => [r.body, r.headers['webhook-id'],
    r.headers['idempotency-key'], r.headers['x-wrapup-ended-at']].join('|')));
  assert.equal(seen.size, 1, [...seen].join('\n'));
  return attempts;
}

const parked = reason => story => story.deliveries.some(d => d.parked === reason);
const unknownCount = story => story.deliveries[0].unknown_count;

const withDestination = (world, lines) => {
  writeFileSync(path.join(world.process.folder, 'wrapup.toml'),
    `[destination.crm]\n${lines.join('\n')}\n`);
};

test('500 then 200: repeated with the same bytes and keys', async t => {
  const world = await World.make(t);
  world.crm.answer = first({ status: 500 }, { status: 503 }, { status: 502 });
  const sid = await busy(world);
  await world.record(sid);
  assert.equal(sameEveryTime(world, sid).length, 4);
});

test('every answer that only says "not now" is tried again', async t => {
  const world = await World.make(t);
  const answers = [408, 425, 429, 500, 501, 502, 503, 504, 401, 403, 404, 405, 301, 302, 307]
    .map(status => ({ status, headers: status >= 300 && status < 400
      ? { location: `${world.crm.origin}/elsewhere` } : {} }));
  const sids = [];
  for (const answer of answers) {
    world.crm.answer = first(answer);
    sids.push(await busy(world));
    await world.record(sids.at(-1));
  }
  for (const [index, sid] of sids.entries()) {
    assert.equal(sameEveryTime(world, sid).length, 2, `${answers[index].status}`);
  }
  assert.ok(world.crm.seen.every(r => r.path === '/hooks/calls'), 'followed a redirect');
});

test('429 with Retry-After is obeyed, in seconds and as a date', async t => {
  const world = await World.make(t);
  for (const value of [() => '2', () => new Date(Date.now() + 3_000).toUTCString()]) {
    world.crm.answer = first({ status: 429, headers: { 'retry-after': value() } });
    const sid = await busy(world);
    await world.record(sid);
    const [one, two] = sameEveryTime(world, sid);
    assert.ok(two.at - one.at >= 1_900, `came back after ${two.at - one.at} ms`);
  }
});

test('a record that the CRM calls wrong is parked at once', async t => {
  const world = await World.make(t);
  for (const status of [400, 409, 413, 415, 422]) {
    world.crm.answer = () => ({ status, body: { error: 'no such field' } });
    const sid = await busy(world);
    await world.storyWhen(sid, parked('rejected'));
    await quiet(250);
    assert.equal(world.crm.attempts(sid).length, 1, `${status}`);
  }
});

test('409 is acceptance for a CRM that means "have it already"', async t => {
  const world = await World.make(t, {}, { start: false });
  withDestination(world, ['accept_status = [409]']);
  await world.process.start();
  world.crm.answer = () => ({ status: 409 });
  const sid = await busy(world);
  await world.storyWhen(sid, story => story.deliveries[0]?.state === 'accepted');
  assert.equal(world.crm.attempts(sid).length, 1);
});

test('410 parks the destination until a person resumes it', async t => {
  const world = await World.make(t);
  world.crm.answer = () => ({ status: 410 });
  const gone = await busy(world);
  await world.storyWhen(gone, parked('destination_gone'));
  const waiting = await busy(world);
  await quiet(400);
  assert.equal(world.crm.attempts(waiting).length, 0, 'went on sending to a CRM that is gone');
  world.crm.answer = () => ({ status: 200 });
  const resumed = await world.api('POST', '/api/destinations/crm/resume');
  assert.ok(resumed.status < 300, resumed.text);
  await world.record(gone);
  await world.record(waiting);
});

test('a paused destination keeps records until it is resumed', async t => {
  const world = await World.make(t);
  assert.ok((await world.api('POST', '/api/destinations/crm/pause')).status < 300);
  const sid = await busy(world);
  await quiet(400);
  assert.equal(world.crm.seen.length, 0);
  const listed = (await world.api('GET', '/api/destinations')).json.destinations;
  assert.deepEqual(listed.map(d => [d.name, d.state]), [['crm', 'paused']]);
  assert.ok((await world.api('POST', '/api/destinations/crm/resume')).status < 300);
  await world.record(sid);
  assert.equal((await world.api('POST', '/api/destinations/nobody/pause')).status, 404);
});

test('a CRM that hangs: unknown, then repeated with the same key', async t => {
  const world = await World.make(t, {}, { start: false });
  withDestination(world, ['timeout = "1s"']);
  await world.process.start();
  world.crm.answer = first(hang);
  const sid = await busy(world);
  await world.record(sid);
  const attempts = sameEveryTime(world, sid);
  assert.equal(attempts.length, 2);
  assert.ok(attempts[1].at - attempts[0].at >= 950);
  assert.equal(unknownCount(await world.story(sid)), 1);
});

test('a CRM that files the record and loses the answer sees the same key again', async t => {
  const world = await World.make(t);
  world.crm.answer = first(filedThenCut);
  const sid = await busy(world);
  await until(() => world.crm.records(sid).length === 2);
  sameEveryTime(world, sid);
  assert.equal(unknownCount(await world.story(sid)), 1);
});

test('on_unknown = "park" parks what nobody knows, and a person sends it', async t => {
  const world = await World.make(t, {}, { start: false });
  withDestination(world, ['timeout = "1s"', 'on_unknown = "park"']);
  await world.process.start();
  for (const answer of [hang, cut]) {
    world.crm.answer = () => answer;
    const sid = await busy(world);
    await world.storyWhen(sid, parked('unknown_outcome'));
    await quiet(300);
    assert.equal(world.crm.attempts(sid).length, 1);
    const dry = await world.process.run(['replay', '--dry-run']);
    assert.match(dry.stdout, /^0 records in all\.\n1 record more the CRM may have already/m);
    world.crm.answer = () => ({ status: 200 });
    const sent = await world.api('POST', '/api/test-crm-webhook', { callSid: sid });
    assert.equal(sent.status, 200, sent.text);
    sameEveryTime(world, sid);
  }
});

test('a CRM that refuses connections is not "unknown"', async t => {
  const world = await World.make(t, {}, { start: false });
  withDestination(world, ['on_unknown = "park"']);
  await world.process.start();
  await world.crm.close();
  const sid = await busy(world);
  await world.storyWhen(sid, story => story.deliveries[0]?.attempts.length > 0);
  await world.crm.open();
  await world.record(sid);
  const [delivery] = (await world.story(sid)).deliveries;
  assert.equal(delivery.unknown_count, 0);
  assert.equal(delivery.attempts[0].outcome, 'failed');
});

test('after the last retry a record is dead, and a person sends it', async t => {
  const world = await World.make(t, { WRAPUP_RETRY_SCHEDULE: '50ms,50ms' });
  world.crm.answer = () => ({ status: 500 });
  const sid = await busy(world);
  await world.storyWhen(sid, parked('dead'));
  assert.equal(world.crm.attempts(sid).length, 3);
  world.crm.answer = () => ({ status: 200 });
  const sent = await world.api('POST', '/api/test-crm-webhook', { callSid: sid });
  assert.equal(sent.status, 200, sent.text);
  sameEveryTime(world, sid);
  assert.equal(world.crm.records(sid).length, 1);
});

test('a CRM down for a while is caught up, nothing lost, nothing twice', async t => {
  const world = await World.make(t, { WRAPUP_RETRY_SCHEDULE: `${'300ms,'.repeat(30)}300ms` });
  await world.crm.close();
  const sids = [];
  for (let n = 0; n < 60; n += 1) sids.push(await busy(world));
  await quiet(800);
  await world.crm.open();
  await until(() => sids.every(sid => world.crm.records(sid).length === 1), 15_000);
  assert.equal(world.crm.filedCount(), sids.length);
});

test("the destination's own headers, and no proxy of the environment", async t => {
  const world = await World.make(t, {
    CRM_WEBHOOK_HEADERS: '{"x-api-key":"key-of-the-crm-12345","Authorization":"Bearer crm-bearer"}',
    http_proxy: 'http://127.0.0.1:1', HTTP_PROXY: 'http://127.0.0.1:1',
    ALL_PROXY: 'http://127.0.0.1:1',
  });
  world.hide('key-of-the-crm-12345', 'crm-bearer');
  const sid = await busy(world);
  await world.record(sid);
  const [{ headers }] = world.crm.attempts(sid);
  assert.equal(headers['x-api-key'], 'key-of-the-crm-12345');
  assert.equal(headers.authorization, 'Bearer crm-bearer');
});

test('the end of the call is told, and the call is named', async t => {
  const world = await World.make(t);
  const sid = await world.ended({ CallStatus: 'busy',
    Timestamp: 'Sun, 09 Nov 2025 18:45:06 +0000' });
  await world.record(sid);
  const [{ headers }] = world.crm.attempts(sid);
  assert.equal(Date.parse(headers['x-wrapup-ended-at']), Date.UTC(2025, 10, 9, 18, 45, 6));
  assert.equal(headers['x-wrapup-call'], sid);
});

test('from callback to CRM without a tick', async t => {
  const world = await World.make(t);
  await world.record(await busy(world));
  const delays = [];
  for (let n = 0; n < 20; n += 1) {
    const from = performance.now();
    const sid = await busy(world);
    await world.record(sid);
    delays.push(performance.now() - from);
  }
  delays.sort((a, b) => a - b);
  assert.ok(delays[10] < 150, `median ${delays[10].toFixed(0)} ms`);
});
