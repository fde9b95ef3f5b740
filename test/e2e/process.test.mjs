// The process: wrong settings, one at a time, a broken or full disk, an orderly end, a restart.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync }
  from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { World } from './world/world.mjs';
import { Process } from './world/process.mjs';
import { newSid, statusForm } from './world/twilio.mjs';
import { hang } from './world/loopback.mjs';
import { until } from './world/wait.mjs';

const databaseOf = world => {
  const name = readdirSync(world.process.data).find(n => /\.(db|sqlite3?)$/.test(n));
  assert.ok(name, `no database in ${readdirSync(world.process.data)}`);
  return path.join(world.process.data, name);
};

// Launches with these settings, expects the start to fail, and returns what it said.
async function refuses(world, settings, { wrapper, code } = {}) {
  world.wasMeantToEnd = true;
  const child = new Process({ ...world.process.settings, ...settings });
  await child.launch({ wrapper });
  const exit = await Promise.race([child.ended,
    until(() => child.exit, 10_000, () => 'it started all the same').catch(error => error)]);
  if (!child.exit) await child.kill();
  const said = child.log();
  child.remove();
  assert.ok(!(exit instanceof Error), `${JSON.stringify(settings)}: ${exit}\n${said}`);
  assert.notEqual(exit.code, 0, said);
  if (code) assert.equal(exit.code, code, said);
  assert.equal(exit.signal, null, said);
  return said;
}

test('a wrong setting stops the start with one line that names it', async t => {
  const world = await World.make(t, {}, { start: false });
  const wrong = {
    CRM_WEBHOOK_URL: ['ftp://crm.example.org/', 'not a url'],
    CRM_WEBHOOK_HEADERS: ['x-api-key: 1', '{"a":1}', '[]'],
    ENABLE_CRM_WEBHOOK: ['perhaps'],
    SERVER_URL: ['hooks.example.org'],
    WRAPUP_LISTEN: ['localhost', '127.0.0.1:99999'],
    WRAPUP_SUMMARY_WAIT: ['soon', '-5s'],
    WRAPUP_RETRY_SCHEDULE: ['5s,often'],
    WRAPUP_ELEVENLABS_CONCURRENCY: ['0', 'many'],
    WRAPUP_SIGNING_SECRET: ['secret'],
    WRAPUP_TWILIO_BASE_URL: ['http://twilio.example.org'],
    WRAPUP_ALLOW_UNSIGNED: ['everybody'],
    WRAPUP_LOG: ['xml'],
    WRAPUP_NO_SUCH_SETTING: ['1'],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      const said = await refuses(world, { [name]: value });
      assert.match(said, new RegExp(name), `${name}=${value} said: ${said}`);
      assert.ok(said.trim().split('\n').length <= 3, `${name}=${value} said: ${said}`);
    }
  }
});

test('settings that belong together, and what is missing', async t => {
  const world = await World.make(t, {}, { start: false });
  assert.match(await refuses(world, { TWILIO_AUTH_TOKEN: undefined }), /TWILIO_AUTH_TOKEN/);
  assert.match(await refuses(world, { TWILIO_ACCOUNT_SID: undefined }), /TWILIO_ACCOUNT_SID/);
  assert.match(await refuses(world, { SERVER_URL: undefined }), /SERVER_URL/);
  assert.match(await refuses(world, { CRM_WEBHOOK_URL: undefined, ENABLE_CRM_WEBHOOK: 'true' }),
    /CRM_WEBHOOK_URL/);
  const open = { WRAPUP_ALLOW_UNSIGNED: 'twilio', WRAPUP_LISTEN: '0.0.0.0:8080' };
  assert.match(await refuses(world, open), /WRAPUP_ALLOW_UNSIGNED/);
  const nobody = await refuses(world, { TWILIO_ACCOUNT_SID: undefined, SERVER_URL: undefined,
    TWILIO_AUTH_TOKEN: undefined, ELEVENLABS_WEBHOOK_SECRET: undefined });
  assert.match(nobody, /TWILIO_AUTH_TOKEN|ELEVENLABS_WEBHOOK_SECRET/);
});

test('settings from .env and wrapup.toml, the environment first', async t => {
  const world = await World.make(t, { ELEVENLABS_API_KEY: undefined, CRM_WEBHOOK_URL: undefined,
    ELEVENLABS_WEBHOOK_SECRET: undefined }, { start: false });
  writeFileSync(path.join(world.process.folder, '.env'),
    `# ours\nCRM_WEBHOOK_URL="${world.crm.url}"\nWRAPUP_LOG=json\nSERVER_URL=https://wrong.test\n`);
  await world.process.start();
  const sid = await world.ended({ CallStatus: 'busy' });
  await world.record(sid);
  const lines = await until(() => {
    const found = world.process.log().split('\n').slice(0, -1).filter(line => line.includes(sid));
    return found.length > 0 && found;
  });
  for (const line of lines) JSON.parse(line);
});

test('a .env that is shared with other programs, and readable by all', async t => {
  const world = await World.make(t, { CRM_WEBHOOK_URL: undefined, CRM_WEBHOOK_HEADERS: undefined,
    ELEVENLABS_API_KEY: undefined, ELEVENLABS_WEBHOOK_SECRET: undefined }, { start: false });
  const file = path.join(world.process.folder, '.env');
  writeFileSync(file, [
    'GOOGLE_PRIVATE_KEY="-----BEGIN PRIVATE KEY-----', 'MIIB', '-----END PRIVATE KEY-----"',
    'MY_FLAG', 'next.public-key=1', `CRM_WEBHOOK_URL=${world.crm.url}`,
    "CRM_WEBHOOK_HEADERS='{", '  "x-shared": "yes"', "}'", '',
  ].join('\r\n'));
  chmodSync(file, 0o666);
  await world.process.start();
  const sid = await world.ended({ CallStatus: 'busy' });
  await world.record(sid);
  assert.match(world.process.log(), /WARN .*open to other users.*\.env.*0666/);
  const doctor = await world.process.run(['doctor', '--offline']);
  assert.match(doctor.stdout, /\.env line 4: expected KEY=VALUE/);
  assert.match(doctor.stdout, /\.env line 5: the name before '=' is not one/);
});

test('settings that were changed after the start are named until a restart', async t => {
  const world = await World.make(t, { ELEVENLABS_API_KEY: undefined }, { start: false });
  const file = path.join(world.process.folder, '.env');
  writeFileSync(file, 'ELEVENLABS_API_KEY=sk_of_before\n', { mode: 0o600 });
  await world.process.start();
  const settings = async () => (await world.api('GET', '/api/settings')).json;
  assert.deepEqual((await settings()).changed, []);
  writeFileSync(file, 'ELEVENLABS_API_KEY=sk_of_now\n');
  assert.deepEqual((await settings()).changed, ['ELEVENLABS_API_KEY']);
  const told = await world.process.run(['doctor', '--offline']);
  assert.equal(told.status, 1, told.stdout);
  assert.match(told.stdout, /^wrapup runs, and needs a person/);
  assert.match(told.stdout, /changed after wrapup started:\s+ELEVENLABS_API_KEY\n +-> restart it/);
  assert.ok(!/sk_of/.test(told.stdout + JSON.stringify(await settings())), 'a secret is shown');
  await world.process.stop();
  await world.process.start();
  assert.deepEqual((await settings()).changed, []);
  assert.equal((await world.process.run(['doctor', '--offline'])).status, 0);
});

test('quotes that a container runtime left in a value are named', async t => {
  const world = await World.make(t, { ELEVENLABS_WEBHOOK_SECRET: '"wsec_quoted"' },
    { start: false });
  const ran = await world.process.run(['serve']);
  assert.equal(ran.status, 2);
  assert.match(ran.stderr, /ELEVENLABS_WEBHOOK_SECRET \(environment\) has quotes around/);
  assert.ok(!ran.stderr.includes('wsec_quoted'), 'a secret is shown');
});

test('a data folder that cannot be made stops the start, and the setting is named', async t => {
  const world = await World.make(t, {}, { start: false });
  const said = await refuses(world, { WRAPUP_DATA_DIR: '/proc/nothing/here' });
  assert.match(said, /^wrapup: \/proc\/nothing: .*: set WRAPUP_DATA_DIR to a folder/);
});

test('a second process on the same data folder is refused', async t => {
  const world = await World.make(t);
  const said = await refuses(world, { WRAPUP_DATA_DIR: world.process.data }, { code: 1 });
  assert.match(said, /another wrapup .*: stop it first, or name another folder/);
  await world.record(await world.ended({ CallStatus: 'busy' }));
});

test('an address that is taken stops the start by name', async t => {
  const world = await World.make(t);
  const said = await refuses(world, { WRAPUP_LISTEN: `127.0.0.1:${world.process.port}` });
  assert.match(said, new RegExp(`:${world.process.port}: Address already in use: stop what ` +
    'listens there \\(ss -ltnp names it\\), or take another port \\(PORT or WRAPUP_LISTEN\\)'));
});

test('a corrupt database is reported by name and not overwritten', async t => {
  const world = await World.make(t);
  world.wasMeantToEnd = true;
  for (let n = 0; n < 30; n += 1) await world.ended({ CallStatus: 'busy' });
  await world.process.stop();
  const file = databaseOf(world), healthy = `${file}.healthy`;
  copyFileSync(file, healthy);
  const junk = readFileSync(file);
  junk.fill(0x5a, 0, Math.min(junk.length, 4096));
  writeFileSync(file, junk);
  await world.process.launch();
  const exit = await world.process.ended;
  assert.notEqual(exit.code, 0, world.process.log());
  assert.equal(exit.signal, null);
  assert.ok(world.process.log().includes(path.basename(file)), world.process.log());
  assert.deepEqual(readFileSync(file), junk, 'the file was changed');
  copyFileSync(healthy, file);
  await world.process.start();
  await world.record(await world.ended({ CallStatus: 'busy' }));
});

test('a file that is no database is left as it is', async t => {
  const world = await World.make(t);
  world.wasMeantToEnd = true;
  await world.ended({ CallStatus: 'busy' });
  await world.process.stop();
  const file = databaseOf(world), text = 'minutes of the meeting\n'.repeat(500);
  writeFileSync(file, text);
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(file + suffix)) writeFileSync(file + suffix, '');
  }
  await world.process.launch();
  const exit = await world.process.ended;
  assert.notEqual(exit.code, 0);
  assert.equal(readFileSync(file, 'utf8'), text);
});

test('a full disk answers 503, never 2xx and never 4xx, and recovers', async t => {
  const world = await World.make(t, {}, { start: false });
  // The largest size a file of this process may have: what a full disk is to a database. The log
  // goes to a file too and stays far below it. A disk that is full sends no signal.
  const limit = `prlimit --fsize=${3 << 20}:unlimited`;
  const wrapper = ['sh', '-c', `trap '' XFSZ; exec ${limit} "$@"`, 'sh'];
  await world.process.start({ wrapper });
  const padding = 'x'.repeat(50_000);
  let refused;
  const acknowledged = [];
  for (let n = 0; n < 400 && !refused; n += 1) {
    const form = statusForm({ CallStatus: 'busy', Padding: padding });
    const answer = await world.status(form);
    assert.ok([204, 503].includes(answer.status), `${answer.status} ${answer.text}`);
    if (answer.status === 503) refused = form;
    else acknowledged.push(form.CallSid);
  }
  assert.ok(refused, 'the limit was never reached');
  assert.equal(world.process.exit, null, 'died of a full disk');
  const raised = spawnSync('prlimit',
    ['--pid', String(world.process.child.pid), '--fsize=unlimited:unlimited']);
  assert.equal(raised.status, 0, String(raised.stderr));
  await until(async () => (await world.status(refused)).status === 204, 15_000,
    () => `still refused\n${world.process.log().slice(-2000)}`);
  for (const sid of [...acknowledged, refused.CallSid]) await world.record(sid, 20_000);
});

test('without standard streams its files stay its own', async t => {
  const world = await World.make(t, { ELEVENLABS_API_KEY: undefined }, { start: false });
  await world.process.start({ wrapper: ['sh', '-c', 'exec "$@" <&- >&- 2>&-', 'sh'] });
  const forms = Array.from({ length: 40 }, () => statusForm({ CallStatus: 'busy' }));
  for (const form of forms) assert.equal((await world.status(form)).status, 204);
  await world.process.kill();
  const head = readFileSync(path.join(world.process.data, 'wrapup.db')).subarray(0, 15);
  assert.equal(head.toString(), 'SQLite format 3');
  await world.process.start();
  for (const { CallSid } of forms) await until(() => world.crm.records(CallSid).length === 1);
});

test('too few files to work with: a line, and no crash', async t => {
  const world = await World.make(t, {}, { start: false });
  const said = await refuses(world, {}, { wrapper: ['sh', '-c', 'ulimit -n 20; exec "$@"', 'sh'] });
  if (/invalid vptr/.test(said)) return t.skip('UBSan looks at memory through a pipe of its own');
  assert.match(said, /too many open files/i);
});

test('SIGTERM: an orderly end within ten seconds, the work handed back', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '10m' });
  world.crm.answer = () => hang;
  const sending = await world.ended({ CallStatus: 'busy' });
  await until(() => world.crm.attempts(sending).length === 1);
  const waiting = await world.ended();
  const { code, signal, elapsed } = await world.process.stop();
  assert.deepEqual([code, signal], [0, null], world.process.log());
  assert.ok(elapsed < 10_000, `took ${elapsed} ms`);
  world.crm.answer = () => ({ status: 200 });
  await world.process.start();
  const from = Date.now();
  await world.record(sending, 10_000);
  assert.ok(Date.now() - from < 5_000, 'waited for a lease of the process before');
  await world.talked({ callSid: waiting });
  await world.record(waiting);
  const bodies = new Set(world.crm.attempts(sending).map(r => r.body + r.headers['webhook-id']));
  assert.equal(bodies.size, 1);
});

test('SIGTERM with nothing to do is quick', async t => {
  const world = await World.make(t);
  const { code, elapsed } = await world.process.stop();
  assert.equal(code, 0);
  assert.ok(elapsed < 2_000, `took ${elapsed} ms`);
});

test('SIGTERM again and again changes nothing', async t => {
  const world = await World.make(t);
  for (let i = 0; i < 5; i += 1) {
    const more = setInterval(() => world.process.child.kill('SIGTERM'), 1);
    const { code, signal } = await world.process.ended;
    clearInterval(more);
    assert.deepEqual([code, signal], [0, null], world.process.log());
    assert.match(world.process.log().trim().split('\n').at(-1), /wrapup has stopped/);
    await world.process.start();
  }
});

test('a request under way at SIGTERM is answered', async t => {
  const world = await World.make(t);
  const forms = Array.from({ length: 200 }, () => statusForm({ CallStatus: 'busy' }));
  const answers = forms.map(form =>
    world.status(form).then(answer => [form, answer.status], () => [form, 0]));
  await answers[0];
  const ended = world.process.stop();
  const results = await Promise.all(answers);
  await ended;
  for (const [, status] of results) assert.ok([0, 204, 503].includes(status), `${status}`);
  await world.process.start();
  for (const [form, status] of results) {
    if (status === 204) await world.record(form.CallSid, 15_000);
  }
});

test('killed while the CRM is down and while summaries are waited for', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '60s' });
  await world.crm.close();
  const failing = await world.ended({ CallStatus: 'busy' });
  const waiting = await world.ended();
  await world.process.kill();
  await world.crm.open();
  await world.process.start();
  await world.record(failing);
  await world.talked({ callSid: waiting });
  await world.record(waiting);
  assert.equal(world.crm.filedCount(), 2);
});

test('the summary wait begins anew where the process was away at the end of the call', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '1500ms' });
  const callSid = newSid();
  await world.ended({ CallSid: callSid });
  await world.process.kill();
  await new Promise(resolve => setTimeout(resolve, 1_700));
  const document = world.talk({ callSid });
  await world.process.start();
  assert.equal((await world.record(callSid)).summary, document.analysis.transcript_summary);
});

test('a generated token is in a file that only its owner reads', async t => {
  const world = await World.make(t, { WRAPUP_API_TOKEN: undefined });
  const files = readdirSync(world.process.data);
  const name = files.find(file => /token/.test(file));
  assert.ok(name, `no token among ${files}`);
  const file = path.join(world.process.data, name);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const bearer = readFileSync(file, 'utf8').trim();
  assert.ok(bearer.length >= 20);
  world.hide(bearer);
  assert.equal((await world.api('GET', '/api/calls', undefined, { bearer })).status, 200);
  await world.process.stop();
  await world.process.start();
  assert.equal((await world.api('GET', '/api/calls', undefined, { bearer })).status, 200);
});

test('log lines carry their path, mask numbers and show no person', async t => {
  const world = await World.make(t);
  world.hide('Hedy Lamarr', 'Hedy', 'Lamarr');
  const sid = await world.ended({ To: '+14155550199' });
  await world.talked({ callSid: sid, variables: { name: 'Hedy Lamarr' } });
  await world.record(sid);
  await world.status(statusForm(), { key: 'wrong' });
  for (const words of ['[Twilio CRM]', '[ElevenLabs CRM]', sid, 'refused']) {
    await until(() => world.process.log().includes(words));
  }
  const log = world.process.log();
  assert.doesNotMatch(log, /\+?1?415555/);
});

test('a log that nobody reads holds up neither senders nor the end', async t => {
  const world = await World.make(t, {}, { start: false });
  // Standard output is a pipe that is open and never read.
  const wrapper = ['bash', '-c', 'mkfifo log && exec 3<>log && exec "$0" "$@" >&3'];
  await world.process.start({ wrapper });
  const sids = [];
  for (let n = 0; n < 600; n += 1) sids.push(await world.ended({ CallStatus: 'busy' }));
  for (const sid of sids) await world.record(sid);
  const metrics = await (await fetch(`http://127.0.0.1:${world.process.port}/metrics`)).text();
  assert.match(metrics, /^wrapup_log_lines_dropped_total \d+$/m);
  const end = await world.process.stop();
  assert.equal(end.code, 0);
  assert.ok(end.elapsed < 10_000, `${end.elapsed} ms`);
});

// What systemd hears on a socket of the abstract namespace; Node has no sockets for datagrams.
const listener = `
import socket, sys
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind("\\0" + sys.argv[1])
print("listening", flush=True)
while True:
    print(manager.recv(4096).decode().replace("\\n", " "), flush=True)
`;

test('systemd hears when it is ready, that it lives, and when it stops', async t => {
  const name = `wrapup-e2e-${process.pid}`;
  const manager = spawn('python3', ['-c', listener, name],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => manager.kill());
  let heard = '';
  manager.stdout.setEncoding('utf8').on('data', text => { heard += text; });
  await until(() => heard.includes('listening'), 10_000);
  const world = await World.make(t, { NOTIFY_SOCKET: `@${name}`, WATCHDOG_USEC: '300000' });
  const words = /^listening\nREADY=1 STATUS=takes events on port \d+\nWATCHDOG=1\n/;
  await until(() => words.test(heard), 10_000, () => heard);
  await world.process.stop();
  await until(() => heard.includes('STOPPING=1 STATUS=finishes what is under way'), 10_000);
});
