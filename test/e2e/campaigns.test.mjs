// Design 9: a list of numbers is placed under the rules of each call, and none of them twice.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Stage } from './world/placing_stage.mjs';
import { quiet, until } from './world/wait.mjs';

const number = i => `+6141305${String(3000 + i)}`;
const numbers = count => Array.from({ length: count }, (_, i) => ({ to: number(i) }));

class Campaign {
  constructor(stage, id = 'spring') {
    this.stage = stage;
    this.path = `/api/campaigns/${id}`;
  }

  put(calls, more = {}, headers = {}) {
    return this.stage.api('POST', `${this.path}/calls`, { calls, ...more }, headers);
  }

  async is() { return (await this.stage.api('GET', this.path)).json; }

  change(verb) { return this.stage.api('POST', `${this.path}/${verb}`); }

  when(check, bound = 20_000) {
    let last;
    return until(async () => { last = await this.is(); return check(last) && last; }, bound,
      () => `the list stays ${JSON.stringify(last)}\n${this.stage.process.log().slice(-3000)}`);
  }

  whenDone() { return this.when(list => list.state === 'done'); }
}

test('a list is placed, and each call has a record with its campaign', async t => {
  const stage = await Stage.make(t);
  const campaign = new Campaign(stage);
  await stage.api('POST', '/api/campaigns', { id: 'spring', name: 'Spring offer' });
  await stage.api('POST', '/api/do-not-call', { phone: number(9) });
  const calls = [{ to: number(0), name: 'Ada', variables: { order: '4711' } }, number(1),
    { phone: number(2), time_zone: 'Europe/Berlin' }, number(1), number(9)];
  const tried = await campaign.put(calls, { dry_run: true });
  assert.equal(tried.status, 200, tried.text);
  const put = await campaign.put(calls);
  assert.equal(put.status, 202, put.text);
  for (const name of ['accepted', 'already_in_list', 'repeated', 'refused']) {
    assert.deepEqual(tried.json[name], put.json[name], name);
  }
  const { accepted, already_in_list: known, repeated, refused, bad } = put.json;
  assert.deepEqual([accepted, known, repeated, refused, bad], [3, 0, 1, { do_not_call: 1 }, []]);

  const list = await campaign.whenDone();
  assert.deepEqual(list.rows, { total: 4, waiting: 0, calling: 0, done: 4 });
  assert.deepEqual(list.outcomes, { answered: 3, do_not_call: 1 });
  assert.equal(list.attempts, 3);
  const rows = (await stage.api('GET', `${campaign.path}/calls?state=done`)).json.calls;
  assert.deepEqual(rows.map(row => row.to), [0, 1, 2, 9].map(number));
  const { json: intent } = await stage.api('GET', `/api/intents/${rows[0].intent}`);
  assert.deepEqual([intent.list, intent.attempt], ['spring', 1]);
  const story = await stage.callWhen(intent.call_sid, c => c.call?.state === 'delivered');
  assert.deepEqual([story.record.subject, story.record.name], ['Spring offer', 'Ada']);
  assert.equal((await stage.played()).created, 3);
});

test('bad rows are listed, and nobody is called unless they may be left out', async t => {
  const stage = await Stage.make(t, { WRAPUP_CALLING_HOURS: '00:00-24:00' });
  const campaign = new Campaign(stage);
  const calls = [number(0), { to: 'nobody' }, { to: number(1), colour: 'red' },
    { to: number(2), time_zone: 'Mars/Base' }, '+881612345680'];
  const refused = await campaign.put(calls);
  assert.equal(refused.status, 400, refused.text);
  assert.deepEqual(refused.json.bad.map(b => [b.row, b.field]),
    [[2, 'to'], [3, 'colour'], [4, 'time_zone'], [5, 'time_zone']]);
  const looked = await campaign.put(calls, { dry_run: true });
  assert.deepEqual([looked.status, looked.json], [400, refused.json]);
  assert.equal((await stage.api('GET', campaign.path)).status, 404);
  const tried = await campaign.put(calls, { skip_bad: true, dry_run: true });
  assert.deepEqual([tried.status, tried.json.accepted, tried.json.bad_count], [200, 1, 4]);
  const taken = await campaign.put(calls, { skip_bad: true });
  assert.deepEqual([taken.status, taken.json.accepted, taken.json.bad_count], [202, 1, 4]);
  await campaign.whenDone();
  const contact = { phone: '+881612345680', time_zone: 'Etc/UTC' };
  assert.equal((await stage.api('POST', '/api/contacts', contact)).status, 201);
  const known = await campaign.put(['+881612345680']);
  assert.deepEqual([known.status, known.json.accepted], [202, 1], known.text);
  const list = await campaign.when(l => l.rows.done === 2);
  assert.deepEqual(list.outcomes, { answered: 2 });
  for (const more of [{ retry: { busy: ['soon'] } }, { retry: { colour: [] } }, { from: 'me' },
    { not_after: '2020-01-01T00:00:00Z' }, { colour: 'red' }]) {
    const odd = await campaign.put([number(5)], more);
    assert.equal(odd.status, 400, `${JSON.stringify(more)} ${odd.text}`);
  }
  assert.equal((await campaign.put([])).status, 400);
});

test('a list of nine megabytes is taken', async t => {
  const campaign = new Campaign(await Stage.make(t));
  const calls = numbers(600).map(row => ({ ...row, variables: { text: 'x'.repeat(15_000) } }));
  const tried = await campaign.put(calls, { dry_run: true });
  assert.deepEqual([tried.status, tried.json.accepted], [200, 600], tried.text.slice(0, 300));
});

test('a list that is sent again calls nobody twice', async t => {
  const stage = await Stage.make(t);
  const campaign = new Campaign(stage);
  const key = { 'idempotency-key': 'list-1' };
  const first = await campaign.put(numbers(5), {}, key);
  const again = await campaign.put(numbers(5), {}, key);
  assert.deepEqual([again.status, again.json.accepted], [first.status, first.json.accepted]);
  const other = await campaign.put(numbers(6), {}, key);
  assert.deepEqual([other.status, other.json.code], [422, 'idempotency_key_reused']);
  const without = await campaign.put(numbers(6));
  assert.deepEqual([without.json.accepted, without.json.already_in_list], [1, 5]);
  await campaign.whenDone();
  assert.equal((await stage.played()).created, 6);
});

test('a corrected list corrects who waits, and tells and logs what changes for all', async t => {
  const stage = await Stage.make(t);
  const campaign = new Campaign(stage);
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const wrong = [{ to: number(0), name: 'Wrong', time_zone: 'Europe/London' }, number(1)];
  const first = await campaign.put(wrong, { not_before: later });
  assert.deepEqual([first.json.corrected, first.json.called_already, first.json.changed],
    [0, 0, []]);
  const none = await campaign.put([number(2)], { not_after: new Date(Date.now() + 60_000) });
  assert.equal(none.status, 400, none.text);
  const right = [{ to: number(0), name: 'Right', variables: { price: '99' } }, number(1)];
  const sooner = new Date(Date.now() + 1_000).toISOString();
  const again = await campaign.put(right, { not_before: sooner });
  assert.deepEqual([again.status, again.json.accepted, again.json.already_in_list,
    again.json.corrected, again.json.changed],
  [202, 0, 2, 1, [{ setting: 'not_before', was: later, is: sooner }]], again.text);
  const { entries } = (await stage.api('GET', '/api/log')).json;
  assert.deepEqual([entries[0].action, entries[0].subject, entries[0].detail],
    ['campaign_changed', 'spring', `not_before "${sooner}"`]);
  await campaign.whenDone();
  const [row] = (await stage.api('GET', `${campaign.path}/calls`)).json.calls;
  assert.equal((await stage.api('GET', `/api/intents/${row.intent}`)).json.name, 'Right');
});

for (const [how, headers] of [['the same key', { 'idempotency-key': 'list-1' }], ['no key', {}]]) {
  test(`a list that the store fails in the middle of is sent again with ${how}`, async t => {
    const stage = await Stage.make(t);
    const campaign = new Campaign(stage);
    const limit = bytes => assert.equal(spawnSync('prlimit',
      ['--pid', String(stage.process.child.pid), `--fsize=${bytes}:unlimited`]).status, 0);
    const calls = numbers(3_000).map(row => ({ ...row, variables: { text: 'x'.repeat(2_000) } }));
    const later = { not_before: new Date(Date.now() + 3_600_000).toISOString() };
    limit(4_000_000);
    const failed = await campaign.put(calls, later, headers);
    limit('unlimited');
    const { stored, detail } = failed.json;
    assert.equal(failed.status, 503, failed.text);
    assert.ok(stored > 0 && stored < calls.length, failed.text);
    assert.match(detail, new RegExp(`${stored} of the list's 3000 numbers.*nobody twice`));
    assert.equal((await campaign.is()).rows.total, stored);
    const again = await until(async () => {
      const answer = await campaign.put(calls, later, headers);
      return answer.status !== 503 && answer;
    }, 10_000, () => 'the store stays away');
    const known = headers['idempotency-key'] ? 0 : stored;
    assert.deepEqual([again.status, again.json.accepted, again.json.already_in_list],
      [202, calls.length - known, known], again.text);
    assert.equal((await campaign.is()).rows.total, calls.length);
  });
}

test('a list is paused, resumed and cancelled', async t => {
  const stage = await Stage.make(t, { WRAPUP_CALLS_PER_SECOND: '5', WRAPUP_CALLS_MAX: '5' },
    { talk_ms: 1_000 });
  const campaign = new Campaign(stage);
  await campaign.put(numbers(300));
  await campaign.when(list => list.rows.calling > 0);
  const paused = await campaign.change('pause');
  assert.deepEqual([paused.status, paused.json.state, paused.json.next],
    [200, 'paused', 'wrapup campaign resume spring']);
  const still = await campaign.when(list => list.rows.calling === 0);
  const before = (await stage.played()).created;
  const followed = await stage.process.run(['campaign', 'follow', 'spring']);
  assert.equal(followed.status, 1);
  assert.match(followed.stdout, /spring: paused,.*\n {2}-> wrapup campaign resume spring\n/);
  const intents = (await stage.api('GET', '/api/intents?list=spring&limit=200')).json.intents;
  assert.ok(intents.every(i => ['ended', 'waiting'].includes(i.state)), JSON.stringify(intents));
  await quiet(1_000);
  assert.equal((await stage.played()).created, before);
  assert.equal(still.rows.done, before);
  assert.equal((await campaign.change('resume')).json.state, 'active');
  await campaign.when(list => list.rows.done > still.rows.done);
  const cancelled = await campaign.change('cancel');
  assert.deepEqual([cancelled.json.state, cancelled.json.rows.waiting], ['cancelled', 0]);
  assert.equal(cancelled.json.already_over, false);
  const over = await campaign.when(list => list.rows.calling === 0);
  assert.equal(over.rows.done, 300);
  const again = await stage.process.run(['campaign', 'cancel', 'spring']);
  assert.match(again.stdout, /It was already over: there was nothing to cancel\.\n$/);
  const log = (await stage.api('GET', '/api/log?limit=2')).json.entries;
  assert.deepEqual(log.map(entry => entry.detail), ['was already over', null]);
  assert.ok(over.outcomes.cancelled > 200, JSON.stringify(over.outcomes));
  assert.equal((await campaign.change('resume')).status, 409);
  const tried = await campaign.put([number(999)], { dry_run: true });
  assert.deepEqual([tried.status, tried.json.detail],
    [409, "the calls of this campaign were cancelled: use another campaign's id"]);
  assert.equal((await campaign.put([number(999)])).status, 409);
  assert.equal((await new Campaign(stage, 'autumn').change('pause')).status, 404);
});

test('a list that waits says why and until when', async t => {
  const stage = await Stage.make(t, { WRAPUP_CALLS_PER_NUMBER: '1' });
  const first = new Campaign(stage, 'first');
  await first.put([number(0)]);
  const over = await first.whenDone();
  assert.deepEqual([over.waits_for, over.waits_until], [null, null]);
  const often = new Campaign(stage, 'often');
  await often.put([number(0)]);
  const waits = await often.when(list => list.waits_for === 'too_many_attempts');
  assert.ok(Date.parse(waits.waits_until) > Date.now(), JSON.stringify(waits));
  const shown = await stage.process.run(['campaign', 'show', 'often']);
  assert.match(shown.stdout, new RegExp('often: active, 0 of 1 done.*\n' +
    `  the next number waits for too_many_attempts until ${waits.waits_until}\n`));
});

test('a list whose every call Twilio refuses pauses itself and loses nobody', async t => {
  const stage = await Stage.make(t, { WRAPUP_CALLS_PER_SECOND: '5' });
  const campaign = new Campaign(stage);
  assert.equal((await campaign.put(numbers(8), { from: '+15005550001' })).status, 202);
  const paused = await campaign.when(list => list.state === 'paused' && list.rows.calling === 0);
  assert.match(paused.reason, /^Twilio refuses the calls/);
  assert.ok(paused.refused_attempts >= 1, JSON.stringify(paused));
  assert.deepEqual([paused.rows.waiting, paused.attempts], [8, paused.refused_attempts]);
  const shown = await stage.process.run(['campaign', 'show', 'spring']);
  assert.match(shown.stdout, new RegExp(`\\(${paused.refused_attempts} refused by Twilio\\)`));
  const { intents } = (await stage.api('GET', '/api/intents?list=spring')).json;
  assert.ok(intents.every(i => ['refused', 'waiting'].includes(i.state)), JSON.stringify(intents));
  const [own] = stage.sandbox.environment.TWILIO_PHONE_NUMBER.split(',');
  assert.equal((await campaign.put(numbers(8), { from: own })).status, 202);
  await campaign.change('resume');
  assert.deepEqual((await campaign.whenDone()).outcomes, { answered: 8 });
  assert.equal((await stage.played()).created, 8);
});

test('who was busy is called again after the waits of wrapup.toml, or of the list', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'wrapup-retry-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const config = join(folder, 'wrapup.toml');
  writeFileSync(config, 'retry = { busy = ["1s", "2s"] }\n');
  const stage = await Stage.make(t, { WRAPUP_CONFIG: config },
    { outcomes: ['busy', 'busy', 'held'] });
  const campaign = new Campaign(stage);
  const later = new Date(Date.now() + 1_000).toISOString();
  assert.equal((await campaign.put([number(0)], { not_before: later })).status, 202);
  const before = await campaign.is();
  assert.deepEqual([before.rows.waiting, before.attempts, before.retry],
    [1, 0, { busy: ['1s', '2s'], no_answer: [] }]);
  const list = await campaign.whenDone();
  assert.deepEqual([list.outcomes, list.attempts], [{ answered: 1 }, 3]);
  const { intents } = (await stage.api('GET', '/api/intents?list=spring')).json;
  assert.deepEqual(intents.map(intent => intent.attempt), [3, 2, 1]);
  const [third, second, first] = intents.map(intent => ({
    from: Date.parse(intent.created_at), until: Date.parse(intent.ended_at) }));
  assert.ok(second.from - first.until >= 1_000 && third.from - second.until >= 2_000,
    JSON.stringify(intents));
  for (const intent of intents) {
    await stage.callWhen(intent.call_sid, c => c.call?.state === 'delivered');
  }

  await stage.sandbox.post('/sandbox/placing', { outcomes: ['no-answer', 'no-answer', 'busy'] });
  const other = new Campaign(stage, 'autumn');
  assert.equal((await other.put([number(1)], { retry: { no_answer: ['1s'] } })).status, 202);
  const over = await other.whenDone();
  assert.deepEqual([over.outcomes, over.attempts], [{ no_answer: 1 }, 2]);
  await new Campaign(stage, 'winter').put([number(2)], { retry: {} });
  assert.deepEqual((await new Campaign(stage, 'winter').whenDone()).outcomes, { busy: 1 });
});

test('kill -9 in the middle of a list: each number is called once, and has one record', async t => {
  const stage = await Stage.make(t, { WRAPUP_RECONCILE_INTERVAL: '1s' }, { lose_every: 5 });
  const campaign = new Campaign(stage);
  const count = 60;
  assert.equal((await campaign.put(numbers(count))).status, 202);
  for (let i = 0; i < 4; i += 1) {
    await quiet(400);
    stage.process.child.kill('SIGKILL');
    await stage.process.ended;
    await stage.process.start();
  }
  // What was asked for as it died, and did not arrive, is looked for during two minutes before it
  // is asked for again: evidence_list.mjs waits for that too. Everybody else has his record.
  await campaign.when(list => list.rows.waiting === 0);
  let played, intents, account, lost;
  await until(async () => {
    played = await stage.played();
    intents = (await stage.api('GET', '/api/intents?list=spring&limit=200')).json.intents;
    account = await stage.sandbox.account();
    const called = new Set(played.calls.map(call => call.to));
    lost = intents.filter(intent => intent.state === 'asking' && !called.has(intent.to)).length;
    return account.records === played.created && played.created === count - lost;
  }, 20_000, () => JSON.stringify([account, played.created, lost,
    intents.filter(intent => intent.state !== 'ended')]));
  assert.ok(lost < count / 6, `${lost} calls did not arrive`);
  assert.equal(account.altered, 0);
  assert.equal(new Set(played.calls.map(call => call.to)).size, played.created);
  assert.ok(played.calls.every(call => call.conversations <= 1));
  assert.equal(new Set(intents.map(intent => intent.to)).size, count);
  assert.equal(intents.length, count);
});
