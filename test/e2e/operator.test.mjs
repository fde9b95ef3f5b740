// Design 10: what an operator may ask, and who is one.
import assert from 'node:assert/strict';
import test from 'node:test';
import { World, account, apiToken, send } from './world/world.mjs';
import { callResource, newSid, statusForm } from './world/twilio.mjs';
import { freePort } from './world/process.mjs';
import { quiet } from './world/wait.mjs';

const sendNow = (world, callSid) => world.api('POST', '/api/test-crm-webhook', { callSid });

test('nobody gets in without the token', async t => {
  const world = await World.make(t);
  const sid = await world.ended({ CallStatus: 'busy' });
  await world.record(sid);
  const requests = [
    ['GET', '/api/calls'], ['GET', `/api/calls/${sid}`], ['GET', '/api/campaigns'],
    ['GET', '/api/contacts'], ['GET', '/api/destinations'],
    ['PUT', `/api/calls/${sid}/metadata`, { name: 'x' }],
    ['POST', '/api/campaigns', { id: 'c', name: 'x' }],
    ['POST', '/api/contacts', { phoneNumber: '+1', name: 'x' }],
    ['POST', '/api/destinations/crm/pause'], ['POST', '/api/destinations/crm/resume'],
    ['POST', '/api/test-crm-webhook', { callSid: sid }], ['GET', '/api/nothing'],
  ];
  for (const [method, path, body] of requests) {
    for (const bearer of [null, '', 'wrong', 'operator-token-for-tests-4711-081']) {
      const answer = await world.api(method, path, body, { bearer });
      assert.ok([401, 429].includes(answer.status), `${method} ${path}: ${answer.status}`);
      assert.match(answer.headers['content-type'], /application\/problem\+json/);
    }
  }
  await quiet(100);
  assert.equal(world.crm.attempts(sid).length, 1, 'a stranger made wrapup send');
});

test('health, readiness and metrics need no token and show no person', async t => {
  const world = await World.make(t);
  await world.record(await world.ended({ CallStatus: 'busy' }));
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    const answer = await world.api('GET', path, undefined, { bearer: null });
    assert.equal(answer.status, 200, path);
    assert.ok(!answer.text.includes('4155550123'), `${path} shows a number`);
  }
  const metrics = await world.api('GET', '/metrics', undefined, { bearer: null });
  assert.match(metrics.headers['content-type'], /text\/plain/);
  assert.match(metrics.text, /^# TYPE wrapup_/m);
});

test('an admin listener takes the API away from the public one', async t => {
  const port = await freePort();
  const world = await World.make(t, { WRAPUP_ADMIN_LISTEN: `127.0.0.1:${port}` });
  const sid = await world.ended({ CallStatus: 'busy' });
  await world.record(sid);
  assert.equal((await world.api('GET', '/api/calls')).status, 404);
  assert.equal((await world.api('GET', '/metrics')).status, 404);
  const headers = { authorization: 'Bearer operator-token-for-tests-4711-0815' };
  const admin = await send(port, { method: 'GET', path: '/api/calls', headers });
  assert.equal(admin.status, 200);
  const form = new URLSearchParams(statusForm()).toString();
  const hook = await send(port, { path: '/call-status-callback', body: form, headers });
  assert.equal(hook.status, 404);
});

test('send now: a delivered one again, with the same bytes and keys', async t => {
  const world = await World.make(t);
  const sid = await world.ended({ CallStatus: 'busy' });
  // The CRM's word alone is not enough: a send that meets the attempt under way is answered by it.
  await world.storyWhen(sid, story => story.call.state === 'delivered');
  const answer = await sendNow(world, sid);
  assert.equal(answer.status, 200, answer.text);
  const { success, message, details } = answer.json;
  assert.equal(success, true);
  assert.equal(typeof message, 'string');
  assert.equal(details.status, 200);
  assert.equal(typeof details.elapsed_ms, 'number');
  const [one, two] = world.crm.attempts(sid);
  assert.equal(two.body, one.body);
  assert.equal(two.headers['webhook-id'], one.headers['webhook-id']);
  assert.deepEqual(details.payload, JSON.parse(one.body));
  assert.deepEqual((await world.story(sid)).deliveries[0].attempts.map(a => a.again),
    [false, true]);
});

test('send now: an over call that waits for its summary settles with what is known', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '10m' });
  const sid = await world.ended();
  await world.storyWhen(sid, () => true);
  const answer = await sendNow(world, sid);
  assert.equal(answer.status, 200, answer.text);
  const [record] = world.crm.records(sid);
  assert.equal(record.status, 'held');
  await world.talked({ callSid: sid });
  await quiet(300);
  assert.deepEqual(world.crm.records(sid), [record]);
});

test('send now: no callSid, unknown, not over, refused, unreachable', async t => {
  const world = await World.make(t);
  for (const body of [{}, { callSid: '' }, { callSid: 7 }, [], 'x']) {
    const answer = await world.api('POST', '/api/test-crm-webhook', body);
    assert.equal(answer.status, 400, JSON.stringify(body));
  }
  const nobody = newSid();
  assert.equal((await sendNow(world, nobody)).status, 404);
  assert.ok(world.twilio.asked(nobody).length > 0, 'Twilio was not asked');
  const form = statusForm({ CallStatus: 'ringing', CallDuration: '' });
  await world.status(form);
  assert.equal((await sendNow(world, form.CallSid)).status, 409);
  world.crm.answer = () => ({ status: 422, body: { error: 'no' } });
  const refused = await sendNow(world, await world.ended({ CallStatus: 'busy' }));
  assert.equal(refused.status, 502, refused.text);
  assert.equal(refused.json.success, false);
  assert.equal(refused.json.details.status, 422);
  await world.crm.close();
  const unreachable = await sendNow(world, await world.ended({ CallStatus: 'busy' }));
  assert.equal(unreachable.status, 502, unreachable.text);
  assert.equal(unreachable.json.success, false);
});

test('send now: a call that only Twilio knows', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '1s' });
  const sid = newSid();
  world.twilio.calls.set(sid, callResource(sid, account, { status: 'no-answer', duration: null }));
  const answer = await sendNow(world, sid);
  assert.equal(answer.status, 202, answer.text);
  assert.equal((await world.record(sid)).status, 'no answer');
  const now = newSid();
  world.twilio.calls.set(now, callResource(now, account, { status: 'no-answer', duration: null }));
  const sent = await world.api('POST', '/api/test-crm-webhook', { callSid: now, now: true });
  assert.equal(sent.status, 200, sent.text);
  assert.equal(world.crm.records(now)[0].status, 'no answer');
  const told = newSid();
  world.twilio.calls.set(told, callResource(told, account, { status: 'busy', duration: null }));
  const run = await world.process.run(['send', told]);
  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stdout, /sent/);
  assert.equal(world.crm.records(told)[0].status, 'no answer');
});

test('sending what is parked: counts, a question, reasons, and the CRM\'s answer', async t => {
  const world = await World.make(t);
  world.crm.answer = () => ({ status: 422, body: { error: 'no such field' } });
  const sid = await world.ended({ CallStatus: 'busy' });
  await world.storyWhen(sid, s => s.call.state === 'parked');
  const shown = await world.process.run(['show', sid]);
  assert.match(shown.stdout, /"error":"no such field"/);
  world.crm.answer = () => ({ status: 200 });
  const before = world.crm.attempts(sid).length;
  const unasked = await world.process.run(['send', '--parked']);
  assert.equal(unasked.status, 2, unasked.stdout);
  assert.match(unasked.stdout, /1 parked: 1 rejected/);
  assert.equal((await world.process.run(['send', '--parked', '--dry-run'])).status, 0);
  assert.equal(world.crm.attempts(sid).length, before, 'sent without being asked to');
  const sent = await world.process.run(['send', '--parked', '--reason', 'rejected', '--yes']);
  assert.equal(sent.status, 0, sent.stderr);
  assert.equal(world.crm.attempts(sid).length, before + 1);
});

test('what the CRM accepts while a list is being sent is not sent again', async t => {
  const world = await World.make(t, { WRAPUP_RETRY_SCHEDULE: '1h' });
  world.crm.answer = () => ({ status: 503 });
  const sids = [];
  for (let i = 0; i < 3; i += 1) sids.push(await world.ended({ CallStatus: 'busy' }));
  for (const sid of sids) {
    await world.storyWhen(sid, ({ deliveries: [one] }) =>
      one?.attempts.length === 1 && !one.in_progress);
  }
  // Whoever is asked first is not the last of the list.
  let others;
  world.crm.answer = async request => {
    if (others === undefined) {
      others = sids.filter(sid => sid !== request.headers['idempotency-key']);
      for (const sid of others) await world.api('POST', '/api/test-crm-webhook', { callSid: sid });
    }
    return { status: 200 };
  };
  const sent = await world.process.run(['send', '--waiting', '--yes']);
  assert.equal(sent.status, 0, sent.stderr);
  assert.match(sent.stdout, /3 chosen: 1 sent, 0 failed, 2 accepted meanwhile/);
  for (const sid of sids) assert.equal(world.crm.attempts(sid).length, 2, 'one too many');
  // The server refuses it, whoever asks.
  const known = { callSid: sids[0], again: false };
  const refused = await world.api('POST', '/api/test-crm-webhook', known);
  assert.equal(refused.status, 409);
  assert.equal(refused.json.code, 'already_accepted');
  assert.equal(refused.json.success, false);
  assert.equal(world.crm.attempts(sids[0]).length, 2);
});

test('who signed out stays out over a restart', async t => {
  const world = await World.make(t);
  const at = path => `http://127.0.0.1:${world.process.port}${path}`;
  const ours = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
  const signIn = async () => {
    const body = JSON.stringify({ token: apiToken });
    const answer = await fetch(at('/api/session'), { method: 'POST', headers: ours, body });
    assert.equal(answer.status, 204);
    return answer.headers.get('set-cookie').split(';')[0];
  };
  const [gone, stays] = [await signIn(), await signIn()];
  const headers = { ...ours, cookie: gone };
  const ended = await fetch(at('/api/session'), { method: 'DELETE', headers });
  assert.equal(ended.status, 204);
  await world.process.kill();
  await world.process.start();
  const status = async cookie => (await fetch(at('/api/calls'), { headers: { cookie } })).status;
  assert.equal(await status(gone), 401);
  assert.equal(await status(stays), 200);
});

test('delivery switched off: settled, parked, shown, never sent', async t => {
  const world = await World.make(t, { ENABLE_CRM_WEBHOOK: 'false' });
  const sid = await world.ended({ CallStatus: 'busy' });
  await world.storyWhen(sid, s => s.deliveries[0]?.parked === 'disabled');
  const answer = await sendNow(world, sid);
  assert.equal(answer.status, 409, answer.text);
  assert.equal(answer.json.details.payload.status, 'no answer');
  assert.equal(world.crm.seen.length, 0);
});

test('calls are listed, filtered and paged', async t => {
  const world = await World.make(t);
  const sids = [];
  for (let n = 0; n < 7; n += 1) {
    sids.push(await world.ended({ CallStatus: 'busy', To: `+1415555020${n}` }));
    await world.record(sids.at(-1));
  }
  const running = statusForm({ CallStatus: 'ringing', CallDuration: '' });
  await world.status(running);
  const seen = [];
  let cursor = '';
  for (let page = 0; page < 10; page += 1) {
    const answer = await world.api('GET', `/api/calls?limit=3${cursor && `&cursor=${cursor}`}`);
    assert.equal(answer.status, 200, answer.text);
    seen.push(...answer.json.calls.map(call => call.id));
    if (!answer.json.next_cursor) break;
    cursor = encodeURIComponent(answer.json.next_cursor);
  }
  assert.deepEqual([...seen].sort(), [...sids, running.CallSid].sort());
  const total = async query => {
    const answer = await world.api('GET', `/api/calls?${query}`);
    assert.equal(answer.status, 200, `${query}: ${answer.text}`);
    return answer.json.calls.length;
  };
  assert.equal(await total('state=open'), 1);
  assert.equal(await total('state=delivered'), 7);
  assert.equal(await total(`phone=${encodeURIComponent('+14155550203')}`), 1);
  assert.equal(await total(`callSid=${sids[2]}`), 1);
  assert.equal(await total('after=2999-01-01T00:00:00Z'), 0);
  assert.equal((await world.api('GET', '/api/calls?state=nonsense')).status, 400);
  assert.equal((await world.api('GET', `/api/calls/${newSid()}`)).status, 404);
});

test('the story of a call tells why it is not delivered yet', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '10m',
    WRAPUP_RETRY_SCHEDULE: '60s,60s' });
  const sid = await world.ended();
  await world.storyWhen(sid, s => /summary/i.test(s.why));
  world.crm.answer = () => ({ status: 500, body: { error: 'the CRM is not well' } });
  const failing = await world.ended({ CallStatus: 'busy' });
  const story = await world.storyWhen(failing, s => /500/.test(s.why));
  assert.equal(story.deliveries[0].attempts[0].http_status, 500);
});

test('a right token among guesses is worth nothing, and senders do not notice', async t => {
  const world = await World.make(t);
  const answers = [];
  for (let n = 0; n < 150; n += 1) {
    const answer = await world.api('GET', '/api/calls', undefined, { bearer: `guess-${n}` });
    answers.push(answer.status);
  }
  assert.equal(answers[0], 401);
  assert.ok(answers.includes(429), 'guessed 150 times without being slowed down');
  const right = await world.api('GET', '/api/calls');
  assert.equal(right.status, 429);
  assert.ok(Number(right.headers['retry-after']) <= 30);
  assert.equal((await world.status(statusForm({ CallStatus: 'busy' }))).status, 204);
});

test('the command line shows the same', async t => {
  const world = await World.make(t);
  const sid = await world.ended({ CallStatus: 'busy' });
  await world.record(sid);
  const version = await world.process.run(['version']);
  assert.equal(version.status, 0, version.stderr);
  assert.match(version.stdout, /\d+\.\d+\.\d+/);
  const calls = await world.process.run(['calls', '--json']);
  assert.equal(calls.status, 0, calls.stderr);
  assert.match(calls.stdout, new RegExp(sid));
  JSON.parse(calls.stdout);
  const show = await world.process.run(['show', sid]);
  assert.equal(show.status, 0, show.stderr);
  assert.match(show.stdout, /busy/);
  const unasked = await world.process.run(['send', sid]);
  assert.equal(unasked.status, 2, 'sent a delivered record again without being asked to');
  assert.equal(world.crm.attempts(sid).length, 1);
  const again = await world.process.run(['send', sid, '--again']);
  assert.equal(again.status, 0, again.stderr);
  assert.equal(world.crm.attempts(sid).length, 2);
  const list = await world.process.run(['destination', 'list']);
  assert.equal(list.status, 0, list.stderr);
  assert.match(list.stdout, /crm/);
  assert.notEqual((await world.process.run(['show', newSid()])).status, 0);
  assert.equal((await world.process.run(['--help'])).status, 0);
  assert.notEqual((await world.process.run(['no-such-command'])).status, 0);
  const doctor = await world.process.run(['doctor']);
  assert.match(doctor.stdout + doctor.stderr, /SERVER_URL/);
  assert.ok(!doctor.stdout.includes('9a8b7c6d5e4f30213243546576879809'), 'doctor shows a token');
});

test('status says what is wrong, and the next command', async t => {
  const world = await World.make(t);
  const fine = await world.process.run(['status']);
  assert.equal(fine.status, 0, fine.stdout + fine.stderr);
  assert.match(fine.stdout, /Nothing needs a person\./);
  world.crm.answer = () => ({ status: 422, body: { error: 'unknown field' } });
  const sid = await world.ended({ CallStatus: 'busy' });
  await world.storyWhen(sid, story => story.call.state === 'parked');
  await world.status(statusForm(), { signature: 'AAAA' });
  const wrong = await world.process.run(['status']);
  assert.equal(wrong.status, 1, wrong.stdout + wrong.stderr);
  assert.match(wrong.stdout, /1 call is parked: rejected\. crm said HTTP 422[^]*\(wrapup show/);
  assert.match(wrong.stdout, / {2}-> mend the CRM, then wrapup replay --parked rejected/);
  assert.match(wrong.stdout, /1 request was refused within the last hour: \w+/);
  assert.match(wrong.stdout, /twilio +open +1 +\d+ s ago/);
  const told = JSON.parse((await world.process.run(['status', '--json'])).stdout);
  assert.equal(told.findings.length, 2);
  assert.equal(told.destinations[0].parked, 1);
  await world.process.stop();
  assert.equal((await world.process.run(['status'])).status, 2, 'no server to ask');
});
