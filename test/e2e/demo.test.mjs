// The demo: what a new user sees first, shortened, in a pipe.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import test from 'node:test';
import { Visitor, openBrowser } from './world/browser.mjs';
import { binary } from './world/process.mjs';
import { until } from './world/wait.mjs';

function run(args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, ['demo', ...args],
      { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '', err = '';
    child.stdout.on('data', piece => { out += piece; });
    child.stderr.on('data', piece => { err += piece; });
    child.on('error', reject);
    child.on('close', code => resolve({ code, out, err }));
  });
}

test('the demo ends with an account that is right', async () => {
  const { code, out, err } = await run(['--seconds', '8', '--calls', '12']);
  assert.equal(code, 0, out + err);
  assert.match(out, /12 calls ended = 12 records accepted, none missing, none twice/);
  for (const word of ['held', 'no answer', 'voicemail', 'no connection', 'kill -9',
    'Refused with 403', 'same key, same bytes', 'doctor']) {
    assert.ok(out.includes(word), `${word} is missing in:\n${out}`);
  }
});

test('in a pipe the demo is plain, and no line holds a whole number', async () => {
  const { out } = await run(['--seconds', '6', '--calls', '12']);
  assert.doesNotMatch(out, /[\x1b\r]/);
  assert.doesNotMatch(out, /\+\d{11}/);
});

test('the demo refuses a length it cannot play', async () => {
  const { code, err } = await run(['--seconds', '1']);
  assert.equal(code, 2);
  assert.match(err, /--seconds/);
});

test('the demo leaves the dashboard open, with calls that go on', async t => {
  const args = ['demo', '--seconds', '5', '--calls', '12', '--dashboard'];
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise(resolve => { child.once('exit', resolve); });
  t.after(() => child.kill('SIGKILL'));
  let out = '';
  child.stdout.on('data', piece => { out += piece; });
  await until(() => /^ +token /m.test(out), 20_000, () => `no token in:\n${out}`);
  const [, port] = /URL +http:\/\/127\.0\.0\.1:(\d+)\//.exec(out);
  const [, token] = /token +(\w+)/.exec(out);
  await until(() => out.includes('Still running'), 40_000, () => out);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const visitor = await Visitor.make(t, browser, { process: { port } });
  await visitor.signIn(token);
  await visitor.see('Today');
  await visitor.page.mouse.move(0, 0); // The list stands still under a pointer.
  await visitor.visit('#/live', 'Live');
  await visitor.page.locator('tbody tr').filter({ hasText: 'Delivered' }).first().waitFor();
  visitor.mayFail = true;
  child.kill('SIGINT');
  assert.equal(await ended, 0, out);
});
