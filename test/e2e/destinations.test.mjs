// Design 7 and 12: several destinations, each with its own policy; one that hangs slows no other.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { Crm } from './world/crm.mjs';
import { hang } from './world/loopback.mjs';
import { statusForm } from './world/twilio.mjs';
import { until } from './world/wait.mjs';
import { World } from './world/world.mjs';

const salesSecret = `whsec_${Buffer.from('the secret of the second CRM ...').toString('base64')}`;
const salesKey = 'sales-key-0099887766';

// A world with a second CRM, which wrapup knows as `sales`.
async function withSales(t, lines = [], settings = {}) {
  const world = await World.make(t, { SALES_KEY: salesKey, ...settings }, { start: false });
  const sales = await new Crm(salesSecret).open();
  t.after(() => sales.close());
  world.hide(salesKey, salesSecret);
  world.sales = sales;
  world.toml = more => writeFileSync(path.join(world.process.folder, 'wrapup.toml'), more);
  world.toml(`[destination.sales]
url = "${sales.url}"
headers = { x-api-key = "\${SALES_KEY}" }
secret = "${salesSecret}"
timeout = "2s"
${lines.join('\n')}
`);
  await world.process.start();
  return world;
}

const destination = async (world, name) => {
  const answer = await world.api('GET', '/api/destinations');
  assert.equal(answer.status, 200, answer.text);
  return answer.json.destinations.find(one => one.name === name);
};

test('each destination gets the record once, with its own headers and secret', async t => {
  const world = await withSales(t);
  const sid = await world.ended({ CallStatus: 'busy' });
  await world.record(sid);
  await until(() => world.sales.records(sid).length > 0, 8_000, () => 'sales has no record');
  assert.deepEqual(world.sales.records(sid), world.crm.records(sid));
  const [request] = world.sales.attempts(sid);
  assert.equal(request.headers['x-api-key'], salesKey);
  assert.equal(world.crm.attempts(sid)[0].headers['x-api-key'], undefined);
  await world.storyWhen(sid, story => story.call.state === 'delivered');
  assert.deepEqual(world.sales.problems, []);  // Its own signature, verified on arrival.
});

test('a destination in trouble is tried at once when a person resumes it', async t => {
  const world = await World.make(t, { WRAPUP_RETRY_SCHEDULE: '100ms,100ms,100ms,100ms,100ms' });
  world.crm.answer = () => ({ status: 500, headers: { 'retry-after': '600' } });
  const sids = await Promise.all(Array.from({ length: 12 },
    () => world.ended({ CallStatus: 'busy' })));
  await until(async () => (await destination(world, 'crm')).breaker === 'open', 15_000);
  const waiting = await world.ended({ CallStatus: 'busy' });
  world.crm.answer = () => ({ status: 200 });
  const answer = await world.api('POST', '/api/destinations/crm/resume');
  assert.deepEqual(answer.json, { name: 'crm', state: 'active', probe: true });
  await until(() => world.crm.records(waiting).length === 1, 10_000, () => 'it is not tried');
  await until(async () => (await destination(world, 'crm')).breaker === 'closed', 8_000);
  const again = await world.api('POST', '/api/destinations/crm/resume');
  assert.equal(again.json.probe, false);
  assert.equal(sids.length, 12);
});

test('a new destination gets earlier records only when told', async t => {
  const world = await World.make(t);
  const sid = await world.ended({ CallStatus: 'busy' });
  await world.storyWhen(sid, story => story.call.state === 'delivered');
  await world.process.stop();
  const sales = await new Crm(salesSecret).open();
  t.after(() => sales.close());
  world.hide(salesSecret);
  writeFileSync(path.join(world.process.folder, 'wrapup.toml'),
    `[destination.sales]\nurl = "${sales.url}"\nsecret = "${salesSecret}"\n`);
  await world.process.start();
  const says = 'wrapup replay --destination sales --earlier';
  await until(() => world.process.log().includes(says), 8_000, () => world.process.log());
  assert.equal(sales.attempts(sid).length, 0);
  await world.process.stop();
  const doctor = await world.process.run(['doctor']);
  assert.match(doctor.stdout, /1 earlier calls do not go to destination sales/);
  await world.process.start();
  const sent = await world.process.run([...says.split(' ').slice(1), '--yes']);
  assert.equal(sent.status, 0, sent.stderr);
  assert.equal(sales.records(sid).length, 1);
  assert.equal(world.crm.attempts(sid).length, 1);
  await world.process.stop();
  assert.doesNotMatch((await world.process.run(['doctor'])).stdout, /earlier calls/);
});

test('a destination that was away says which calls it missed', async t => {
  const world = await World.make(t);
  const sales = await new Crm(salesSecret).open();
  t.after(() => sales.close());
  world.hide(salesSecret);
  const config = path.join(world.process.folder, 'wrapup.toml');
  const there = `[destination.sales]\nurl = "${sales.url}"\nsecret = "${salesSecret}"\n`;
  const startWith = async text => {
    await world.process.stop();
    writeFileSync(config, text);
    await world.process.start();
  };
  const ended = async () => {
    const sid = await world.ended({ CallStatus: 'busy' });
    await world.storyWhen(sid, story => story.call.state === 'delivered');
    return sid;
  };
  await startWith(there);
  await ended();
  await startWith('');
  const missed = await ended();
  await startWith(there);
  const says = 'wrapup replay --destination sales --earlier';
  await until(() => world.process.log().includes(says), 8_000, () => world.process.log());
  await until(() => /calls settled without a destination.*calls=1/.test(world.process.log()));
  assert.equal((await destination(world, 'sales')).earlier, 1);
  const listed = await world.process.run(['destination', 'list']);
  assert.ok(listed.stdout.includes('1 call settled without sales, which is new or was away.'),
    listed.stdout);
  assert.ok(listed.stdout.includes(says), listed.stdout);
  const sent = await world.process.run([...says.split(' ').slice(1), '--yes']);
  assert.equal(sent.status, 0, sent.stderr);
  assert.equal(sales.records(missed).length, 1);
  assert.equal((await destination(world, 'sales')).earlier, 0);
  const nobody = await world.process.run(['replay', '--destination', 'nobody', '--to', 'sales']);
  assert.deepEqual([nobody.status, nobody.stdout], [2, '']);
  assert.match(nobody.stderr, /--destination: there is no destination of this name/);
  const given = await world.process.run(['replay', '--destination', 'nobody', '--give-up',
    '--reason', 'never there', '--yes']);
  assert.equal(given.status, 2, given.stderr);
});

test('a filter decides who gets it; what nobody wants is out of scope', async t => {
  const world = await withSales(t, ['only = { outcome = "no answer" }'],
    { CRM_WEBHOOK_URL: undefined });
  const busy = await world.ended({ CallStatus: 'busy' });
  const failed = await world.ended({ CallStatus: 'failed' });
  await until(() => world.sales.records(busy).length > 0, 8_000, () => 'sales has no record');
  const story = await world.storyWhen(failed, one => one.call.state === 'out_of_scope');
  assert.match(story.why, /no destination wants/);
  assert.equal(story.record.status, 'no connection');
  const sent = await world.api('POST', '/api/test-crm-webhook', { callSid: failed });
  assert.equal(sent.status, 409, sent.text);
  assert.equal(world.sales.records(failed).length, 0);
});

test('one that hangs slows nobody, kill -9 included: each has every record once', async t => {
  const patience = Array(60).fill('"1s"').join();
  const world = await withSales(t, [`retry_schedule = [${patience}]`]);
  world.sales.answer = () => hang;
  const sids = [];
  const burst = async count => {
    await Promise.all(Array.from({ length: count }, async () => {
      const form = statusForm({ CallStatus: 'busy' });
      const answer = await world.status(form);
      if (answer.status === 204) sids.push(form.CallSid);
    }));
  };
  const crmHasAll = () => sids.every(sid => world.crm.records(sid).length > 0);
  await burst(300);
  const from = Date.now();
  await until(crmHasAll, 10_000, () => 'the hung destination slows the other');
  t.diagnostic(`300 records at the CRM after ${Date.now() - from} ms beside a hung destination`);
  await world.process.kill();
  await world.process.start();
  await burst(100);
  await until(crmHasAll, 10_000, () => 'the hung destination slows the other');
  world.sales.answer = () => ({ status: 200 });
  await until(() => sids.every(sid => world.sales.records(sid).length > 0), 60_000,
    () => `${sids.filter(sid => !world.sales.records(sid).length).length} never reached sales`);
  for (const sid of sids) {
    await world.storyWhen(sid, story => story.call.state === 'delivered', 20_000);
    for (const crm of [world.crm, world.sales]) {
      const bodies = new Set(crm.attempts(sid).map(r => `${r.headers['webhook-id']} ${r.body}`));
      assert.equal(bodies.size, 1);
    }
    assert.equal(world.sales.records(sid).length, 1);
  }
  assert.equal((await destination(world, 'sales')).pending, 0);
});

test('a destination that is taken out of the settings parks, and goes on when it is back',
  async t => {
    const world = await withSales(t);
    const toml = `[destination.sales]\nurl = "${world.sales.url}"\nsecret = "${salesSecret}"\n`;
    assert.equal((await world.api('POST', '/api/destinations/sales/pause')).status, 200);
    const sid = await world.ended({ CallStatus: 'busy' });
    await world.record(sid);
    assert.equal((await destination(world, 'sales')).pending, 1);

    await world.process.stop();
    world.toml('');
    await world.process.start();
    const story = await world.storyWhen(sid, one => one.call.state === 'parked');
    assert.equal(story.call.parked, 'destination_gone');
    assert.match(story.why, /To sales: .*no settings name the destination/);
    const removed = await destination(world, 'sales');
    assert.deepEqual([removed.state, removed.pending, removed.parked], ['removed', 0, 1]);
    assert.equal((await world.api('POST', '/api/destinations/sales/resume')).status, 404);
    const dry = await world.process.run(['send', '--parked', '--dry-run']);
    const sent = await world.process.run(['send', '--parked', '--yes']);
    for (const told of [dry, sent]) {
      assert.match(told.stdout, /1 cannot be sent: no settings name sales/);
    }
    assert.deepEqual([dry.status, sent.status], [0, 1]);
    const list = await world.process.run(['destination', 'list']);
    assert.match(list.stdout, /1 record is parked /);
    assert.match(list.stdout, /wrapup replay --destination sales --to NAME/);

    await world.process.stop();
    world.toml(toml);
    await world.process.start();
    await until(() => world.sales.records(sid).length > 0, 8_000, () => 'it did not go on');
    await world.storyWhen(sid, one => one.call.state === 'delivered');
    assert.equal(world.crm.records(sid).length, 1);
  });

test('what another destination has already is given up with a reason, and the ledger explains it',
  async t => {
    const world = await withSales(t);
    const both = await world.ended({ CallStatus: 'busy' });
    await until(() => world.sales.records(both).length > 0, 8_000, () => 'sales has it not');
    world.sales.answer = () => ({ status: 422 });
    const sid = await world.ended({ CallStatus: 'busy' });
    await world.storyWhen(sid, one => one.call.state === 'parked');
    await world.process.stop();
    world.toml('');
    await world.process.start();

    const moved = await world.process.run(
      ['replay', '--destination', 'sales', '--to', 'crm', '--dry-run']);
    assert.match(moved.stdout,
      /^0 records in all to crm instead of sales\.\n1 more is there already\.$/m);
    const ended = await world.process.run(
      ['replay', '--destination', 'sales', '--give-up', '--reason', 'the CRM has it', '--yes']);
    assert.equal(ended.status, 0, ended.stderr);
    assert.match(ended.stdout, /1 given up\.\nReason: the CRM has it/);
    const story = await world.story(sid);
    assert.equal(story.call.state, 'delivered');
    assert.match(story.why, /gave it up for sales/);
    const sales = story.deliveries.find(one => one.destination === 'sales');
    assert.deepEqual([sales.parked, sales.attempts[0].destination], ['given_up', 'sales']);
    assert.equal((await destination(world, 'sales')).parked, 0);
    const ledger = await world.process.run(['ledger', '--json']);
    const day = JSON.parse(ledger.stdout);
    assert.deepEqual([day.accepted, day.parked.total, day.unexplained], [2, 0, 0]);
  });

test('sending by hand tells of each destination, and repeats nothing that was accepted',
  async t => {
    const world = await withSales(t, ['retry_schedule = ["1h"]']);
    world.sales.answer = () => ({ status: 500 });
    const sid = await world.ended({ CallStatus: 'busy' });
    await world.record(sid);
    await world.storyWhen(sid, ({ deliveries: [crm, sales] }) =>
      crm.state === 'accepted' && sales.attempts_count > 0 && !sales.in_progress);
    const failed = await world.api('POST', '/api/test-crm-webhook', { callSid: sid });
    assert.equal(failed.status, 502, failed.text);
    assert.deepEqual(failed.json.details.destinations.map(one => [one.name, one.status]),
      [['sales', 500]]);
    world.sales.answer = () => ({ status: 200 });
    const sent = await world.api('POST', '/api/test-crm-webhook', { callSid: sid });
    assert.equal(sent.status, 200, sent.text);
    assert.equal(world.crm.records(sid).length, 1);
    const again = await world.api('POST', '/api/test-crm-webhook', { callSid: sid });
    assert.deepEqual(again.json.details.destinations.map(one => [one.name, one.again]),
      [['crm', true], ['sales', true]]);
  });

test('metrics count what waits, by destination', async t => {
  const world = await withSales(t);
  assert.equal((await world.api('POST', '/api/destinations/sales/pause')).status, 200);
  const sid = await world.ended({ CallStatus: 'busy' });
  await world.record(sid);
  await until(async () => {
    const metrics = await world.api('GET', '/metrics');
    return metrics.text.includes('wrapup_deliveries_pending{destination="sales"} 1');
  }, 20_000, () => 'no gauge of the destination');
  const { text } = await world.api('GET', '/metrics');
  const attempts = destination => text.match(new RegExp(
    `attempts_total{destination="${destination}",outcome="accepted"} (\\d+)`))?.[1];
  assert.deepEqual([attempts('crm'), attempts('sales')], ['1', '0']);
  const gauge = name => text.match(new RegExp(`wrapup_${name}{destination="sales"} (\\d+)`))?.[1];
  assert.deepEqual([gauge('breaker_open'), gauge('destination_places') > 0], ['0', true]);
  assert.ok(text.includes('wrapup_destination_state{destination="sales",state="paused"} 1'), text);
});
