// `wrapup migrate` as a person runs it: there and back, killed and stopped on the way, and refused
// while somebody uses one of the two.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { PostgresServer } from './world/postgres.mjs';
import { binary } from './world/process.mjs';
import { World } from './world/world.mjs';

const password = 'pg-s3cret-of-the-move';
const contacts_count = 60_000;

// Runs until its first line about how far it is, and ends it with `signal`.
async function cutOff(world, args, signal) {
  const child = spawn(binary, args, {
    cwd: world.process.folder, env: world.process.environment(),
    stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let isCut = false;
  child.stderr.setEncoding('utf8').on('data', text => {
    said += text;
    if (isCut || !said.includes(' %')) return;
    isCut = true;
    child.kill(signal);
  });
  const [code, by] = await new Promise(resolve =>
    child.once('close', (...ended) => resolve(ended)));
  assert.match(said, /copying contacts.*: \d+ %/);
  return { code, by, said };
}

test('a state moves to PostgreSQL and back, however often it is cut off', async t => {
  const server = await PostgresServer.make(t, { password });
  const world = await World.make(t, { ELEVENLABS_API_KEY: undefined });
  world.hide(password);
  const sid = await world.ended({ CallStatus: 'busy' });
  await world.record(sid);
  const there = ['migrate', '--from', 'sqlite:data', '--to', server.url];

  const used = await world.process.run(there);
  assert.equal(used.status, 1);
  assert.match(used.stderr, /^wrapup: .*another wrapup.* is using this data folder: stop it first/);
  await world.process.stop();

  const file = path.join(world.process.folder, 'contacts.csv');
  writeFileSync(file, 'phone,name\n' + Array.from({ length: contacts_count },
    (_, n) => `+614${String(n).padStart(8, '0')},Contact ${n}\n`).join(''));
  const imported = await world.process.run(['import', '--yes', '--kind', 'contacts', file]);
  assert.equal(imported.status, 0, imported.stderr);

  const killed = await cutOff(world, there, 'SIGKILL');
  assert.equal(killed.by, 'SIGKILL');
  const half = Number(server.ask('SELECT count(*) FROM wrapup.contacts'));
  assert.ok(half > 0 && half < contacts_count, `${half}`);

  // No server starts on half of a state.
  world.process.settings.DATABASE_URL = server.url;
  await world.process.launch();
  const refused = await world.process.ended;
  assert.notEqual(refused.code, 0);
  assert.match(world.process.log(), /holds half of a state/);
  delete world.process.settings.DATABASE_URL;

  const stopped = await cutOff(world, there, 'SIGINT');
  assert.equal(stopped.code, 1, stopped.said);
  assert.match(stopped.said, /Interrupted: \d+ of \d+ rows are in postgres:.* goes on from there/);

  const moved = await world.process.run([...there, '--json']);
  assert.equal(moved.status, 0, moved.stderr);
  const report = JSON.parse(moved.stdout);
  assert.ok(report.copied_before > half, moved.stdout);
  assert.equal(report.copied, report.rows);
  const rows = Object.fromEntries(report.tables.map(table => [table.name, table.rows]));
  assert.deepEqual([rows.calls, rows.contacts], [1, contacts_count]);
  for (const text of [moved.stdout, moved.stderr, stopped.said, killed.said]) {
    assert.ok(!text.includes(password), text);
  }
  const again = await world.process.run(there);
  assert.equal(again.status, 1);
  assert.match(again.stderr, /holds a state already/);

  // The same call, the same record, and what comes now goes on from there.
  world.process.settings.DATABASE_URL = server.url;
  await world.process.start();
  assert.equal((await world.story(sid)).call.state, 'delivered');
  const later = await world.ended({ CallStatus: 'busy' });
  await world.record(later);
  assert.equal(world.crm.records(sid).length, 1);

  const home = ['migrate', '--from', server.url, '--to', 'sqlite:home'];
  const busy = await world.process.run(home);
  assert.equal(busy.status, 1);
  assert.match(busy.stderr, /a wrapup is using this database/);
  assert.ok(!existsSync(path.join(world.process.folder, 'home')));
  await world.process.stop();

  assert.equal((await cutOff(world, home, 'SIGKILL')).by, 'SIGKILL');
  const back = await world.process.run([...home, '--json']);
  assert.equal(back.status, 0, back.stderr);
  delete world.process.settings.DATABASE_URL;
  world.process.settings.WRAPUP_DATA_DIR = path.join(world.process.folder, 'home');
  await world.process.start();
  for (const one of [sid, later]) {
    assert.equal((await world.story(one)).call.state, 'delivered');
    assert.equal(world.crm.records(one).length, 1);
  }
  const misuse = await world.process.run(['migrate', '--from', 'sqlite:data', '--to', 'sqlite:b']);
  assert.equal(misuse.status, 2);
});
