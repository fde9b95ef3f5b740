// `wrapup trigger`: a signed sample through SERVER_URL to the CRM, over a proxy as in the field.
import test from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import { until } from './world/wait.mjs';
import { account, token, World } from './world/world.mjs';

// Passes requests on to `target.port`, or answers with `target.answer` itself.
async function proxy(t) {
  const target = { seen: [] };
  const server = http.createServer((request, response) => {
    target.seen.push(`${request.method} ${request.url}`);
    if (target.answer) {
      response.writeHead(target.answer.status, target.answer.headers ?? {});
      response.end(target.answer.body ?? '');
      return;
    }
    const onward = http.request({ host: '127.0.0.1', port: target.port, method: request.method,
      path: request.url, headers: request.headers }, answer => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => { response.writeHead(502); response.end('Bad Gateway'); });
    request.pipe(onward);
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => { server.closeAllConnections(); server.close(); });
  target.url = `http://127.0.0.1:${server.address().port}`;
  return target;
}

async function behindProxy(t, settings = {}) {
  const target = await proxy(t);
  const world = await World.make(t, { SERVER_URL: target.url, ...settings });
  target.port = world.process.port;
  world.twilio.knob = request => {
    if (request.path !== `/2010-04-01/Accounts/${account}.json`) return undefined;
    const basic = Buffer.from(`${account}:${token}`).toString('base64');
    const isHim = request.headers.authorization === `Basic ${basic}`;
    return isHim ? { status: 200, body: { status: 'active' } }
      : { status: 401, body: { code: 20003 } };
  };
  const trigger = async (args = [], extra = {}) => {
    const ran = await world.process.run(['trigger', ...args, '--json'], extra);
    assert.equal(ran.stderr, '');
    const said = JSON.parse(ran.stdout);
    return { ...said, code: ran.status, names: said.steps.map(one => one.step),
      last: said.steps.at(-1) };
  };
  return { world, target, trigger };
}

const whole = ['wrapup', 'token', 'name', 'TCP', 'answer', 'signature', 'stored', 'settled'];

test('every ending comes to the CRM as a test, and no ledger counts it', async t => {
  // A wait for a summary would be seen: nobody makes one.
  const { world, trigger } = await behindProxy(t, { WRAPUP_SUMMARY_WAIT: '60s' });
  const statuses = { held: 'held', voicemail: 'voicemail', busy: 'no answer',
    'no-answer': 'no answer', failed: 'no connection', canceled: 'no connection' };
  for (const [ending, status] of Object.entries(statuses)) {
    const said = await trigger([ending, '--to', '+61255501234']);
    assert.equal(said.code, 0, JSON.stringify(said));
    assert.deepEqual(said.names, [...whole, 'crm']);
    assert.ok(said.steps.every(one => one.ok && one.next === null));
    assert.match(said.last.said, /^accepted \(HTTP 200\)\.$/);
    const record = await world.record(said.call);
    assert.equal(record.status, status);
    assert.deepEqual([record.subject, record.name, record.to],
      ['Test of wrapup', 'Test of wrapup', '+61255501234']);
    assert.match(record.summary, /No call took place/);
    assert.deepEqual(said.record, record);
  }
  assert.equal(world.eleven.seen.length, 0);
  const ledger = (await world.api('GET', '/api/ledger')).json;
  assert.deepEqual([ledger.calls, ledger.unexplained], [0, 0]);
  const stats = (await world.api('GET', '/api/stats')).json;
  assert.deepEqual(stats.outcomes, [], JSON.stringify(stats));
  assert.deepEqual([stats.delay.minutes, stats.delay.hours], [[], []], JSON.stringify(stats));
  const metrics = (await world.api('GET', '/metrics')).text;
  assert.match(metrics, /^wrapup_end_to_crm_seconds_count 0$/m);
  assert.match(metrics, /^wrapup_calls_settled_total\{outcome="held"\} 0$/m);
  const verified = await world.process.run(['ledger', '--verify']);
  assert.equal(verified.status, 0, verified.stdout);
  const told = await world.process.run(['trigger']);
  assert.equal(told.status, 0);
  const first = /^✓ wrapup +\d+ ms  runs\n(✓ .*\n)+✓ crm +\d+ ms  accepted \(HTTP 200\)/;
  assert.match(told.stdout, first);
});

test('a dry run shows the record and tells the CRM nothing', async t => {
  const { world, trigger } = await behindProxy(t);
  const said = await trigger(['voicemail', '--dry-run']);
  assert.equal(said.code, 0, JSON.stringify(said));
  assert.deepEqual(said.names, [...whole, 'CRM']);
  assert.equal(said.record.status, 'voicemail');
  const story = (await world.api('GET', `/api/calls/${said.call}`)).json;
  assert.equal(story.call.state, 'out_of_scope');
  assert.match(story.why, /dry run/);
  assert.equal(world.crm.seen.length, 0);
  const ledger = (await world.api('GET', '/api/ledger')).json;
  assert.deepEqual([ledger.calls, ledger.out_of_scope], [0, 0]);
  const all = ['replay', '--destination', 'crm', '--earlier', '--yes'];
  const replayed = await world.process.run(all);
  assert.equal(replayed.status, 0, replayed.stderr);
  assert.equal(world.crm.seen.length, 0);
  const verified = await world.process.run(['ledger', '--verify']);
  assert.equal(verified.status, 0, verified.stdout);
});

test('each step that fails says what to do', async t => {
  const { world, target, trigger } = await behindProxy(t,
    { WRAPUP_RETRY_SCHEDULE: '1h' });
  const fails = async (step, next, extra, args) => {
    const said = await trigger(args, extra);
    assert.equal(said.code, 1, JSON.stringify(said));
    const failed = said.steps.filter(one => !one.ok);
    assert.deepEqual(failed.map(one => one.step), [step], JSON.stringify(said));
    assert.match(failed[0].next, next);
    return failed[0];
  };
  await fails('name', /record in the DNS/, { SERVER_URL: 'http://nowhere.invalid' });
  await fails('TCP', /start what listens there/, { SERVER_URL: 'http://127.0.0.1:1' });
  await fails('signature', /running server has SERVER_URL=http:\/\/127/,
    { SERVER_URL: target.url.replace('127.0.0.1', 'localhost') });
  await fails('TLS', /see that TLS is spoken there/,
    { SERVER_URL: target.url.replace('http:', 'https:') });
  const doubled = await trigger([], { SERVER_URL: `${target.url}/api/twilio-status-callback` });
  const ends = doubled.steps.find(one => one.step === 'SERVER_URL');
  assert.match(ends.next, /^cut off \/twilio-status-callback: /);
  const both = await trigger([], { TWILIO_AUTH_TOKEN: '0123456789abcdef0123456789abcdef' });
  assert.deepEqual(both.steps.filter(one => !one.ok).map(one => one.step), ['token', 'signature']);
  assert.match(both.last.next, /another TWILIO_AUTH_TOKEN/);

  const answers = [
    [{ status: 502 }, /let the proxy pass requests to http:\/\/127/],
    [{ status: 404, body: '<html>' }, /correct SERVER_URL/],
    [{ status: 200, body: 'hello' }, /correct SERVER_URL/],
    [{ status: 301, headers: { location: 'https://calls.example.com/' } }, /set SERVER_URL/],
    [{ status: 401 }, /without one/],
  ];
  for (const [answer, next] of answers) {
    target.answer = answer;
    await fails('answer', next);
  }
  // Another wrapup answers as ours would.
  target.answer = { status: 204 };
  const stranger = await trigger();
  assert.deepEqual(stranger.names.slice(-2), ['answer', 'stored'], 'nobody knows the signature');
  await fails('stored', /let SERVER_URL lead to it/);
  const unknown = await trigger([], { WRAPUP_API_TOKEN: 'another-token-for-tests-0815-4711' });
  assert.equal(unknown.code, 2);
  assert.match(unknown.last.next, /token-file/);
  target.answer = { status: 403, headers: { 'content-type': 'application/problem+json' },
    body: '{"detail":"the signature does not match"}' };
  await fails('signature', /not by the wrapup that was asked/);

  target.answer = undefined;
  world.crm.answer = () => ({ status: 401, body: { error: 'no key' } });
  const refused = await fails('crm', /CRM_WEBHOOK_HEADERS/);
  assert.match(refused.said, /HTTP 401/);
  world.crm.answer = () => ({ status: 503, body: {} });
  assert.match((await fails('crm', /wrapup show CA/)).said, /HTTP 503/);
});

test('a sample that is not taken waits for nobody, and the next one goes through', async t => {
  const { world, trigger } = await behindProxy(t);
  const lastOf = async () => {
    const said = await trigger();
    assert.equal(said.code, 1, JSON.stringify(said));
    const { why } = (await world.api('GET', `/api/calls/${said.call}`)).json;
    assert.match(why, /^Parked: a test of wrapup that was not taken/);
    return said.last;
  };
  world.crm.answer = () => ({ status: 422, body: { error: 'no such field' } });
  const refused = await lastOf();
  assert.match(refused.said, /^not taken \(HTTP 422\)\. It says: .*no such field/);
  assert.match(refused.next, /mend it there, then wrapup trigger/);
  const status = await world.process.run(['status']);
  assert.equal(status.status, 0, status.stdout);
  const parked = (await world.api('GET', '/api/stats')).json.now.parked;
  assert.ok(Object.values(parked).every(count => count === 0), JSON.stringify(parked));

  world.crm.answer = () => ({ status: 410, body: {} });
  assert.match((await lastOf()).next, /^correct CRM_WEBHOOK_URL .* wrapup destination resume crm/);
  const gone = await lastOf();
  assert.match(gone.said, /^gone: it answered 410 earlier/);
  assert.match(gone.next, /restart wrapup, then wrapup destination resume crm, then wrapup tr/);
  world.crm.answer = () => ({ status: 200, body: {} });
  await world.process.run(['destination', 'resume', 'crm']);
  const again = await trigger();
  assert.equal(again.code, 0, JSON.stringify(again));
});

test('where delivery is switched off, trigger says how to switch it on', async t => {
  const { trigger } = await behindProxy(t, { ENABLE_CRM_WEBHOOK: 'false' });
  const { last, code } = await trigger();
  assert.equal(code, 1);
  assert.match(last.said, /^switched off/);
  assert.match(last.next, /ENABLE_CRM_WEBHOOK=true .* restart wrapup/);
});

test('doctor asks SERVER_URL from outside, and says that wrapup runs', async t => {
  const { world, target } = await behindProxy(t);
  const doctor = async () => (await world.process.run(['doctor'])).stdout;
  const well = await doctor();
  assert.match(well, /^wrapup runs, and nothing is wrong\.\n/);
  assert.match(well, /ok {6}SERVER_URL leads to a wrapup that runs/);
  target.answer = { status: 502 };
  assert.match(await doctor(), /broken {2}SERVER_URL answers 502: its proxy does not reach wrapup/);
});

test('a start says that SERVER_URL ends with the path of an endpoint', async t => {
  const { world } = await behindProxy(t,
    { SERVER_URL: 'https://hooks.example.org/call-status-callback' });
  await until(() => /SERVER_URL ends with an endpoint's path.*cut off/.test(world.process.log()));
});

test('a private address of the CRM is told before a record is parked for it', async t => {
  const { world, trigger } = await behindProxy(t, { WRAPUP_ALLOW_PRIVATE_TARGETS: 'false' });
  await until(() =>
    /CRM is at a private address.*ALLOW_PRIVATE_TARGETS/.test(world.process.log()));
  const status = await world.process.run(['status']);
  assert.equal(status.status, 1);
  assert.match(status.stdout, /^! .*private address[^]*-> set WRAPUP_ALLOW_PRIVATE_TARGETS=true/);
  const { last, code } = await trigger(['--dry-run']);
  assert.equal(code, 1);
  assert.match(last.next, /WRAPUP_ALLOW_PRIVATE_TARGETS=true/);
});

test('what cannot be asked is exit code 2', async t => {
  const { world } = await behindProxy(t);
  const run = (args, extra) => world.process.run(['trigger', ...args], extra);
  const slip = await run(['vociemail']);
  assert.equal(slip.status, 2);
  assert.match(slip.stderr,
    /^wrapup: ENDING: vociemail is not held, .*; did you mean voicemail\?\n/);
  for (const to of ['banana', '', '0412345678', '+12']) {
    const nobody = await run(['--dry-run', '--to', to]);
    assert.equal(nobody.status, 2, to);
    assert.match(nobody.stderr, /^wrapup: --to is no number/);
  }
  const closed = await run([], { TWILIO_ACCOUNT_SID: '', TWILIO_AUTH_TOKEN: '' });
  assert.equal(closed.status, 2);
  assert.match(closed.stderr, /this plays Twilio/);
  const alone = await run([], { WRAPUP_URL: 'http://127.0.0.1:1' });
  assert.equal(alone.status, 2);
  assert.match(alone.stdout, /^✗ wrapup .*nobody answers/);
});
