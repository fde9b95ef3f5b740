// The state in PostgreSQL: the main job on it, and what happens while the server is away.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { PostgresServer } from './world/postgres.mjs';
import { Process } from './world/process.mjs';
import { newSid, statusForm } from './world/twilio.mjs';
import { World } from './world/world.mjs';
import { until } from './world/wait.mjs';

const password = 'pg-s3cret-of-the-tests';
const readiness = async world =>
  (await fetch(`http://127.0.0.1:${world.process.port}/readyz`)).status;
const isReady = (world, status) =>
  until(async () => (await readiness(world)) === status, 15_000,
    () => `readyz never said ${status}\n${world.process.log().slice(-2000)}`);
async function metricsOf(world) {
  const page = (await world.api('GET', '/metrics', undefined, { bearer: null })).text;
  return Object.fromEntries(page.split('\n').filter(line => line && !line.startsWith('#'))
    .map(line => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}
const linesOf = (world, text) =>
  world.process.log().split('\n').filter(line => line.includes(text));

async function makeWorld(t, settings = {}) {
  const server = await PostgresServer.make(t, { password });
  const world = await World.make(t, { DATABASE_URL: server.url, WRAPUP_SUMMARY_WAIT: '300ms',
    ...settings });
  world.hide(password);
  return { server, world };
}

test('calls become records, and repeats change nothing', async t => {
  const { server, world } = await makeWorld(t);
  const sid = newSid();
  world.talk({ call_sid: sid });
  const form = statusForm({ CallSid: sid, CallStatus: 'completed', CallDuration: '61' });
  for (let n = 0; n < 3; n += 1) assert.equal((await world.status(form)).status, 204);
  const busy = await world.ended({ CallStatus: 'busy' });
  await world.record(busy);
  await world.record(sid);
  await world.storyWhen(sid, story => story.call.state === 'delivered');
  assert.equal(world.crm.records(sid).length, 1);
  assert.equal(server.ask("SELECT count(*) FROM wrapup.calls WHERE state = 'delivered'"), '2');
});

test('kill -9 in a burst loses nothing that was acknowledged', async t => {
  const { world } = await makeWorld(t, { ELEVENLABS_API_KEY: undefined });
  for (let round = 0; round < 3; round += 1) {
    const acknowledged = new Set();
    let isKilled = false;
    await Promise.all(Array.from({ length: 32 }, async () => {
      while (!isKilled) {
        const form = statusForm({ CallStatus: 'busy' });
        try {
          if ((await world.status(form)).status === 204) acknowledged.add(form.CallSid);
        } catch { return; }
        if (acknowledged.size >= 200 && !isKilled) {
          isKilled = true;
          await world.process.kill();
        }
      }
    }));
    await world.process.start();
    await until(() => [...acknowledged].every(sid => world.crm.records(sid).length > 0), 30_000,
      () => `of ${acknowledged.size}, ${[...acknowledged].filter(sid =>
        !world.crm.records(sid).length).length} have no record`);
    for (const sid of acknowledged) {
      const unknown = (await world.story(sid)).deliveries[0].attempts
        .filter(attempt => attempt.outcome === 'unknown').length;
      assert.ok(world.crm.records(sid).length <= 1 + unknown, `${sid} was repeated unmarked`);
    }
  }
});

test('a server that stops: 503, not ready, and all goes on when it is back', async t => {
  const { server, world } = await makeWorld(t);
  await world.record(await world.ended({ CallStatus: 'busy' }));
  server.stop();
  const from = Date.now();
  assert.equal((await world.status(statusForm({ CallStatus: 'busy' }))).status, 503);
  const waited = Date.now() - from;
  assert.ok(waited < 15_000, `a sender waited for ${waited} ms`);
  await isReady(world, 503);
  const again = statusForm({ CallStatus: 'busy' });
  assert.equal((await world.status(again)).status, 503);
  assert.equal(linesOf(world, 'the database is away').length, 1, world.process.log());
  const away = await metricsOf(world);
  assert.equal(away.wrapup_database_up, 0);
  assert.ok(away['wrapup_database_connects_total{outcome="failed"}'] > 0);
  assert.ok(Math.abs(away.wrapup_database_since_seconds * 1000 - from) < 60_000);
  server.start('-c log_connections=on');
  await isReady(world, 200);
  assert.equal((await world.status(again)).status, 204);
  await world.record(again.CallSid);
  assert.equal(linesOf(world, 'the database is back').length, 1);
  await until(() => linesOf(world, 'this node is heard of again').length === 1);
  assert.equal(linesOf(world, 'this node is not heard of by the others').length, 1);
  const back = await metricsOf(world);
  assert.equal(back.wrapup_database_up, 1);
  assert.equal(back.wrapup_database_timeline, 1);
  assert.ok(back['wrapup_database_commits_total{outcome="done"}'] > 0);
  assert.ok(Number(server.ask('SELECT count(*) FROM pg_stat_activity'
    + " WHERE application_name = 'wrapup'")) <= 4);
});

test('a data folder that is removed costs nothing but is told', async t => {
  const { world } = await makeWorld(t);
  const lost = async () => (await world.api('GET', '/api/status')).json.alerts
    .find(one => one.alert === 'data_folder');
  assert.equal(await lost(), undefined);
  rmSync(world.process.data, { recursive: true });
  const alert = await until(lost, 15_000, () => world.process.log().slice(-2000));
  assert.match(alert.text, /was removed, moved or replaced/);
  await world.record(await world.ended({ CallStatus: 'busy' }));
  await world.process.stop();
  await world.process.start();
  assert.equal(await lost(), undefined);
});

test('a server that starts anew within the bound costs senders a moment', async t => {
  const { server, world } = await makeWorld(t);
  await world.record(await world.ended({ CallStatus: 'busy' }));
  server.stop();
  const form = statusForm({ CallStatus: 'busy' });
  const waiting = world.status(form);
  await until(() => linesOf(world, 'the database is away').length === 1);
  server.start();
  assert.equal((await waiting).status, 204);
  await world.record(form.CallSid);
});

async function refuses(world, settings, data) {
  const child = new Process({ ...world.process.settings, ...settings });
  if (data) writeFileSync(path.join(child.data, data.name), data.text);
  await child.launch();
  const exit = await child.ended;
  const said = child.log();
  child.remove();
  assert.notEqual(exit.code, 0, said);
  assert.equal(said.trim().split('\n').length, 1, said);
  assert.match(said, /DATABASE_URL/);
  assert.ok(!said.includes('s3cret'), said);
  return said;
}

test('what keeps it from starting is one line that names the setting', async t => {
  const { server, world } = await makeWorld(t);
  const elsewhere = server.url.replace(`:${server.port}/`, ':1/');
  assert.match(await refuses(world, { DATABASE_URL: elsewhere }), /refused/);
  assert.match(await refuses(world, { DATABASE_URL: server.urlOf('wrong-s3cret') }), /password/);
  assert.match(await refuses(world, { DATABASE_URL: 'mysql://u:s3cret@127.0.0.1/x' }), /no URL/);
  const lax = new URL(server.url);
  lax.searchParams.set('options', '-c synchronous_commit=off');
  assert.match(await refuses(world, { DATABASE_URL: lax.href.replaceAll('+', '%20') }),
    /synchronous_commit is off/);
  const system = server.ask('SELECT system_identifier FROM pg_control_system()');
  assert.match(await refuses(world, {}, { name: 'postgres_timeline', text: `${system} 7\n` }),
    /old primary/);
});

test('doctor says what the server is', async t => {
  const { server, world } = await makeWorld(t);
  const told = await world.process.run(['doctor', '--json']);
  assert.match(told.stdout, /PostgreSQL 1\d\.\d+ answers: database postgres, timeline 1/);
  assert.match(told.stdout, /fsync off/); // The tests' own, which syncs nothing.
  assert.match(told.stdout, /commits wait for no standby/);
  assert.ok(!told.stdout.includes(password));
  const file = path.join(world.process.data, 'postgres_timeline');
  const today = readFileSync(file, 'utf8');
  writeFileSync(file, `${today.split(' ')[0]} 7\n`);
  const old = await world.process.run(['doctor', '--json']);
  assert.match(old.stdout, /old primary, on timeline 1; timeline 7 was seen before/);
  assert.equal(old.status, 1);
  writeFileSync(file, today);
  server.stop();
  const away = await world.process.run(['doctor', '--json']);
  assert.match(away.stdout, /DATABASE_URL: PostgreSQL at .*refused/);
  assert.equal(away.status, 1);
  server.start();
  await isReady(world, 200);
});

test('doctor recounts a database that nobody uses', async t => {
  const { server, world } = await makeWorld(t, { ELEVENLABS_API_KEY: undefined });
  const sid = await world.ended({ CallStatus: 'busy' });
  await world.record(sid);
  await world.storyWhen(sid, story => story.call.state === 'delivered');
  assert.match((await world.process.run(['doctor'])).stdout, /1 node uses the database/);
  await world.process.stop();
  const whole = (await world.process.run(['doctor'])).stdout;
  assert.match(whole, /the store is intact/);
  assert.match(whole, /no names and no campaigns/);
  server.ask("UPDATE wrapup.counters_by_slot SET count = count + 1 WHERE name = 'state delivered'");
  const damaged = await world.process.run(['doctor']);
  assert.match(damaged.stdout, /the store is damaged: /);
  assert.equal(damaged.status, 1);
  world.wasMeantToEnd = true;
});

test('a record of newest timelines that is damaged is told, and made anew', async t => {
  const { world } = await makeWorld(t);
  const file = path.join(world.process.data, 'postgres_timeline');
  const whole = readFileSync(file, 'utf8');
  const [system] = whole.split(' ');
  for (const bytes of ['', 'garbage\0', `${system} 99999999999999999999\n`, system,
    `${system} -1\n`, whole + whole, '9'.repeat(100_000)]) {
    await world.process.stop();
    writeFileSync(file, bytes);
    assert.match((await world.process.run(['doctor', '--offline', '--json'])).stdout,
      /postgres_timeline: is damaged: an old primary would not be known/);
    const before = linesOf(world, 'an old primary would not be known as one').length;
    await world.process.start();
    const told = linesOf(world, 'an old primary would not be known as one');
    assert.equal(told.length, before + 1, JSON.stringify(bytes.slice(0, 50)));
    assert.equal(readFileSync(file, 'utf8'), whole);
  }
  await world.process.stop();
  rmSync(file);
  mkdirSync(file);
  await world.process.start();
  assert.match(linesOf(world, 'an old primary would not be known as one').at(-1), /directory/);
});

test('a database that is away is no forged traffic', async t => {
  const { server, world } = await makeWorld(t);
  server.stop();
  await Promise.all(Array.from({ length: 12 }, () =>
    world.status(statusForm({ CallStatus: 'busy' }))));
  const away = await world.process.run(['doctor', '--offline', '--json']);
  assert.equal(away.status, 1, away.stdout);
  assert.match(away.stdout, /"is_running":true.*The store cannot be written/);
  assert.match(away.stdout, /requests? (was|were) refused for it within the last hour/);
  server.start();
  await isReady(world, 200);
  const told = (await world.process.run(['doctor', '--json'])).stdout;
  assert.match(told, /with cause not_stored[^]*over since 20[^]*senders repeat them/);
  const status = await world.process.run(['status']);
  assert.match(status.stdout, /Refused within the last hour: \d+ not_stored \(over, the last/);
  assert.ok(!/! .*not_stored/.test(status.stdout), status.stdout);
  assert.ok(!told.includes('were refused within'), told);
  assert.ok(!told.includes("the data folder's disk"), told);
});

test('records that wait in SQLite are told until they are moved', async t => {
  const server = await PostgresServer.make(t, { password });
  const world = await World.make(t, { ELEVENLABS_API_KEY: undefined,
    WRAPUP_RETRY_SCHEDULE: '1h,1h' });
  world.hide(password);
  world.crm.answer = () => ({ status: 503 });
  const sid = await world.ended({ CallStatus: 'busy' });
  await world.storyWhen(sid, story => story.deliveries[0]?.attempts.length > 0);
  await world.process.stop();

  // The password comes from the environment, as libpq has it.
  world.process.settings.DATABASE_URL = server.urlOf(undefined);
  world.process.settings.PGPASSWORD = password;
  await world.process.start();
  const [told, ...others] = linesOf(world, '1 record waits in ');
  assert.match(told, /wrapup migrate --from sqlite:/);
  assert.deepEqual(others, []);
  assert.match((await world.process.run(['doctor'])).stdout, /1 record waits in /);
  await world.process.stop();

  server.ask('DROP SCHEMA wrapup CASCADE');
  const moved = await world.process.run(
    ['migrate', '--from', 'sqlite:data', '--to', server.urlOf(undefined)]);
  assert.equal(moved.status, 0, moved.stderr);
  await world.process.start();
  assert.equal((await world.story(sid)).call.state, 'delivering');
  assert.equal(linesOf(world, '1 record waits in ').length, 1);
  await world.process.stop();

  delete world.process.settings.DATABASE_URL;
  await world.process.launch();
  assert.notEqual((await world.process.ended).code, 0);
  assert.match(world.process.log(), /wrapup.db: was moved to postgres:.* a second time: set /);
  world.wasMeantToEnd = true;
});

test('an import without a server goes into the database', async t => {
  const { server, world } = await makeWorld(t);
  await world.process.stop();
  writeFileSync(path.join(world.process.folder, 'contacts.csv'),
    'phone,name\n+12025550143,Ada Example\n');
  const told = await world.process.run(['import', '--yes', '--json', 'contacts.csv']);
  assert.equal(told.status, 0, told.stdout + told.stderr);
  assert.equal(server.ask('SELECT name FROM wrapup.contacts'), 'Ada Example');
  world.wasMeantToEnd = true;
});
