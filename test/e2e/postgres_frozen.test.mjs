// A PostgreSQL that has connections and answers on none of them: what is told whom, and how soon.
// The bounds are the documented ones and room for a busy machine.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import test from 'node:test';
import { hang } from './world/loopback.mjs';
import { PostgresServer } from './world/postgres.mjs';
import { newSid, statusForm } from './world/twilio.mjs';
import { World } from './world/world.mjs';
import { until } from './world/wait.mjs';

const answerWithin = 8_000; // 5 s
const stopWithin = 15_000; // 10 s

async function makeWorld(t, hosts = server => server.url) {
  const server = await PostgresServer.make(t);
  const world = await World.make(t, { DATABASE_URL: hosts(server), WRAPUP_SUMMARY_WAIT: '300ms',
    ELEVENLABS_API_KEY: undefined });
  return { server, world };
}
async function whileFrozen(server, work) {
  server.signal('SIGSTOP');
  try { return await work(); } finally { server.signal('SIGCONT'); }
}
async function timed(work) {
  const from = Date.now();
  const status = (await work()).status;
  return { status, elapsed: Date.now() - from };
}
// As they come in while nobody knows yet, and afterwards.
async function expectRefusals(world) {
  const forms = [];
  const asked = [];
  for (let i = 0; i < 12; i += 1) {
    const form = statusForm({ CallStatus: 'busy' });
    forms.push(form);
    asked.push(timed(() => world.status(form)));
    if (i % 4 === 0) asked.push(timed(() => world.api('GET', '/api/calls')));
    await new Promise(resolve => { setTimeout(resolve, 500); });
  }
  for (const { status, elapsed } of await Promise.all(asked)) {
    assert.equal(status, 503, world.process.log());
    assert.ok(elapsed < answerWithin, `answered after ${elapsed} ms\n${world.process.log()}`);
  }
  return forms;
}
async function expectStop(world) {
  const { code, elapsed } = await world.process.stop();
  assert.equal(code, 0, world.process.log());
  assert.ok(elapsed < stopWithin, `took ${elapsed} ms\n${world.process.log()}`);
  assert.match(world.process.log().trim().split('\n').at(-1), /wrapup has stopped/);
}

test('frozen: senders and readers get 503 in time, and all goes on when it thaws', async t => {
  const { server, world } = await makeWorld(t);
  const first = await world.ended({ CallStatus: 'busy' });
  await world.record(first);
  const forms = await whileFrozen(server, async () => {
    const refused = await expectRefusals(world);
    assert.equal((await fetch(`http://127.0.0.1:${world.process.port}/readyz`)).status, 503);
    assert.match(world.process.log(), /the database is away/);
    return refused;
  });
  for (const form of forms) {
    await until(async () => (await world.status(form)).status === 204, 30_000);
    await world.record(form.CallSid);
  }
  for (const form of forms) assert.equal(world.crm.records(form.CallSid).length, 1);
  assert.match(world.process.log(), /the database is back/);
});

test('frozen: SIGTERM ends an idle node in time', async t => {
  const { server, world } = await makeWorld(t);
  await whileFrozen(server, () => expectStop(world));
});

test('frozen: SIGTERM ends a working node in time, and says what it left', async t => {
  const { server, world } = await makeWorld(t);
  world.crm.answer = () => hang;
  const sid = await world.ended({ CallStatus: 'busy' });
  await until(() => world.crm.attempts(sid).length === 1);
  await whileFrozen(server, () => expectStop(world));
  assert.match(world.process.log(), /did not take in time what was under way.*attempts=1/);
  world.crm.answer = () => ({ status: 200 });
  await world.process.start();
  await world.record(sid, 90_000);
});

test('frozen hosts in a row: the same bounds', async t => {
  const { server, world } = await makeWorld(t, s => s.url.replace(
    /@(.*)\//, '@$1,$1,$1/'));
  await whileFrozen(server, async () => {
    await expectRefusals(world);
    await expectStop(world);
  });
});

test('a table that somebody has locked: the same bounds', async t => {
  const { server, world } = await makeWorld(t);
  await world.record(await world.ended({ CallStatus: 'busy' }));
  const lock = spawn('psql', ['-X', '-q', '-d', server.url, '-c',
    'BEGIN; LOCK TABLE wrapup.calls IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(600)']);
  t.after(() => lock.kill());
  await until(() => server.ask("SELECT count(*) FROM pg_locks WHERE granted AND mode = "
    + "'AccessExclusiveLock' AND relation = 'wrapup.calls'::regclass") === '1');
  const readers = Array.from({ length: 10 }, () => timed(() => world.api('GET', '/api/calls')));
  for (const { status, elapsed } of await Promise.all(readers)) {
    assert.equal(status, 503);
    assert.ok(elapsed < answerWithin, `a reader was answered after ${elapsed} ms`);
  }
  await expectRefusals(world);
  await expectStop(world);
});
