// A CRM in trouble: its breaker, and who is told.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Loopback, hang } from './world/loopback.mjs';
import { World } from './world/world.mjs';
import { quiet, until } from './world/wait.mjs';

// Where alerts go.
class Receiver extends Loopback {
  answer = () => ({ status: 200, body: {} });
  respond() { return this.answer(); }
  alerts() { return this.seen.map(request => JSON.parse(request.body)); }
}

async function make(t, settings = {}) {
  const receiver = await new Receiver().open();
  t.after(() => receiver.close());
  const url = `${receiver.origin}/services/secret-of-the-hook`;
  const world = await World.make(t, { WRAPUP_ALERT_URL: url, ...settings });
  world.hide('secret-of-the-hook');
  return { world, receiver };
}

test('a CRM that is down gets one probe at a time, and then everything once', async t => {
  const { world, receiver } = await make(t, { WRAPUP_RETRY_SCHEDULE: '1s,1s,1s,1s,1s,1s,1s,1s' });
  world.crm.answer = () => ({ status: 500 });
  const sids = [];
  for (let i = 0; i < 10; i += 1) sids.push(await world.ended({ CallStatus: 'busy' }));
  await until(() => /destination is in trouble/.test(world.process.log()));
  const before = world.crm.seen.length;
  for (let i = 0; i < 40; i += 1) sids.push(await world.ended({ CallStatus: 'busy' }));
  await quiet(3_000);
  assert.ok(world.crm.seen.length <= before + 1, `${world.crm.seen.length} after ${before}`);
  const story = await world.story(sids.at(-1));
  assert.match(story.why, /in trouble/);
  assert.equal(story.deliveries[0].attempts.length, 0);
  const [crm] = (await world.api('GET', '/api/destinations')).json.destinations;
  assert.equal(crm.breaker, 'open');
  assert.ok(crm.concurrency <= 1);
  await until(() => receiver.alerts().some(a => a.alert === 'breaker:crm'), 15_000);
  const doctor = await world.process.run(['doctor', '--offline']);
  assert.match(doctor.stdout.replace(/\n +/g, ' '),
    /broken {2}crm does not take records \(breaker (half_)?open since /);
  assert.equal(doctor.status, 1);
  const said = (await world.process.run(['status'])).stdout.replace(/\n +/g, ' ');
  assert.match(said, /! crm does not take records .*Last: crm said HTTP 500.* \(wrapup show CA/);
  // It stays open over a restart, since the same moment.
  await world.process.stop();
  const stopped = world.crm.seen.length;
  await world.process.start();
  await quiet(1_000);
  assert.ok(world.crm.seen.length <= stopped + 1);
  await until(() => world.crm.seen.length > stopped, 15_000);  // Another probe.
  const still = (await world.api('GET', '/api/destinations')).json.destinations[0];
  assert.equal(still.breaker_since, crm.breaker_since);
  assert.ok(crm.breaker_since <= crm.retry_at && still.breaker_since < still.retry_at);
  world.crm.answer = () => ({ status: 200 });
  for (const sid of sids) await world.record(sid, 40_000);
  for (const sid of sids) assert.equal(world.crm.records(sid).length, 1);
  const fired = receiver.alerts().filter(a => a.alert === 'breaker:crm' && a.state === 'firing');
  assert.ok(fired.length <= 2, `${fired.length} alerts`);
  assert.match(fired[0].text, /destination crm is in trouble/);
});

test('a CRM that refuses us is told with its first answer, and by status', async t => {
  const { world, receiver } = await make(t, { WRAPUP_RETRY_SCHEDULE: '1h' });
  world.crm.answer = () => ({ status: 401 });
  const sid = await world.ended({ CallStatus: 'busy' });
  await until(() => receiver.alerts().length > 0, 15_000);
  const [alert] = receiver.alerts();
  assert.equal(alert.alert, 'crm_refuses:crm');
  assert.match(alert.text, /destination crm answers 401/);
  const { alerts } = (await world.api('GET', '/api/status')).json;
  assert.deepEqual(alerts.map(one => one.alert), ['crm_refuses:crm']);
  const told = await world.process.run(['status']);
  assert.equal(told.status, 1);
  assert.match(told.stdout, /destination crm answers 401.*\n(.*\n)? {2}-> mend its URL/);
  // Whoever mends and looks sees it at once.
  world.crm.answer = () => ({ status: 200 });
  assert.equal((await world.process.run(['send', sid])).status, 0);
  const mended = await world.process.run(['status']);
  assert.equal(mended.status, 0, mended.stdout);
});

test('a CRM that fails is told before it needs a person, beside whatever does', async t => {
  const { world } = await make(t, { WRAPUP_RETRY_SCHEDULE: '1h' });
  world.crm.answer = () => ({ status: 503, body: { error: 'busy' } });
  const sid = await world.ended({ CallStatus: 'busy' });
  const failing = new RegExp(`- Not yet: crm said HTTP 503: .*busy.* \\(wrapup show ${sid}\\); ` +
    '1 record is tried again\\.');
  const told = async () => {
    const { status, stdout } = await world.process.run(['status']);
    return { status, text: stdout.replace(/\n +/g, ' ') };
  };
  await until(async () => failing.test((await told()).text));
  assert.equal((await told()).status, 0);
  const doctor = await world.process.run(['doctor', '--offline']);
  assert.match(doctor.stdout, /^wrapup runs, and not all goes well: see the notes\.\n/);
  assert.match(doctor.stdout.replace(/\n +/g, ' '), /note +Not yet: crm said HTTP 503/);
  world.crm.answer = () => ({ status: 422, body: { error: 'no such field' } });
  const parked = await world.ended({ CallStatus: 'busy' });
  await until(async () => (await told()).status === 1);
  const { text } = await told();
  assert.match(text, failing);
  assert.match(text, new RegExp(`! 1 call is parked: rejected\\. crm said HTTP 422: .*` +
    `\\(wrapup show ${parked}\\)\\.`));
  const shown = (await world.process.run(['show', parked])).stdout.replace(/\n +/g, ' ');
  assert.match(shown, new RegExp(`then send it again: wrapup send ${parked}\\.`));
});

test('a pause says who made it and why, and is no trouble while nothing waits', async t => {
  const { world } = await make(t);
  const reason = 'maintenance until 6, Ann';
  assert.equal(
    (await world.process.run(['destination', 'pause', 'crm', '--reason', reason])).status, 0);
  const idle = await world.process.run(['status']);
  assert.equal(idle.status, 0, idle.stdout);
  assert.match(idle.stdout, /- crm is paused \(at the command line: maintenance until 6, Ann\)/);
  const list = await world.process.run(['destination', 'list']);
  assert.match(list.stdout, /crm is paused \(at the command line: maintenance until 6, Ann\)/);
  await world.ended({ CallStatus: 'busy' });
  await until(async () => (await world.process.run(['status'])).status === 1);
  const waits = (await world.process.run(['status'])).stdout.replace(/\n +/g, ' ');
  assert.match(waits, /! crm is paused \(at the command line: .*Ann\); 1 record waits\./);
  assert.equal((await world.process.run(['destination', 'resume', 'crm'])).status, 0);
  const [crm] = (await world.api('GET', '/api/destinations')).json.destinations;
  assert.deepEqual([crm.paused_by, crm.reason], [null, null]);
});

test('a parked record is told once, without its call', async t => {
  const { world, receiver } = await make(t);
  world.crm.answer = () => ({ status: 422 });
  const sid = await world.ended({ CallStatus: 'busy' });
  await until(() => receiver.alerts().length > 0, 15_000);
  await quiet(11_000);
  assert.equal(receiver.alerts().length, 1);
  const [alert] = receiver.alerts();
  assert.equal(alert.alert, 'parked:rejected');
  assert.equal(alert.state, 'firing');
  assert.match(alert.text, /1 call waits for a person: rejected/);
  assert.ok(!JSON.stringify(alert).includes(sid));
});

test('an alert URL that hangs delays neither records nor the end', async t => {
  const { world, receiver } = await make(t);
  receiver.answer = () => hang;
  world.crm.answer = (_, attempt) => ({ status: attempt === 1 && !world.isUp ? 422 : 200 });
  await world.ended({ CallStatus: 'busy' });
  await until(() => receiver.seen.length > 0, 15_000);
  world.isUp = true;
  await world.record(await world.ended({ CallStatus: 'busy' }), 2_000);
  const from = Date.now();
  await world.process.stop();
  assert.ok(Date.now() - from < 10_000);
});

test('doctor posts a test alert, and says how it was answered', async t => {
  const { world, receiver } = await make(t);
  const good = await world.process.run(['doctor', '--offline', '--test-alert']);
  assert.match(good.stdout, /a test alert was accepted with 200/);
  assert.equal(receiver.alerts()[0].alert, 'test');
  assert.ok(!good.stdout.includes('secret-of-the-hook'));
  receiver.answer = () => ({ status: 404 });
  const bad = await world.process.run(['doctor', '--offline', '--test-alert']);
  assert.match(bad.stdout, /the test alert was answered with 404/);
  assert.equal(bad.status, 1);
});
