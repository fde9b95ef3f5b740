// The habits of a command line: what is asked wrongly, where what is said goes, how it ends.
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { binary, Process } from './world/process.mjs';
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
  const wrong = await elsewhere.run(['calls', '--state', 'lost', '--json'], at);
  assert.equal(wrong.status, 2);
  assert.equal(wrong.stdout, '');
  const problem = JSON.parse(wrong.stderr);
  assert.equal(problem.status, 400);
  assert.equal(problem.field, 'state');
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
});
