// Several processes on one database: whatever becomes of one of them, each call makes one record,
// and a repeat is marked as one.
import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Crm, filedThenCut } from './world/crm.mjs';
import { comeBack, leave, makeFleet, nodesOf, report, through } from './world/fleet.mjs';
import { hang } from './world/loopback.mjs';
import { Process } from './world/process.mjs';
import { Stream } from './world/stream.mjs';
import { statusForm } from './world/twilio.mjs';
import { apiKey, apiToken, send } from './world/world.mjs';
import { until } from './world/wait.mjs';

const duties = ['keep', 'place', 'reconcile', 'replay', 'seal'];

// Sends callbacks to all of `nodes` in turn until `count` are acknowledged; who is killed meanwhile
// acknowledges nothing. Returns the CallSids.
async function spread(nodes, count, onEach = () => {}) {
  const acknowledged = new Set();
  let turn = 0;
  await Promise.all(Array.from({ length: 24 }, async () => {
    while (acknowledged.size < count) {
      const node = nodes[turn++ % nodes.length];
      if (node.isAway) continue;
      const form = statusForm({ CallStatus: 'busy' });
      try {
        const answer = await Promise.race([node.status(form), node.gone]);
        if (answer?.status === 204) acknowledged.add(form.CallSid);
      } catch { /* Killed: not acknowledged. */ }
      await onEach(acknowledged.size);
    }
  }));
  return acknowledged;
}

async function haveOneRecordEach(world, asked, sids, nodes) {
  const missing = () => [...sids].filter(sid => world.crm.records(sid).length === 0);
  await until(() => missing().length === 0, 60_000,
    () => `${missing().length} of ${sids.size} have no record\n${report(nodes)()}`);
  for (const sid of sids) {
    const story = await asked.storyWhen(sid, told => told.call.state === 'delivered', 30_000);
    const { attempts } = story.deliveries[0];
    const unknown = attempts.filter(attempt => attempt.outcome === 'unknown').length;
    const filed = world.crm.filed.get(sid);
    assert.ok(filed.length <= 1 + unknown, `${sid} was repeated unmarked: ${filed.length} records,`
      + ` ${JSON.stringify(attempts)}`);
    const keys = new Set(filed.map(r => `${r.headers['webhook-id']} ${r.body}`));
    assert.equal(keys.size, 1, `${sid} has different records`);
  }
}

test('three nodes share the calls, and each shows the whole', async t => {
  const { server, world, nodes } = await makeFleet(t, 3);
  const sids = await spread(nodes, 300);
  await haveOneRecordEach(world, nodes[1], sids, nodes);
  for (const sid of sids) assert.equal(world.crm.records(sid).length, 1);
  const counts = await Promise.all(nodes.map(async node =>
    (await node.api('GET', '/api/stats')).json.now.calls.delivered));
  assert.deepEqual(counts, [sids.size, sids.size, sids.size]);
  const shown = await nodesOf(nodes[2]);
  assert.equal(shown.length, 3);
  assert.deepEqual(shown.map(node => node.state), ['alive', 'alive', 'alive']);
  assert.ok(shown[0].is_this && !shown[1].is_this);
  const told = await nodes[2].process.run(['nodes']);
  assert.equal(told.status, 0, told.stderr);
  assert.equal(told.stdout.match(/ alive /g).length, 3, told.stdout);
  const status = await nodes[2].process.run(['status']);
  assert.match(status.stdout, /^Events at this node, one of 3$/m);
  assert.deepEqual(shown.flatMap(node => node.duties).sort(), duties);
  // Each counted in rows of its own.
  const slots = server.ask("SELECT count(DISTINCT slot) FROM wrapup.counters_by_slot");
  assert.ok(Number(slots) >= 2, `${slots} slots`);
});

// One request after another, as the CRM sees them: how many are under way at most.
function atOnce(world, answer) {
  let open = 0;
  const seen = { most: 0, count: 0 };
  world.crm.answer = async () => {
    open += 1;
    seen.count += 1;
    seen.most = Math.max(seen.most, open);
    const given = await answer();
    open -= 1;
    return given;
  };
  return seen;
}

test('a destination in trouble has one breaker for all nodes, and one probe at a time', async t => {
  const { world, nodes } = await makeFleet(t, 3);
  world.crm.answer = () => ({ status: 500 });
  const sids = await spread(nodes, 60);
  const breakers = async () => Promise.all(nodes.map(async node =>
    (await node.api('GET', '/api/destinations')).json.destinations[0].breaker));
  await until(async () => (await breakers())[0] !== 'closed', 30_000, report(nodes));
  assert.ok((await breakers()).every(one => one !== 'closed'));
  await pause(1000); // What had begun before has ended.
  const probes = atOnce(world, async () => {
    await pause(2500);
    return { status: 500 };
  });
  await until(() => probes.count >= 2, 40_000, report(nodes));
  assert.equal(probes.most, 1);
  // A person at any node has it probed at once; the others hear that it is well.
  world.crm.answer = () => ({ status: 200 });
  const resumed = await nodes[2].api('POST', '/api/destinations/crm/resume', {});
  assert.equal(resumed.status, 200);
  await haveOneRecordEach(world, nodes[1], sids, nodes);
  assert.deepEqual(await breakers(), ['closed', 'closed', 'closed']);
  const told = nodes.map(node => node.process.log().match(/destination answers again/g)?.length);
  assert.equal(told.filter(count => count > 0).length, 1, told.join());
});

test('a rate is shared by all nodes', async t => {
  const { server, world, nodes } = await makeFleet(t, 3);
  for (const { process } of nodes) await process.stop();
  for (const { process } of nodes) {
    writeFileSync(path.join(process.folder, 'wrapup.toml'), '[destination.crm]\nrate = "10/s"\n');
    await process.start();
  }
  const sids = await spread(nodes, 60);
  await haveOneRecordEach(world, nodes[1], sids, nodes);
  // As the nodes began them: how long a request takes to arrive is not theirs to say.
  const begun = server.ask('SELECT started_at_ms FROM wrapup.attempts ORDER BY 1').split('\n');
  assert.equal(begun.length, sids.size);
  const nodesSeen = server.ask('SELECT count(DISTINCT fence % 1048576) FROM wrapup.deliveries');
  assert.ok(Number(nodesSeen) >= 2, `${nodesSeen} nodes sent`);
  // A node may be held up between its claim and the attempt: over all of it that evens out.
  const took = Number(begun.at(-1)) - Number(begun[0]);
  const least = (Math.ceil(sids.size / 10) - 1) * 1000 - 500;
  assert.ok(took >= least, `${sids.size} attempts within ${took} ms`);
});

test('settings that would take a destination away from living nodes start no node', async t => {
  const { server, world, nodes } = await makeFleet(t, 1);
  await until(async () => (await nodesOf(nodes[0])).length === 1);
  const rehearsal = new Process({ ...world.process.settings, ENABLE_CRM_WEBHOOK: 'false' });
  t.after(async () => {
    await rehearsal.stop();
    rehearsal.remove();
  });
  const state = () => server.ask("SELECT state FROM wrapup.destinations WHERE name = 'crm'");
  await rehearsal.launch();
  assert.equal((await rehearsal.ended).code, 2, rehearsal.log());
  const said = rehearsal.log();
  assert.match(said, /^wrapup: these settings switch off destination crm, which node \S+ \(/);
  assert.equal(said.trim().split('\n').length, 1, said);
  assert.equal(state(), 'active');
  await world.record(await world.ended({ CallStatus: 'busy' }));
  await nodes[0].process.stop(); // With nobody else there, they hold.
  await rehearsal.start();
  assert.equal(state(), 'disabled');
  world.wasMeantToEnd = true;
});

// Beside `nodes`, one whose settings have a destination more, which refuses what comes.
async function startCanary(t, { server, world }) {
  const secret = `whsec_${Buffer.from('the secret of one CRM more ....').toString('base64')}`;
  const extra = await new Crm(secret).open();
  t.after(() => extra.close());
  extra.answer = () => ({ status: 503 });
  const canary = new Process(world.process.settings);
  t.after(async () => {
    await canary.stop();
    canary.remove();
  });
  writeFileSync(path.join(canary.folder, 'wrapup.toml'),
    `[destination.extra]\nurl = "${extra.url}"\nsecret = "${secret}"\n`);
  await canary.start();
  const seen = through(world, canary);
  const sid = await seen.ended({ CallStatus: 'busy' });
  await until(() => extra.attempts(sid).length > 0, 8_000, () => canary.log());
  const state = () => server.ask("SELECT d.state || ' ' || coalesce(r.parked, r.state)"
    + " FROM wrapup.destinations d JOIN wrapup.deliveries r ON r.destination = d.name"
    + " WHERE d.name = 'extra'");
  return { extra, canary, sid, state };
}

test('a destination that only a stopped node had is in the way of no start', async t => {
  const fleet = await makeFleet(t, 2);
  const { canary, state } = await startCanary(t, fleet);
  const restarted = fleet.nodes[1].process;
  await restarted.stop();
  await restarted.launch();
  assert.equal((await restarted.ended).code, 2, restarted.log());
  assert.match(restarted.log(), new RegExp('these settings do not have destination extra,'
    + ` which node \\S+ \\(process ${canary.child.pid}\\)`));
  await canary.stop();
  await restarted.start(); // Its neighbour lives, and never sent there.
  assert.equal(state(), 'removed destination_gone');
});

test('what waits for a destination that only a stopped node had waits for a person', async t => {
  const fleet = await makeFleet(t, 2);
  const { canary, extra, sid, state } = await startCanary(t, fleet);
  await canary.stop();
  await until(() => state() === 'removed destination_gone', 60_000, report(fleet.nodes));
  const logs = report(fleet.nodes)();
  assert.equal(logs.match(/WARN .*no living node sends to a destination any more.*=extra/g).length,
    1, logs);
  extra.answer = () => ({ status: 200 });
  await canary.start(); // It is back: what was parked goes out.
  await until(() => extra.records(sid).length === 1, 8_000, () => canary.log());
});

test('a destination that is added node by node tells what settled at the others', async t => {
  const { world, nodes } = await makeFleet(t, 3);
  const secret = `whsec_${Buffer.from('the secret of one CRM more ....').toString('base64')}`;
  const extra = await new Crm(secret).open();
  t.after(() => extra.close());
  const restart = async ({ process }) => {
    await process.stop();
    writeFileSync(path.join(process.folder, 'wrapup.toml'),
      `[destination.extra]\nurl = "${extra.url}"\nsecret = "${secret}"\n`);
    await process.start();
  };
  const ended = async (node, count) => {
    for (let i = 0; i < count; ++i) {
      await node.record(await node.ended({ CallStatus: 'busy' }));
    }
  };
  const earlier = async () => Promise.all(nodes.map(async node =>
    (await node.api('GET', '/api/destinations')).json.destinations
      .find(one => one.name === 'extra')?.earlier));
  const send = async node => {
    const sent = await node.process.run(['replay', '--destination', 'extra', '--earlier', '--yes']);
    assert.equal(sent.status, 0, sent.stderr);
  };
  await ended(nodes[1], 2);
  await restart(nodes[0]);
  await until(async () => (await earlier())[0] === 2, 8_000, report(nodes));
  await send(nodes[0]);
  await ended(nodes[1], 3); // With the settings of before.
  await ended(nodes[2], 1);
  await ended(nodes[0], 1);
  await restart(nodes[1]);
  await restart(nodes[2]);
  await until(async () => String(await earlier()) === '4,4,4', 15_000,
    async () => `${await earlier()}\n${report(nodes)()}`);
  assert.match(nodes[0].process.log(), /WARN .*a node does not send to a destination:.*=extra/);
  const listed = await nodes[1].process.run(['destination', 'list']);
  assert.match(listed.stdout, /4 calls settled without extra/);
  await send(nodes[2]);
  await until(async () => String(await earlier()) === '0,0,0', 8_000, report(nodes));
  assert.equal(extra.filed.size, world.crm.filed.size);
});

test('what the node that compares has found is shown by every node', async t => {
  const webhook = { name: 'post-call', webhook_id: 'w', webhook_url: 'https://hooks.example.org/x',
    is_disabled: false, is_auto_disabled: true, most_recent_failure_error_code: 503 };
  const settings = { ELEVENLABS_API_KEY: apiKey, WRAPUP_RECONCILE_INTERVAL: '1s' };
  const { world, nodes } = await makeFleet(t, 2, settings, ({ eleven, twilio }) => {
    eleven.knob = ({ path: asked }) => (asked !== '/v1/workspace/webhooks' ? undefined
      : { status: 200, body: { webhooks: [webhook] } });
    twilio.knob = () => ({ status: 401, body: { code: 20003, message: '', status: 401 } });
  });
  const compares = (await nodesOf(nodes[0])).find(node => node.duties.includes('reconcile')).id;
  const shown = async node => (await node.api('GET', '/api/reconciliation')).json;
  for (const node of nodes) {
    const found = await until(async () => {
      const all = await shown(node);
      return all.twilio.trouble && all.webhooks?.[0]?.is_auto_disabled && all;
    }, 20_000, report(nodes));
    assert.ok(found.runs.length > 0);
    const [self] = await nodesOf(node);
    assert.equal(found.node, self.id === compares ? null : compares);
    const status = await node.process.run(['status']);
    assert.equal(status.status, 1);
    assert.match(status.stdout, /ElevenLabs' webhook post-call is switched off/);
    assert.match(status.stdout, /Twilio refuses our credentials/);
    assert.match((await node.process.run(['doctor'])).stdout, /webhook post-call is switched off/);
  }
  const { id } = (await nodes[1].api('POST', '/api/reconciliation', { from: '2026-01-01' })).json;
  await until(async () => {
    const run = (await nodes[0].api('GET', `/api/reconciliation/${id}`)).json;
    return run.id === id && run.ordered && run.state === 'failed' && /refuses/.test(run.error);
  }, 8_000, report(nodes));
  await nodes[0].process.stop(); // Who takes over begins anew.
  webhook.is_auto_disabled = false;
  world.twilio.knob = () => undefined;
  await until(async () => {
    const all = await shown(nodes[1]);
    return all.twilio.trouble === null && all.webhooks?.[0]?.is_auto_disabled === false;
  }, 30_000, report(nodes.slice(1)));
  world.wasMeantToEnd = true;
});

test('what a node was started with otherwise is named to all, and no value of it', async t => {
  const { server, world, nodes } = await makeFleet(t, 1);
  const other = new Process({ ...world.process.settings, WRAPUP_API_TOKEN: undefined,
    WRAPUP_SUMMARY_WAIT: '300ms' });
  t.after(async () => {
    await other.stop();
    other.remove();
  });
  await other.start(); // It makes a token of its own.
  const told =
    /WARN .*another node has other settings than this one.*WRAPUP_API_TOKEN, WRAPUP_SUMMARY_WAIT/;
  for (const process of [world.process, other]) {
    await until(() => told.test(process.log()), 6_000, report([...nodes, { process: other }]));
    assert.match(process.log(), /api_token="?that of one node is refused by the other/);
    assert.equal(process.log().match(/has other settings/g).length, 1, process.log());
  }
  const shown = await world.process.run(['nodes']);
  assert.match(shown.stdout, /^ {4}other settings: WRAPUP_API_TOKEN, WRAPUP_SUMMARY_WAIT$/m);
  const status = await world.process.run(['status']);
  assert.equal(status.status, 1);
  assert.match(status.stdout, /has other settings than\s+this\s+one/);
  assert.match((await other.run(['doctor'])).stdout, /has other settings than\s+this\s+one/);
  await other.stop();
  assert.match((await other.run(['doctor'])).stdout,
    /was started with\s+other\s+settings\s+than\s+these:\s+WRAPUP_API_TOKEN/);
  assert.doesNotMatch(server.ask("SELECT string_agg(settings, ' ') FROM wrapup.nodes"),
    /300ms|crm\.|operator-token/);
});

test('what one node does is told by the stream of another', async t => {
  const { nodes } = await makeFleet(t, 2);
  await until(async () => (await nodesOf(nodes[0])).length === 2);
  const stream = await Stream.open(nodes[1]);
  await stream.when(({ text }) => /^retry: \d+$/m.test(text));
  const sid = await nodes[0].ended({ CallStatus: 'busy' });
  await stream.when(() => stream.statesOf(sid).at(-1) === 'delivered');
  stream.close();
});

test('kill -9 of one node in a burst: the others go on, and it finds its own again', async t => {
  const { world, nodes } = await makeFleet(t, 3);
  world.crm.answer = (request, count) => (count % 5 === 0 ? filedThenCut : { status: 200 });
  let isKilled = false;
  const sids = await spread(nodes, 400, async size => {
    if (size < 150 || isKilled) return;
    isKilled = true;
    leave(nodes[1]);
    await nodes[1].process.kill();
  });
  const more = await spread([nodes[0], nodes[2]], 50);
  await nodes[1].process.start();
  comeBack(nodes[1]);
  await haveOneRecordEach(world, nodes[2], new Set([...sids, ...more]), nodes);
});

test('one node is killed and one is paused past its leases, in one burst', async t => {
  const { server, world, nodes } = await makeFleet(t, 3);
  let asked = 0;
  world.crm.answer = () => ((asked += 1) % 7 === 0 ? { status: 503 } : { status: 200, delay: 5 });
  const steps = [[120, async () => {
    leave(nodes[2]);
    nodes[2].process.child.kill('SIGSTOP');
    // As if its leases had run out: whatever it was about to write, others have it now.
    server.ask(`UPDATE wrapup.calls SET lease_until_ms = 1 WHERE lease_until_ms IS NOT NULL;
      UPDATE wrapup.deliveries SET lease_until_ms = 1 WHERE lease_until_ms IS NOT NULL;
      UPDATE wrapup.duties SET until_ms = 1`);
  }], [250, async () => {
    leave(nodes[1]);
    await nodes[1].process.kill();
  }], [350, async () => {
    nodes[2].process.child.kill('SIGCONT');
    comeBack(nodes[2]);
  }]];
  const sids = await spread(nodes, 500, async size => {
    if (steps.length > 0 && size >= steps[0][0]) await steps.shift()[1]();
  });
  await nodes[1].process.start();
  await haveOneRecordEach(world, nodes[1], sids, nodes);
  assert.equal(server.ask(`SELECT count(*) FROM wrapup.deliveries d JOIN wrapup.calls c
    ON c.no = d.call_no GROUP BY c.id HAVING count(*) > 1`), '');
});

test('a start takes nothing from nodes that are at work', async t => {
  const { world, nodes } = await makeFleet(t, 2);
  world.crm.answer = () => ({ status: 200, delay: 5_000 });
  const sid = await nodes[1].ended({ CallStatus: 'busy' });
  await until(() => world.crm.attempts(sid).length === 1);
  await world.process.kill();
  await world.process.start();
  await until(async () => (await nodesOf(world)).length === 2);
  assert.equal((await world.story(sid)).deliveries[0].in_progress, true);
  const story = await world.storyWhen(sid, told => told.call.state === 'delivered');
  assert.deepEqual(story.deliveries[0].attempts.map(attempt => attempt.outcome), ['accepted']);
  assert.equal(world.crm.records(sid).length, 1);
});

test('nodes tells what each holds now', async t => {
  const { world, nodes } = await makeFleet(t, 2);
  world.crm.answer = () => hang;
  assert.equal((await nodes[0].status(statusForm({ CallStatus: 'busy' }))).status, 204);
  await until(async () => (await nodes[1].process.run(['nodes'])).stdout
    .includes('holds 0 calls, 1 deliveries'), 6_000, report(nodes));
});

test('who signs out at one node is out at all of them, and stays so', async t => {
  const { nodes } = await makeFleet(t, 2);
  const ask = (node, method, path, more = {}, body = '') => send(node.process.port, { method, path,
    body, headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin',
      ...more } });
  const signIn = async node => {
    const answer = await ask(node, 'POST', '/api/session', {}, JSON.stringify({ token: apiToken }));
    assert.equal(answer.status, 204, answer.text);
    return { cookie: [answer.headers['set-cookie']].flat()[0].split(';')[0] };
  };
  const statuses = cookie => Promise.all(nodes.map(async node =>
    (await ask(node, 'GET', '/api/status', cookie)).status));
  const first = await signIn(nodes[0]);
  await new Promise(resolve => { setTimeout(resolve, 5); }); // Sessions of one instant are one.
  const second = await signIn(nodes[0]);
  assert.deepEqual(await statuses(first), [200, 200]);
  // At once, each at another node: neither writes the other's end away.
  const out = await Promise.all([ask(nodes[1], 'DELETE', '/api/session', first),
    ask(nodes[0], 'DELETE', '/api/session', second)]);
  assert.deepEqual(out.map(answer => answer.status), [204, 204]);
  for (const cookie of [first, second]) {
    await until(async () => (await statuses(cookie)).every(status => status === 401), 6_000,
      report(nodes));
  }
  await nodes[0].process.stop();
  await nodes[0].process.start();
  assert.deepEqual(await statuses(first), [401, 401]);
  assert.deepEqual(await statuses(second), [401, 401]);
});

test('a node whose data folder was copied says so and claims nothing', async t => {
  const { nodes } = await makeFleet(t, 2);
  const sid = await nodes[1].ended({ CallStatus: 'busy' });
  await nodes[1].storyWhen(sid, told => told.call.state === 'delivered');
  const copied = nodes[1].process;
  await copied.stop();
  cpSync(path.join(nodes[0].process.data, 'node_id'), path.join(copied.data, 'node_id'));
  await copied.start();
  const told = /another process has taken this node's place/;
  await until(() => told.test(nodes[0].process.log()), 6_000, report(nodes));
  assert.doesNotMatch(copied.log(), told);
  const refused = await nodes[0].process.run(['send', '--again', sid]);
  assert.equal(refused.status, 1, refused.stdout);
  assert.match(refused.stderr, /another process has taken this node's place/);
  assert.equal(nodes[0].crm.records(sid).length, 1);
  const standing = async world => {
    const answer = await world.api('GET', '/readyz', undefined, { bearer: null });
    return [answer.status, answer.json.dependencies.node];
  };
  // It takes events, which the others see to.
  assert.deepEqual(await standing(nodes[0]), [200, 'replaced']);
  assert.deepEqual(await standing(nodes[1]), [200, 'ok']);
  await copied.stop();
  nodes[1].isAway = true;
});

test('a node that was paused past its lease overwrites nothing', async t => {
  const { server, world, nodes } = await makeFleet(t, 2);
  world.crm.answer = (request, count) => ({ status: 200, delay: count === 1 ? 2_000 : 0 });
  const sid = await nodes[1].ended({ CallStatus: 'busy' });
  await until(() => world.crm.attempts(sid).length === 1);
  nodes[1].process.child.kill('SIGSTOP');
  // As if its lease had run out.
  server.ask('UPDATE wrapup.deliveries SET lease_until_ms = 1 WHERE lease_until_ms IS NOT NULL');
  const outcomes = told => told.deliveries[0]?.attempts.map(attempt => attempt.outcome).join();
  await world.storyWhen(sid, told => outcomes(told) === 'unknown,accepted');
  nodes[1].process.child.kill('SIGCONT');
  await until(() => nodes[1].process.log().includes('attempt not written down'), 15_000,
    report(nodes));
  assert.equal(outcomes(await world.story(sid)), 'unknown,accepted');
  assert.ok(world.crm.records(sid).length <= 2);
});

test('duties pass to another node when theirs stops', async t => {
  const { world, nodes } = await makeFleet(t, 2);
  await until(() => /another node has joined/.test(world.process.log()), 6_000, report(nodes));
  const holder = nodes[(await nodesOf(world))[0].duties.length > 0 ? 0 : 1];
  const other = nodes.find(node => node !== holder);
  assert.deepEqual((await nodesOf(holder))[0].duties, duties);
  world.wasMeantToEnd = true;
  await holder.process.stop();
  await until(async () => (await nodesOf(other))[0].duties.length === duties.length, 10_000,
    report(nodes));
  const states = (await nodesOf(other)).map(node => node.state);
  assert.deepEqual(states, ['alive', 'stopped']);
  await holder.process.start();
  await until(() => /another node is back/.test(other.process.log()), 6_000, report(nodes));
  assert.match(other.process.log(), /INFO another node has stopped.* node=\S+:\d+/);
});
