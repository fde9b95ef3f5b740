// The habits of a command line: what is asked wrongly, where what is said goes, how it ends.
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { binary, Process } from './world/process.mjs';
import { newSid } from './world/twilio.mjs';
import { until } from './world/wait.mjs';
import { apiToken, World } from './world/world.mjs';

const wrapup = (args, env = {}) =>
  spawnSync(binary, args, { encoding: 'utf8', env: { PATH: process.env.PATH, ...env } });

test('version and help in every usual way', () => {
  const version = wrapup(['version']).stdout;
  assert.match(version, /^wrapup \d+\.\d+\.\d+\n$/);
  for (const args of [['--version'], ['-V']]) assert.equal(wrapup(args).stdout, version);
  const help = wrapup(['destination', 'pause', '--help']);
  assert.equal(help.status, 0);
  assert.equal(wrapup(['help', 'destination', 'pause']).stdout, help.stdout);
});

test('a slip of the finger is told what was meant', () => {
  const command = wrapup(['shwo', 'CA1']);
  assert.equal(command.status, 2);
  assert.equal(command.stdout, '');
  assert.equal(command.stderr,
    'wrapup: there is no command shwo; did you mean show?\nRun `wrapup --help` for more.\n');
  const option = wrapup(['calls', '--stat', 'parked', '--json']);
  assert.equal(option.status, 2);
  assert.deepEqual(JSON.parse(option.stderr), {
    type: 'about:blank', title: 'Error',
    detail: 'there is no option --stat; did you mean --state?',
  });
});

test('bash completes commands and options; each command has a manual page', () => {
  const completed = (...words) => spawnSync('bash', ['-c',
    'source <("$0" completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _wrapup;' +
    'echo "${COMPREPLY[@]}"', binary, 'wrapup', ...words], { encoding: 'utf8' }).stdout.trim();
  assert.equal(completed('cal'), 'call calls');
  assert.equal(completed('destination', 'p'), 'pause');
  assert.equal(completed('calls', '--ou'), '--output');
  assert.equal(completed('destination', 'pause', 'crm', '--ur'), '--url');
  assert.equal(completed('calls', '--state', ''),
    'open settling delivering delivered parked out_of_scope');
  assert.equal(completed('replay', '--parked', 're'), 'rejected');
  assert.equal(completed('calls', '--output', '=', 'j'), 'json jsonl');
  assert.equal(completed('calls', '--name', ''), '');
  assert.match(completed('trigger', ''), /^held voicemail busy no-answer failed canceled --/);
  const commands = completed('').split(' ').filter(word => !word.startsWith('--'));
  assert.ok(commands.includes('doctor') && commands.length > 15, commands);
  for (const command of commands) {
    const page = wrapup(['man', command]);
    assert.equal(page.status, 0, command);
    assert.match(page.stdout, new RegExp(`^\\.TH wrapup\\\\-${command} 1\\n\\.SH NAME\\n`));
    assert.match(page.stdout, /\n\.SH OPTIONS\n/);
  }
  for (const shell of ['zsh', 'fish']) {
    const script = wrapup(['completion', shell]);
    for (const command of commands) assert.ok(script.stdout.includes(command), command);
  }
  assert.equal(wrapup(['completion', 'ksh']).status, 2);
  assert.equal(wrapup(['man', 'nothing']).status, 2);
});

test('profiles of this machine and destinations of a server are completed', async t => {
  const world = await World.make(t);
  const home = mkdtempSync(path.join(os.tmpdir(), 'wrapup-home-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const folder = path.join(home, '.config/wrapup');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'shop.env'), `WRAPUP_URL=http://127.0.0.1:` +
    `${world.process.port}\nWRAPUP_API_TOKEN=${apiToken}\n`, { mode: 0o600 });
  writeFileSync(path.join(folder, '$(exit).env'), '');
  const completed = async (...words) => {
    const shell = spawn('bash', ['-c', 'source <("$0" completion bash); COMP_WORDS=("$@");' +
      'COMP_CWORD=$(($# - 1)); _wrapup "$0"; echo "${COMPREPLY[@]}"', binary, 'wrapup', ...words],
    { env: { PATH: process.env.PATH, HOME: home } });
    let said = '';
    shell.stdout.setEncoding('utf8').on('data', text => { said += text; });
    await new Promise(resolve => { shell.once('close', resolve); });
    return said.trim();
  };
  assert.equal(await completed('status', '--profile', ''), 'shop');
  assert.equal(await completed('--profile', 'shop', 'destination', 'pause', 'c'), 'crm');
  assert.equal(await completed('--profile', 'shop', 'replay', '--to', ''), 'crm');
  assert.equal(await completed('replay', '--to', ''), '');
});

test('output that cannot be written is a failure, and nobody reading is none', () => {
  for (const args of ['version', '--help', 'help calls']) {
    const full = spawnSync('sh', ['-c', `"$0" ${args} > /dev/full`, binary], { encoding: 'utf8' });
    assert.equal(full.status, 1, args);
    assert.equal(full.stderr,
      'wrapup: the output cannot be written: No space left on device\n', args);
    // With and without the signal that ends a writer quietly.
    for (const trap of ['', "trap '' PIPE;"]) {
      const closed = spawnSync('bash', ['-c', `${trap} (sleep 0.1; "$0" ${args}) | true`, binary],
        { encoding: 'utf8' });
      assert.equal(closed.stderr, '', `${trap} ${args}`);
    }
  }
});

test('rows go to the output, everything else beside it', async t => {
  const world = await World.make(t);
  const elsewhere = new Process({});
  t.after(() => elsewhere.remove());
  elsewhere.port = 1; // Where nobody is.
  const at = { WRAPUP_URL: `http://127.0.0.1:${world.process.port}`,
    WRAPUP_API_TOKEN: apiToken };
  const none = await elsewhere.run(['calls'], at);
  assert.deepEqual(none, { status: 0, stdout: '', stderr: 'No calls.\n' });
  const sids = [await world.ended({ CallStatus: 'busy' }),
    await world.ended({ CallStatus: 'busy' })];
  for (const sid of sids) await world.record(sid);
  const first = await elsewhere.run(['calls', '--limit', '1'], at);
  assert.match(first.stdout, /^FIRST EVENT .*\n.* CA\w+\n$/);
  assert.match(first.stderr, /^More: add --cursor \S+, or --all\n$/);
  const wrong = await elsewhere.run(['calls', '--limit', '0', '--json'], at);
  assert.equal(wrong.status, 2);
  assert.equal(wrong.stdout, '');
  const problem = JSON.parse(wrong.stderr);
  assert.equal(problem.status, 400);
  assert.equal(problem.field, 'limit');
  const missing = await elsewhere.run(['show', 'CA1', '--json'], at);
  assert.equal(missing.status, 1);
  assert.equal(JSON.parse(missing.stderr).status, 404);
});

test('calls are found by time and number, all pages in one, and followed', async t => {
  const world = await World.make(t);
  const sids = [];
  for (let i = 0; i < 3; i++) {
    sids.push(await world.ended({ CallStatus: 'busy', To: '+61413052898' }));
  }
  for (const sid of sids) await world.record(sid);
  const all = await world.process.run(
    ['calls', '--since', '1h', '--all', '--limit', '1', '--output', 'jsonl']);
  assert.equal(all.status, 0, all.stderr);
  const listed = all.stdout.trim().split('\n').map(line => JSON.parse(line).id);
  assert.deepEqual(listed.sort(), [...sids].sort());
  const csv = await world.process.run(['calls', '--today', '--output', 'csv']);
  assert.equal(csv.stdout.split('\n').length, 5);
  const none = await world.process.run(['calls', '--before', '2020-01-01', '--output', 'csv']);
  assert.match(none.stdout, /^id,state,[\w,]+\n$/);
  assert.equal(none.stderr, 'No calls.\n');
  const number = await world.process.run(['show', '+61 413 052 898']);
  assert.equal(number.stdout.split('\n').length, 5, number.stdout + number.stderr);
  const follower = spawn(binary, ['calls', '--follow', '--output', 'jsonl'],
    { cwd: world.process.folder, env: world.process.environment() });
  t.after(() => follower.kill());
  let told = '';
  follower.stdout.setEncoding('utf8').on('data', text => { told += text; });
  await until(() => sids.every(sid => told.includes(sid)), 15_000, () => told);
  const late = await world.ended({ CallStatus: 'busy' });
  await until(() => told.includes(late), 15_000, () => told);
  const table = spawn(binary, ['calls', '--follow'],
    { cwd: world.process.folder, env: world.process.environment() });
  t.after(() => table.kill());
  let rows = '';
  table.stdout.setEncoding('utf8').on('data', text => { rows += text; });
  await until(() => rows.includes(late), 15_000, () => rows);
  assert.match(rows, /^FIRST EVENT +STATE .*CALL\n\d{4}-\d\d-\d\dT.* (delivered|delivering) /);
  const closed = spawnSync('sh', ['-c', 'exec "$0" calls >&-', binary],
    { cwd: world.process.folder, env: world.process.environment(), encoding: 'utf8' });
  assert.equal(closed.status, 1);
  assert.match(closed.stderr, /^wrapup: the output cannot be written/);
});

test('calls are found by the end of a number, part of a name, a campaign in any case', async t => {
  const world = await World.make(t);
  const meant = await world.ended({ CallStatus: 'busy', To: '+61413052898' });
  const other = await world.ended({ CallStatus: 'busy', To: '+61413052899' });
  for (const sid of [meant, other]) await world.record(sid);
  const named = newSid();
  const put = await world.api('PUT', `/api/calls/${named}/metadata`,
    { name: 'Ada Example', campaign: { name: 'Spring Offer' } });
  assert.ok(put.status < 300, put.text);
  await world.ended({ CallSid: named, CallStatus: 'busy' });
  await world.record(named);
  const find = async (...args) => {
    const ran = await world.process.run(['calls', ...args, '--output', 'jsonl']);
    assert.equal(ran.status, 0, ran.stderr);
    return ran.stdout.split('\n').filter(Boolean).map(line => JSON.parse(line).id);
  };
  assert.deepEqual(await find('--phone', '052 898'), [meant]);
  assert.deepEqual(await find('--phone', '0413 052 898'), [meant]);
  assert.deepEqual(await find('--phone', '+61 413 052 898'), [meant]);
  assert.deepEqual(await find('--phone', '052 897'), []);
  assert.deepEqual(await find('--name', 'ada'), [named]);
  assert.deepEqual(await find('--campaign', 'spring offer'), [named]);
  assert.deepEqual(await find('--campaign', 'Spring Offer'), [named]);
  assert.deepEqual(await find('--campaign', 'spring'), []);
  const shown = await world.process.run(['show', '0413 052 898']);
  assert.match(shown.stdout, new RegExp(meant));
});

test('who follows calls hears of one at once', async t => {
  const world = await World.make(t);
  const follower = spawn(binary, ['calls', '--follow', '--output', 'jsonl'],
    { cwd: world.process.folder, env: world.process.environment() });
  t.after(() => follower.kill());
  let told = '';
  follower.stdout.setEncoding('utf8').on('data', text => { told += text; });
  const sid = await world.ended({ CallStatus: 'busy' });
  await until(() => told.includes(sid) && told.includes('delivered'), 15_000, () => told);
});

test('who follows calls goes on when the server is started anew', async t => {
  const world = await World.make(t);
  const before = await world.ended({ CallStatus: 'busy' });
  const follower = spawn(binary, ['calls', '--follow', '--output', 'jsonl'],
    { cwd: world.process.folder, env: world.process.environment() });
  t.after(() => follower.kill());
  let told = '';
  let said = '';
  follower.stdout.setEncoding('utf8').on('data', text => { told += text; });
  follower.stderr.setEncoding('utf8').on('data', text => { said += text; });
  await until(() => told.includes(before), 15_000, () => told);
  await world.process.stop();
  await until(() => said.includes('Trying again'), 15_000, () => said);
  await world.process.start();
  const after = await world.ended({ CallStatus: 'busy' });
  await until(() => told.includes(after), 30_000, () => told + said);
  assert.match(said, /It answers again\.\n$/);
  assert.equal(follower.exitCode, null);
});

test('a profile is another installation, with a token of its own', async t => {
  const world = await World.make(t);
  const sid = await world.ended({ CallStatus: 'busy' });
  await world.record(sid);
  const home = mkdtempSync(path.join(os.tmpdir(), 'wrapup-home-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const folder = path.join(home, '.config/wrapup');
  mkdirSync(folder, { recursive: true });
  const profile = (name, text) => writeFileSync(path.join(folder, `${name}.env`), text);
  const url = `WRAPUP_URL=http://127.0.0.1:${world.process.port}\n`;
  profile('shop', `${url}WRAPUP_API_TOKEN=${apiToken}\n`);
  profile('bare', url);
  // The environment is this installation's, and counts for nothing there.
  const env = { HOME: home, WRAPUP_URL: 'http://127.0.0.1:1', WRAPUP_API_TOKEN: apiToken };
  const shop = wrapup(['calls', '--profile', 'shop'], env);
  assert.equal(shop.status, 0, shop.stderr);
  assert.match(shop.stdout, new RegExp(sid));
  const doctor = wrapup(['--profile', 'shop', 'doctor'], env);
  assert.match(doctor.stdout, /^wrapup runs/, doctor.stderr);
  assert.doesNotMatch(doctor.stdout, /does not start/);
  const nothing = wrapup(['--profile', 'shop', 'show', '0413 999 999'], env);
  assert.equal(nothing.status, 1);
  assert.match(nothing.stderr, /-> .*wrapup --profile shop reconcile /);
  assert.match(shop.stderr, /shop\.env has the mode 0644, and a token in it: chmod 600 /);
  const slip = wrapup(['calls', '--profile', 'shp'], env);
  assert.equal(slip.status, 2);
  assert.match(slip.stderr, /shp\.env: .*; did you mean shop\?\n/);
  assert.match(wrapup(['calls', '--profile', '../x'], env).stderr,
    /--profile takes the NAME of a file NAME\.env in .*\/\.config\/wrapup, and no path\n/);
  profile('short', `${url}WRAPUP_API_TOKEN=x\n`);
  assert.match(wrapup(['calls', '--profile', 'short'], env).stderr,
    /WRAPUP_API_TOKEN \(short\.env line 2\)/);
  const bare = wrapup(['calls', '--profile', 'bare'], env);
  assert.equal(bare.status, 2);
  assert.match(bare.stderr, /bare\.env: it has no WRAPUP_API_TOKEN/);
  const none = wrapup(['calls', '--profile', 'none'], env);
  assert.equal(none.status, 2);
  assert.match(none.stderr, /--profile: .*none\.env/);
});

test('who waits is told for what, and a number without calls leads on', async t => {
  const world = await World.make(t);
  const sid = await world.ended({ CallStatus: 'busy' });
  await world.storyWhen(sid, story => story.call.state === 'delivered');
  world.crm.answer = () => ({ status: 200, body: {}, delay: 4_000 });
  const sent = await world.process.run(['send', sid, '--again']);
  assert.equal(sent.status, 0, sent.stderr);
  assert.equal(sent.stderr,
    `Still waiting for the CRM's answer; wrapup show ${sid} says how far it is.\n`);
  const nobody = await world.process.run(['show', '+61255509999']);
  assert.match(nobody.stderr, /No calls\.\n {2}-> .*wrapup reconcile --from yesterday/);
});

test('Ctrl-C says what was done and how to go on', async t => {
  const world = await World.make(t, { WRAPUP_RETRY_SCHEDULE: '1h' });
  world.crm.answer = () => ({ status: 422, body: {} });
  for (let i = 0; i < 3; i++) await world.ended({ CallStatus: 'busy' });
  await until(async () =>
    (await world.api('GET', '/api/calls?state=parked')).json.calls.length === 3, 15_000);
  const before = world.crm.seen.length;
  world.crm.answer = () => ({ status: 200, body: {}, delay: 1_500 });
  const sender = spawn(binary, ['send', '--parked', '--yes'],
    { cwd: world.process.folder, env: world.process.environment() });
  let said = '';
  for (const stream of [sender.stdout, sender.stderr]) {
    stream.setEncoding('utf8').on('data', text => { said += text; });
  }
  const ended = new Promise(resolve => { sender.once('close', resolve); });
  await until(() => world.crm.seen.length > before, 15_000, () => said);
  sender.kill('SIGINT');
  assert.equal(await ended, 1);
  assert.match(said, /Interrupted: what was not sent stays as it was/);
  assert.match(said, /3 chosen: 1 sent, 0 failed/);
});
