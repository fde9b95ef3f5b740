// Design 7 and 10: sending a set of records once more, as a job that outlives the process.
import assert from 'node:assert/strict';
import test from 'node:test';
import { World } from './world/world.mjs';
import { until } from './world/wait.mjs';

const quick = { ELEVENLABS_API_KEY: undefined, WRAPUP_TWILIO_GRACE: '100ms' };

async function preview(world, order) {
  const answer = await world.api('POST', '/api/replays', { ...order, preview: true });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

async function start(world, order, token, reason) {
  const answer = await world.api('POST', '/api/replays',
    { ...order, preview: false, token, reason });
  assert.equal(answer.status, 202, answer.text);
  assert.equal(answer.json.state, 'running');
  return answer.json;
}

async function jobWhen(world, id, is, patience = 30_000) {
  let job;
  await until(async () => {
    job = (await world.api('GET', `/api/replays/${id}`)).json;
    return is(job);
  }, patience, () => JSON.stringify(job));
  return job;
}

// So many calls whose records the CRM has rejected.
async function rejected(world, count) {
  world.crm.answer = () => ({ status: 422, body: { error: 'unknown field 17' } });
  const sids = [];
  while (sids.length < count) {
    const batch = Array.from({ length: Math.min(50, count - sids.length) },
      () => world.ended({ CallStatus: 'busy' }));
    sids.push(...await Promise.all(batch));
  }
  await until(async () => (await preview(world, { filter: {} })).count === count, 20_000);
  world.crm.answer = () => ({ status: 200 });
  return sids;
}

test('what was rejected is replayed as a job, each once, and the reason is kept', async t => {
  const world = await World.make(t, quick);
  const sids = await rejected(world, 12);
  const order = { filter: { parked: 'rejected', destination: 'crm', status: 'no answer' } };
  const seen = await preview(world, order);
  assert.equal(seen.count, 12);
  assert.equal(seen.calls.length, 10);
  assert.ok(seen.calls.every(call => sids.includes(call.call_sid) && call.parked === 'rejected'));
  const job = await start(world, order, seen.token, 'the field is mended');
  assert.equal(job.count, 12);
  const again = await start(world, order, seen.token).catch(() => null);
  if (again) assert.equal(again.id, job.id, 'one token began two jobs');
  const done = await jobWhen(world, job.id, one => one.state === 'done');
  assert.deepEqual([done.accepted, done.failed, done.skipped, done.reason],
    [12, 0, 0, 'the field is mended']);
  for (const sid of sids) {
    assert.equal(world.crm.records(sid).length, 1);
    const [first, second] = world.crm.attempts(sid);
    assert.equal(second.body, first.body);
    assert.equal(second.headers['webhook-id'], first.headers['webhook-id']);
  }
  const list = await world.api('GET', '/api/replays');
  assert.deepEqual(list.json.replays.map(one => one.id), [job.id]);
});

test('a token is of its preview: what was not previewed is not sent', async t => {
  const world = await World.make(t, quick);
  const sids = await rejected(world, 2);
  const { token } = await preview(world, { filter: { parked: 'dead' } });
  const other = await world.api('POST', '/api/replays',
    { filter: { parked: 'rejected' }, preview: false, token });
  assert.equal(other.status, 409);
  assert.match(other.json.detail, /preview/);
  const wider = await preview(world, { filter: { parked: 'rejected' } });
  world.crm.answer = () => ({ status: 422 });
  const more = await world.ended({ CallStatus: 'busy' });
  await world.storyWhen(more, story => story.call.state === 'parked');
  const job = await start(world, { filter: { parked: 'rejected' } }, wider.token);
  const done = await jobWhen(world, job.id, one => one.state === 'done');
  assert.equal(done.count, 2, 'what came after the preview is not concerned');
  assert.equal(done.failed, 2);
  assert.equal(world.crm.attempts(more).length, 1);
  assert.equal(sids.length, 2);
});

test('bad orders are refused by field', async t => {
  const world = await World.make(t, quick);
  const rows = [
    [{ filter: { colour: 'red' } }, 'filter.colour'], [{ fitler: {} }, 'fitler'],
    [{ filter: { state: 'open' } }, 'filter.state'],
    [{ filter: { after: 'soon' } }, 'filter.after'],
    [{ filter: { parked: 'bored' } }, 'filter.parked'], [{ filter: [] }, 'filter'],
    [{ filter: { parked: 'silent' } }, 'filter.parked'],
    [{ filter: { status: 'great' } }, 'filter.status'],
    [{ filter: { fingerprint: 'xyz' } }, 'filter.fingerprint'],
    [{ filter: { after: '2026-11-02', before: '2026-11-01' } }, 'filter.before'],
    [{ filter: { state: 'accepted' } }, 'again'], [{ again: 'yes' }, 'again'],
    [{ preview: false }, 'token'], [{ preview: false, token: 'abc' }, 'token'],
    [{ filter: { destination: 'nowhere' } }, 'destination'], [{ to: 'crm' }, 'to'],
    [{ filter: { destination: 'old' }, to: 'nowhere' }, 'to'],
    [{ earlier: true }, 'filter.destination'],
    [{ earlier: true, again: true, filter: { destination: 'crm' } }, 'earlier'],
  ];
  for (const [order, field] of rows) {
    const answer = await world.api('POST', '/api/replays', order);
    assert.equal(answer.status, 400, `${JSON.stringify(order)}: ${answer.text}`);
    assert.equal(answer.json.field, field, answer.text);
  }
});

test('what was accepted is sent again only when told, and stays accepted', async t => {
  const world = await World.make(t, quick);
  const sid = await world.ended({ CallStatus: 'busy' });
  await world.storyWhen(sid, story => story.call.state === 'delivered');
  assert.equal((await preview(world, { filter: {} })).count, 0);
  const order = { filter: { state: 'accepted' }, again: true };
  const { token, count } = await preview(world, order);
  assert.equal(count, 1);
  const job = await start(world, order, token);
  const done = await jobWhen(world, job.id, one => one.state === 'done');
  assert.equal(done.accepted, 1);
  const [one, two] = world.crm.attempts(sid);
  assert.equal(two.body, one.body);
  assert.equal(two.headers['idempotency-key'], one.headers['idempotency-key']);
  const story = await world.story(sid);
  assert.equal(story.call.state, 'delivered');
  assert.deepEqual(story.deliveries[0].attempts.map(a => a.again), [false, true]);
});

test('failures of one kind are replayed by their fingerprint', async t => {
  const world = await World.make(t, quick);
  const [sid] = await rejected(world, 1);
  const { fingerprint } = (await world.story(sid)).deliveries[0];
  assert.match(fingerprint, /^[0-9a-f]{16}$/);
  assert.equal((await preview(world, { filter: { fingerprint } })).count, 1);
  const { json: { failures, more } } = await world.api('GET', '/api/failures');
  assert.deepEqual(failures.map(one => [one.fingerprint, one.count, one.http_status, one.sample]),
    [[fingerprint, 1, 422, sid]]);
  assert.equal(more, false);
  const other = fingerprint.replace(/./g, c => (c === '0' ? '1' : '0'));
  assert.equal((await preview(world, { filter: { fingerprint: other } })).count, 0);
});

test('a job of 300 goes on after kill -9, and each arrives once', { timeout: 120_000 }, async t => {
  const world = await World.make(t, quick);
  world.wasMeantToEnd = true;
  const sids = await rejected(world, 300);
  world.crm.seen.length = 0;
  world.crm.filed.clear();
  world.crm.answer = () => ({ status: 200, delay: 20 });
  const order = { filter: { parked: 'rejected' } };
  const job = await start(world, order, (await preview(world, order)).token);
  await until(() => world.crm.filedCount() > 60, 30_000);
  await world.process.kill();
  await world.process.start();
  const done = await jobWhen(world, job.id, one => one.state === 'done', 60_000);
  assert.deepEqual([done.accepted, done.failed, done.skipped], [300, 0, 0]);
  for (const sid of sids) {
    const story = await world.story(sid);
    // A second one only where the kill fell between the CRM's word and our note of it.
    const unknown = story.deliveries[0].unknown_count;
    assert.ok(world.crm.records(sid).length - 1 <= unknown, `${sid} arrived twice`);
    assert.ok(world.crm.records(sid).length >= 1, `${sid} never arrived`);
  }
});

test('the command line previews, sends, tells and cancels', async t => {
  const world = await World.make(t, quick);
  const sids = await rejected(world, 3);
  const dry = await world.process.run(['replay', '--parked', 'rejected', '--dry-run']);
  assert.equal(dry.status, 0, dry.stderr);
  assert.match(dry.stdout, /3 records in all\.\n$/);
  assert.match(dry.stdout, / rejected /);
  const unasked = await world.process.run(['replay', '--parked', 'rejected']);
  assert.equal(unasked.status, 2);
  assert.match(unasked.stderr, /--yes/);
  assert.equal(world.crm.filedCount(), 0);
  const sent = await world.process.run(['replay', '--parked', 'rejected', '--reason', 'mended',
    '--yes', '--json']);
  assert.equal(sent.status, 0, sent.stderr);
  const job = JSON.parse(sent.stdout);
  assert.deepEqual([job.state, job.accepted, job.reason], ['done', 3, 'mended']);
  for (const sid of sids) assert.equal(world.crm.records(sid).length, 1);
  const shown = await world.process.run(['replay', '--show', String(job.id)]);
  assert.match(shown.stdout, /3 accepted/);
  assert.match(shown.stdout, /mended/);
  const cancelled = await world.process.run(['replay', '--cancel', String(job.id)]);
  assert.match(cancelled.stdout, /is done[\s\S]*It was already over: there was nothing to cancel/);
  const [noted] = (await world.api('GET', '/api/log')).json.entries;
  assert.deepEqual([noted.action, noted.detail], ['replay_cancelled', 'was already over']);
  const wrong = await world.process.run(['replay', '--parked', 'bored', '--dry-run']);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /parked/);
});

test('a cancelled job sends nothing more', async t => {
  const world = await World.make(t, quick);
  await rejected(world, 2);
  await world.api('POST', '/api/destinations/crm/pause');
  const order = { filter: { parked: 'rejected' } };
  const job = await start(world, order, (await preview(world, order)).token);
  const answer = await world.api('DELETE', `/api/replays/${job.id}`);
  assert.equal(answer.status, 200);
  assert.equal(answer.json.state, 'cancelled');
  assert.equal((await world.api('GET', `/api/replays/${job.id}`)).json.state, 'cancelled');
});

test('while delivery is disabled nothing waits, and later it is replayed', async t => {
  const world = await World.make(t, quick);
  world.crm.answer = () => ({ status: 503 });
  const sid = await world.ended({ CallStatus: 'busy' });
  await world.storyWhen(sid, story => story.deliveries?.[0]?.attempts.length > 0);
  await world.process.stop();
  world.process.settings.ENABLE_CRM_WEBHOOK = 'false';
  await world.process.start();
  await world.storyWhen(sid, story => story.call.parked === 'disabled');
  const refused = await world.api('POST', '/api/replays', { filter: { destination: 'crm' } });
  assert.equal(refused.status, 400);
  assert.match(refused.json.detail, /disabled/);
  await world.process.stop();
  delete world.process.settings.ENABLE_CRM_WEBHOOK;
  world.crm.answer = () => ({ status: 200 });
  await world.process.start();
  assert.equal((await world.story(sid)).call.parked, 'disabled');
  const sent = await world.process.run(['replay', '--parked', 'disabled', '--yes']);
  assert.equal(sent.status, 0, sent.stderr);
  assert.equal(world.crm.records(sid).length, 1);
});
