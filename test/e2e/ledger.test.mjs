// Design 8: every call of a day is in exactly one column, and whoever changes the books is seen.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import test from 'node:test';
import { World, account } from './world/world.mjs';
import { callResource, newSid, statusForm } from './world/twilio.mjs';
import { until } from './world/wait.mjs';

const dayKeys = ['date', 'timezone', 'calls', 'accepted', 'parked', 'in_flight', 'out_of_scope',
  'missing', 'twilio', 'unexplained', 'differences', 'sealed_at', 'hash', 'previous_hash',
  'corrections'];

const dateIn = (timeZone, time = new Date()) =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(time);

const ledger = async (world, query = '') => {
  const answer = await world.api('GET', `/api/ledger${query}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};

// One that the CRM has, one that it refused, one that is not ours, one that goes on.
async function aDay(world) {
  const refused = newSid();
  world.crm.answer = request =>
    request.headers['idempotency-key'] === refused ? { status: 422 } : { status: 200 };
  const sid = await world.ended({ CallStatus: 'busy' });
  await world.ended({ CallStatus: 'busy', CallSid: refused });
  await world.ended({ CallStatus: 'ringing', CallDuration: '' });
  const inbound = await world.status(statusForm({ Direction: 'inbound' }));
  assert.equal(inbound.status, 204);
  await world.storyWhen(sid, story => story.call.state === 'delivered');
  await world.storyWhen(refused, story => story.call.state === 'parked');
  await until(async () => (await ledger(world)).out_of_scope === 1, 8_000, () => 'not ignored');
}

test('a day accounts for every call, over HTTP and on the command line', async t => {
  const world = await World.make(t, { WRAPUP_TIMEZONE: 'Australia/Sydney' });
  await aDay(world);
  const day = await ledger(world);
  assert.deepEqual(Object.keys(day), dayKeys);
  assert.equal(day.timezone, 'Australia/Sydney');
  assert.equal(day.date, dateIn('Australia/Sydney'));
  assert.deepEqual([day.calls, day.accepted, day.in_flight, day.out_of_scope, day.missing],
    [4, 1, 1, 1, 0]);
  assert.deepEqual(day.parked, { total: 1, rejected: 1 });
  assert.deepEqual([day.twilio, day.unexplained, day.differences], [null, 0, []]);
  assert.deepEqual([day.sealed_at, day.hash, day.corrections], [null, null, []]);
  assert.deepEqual(await ledger(world, `?date=${day.date}`), day);

  const json = await world.process.run(['ledger', '--json', '--date', day.date]);
  assert.equal(json.status, 0, json.stderr);
  assert.deepEqual(JSON.parse(json.stdout), day);
  const text = await world.process.run(['ledger']);
  assert.equal(text.status, 0, text.stderr);
  assert.match(text.stdout, /parked +1 +rejected 1/);
  assert.match(text.stdout, /Nothing is unexplained/);
  const csv = await world.process.run(['ledger', '--csv', '--from', day.date, '--to', day.date]);
  assert.equal(csv.status, 0, csv.stderr);
  const [head, line, rest] = csv.stdout.split('\n');
  assert.ok(head.startsWith('date,timezone,calls,accepted,parked,in_flight,'), head);
  assert.ok(line.startsWith(`${day.date},Australia/Sydney,4,1,1,1,1,0,0,`), line);
  assert.equal(rest, '');
  const verified = await world.process.run(['ledger', '--verify']);
  assert.deepEqual([verified.status, /4 calls recounted/.test(verified.stdout)], [0, true]);
});

test('days are listed, and a wrong date is wrong usage', async t => {
  const world = await World.make(t);
  await world.record(await world.ended({ CallStatus: 'busy' }));
  const today = dateIn('UTC'), before = dateIn('UTC', new Date(Date.now() - 2 * 86_400_000));
  const { days } = await ledger(world, `?from=${before}&to=${today}`);
  assert.deepEqual(days.map(day => day.calls), [0, 0, 1]);
  for (const query of ['?date=yesterday', '?from=2026-01-02&to=2026-01-01', '?day=2026-01-01',
    '?date=2026-01-01&from=2026-01-01', '?from=2020-01-01&to=2026-01-01']) {
    assert.equal((await world.api('GET', `/api/ledger${query}`)).status, 400, query);
  }
  const wrong = await world.process.run(['ledger', '--date', '2026-02-30']);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /date/);
});

// Runs statements on the database of a process that is stopped.
function tamper(world, ...statements) {
  const script = 'import sqlite3, sys\n' +
    'db = sqlite3.connect(sys.argv[1])\n' +
    'for one in sys.argv[2:]: assert db.execute(one).rowcount > 0, one\n' +
    'db.commit()\n';
  const done = spawnSync('python3',
    ['-c', script, path.join(world.process.data, 'wrapup.db'), ...statements]);
  assert.equal(done.status, 0, String(done.stderr));
}

async function afterTampering(world, ...statements) {
  await world.process.stop();
  tamper(world, ...statements);
  await world.process.start();
  return world.process.run(['ledger', '--verify']);
}

test('a closed day is closed for good, and tampering is seen', async t => {
  const world = await World.make(t);
  // Adopted today, and of a day long past, which is closed at once when somebody looks.
  const created = new Date(Date.now() - 3 * 86_400_000), date = dateIn('UTC', created);
  const sid = newSid();
  world.twilio.calls.set(sid, callResource(sid, account, {
    status: 'busy', duration: '0', date_created: created.toUTCString().replace('GMT', '+0000') }));
  const sent = await world.api('POST', '/api/test-crm-webhook', { callSid: sid, now: true });
  assert.equal(sent.status, 200, sent.text);
  assert.equal((await ledger(world, `?date=${date}`)).accepted, 1);
  assert.equal((await ledger(world)).calls, 0);
  await world.process.stop();
  await world.process.start();
  const closed = await until(async () => {
    const day = await ledger(world, `?date=${date}`);
    return day.sealed_at === null ? undefined : day;
  }, 8_000, () => 'the day is not closed');
  assert.deepEqual(Object.keys(closed), [...dayKeys, 'unexplained_now', 'differences_now']);
  assert.match(closed.hash, /^[0-9a-f]{64}$/);
  const next = dateIn('UTC', new Date(created.getTime() + 86_400_000));
  await until(async () => (await ledger(world, `?date=${next}`)).previous_hash === closed.hash,
    8_000, () => 'the next day does not name it');
  assert.equal((await world.process.run(['ledger', '--verify'])).status, 0);

  const moved = await afterTampering(world, "UPDATE calls SET state = 'out_of_scope'");
  assert.equal(moved.status, 1);
  assert.match(moved.stdout, /counter of accepted .* is 1, a recount of the calls says 0/);
  const both = await afterTampering(world,
    "UPDATE ledger SET column_name = 'out_of_scope' WHERE column_name = 'accepted'");
  assert.equal(both.status, 1);
  assert.match(both.stdout, new RegExp(`${date} and its corrections do not add up`));
  const rewritten = await afterTampering(world,
    `UPDATE sealed_days SET content = replace(replace(content, '"accepted":1', '"accepted":0'),
       '"out_of_scope":0', '"out_of_scope":1') WHERE date = '${date}'`);
  assert.equal(rewritten.status, 1);
  assert.match(rewritten.stdout, new RegExp(`${date} was changed after it was closed`));
  const json = await world.process.run(['ledger', '--verify', '--json']);
  assert.equal(json.status, 1);
  assert.equal(JSON.parse(json.stdout).findings.length, 1);
});

test('a zone that nobody knows stops the start with a line that names the setting', async t => {
  const world = await World.make(t, { WRAPUP_TIMEZONE: 'Mars/Olympus' }, { start: false });
  await world.process.launch();
  assert.equal((await world.process.ended).code, 2);
  assert.match(world.process.log(), /WRAPUP_TIMEZONE/);
  world.wasMeantToEnd = true;
});
