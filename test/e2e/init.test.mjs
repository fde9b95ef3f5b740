// `wrapup init`: asks, checks against the sandbox, writes .env. On a terminal and without one.
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync,
  writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { binary, freePort } from './world/process.mjs';
import { SandboxProcess } from './world/sandbox.mjs';
import { until } from './world/wait.mjs';

const terminal = fileURLToPath(new URL('world/terminal.py', import.meta.url));
// In a bare root that has /dev of another one, but not its pseudo-terminals.
const needsTerminal = { skip: !existsSync('/dev/pts/ptmx') && '/dev/pts is not mounted' };
// Where the vendors are is no answer.
const isPlace = name => /BASE_URL$|PRIVATE_TARGETS$/.test(name);

async function stage(t) {
  const sandbox = await SandboxProcess.make(t);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'wrapup-init-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const printed = Object.entries(sandbox.environment);
  const places = Object.fromEntries(printed.filter(([name]) => isPlace(name)));
  const answers = { ...Object.fromEntries(printed.filter(([name]) => !isPlace(name))),
    SERVER_URL: 'https://calls.example.com' };
  const file = path.join(folder, '.env');
  const run = (command, args, { env = {}, input = '' } = {}) => {
    const child = spawn(command, args, { cwd: folder, env: { PATH: process.env.PATH,
      HOME: folder, ...places, ...env } });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8').on('data', text => { said[name] += text; });
    }
    child.stdin.end(input);
    return new Promise(resolve => {
      child.once('close', status => resolve({ status, ...said }));
    });
  };
  return {
    answers, folder, file, places,
    init: (args = [], env = answers) => run(binary, ['init', ...args], { env }),
    // `script`: [what to wait for, what to type then].
    atTerminal: (script, args = []) => run('python3', [terminal, binary, 'init', ...args],
      { input: script.map(line => JSON.stringify(line)).join('\n') }),
    text: () => readFileSync(file, 'utf8'),
  };
}

const valuesOf = text => Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/mg)]
  .map(([, name, value]) => [name, value.replace(/^'(.*)'$/, '$1')]));

test('without a terminal answers come from the environment, are checked and written', async t => {
  const s = await stage(t);
  const done = await s.init(['--yes']);
  assert.equal(done.status, 0, done.stderr);
  assert.match(done.stderr, /✓ Twilio accepts the account and its token/);
  assert.match(done.stderr, /✓ ElevenLabs accepts ELEVENLABS_API_KEY/);
  assert.match(done.stderr, /✓ ElevenLabs knows the agent/);
  assert.match(done.stderr, /✓ the CRM can be reached/);
  assert.match(done.stdout, /https:\/\/calls\.example\.com\/call-status-callback#rc=5/);
  assert.match(done.stdout, /https:\/\/calls\.example\.com\/webhooks\/elevenlabs/);
  assert.match(done.stdout, /Next:\n {2}wrapup serve\n/);
  assert.equal(statSync(s.file).mode & 0o777, 0o600);
  assert.doesNotMatch(done.stderr, /its group can read it/);
  assert.match(done.stderr,
    /In the environment, and not in the file: [\s\S]*PRIVATE_TARGETS[\s\S]*wrapup serve/);
  const written = valuesOf(s.text());
  for (const name of ['SERVER_URL', 'TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN',
    'ELEVENLABS_API_KEY', 'CRM_WEBHOOK_URL']) assert.equal(written[name], s.answers[name], name);
  // What was written is enough to start with, and again it changes nothing.
  const before = s.text();
  assert.equal((await s.init(['--yes'], {})).status, 0);
  assert.equal(s.text(), before);
});

test('a new file begins as the example beside it', async t => {
  const s = await stage(t);
  writeFileSync(`${s.file}.example`, '# The public address\nSERVER_URL=\nWRAPUP_LOG=json\n');
  const done = await s.init(['--yes']);
  assert.equal(done.status, 0, done.stderr);
  assert.ok(s.text().startsWith(
    '# The public address\nSERVER_URL=https://calls.example.com\nWRAPUP_LOG=json\n'), s.text());
});

test('a file that was brought along gets what the package\'s example sets', async t => {
  const s = await stage(t);
  writeFileSync(`${s.file}.example`, 'SERVER_URL=\nWRAPUP_LOG=json\nWRAPUP_DATA_DIR=/var/lib/w\n');
  writeFileSync(s.file, '# the script\'s\nPORT=3000\nWRAPUP_LOG=text\n');
  const done = await s.init(['--yes']);
  assert.equal(done.status, 0, done.stderr);
  assert.match(done.stderr, /✓ WRAPUP_DATA_DIR=\/var\/lib\/w, as \.env\.example has it/);
  assert.ok(s.text().startsWith(
    '# the script\'s\nPORT=3000\nWRAPUP_LOG=text\nWRAPUP_DATA_DIR=/var/lib/w\n'), s.text());
});

test('what a service refuses is not written, and other lines stay', async t => {
  const s = await stage(t);
  const refusals = [
    [{ TWILIO_AUTH_TOKEN: '0'.repeat(31) + '1' }, /✗ Twilio refuses/],
    [{ ELEVENLABS_API_KEY: 'wrong' }, /✗ ElevenLabs refuses ELEVENLABS_API_KEY/],
    [{ ELEVENLABS_AGENT_ID: 'agent_nobody' }, /✗ ElevenLabs knows no agent agent_nobody/],
    [{ CRM_WEBHOOK_URL: 'http://127.0.0.1:1/crm' }, /✗ the CRM cannot be reached/],
    [{ MONGODB_URI: 'mongodb://127.0.0.1:1/dialler' }, /✗ .*MongoDB/],
    [{ MONGODB_URI: 'mongodb://127.0.0.1:1' }, /✗ MONGODB_URI/],
    [{ SERVER_URL: 'calls.example.com' }, /✗ SERVER_URL/],
  ];
  const old = '# the dialler\'s\nDIALLER_KEY=x y\nSERVER_URL=https://old.example.com\n';
  writeFileSync(s.file, old);
  chmodSync(s.file, 0o644);
  for (const [over, told] of refusals) {
    const refused = await s.init(['--yes'], { ...s.answers, ...over });
    assert.equal(refused.status, 1, JSON.stringify(over));
    assert.match(refused.stderr, told);
    // Where only a service said no, there is a way round it.
    const isOfForm = /✗ (MONGODB_URI|SERVER_URL)/.test(refused.stderr);
    assert.match(refused.stderr, isOfForm ? /wrapup: nothing was written\n$/
      : /wrapup: nothing was written; --unchecked writes it unasked\n$/);
    assert.equal(s.text(), old);
  }
  const unchecked = await s.init(['--yes', '--unchecked', '--json'],
    { ...s.answers, CRM_WEBHOOK_URL: 'http://127.0.0.1:1/crm' });
  assert.equal(unchecked.status, 0, unchecked.stderr);
  assert.equal(JSON.parse(unchecked.stdout).file, '.env');
  assert.ok(s.text().startsWith(
    '# the dialler\'s\nDIALLER_KEY=x y\nSERVER_URL=https://calls.example.com\n'));
  assert.equal(statSync(s.file).mode & 0o777, 0o600);
  chmodSync(s.file, 0o640);
  const shared = await s.init(['--yes', '--unchecked'], {});
  assert.match(shared.stderr, /\.env has the mode 0640: its group can read it, as before\./);
  const nobody = await s.init([]);
  assert.equal(nobody.status, 2);
  assert.match(nobody.stderr, /nobody sits at a terminal: add --yes/);
});

test('all that is refused is told, to a program in one document', async t => {
  const s = await stage(t);
  const wrong = { ...s.answers, TWILIO_AUTH_TOKEN: '0'.repeat(31) + '1',
    SERVER_URL: 'calls.example.com', CRM_WEBHOOK_URL: 'http://127.0.0.1:1/crm' };
  const people = await s.init(['--yes'], wrong);
  for (const told of [/✗ SERVER_URL/, /✗ Twilio refuses/, /✗ the CRM cannot be reached/]) {
    assert.match(people.stderr, told);
  }
  const program = await s.init(['--yes', '--json'], wrong);
  assert.equal(program.status, 1);
  assert.equal(program.stdout, '');
  const problem = JSON.parse(program.stderr);
  assert.equal(problem.detail, 'nothing was written');
  assert.equal(problem.checks.filter(check => !check.ok).length, 3);
  const good = await s.init(['--yes', '--json']);
  assert.equal(good.stderr, '');
  assert.ok(JSON.parse(good.stdout).checks.every(check => check.ok), good.stdout);
});

test('who is locked out of the file, and a server that runs, are told', async t => {
  const s = await stage(t);
  writeFileSync(s.file, `WRAPUP_LISTEN=127.0.0.1:${await freePort()}\n`);
  chmodSync(s.file, 0o644);
  const first = await s.init(['--yes']);
  assert.match(first.stderr.replace(/\n/g, ' '),
    /\.env had the mode 0644, and nobody but its owner/);
  assert.match(first.stdout, /Next:\n {2}wrapup serve\n/);
  const server = spawn(binary, ['serve'], { cwd: s.folder, stdio: 'ignore',
    env: { PATH: process.env.PATH, HOME: s.folder, ...s.places } });
  t.after(() => server.kill('SIGKILL'));
  await until(async () => /which runs with the settings from before/.test(
    (await s.init(['--yes', '--unchecked'])).stdout), 15_000);
});

test('on a terminal it hides secrets, and asks again for what is wrong', needsTerminal, async t => {
  const s = await stage(t);
  const wrong = '0'.repeat(31) + '1';
  const done = await s.atTerminal([
    ['SERVER_URL: ', 'https://calls.example.com\n'],
    ['TWILIO_ACCOUNT_SID: ', `${s.answers.TWILIO_ACCOUNT_SID}\n`],
    ['TWILIO_AUTH_TOKEN: ', `${wrong}\n`],
    ['Keep it nonetheless? [y/N] ', 'n\n'],
    // What was refused is nothing that Enter keeps.
    ['TWILIO_ACCOUNT_SID: ', `${s.answers.TWILIO_ACCOUNT_SID}\n`],
    ['TWILIO_AUTH_TOKEN: ', `xx\x15${s.answers.TWILIO_AUTH_TOKEN}y\x7f\n`],
    ['ELEVENLABS_API_KEY: ', `${s.answers.ELEVENLABS_API_KEY}\n`],
    ['ELEVENLABS_AGENT_ID: ', '\n'],
    ['ELEVENLABS_WEBHOOK_SECRET: ', '\n'],
    ['CRM_WEBHOOK_URL: ', `${s.answers.CRM_WEBHOOK_URL}\n`],
    ['CRM_WEBHOOK_HEADERS: ', '{"x-api-key": "a b"}\n'],
    ['MONGODB_URI: ', '\n'],
  ]);
  assert.equal(done.status, 0, done.stdout);
  assert.match(done.stdout, /✗ Twilio refuses[\s\S]*✓ Twilio accepts/);
  assert.match(done.stdout, /Its secret is shown once: wrapup init again/);
  for (const secret of [wrong, s.answers.TWILIO_AUTH_TOKEN, s.answers.ELEVENLABS_API_KEY, 'a b']) {
    assert.ok(!done.stdout.includes(secret), secret);
  }
  const written = valuesOf(s.text());
  assert.equal(written.TWILIO_AUTH_TOKEN, s.answers.TWILIO_AUTH_TOKEN);
  assert.equal(written.CRM_WEBHOOK_HEADERS, '{"x-api-key": "a b"}');
  assert.equal(written.MONGODB_URI, undefined);
});

test('what does not work is offered to be mended, or told at the end', needsTerminal, async t => {
  const s = await stage(t);
  const rest = [
    ['ELEVENLABS_AGENT_ID: ', '\n'], ['ELEVENLABS_WEBHOOK_SECRET: ', '\n'],
    ['CRM_WEBHOOK_URL: ', `${s.answers.CRM_WEBHOOK_URL}\n`], ['CRM_WEBHOOK_HEADERS: ', '\n'],
  ];
  const begin = [
    ['SERVER_URL: ', 'https://calls.example.com\n'],
    ['TWILIO_ACCOUNT_SID: ', `${s.answers.TWILIO_ACCOUNT_SID}\n`],
    ['TWILIO_AUTH_TOKEN: ', `${s.answers.TWILIO_AUTH_TOKEN}\n`],
    ['ELEVENLABS_API_KEY: ', '\n'],
  ];
  delete s.places.WRAPUP_ALLOW_PRIVATE_TARGETS;
  const kept = await s.atTerminal([...begin, ...rest,
    ['Allow private addresses (WRAPUP_ALLOW_PRIVATE_TARGETS=true)? [y/N] ', 'n\n'],
    ['Keep it nonetheless? [y/N] ', 'y\n'], ['MONGODB_URI: ', '\n']]);
  assert.equal(kept.status, 0, kept.stdout);
  assert.match(kept.stdout,
    /wrapup serve[\s\S]*Kept, though it does not work yet:[\s\S]*PRIVATE_TARGETS=true/);
  rmSync(s.file);
  const allowed = await s.atTerminal([...begin, ...rest,
    ['Allow private addresses (WRAPUP_ALLOW_PRIVATE_TARGETS=true)? [y/N] ', 'y\n'],
    ['MONGODB_URI: ', '\n']]);
  assert.equal(allowed.status, 0, allowed.stdout);
  assert.match(allowed.stdout, /✓ the CRM can be reached/);
  assert.doesNotMatch(allowed.stdout, /Kept, though/);
  assert.equal(valuesOf(s.text()).WRAPUP_ALLOW_PRIVATE_TARGETS, 'true');
});

test('Ctrl-C and "no" leave everything as it was', needsTerminal, async t => {
  const s = await stage(t);
  const interrupted = await s.atTerminal([
    ['SERVER_URL: ', 'https://calls.example.com\n'],
    ['TWILIO_ACCOUNT_SID: ', `${s.answers.TWILIO_ACCOUNT_SID}\n`],
    ['TWILIO_AUTH_TOKEN: ', 'secret\x03'],
  ]);
  assert.equal(interrupted.status, 128 + os.constants.signals.SIGINT);
  assert.ok(!existsSync(s.file));
  writeFileSync(s.file, 'SERVER_URL=https://old.example.com\n');
  const refused = await s.atTerminal([['Change it? (Other lines stay.) [y/N] ', 'n\n']]);
  assert.equal(refused.status, 1);
  assert.equal(s.text(), 'SERVER_URL=https://old.example.com\n');
  assert.deepEqual(readdirSync(s.folder), ['.env']);
});
