// A store whose files are taken away, or that cannot be written: nothing is acknowledged and nobody
// is told that all is well.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { World } from './world/world.mjs';
import { Process } from './world/process.mjs';
import { statusForm } from './world/twilio.mjs';
import { until } from './world/wait.mjs';

const readiness = async world =>
  (await fetch(`http://127.0.0.1:${world.process.port}/readyz`)).status;
const isReady = async (world, status) =>
  until(async () => (await readiness(world)) === status, 10_000,
    () => `readyz never said ${status}\n${world.process.log().slice(-2000)}`);
const database = world => path.join(world.process.data, 'wrapup.db');
const linesOf = (world, text) =>
  world.process.log().split('\n').filter(line => line.includes(text));

for (const [what, act] of [
  ['moved', world => renameSync(database(world), `${database(world)}.old`)],
  ['removed', world => rmSync(database(world))],
]) {
  test(`a database that was ${what} while in use: 503, not ready, one line`, async t => {
    const world = await World.make(t);
    await world.record(await world.ended({ CallStatus: 'busy' }));
    assert.equal(await readiness(world), 200);
    act(world);
    for (let n = 0; n < 3; n += 1) {
      assert.equal((await world.status(statusForm({ CallStatus: 'busy' }))).status, 503);
    }
    await isReady(world, 503);
    assert.equal(linesOf(world, 'the store has failed').length, 1, world.process.log());
    assert.match(linesOf(world, 'the store has failed')[0], /ERROR.*wrapup\.db/);
  });
}

test('a database that was moved while nobody writes: not ready', async t => {
  const world = await World.make(t);
  await world.record(await world.ended({ CallStatus: 'busy' }));
  renameSync(database(world), `${database(world)}.old`);
  await isReady(world, 503);
});

test('a lock file that was deleted lets no second process in', async t => {
  const world = await World.make(t);
  rmSync(path.join(world.process.data, 'wrapup.lock'));
  const second = new Process({ ...world.process.settings, WRAPUP_DATA_DIR: world.process.data });
  await second.launch();
  const exit = await second.ended;
  assert.notEqual(exit.code, 0, second.log());
  assert.match(second.log(), /another wrapup/);
  second.remove();
  await world.record(await world.ended({ CallStatus: 'busy' }));
});

test('while no write succeeds it is not ready, and ready again when they do', async t => {
  const world = await World.make(t);
  await world.record(await world.ended({ CallStatus: 'busy' }));
  const limit = bytes => assert.equal(spawnSync('prlimit',
    ['--pid', String(world.process.child.pid), `--fsize=${bytes}:unlimited`]).status, 0);
  // The log that is written now may not grow; what wrapup prints stays far below.
  limit(statSync(`${database(world)}-wal`).size);
  for (let n = 0; n < 30; n += 1) {
    assert.equal((await world.status(statusForm({ CallStatus: 'busy' }))).status, 503);
  }
  await isReady(world, 503);
  assert.equal(world.process.exit, null, 'died of a file that may not grow');
  limit('unlimited');
  await isReady(world, 200);
  await world.record(await world.ended({ CallStatus: 'busy' }));
  const lines = linesOf(world, 'event could not be stored').length;
  assert.ok(lines >= 1 && lines <= 10, `${lines} lines`);
});

test('a log that somebody removes after kill -9 is told, and the start goes on', async t => {
  const world = await World.make(t);
  await world.record(await world.ended({ CallStatus: 'busy' }));
  await world.process.stop();
  await world.process.start();
  const lost = await world.ended({ CallStatus: 'busy' });
  await world.record(lost);
  await world.process.kill();
  rmSync(`${database(world)}-wal`);
  await world.process.start();
  assert.equal((await world.api('GET', `/api/calls/${lost}`)).status, 404);
  assert.match(linesOf(world, 'acknowledged commits are gone')[0], /ERROR.*commits? behind/);
  const status = await until(async () => {
    const said = await world.process.run(['status']);
    return said.stdout.includes('behind what was acknowledged') && said;
  }, 15_000, () => 'status never told it');
  assert.equal(status.status, 1);
  assert.match(status.stdout, /-> wrapup reconcile --from 20/);
});
