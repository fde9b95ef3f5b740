// By hand: a list of 100,000 numbers on SQLite. How long taking it takes, what it costs in memory,
// what others wait meanwhile, and how fast it is called and cancelled. And a list of 60 with a
// Twilio that loses every fifth answer, and ten times kill -9: 60 calls, 60 records, none twice.
//
//     WRAPUP_BIN=build/release/wrapup node test/e2e/evidence_list.mjs
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { Stage } from './world/placing_stage.mjs';
import { quiet, until } from './world/wait.mjs';

const count = Number(process.env.WRAPUP_EVIDENCE_ROWS ?? 100_000);
const number = i => `+61413${String(i).padStart(6, '0')}`;

const seconds = async work => {
  const begun = performance.now();
  const result = await work();
  return [Math.round(performance.now() - begun) / 1_000, result];
};
const percentile = (all, part) => all.sort((a, b) => a - b)[Math.floor((all.length - 1) * part)];

test(`a list of ${count} numbers`, { timeout: 1_200_000 }, async t => {
  const stage = await Stage.make(t, { WRAPUP_CALLS_PER_SECOND: '50', WRAPUP_CALLS_MAX: '100' });
  const path = '/api/campaigns/big';
  const memory = key => Number(new RegExp(`${key}:\\s+(\\d+) kB`).exec(
    readFileSync(`/proc/${stage.process.child.pid}/status`, 'utf8'))[1]) / 1_024;
  const ask = () => stage.api('GET', path);
  const measured = {};
  const rows = Array.from({ length: count }, (_, i) => ({ to: number(i), name: `Number ${i}`,
    time_zone: i % 2 ? 'Australia/Sydney' : undefined, variables: { order: String(i) } }));
  const before = memory('VmRSS');

  // Looks at other things wait for nothing of it.
  const looks = [];
  let isOver = false;
  const looking = (async () => {
    while (!isOver) {
      const [taken] = await seconds(() => stage.api('GET', '/api/intents?limit=1'));
      looks.push(taken);
      await quiet(20);
    }
  })();
  const body = { calls: rows, not_before: new Date(Date.now() + 3_600_000).toISOString() };
  const [tried, dry] = await seconds(() => stage.api('POST', `${path}/calls`,
    { ...body, dry_run: true }));
  assert.deepEqual([dry.status, dry.json.accepted], [200, count]);
  const [taken, put] = await seconds(() => stage.api('POST', `${path}/calls`, body));
  assert.deepEqual([put.status, put.json.accepted], [202, count], put.text.slice(0, 500));
  const [again, repeat] = await seconds(() => stage.api('POST', `${path}/calls`, body));
  assert.deepEqual([repeat.json.accepted, repeat.json.already_in_list], [0, count]);
  isOver = true;
  await looking;
  measured.body_mb = Math.round(JSON.stringify(body).length / 1e5) / 10;
  measured.checked_s = tried;
  measured.taken_s = taken;
  measured.sent_again_s = again;
  measured.other_look_p50_s = percentile(looks, 0.5);
  measured.other_look_max_s = percentile(looks, 1);
  measured.memory_before_mb = Math.round(before);
  measured.memory_peak_mb = Math.round(memory('VmHWM'));
  measured.memory_after_mb = Math.round(memory('VmRSS'));

  const progress = [];
  for (let i = 0; i < 50; i += 1) progress.push((await seconds(ask))[0]);
  measured.progress_p50_s = percentile(progress, 0.5);
  measured.progress_max_s = percentile(progress, 1);
  const [page] = await seconds(() => stage.api('GET', `${path}/calls?state=done`));
  measured.page_of_a_state_s = page;

  // Called for a while, at 50 a second.
  await stage.api('POST', `${path}/calls`, { calls: [rows[0]],
    not_before: new Date(Date.now() - 1_000).toISOString() });
  const due = await stage.api('POST', `/api/campaigns/now/calls`, { calls: rows });
  assert.equal(due.status, 202, due.text.slice(0, 500));
  const from = (await stage.api('GET', '/api/campaigns/now')).json.rows.done;
  const cpu = () => readFileSync(`/proc/${stage.process.child.pid}/stat`, 'utf8').split(' ')
    .slice(13, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
  const cpuBefore = cpu();
  const during = [], begun = Date.now();
  while (Date.now() - begun < 20_000) {
    during.push((await seconds(() => stage.api('GET', '/api/campaigns/now')))[0]);
    await quiet(50);
  }
  const running = (Date.now() - begun) / 1_000;
  const { rows: now } = (await stage.api('GET', '/api/campaigns/now')).json;
  measured.called_per_s = Math.round((now.done - from) / running * 10) / 10;
  measured.cpu_share = Math.round((cpu() - cpuBefore) / running * 100) / 100;
  measured.progress_while_called_p50_s = percentile(during, 0.5);
  measured.progress_while_called_max_s = percentile(during, 1);
  const [cancelled, cancel] = await seconds(() =>
    stage.api('POST', '/api/campaigns/now/cancel'));
  assert.equal(cancel.json.state, 'cancelled');
  measured.cancelled_s = cancelled;
  console.log(JSON.stringify(measured, null, 1));
});

test('a list of 60 numbers, every fifth answer lost, ten times kill -9', async t => {
  const many = 60;
  const stage = await Stage.make(t,
    { WRAPUP_RECONCILE_INTERVAL: '1s', WRAPUP_CALLS_PER_SECOND: '10' },
    { lose_every: 5, list_lag_ms: 1_000 });
  const calls = Array.from({ length: many }, (_, i) => number(i));
  assert.equal((await stage.api('POST', '/api/campaigns/spring/calls', { calls })).status, 202);
  for (let i = 0; i < 10; i += 1) {
    await quiet(300 + Math.random() * 500);
    stage.process.child.kill('SIGKILL');
    await stage.process.ended;
    await stage.process.start();
  }
  let account, list;
  await until(async () => {
    account = await stage.sandbox.account();
    list = (await stage.api('GET', '/api/campaigns/spring')).json;
    return account.records === many && list.state === 'done';
  }, 500_000, () => JSON.stringify([account, list]));
  await quiet(10_000);  // Nothing comes twice afterwards.
  account = await stage.sandbox.account();
  const played = await stage.played();
  const twice = key => [...played.calls.reduce((map, call) =>
    map.set(call.to, (map.get(call.to) ?? 0) + key(call)), new Map()).values()]
    .filter(n => n > 1).length;
  const figures = { calls_created: played.created, answers_lost: played.answers_lost,
    records: account.records, altered: account.altered, requests_to_crm: account.requests,
    numbers_rung_twice: twice(() => 1), numbers_talked_to_twice: twice(c => c.conversations),
    outcomes: list.outcomes, attempts: list.attempts };
  console.log(JSON.stringify(figures, null, 1));
  assert.deepEqual([figures.calls_created, figures.records, figures.altered,
    figures.numbers_rung_twice, figures.numbers_talked_to_twice], [many, many, 0, 0, 0]);
});
