// By hand: 1,000 intents with a Twilio that loses every fifth answer after creating the call, and
// kill -9 every few seconds. Calls created, conversations, records: 1,000 each, none twice.
//
//     WRAPUP_BIN=build/release/wrapup node test/e2e/evidence_placing.mjs
import assert from 'node:assert/strict';
import test from 'node:test';
import { apiToken, send } from './world/world.mjs';
import { Process, freePort } from './world/process.mjs';
import { SandboxProcess } from './world/sandbox.mjs';
import { quiet, until } from './world/wait.mjs';

const count = Number(process.env.WRAPUP_EVIDENCE_CALLS ?? 1_000);
const senders = 16;

async function stage(t) {
  const port = await freePort(), serverUrl = `http://127.0.0.1:${port}`;
  const sandbox = await SandboxProcess.make(t,
    ['--target', serverUrl, '--speed', '60', '--processing', '0', '--crm-latency', '1']);
  await sandbox.post('/sandbox/placing', { ring_ms: 300, talk_ms: 1_500, outcome: 'held',
    calls_per_minute: 6_000, lose_every: 5, list_lag_ms: 1_000 });
  const process_ = new Process({ ...sandbox.environment, WRAPUP_API_TOKEN: apiToken,
    SERVER_URL: serverUrl, WRAPUP_RECONCILE_INTERVAL: '10s', WRAPUP_SUMMARY_WAIT: '5s',
    WRAPUP_CALLS_PER_SECOND: '50', WRAPUP_CALLS_MAX: '100',
    WRAPUP_LISTEN: `127.0.0.1:${port}` });
  process_.port = port;
  t.after(async () => { await process_.stop(); process_.remove(); });
  await process_.start();
  const api = (method, path, body, headers = {}) => send(port, {
    method, path, body: body === undefined ? '' : JSON.stringify(body),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${apiToken}`,
      ...headers },
  });
  return { sandbox, process: process_, api };
}

test(`${count} intents, every fifth answer lost, kill -9 every few seconds`, async t => {
  const { sandbox, process: wrapup, api } = await stage(t);
  const begun = Date.now();
  let kills = 0, placed = 0, asked = 0, isOver = false;

  const killing = (async () => {
    while (!isOver) {
      await quiet(2_000 + Math.random() * 3_000);
      if (isOver) return;
      wrapup.child.kill('SIGKILL');
      await wrapup.ended;
      kills += 1;
      await wrapup.start();
    }
  })();

  // A caller repeats his request, with its key, until he is told.
  await Promise.all(Array.from({ length: senders }, async () => {
    while (asked < count) {
      const i = asked;
      asked += 1;
      const body = { to: `+6141305${String(i).padStart(4, '0')}`, name: `Number ${i}`,
        campaign: { id: 'c', name: `Campaign ${i % 3}` } };
      await until(async () => {
        try {
          const answer = await api('POST', '/api/calls', body, { 'idempotency-key': `e-${i}` });
          return [201, 202].includes(answer.status);
        } catch { return false; }
      }, 120_000, () => `${body.to} was never taken`);
      placed += 1;
    }
  }));
  const askedAfter = Date.now() - begun;

  const states = async () => {
    const all = [];
    for (let cursor = ''; ;) {
      const page = (await api('GET', `/api/intents?limit=200${cursor}`)).json;
      all.push(...page.intents);
      if (!page.next_cursor) return all;
      cursor = `&cursor=${page.next_cursor}`;
    }
  };
  let intents = [];
  await until(async () => {
    try { intents = await states(); } catch { return false; }
    return intents.length === count && intents.every(i => i.state === 'ended');
  }, 600_000, () => `not all ended: ${intents.length} known, open are ${JSON.stringify(
    intents.filter(i => i.state !== 'ended').slice(0, 5))}`);
  isOver = true;
  await killing;

  let account;
  await until(async () => {
    account = await sandbox.account();
    return account.records >= count;
  }, 120_000, () => `records: ${JSON.stringify(account)}`);
  await quiet(15_000);  // Nothing comes twice afterwards.
  account = await sandbox.account();
  const played = await (await fetch(`${sandbox.control}/sandbox/placing`)).json();
  const perNumber = new Map(), talked = new Map();
  for (const call of played.calls) {
    perNumber.set(call.to, (perNumber.get(call.to) ?? 0) + 1);
    talked.set(call.to, (talked.get(call.to) ?? 0) + call.conversations);
  }
  const twice = map => [...map.values()].filter(n => n > 1).length;
  const figures = { intents: placed, kills, calls_created: played.created,
    answers_lost: played.answers_lost, conversations: played.conversations,
    records: account.records, requests_to_crm: account.requests, altered: account.altered,
    numbers_rung_twice: twice(perNumber), numbers_with_two_conversations: twice(talked),
    asking_s: Math.round(askedAfter / 100) / 10,
    all_s: Math.round((Date.now() - begun) / 100) / 10 };
  console.log(JSON.stringify(figures, null, 1));
  assert.deepEqual([figures.calls_created, figures.conversations, figures.records],
    [count, count, count]);
  assert.deepEqual([figures.numbers_rung_twice, figures.numbers_with_two_conversations,
    figures.altered], [0, 0, 0]);
});
