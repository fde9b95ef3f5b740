// `wrapup import` and `wrapup doctor` as a person runs them, beside a real server and without one.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { binary, Process } from './world/process.mjs';
import { until } from './world/wait.mjs';
import { apiToken, World } from './world/world.mjs';
import { newSid } from './world/twilio.mjs';

function write(world, name, text) {
  const file = path.join(world.process.folder, name);
  writeFileSync(file, text);
  return file;
}

async function imported(world, file, ...more) {
  const ran = await world.process.run(['import', '--yes', '--json', ...more, file]);
  assert.ok(ran.stdout.startsWith('{'), `${ran.status}\n${ran.stderr}`);
  return { code: ran.status, stderr: ran.stderr, ...JSON.parse(ran.stdout).files[0] };
}

const counts = ({ changed, unchanged, bad }) => [changed, unchanged, bad];

test('imported beside a server, before the callback and while it waits', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '2s' });
  const before = newSid();
  world.hide('Lise Meitner', 'Maria Mitchell');
  const campaigns = write(world, 'campaigns.csv', 'id;name\r\nc1;"Spring; offer"\r\n');
  assert.deepEqual(counts(await imported(world, campaigns)), [1, 0, 0]);
  const first = write(world, 'one.csv',
    `\ufeffCall SID,contactName,campaignId\r\n${before},"Lise Meitner",c1\r\n`);
  assert.deepEqual(counts(await imported(world, first)), [1, 0, 0]);
  await world.ended({ CallSid: before, CallStatus: 'busy' });
  const record = await world.record(before);
  assert.deepEqual([record.subject, record.name], ['Spring; offer', 'Lise Meitner']);

  const waiting = await world.ended();
  const second = write(world, 'two.jsonl',
    `${JSON.stringify({ callSid: waiting, contactName: 'Maria Mitchell' })}\n`);
  assert.deepEqual(counts(await imported(world, second)), [1, 0, 0]);
  assert.equal((await world.record(waiting)).name, 'Maria Mitchell');
  assert.deepEqual(counts(await imported(world, second)), [0, 1, 0]);
});

test('imported without a server, into the store that it opens later', async t => {
  const world = await World.make(t, {}, { start: false });
  world.hide('Emmy Noether');
  const sid = newSid();
  const contacts = write(world, 'contacts.csv', 'phone,name\n+1 415 555 0123,Emmy Noether\n');
  assert.deepEqual(counts(await imported(world, contacts)), [1, 0, 0]);
  const calls = write(world, 'calls.tsv', `sid\tcampaign\tto\n${sid}\tSummer\t+14155550123\n`);
  assert.deepEqual(counts(await imported(world, calls)), [1, 0, 0]);
  await world.process.start();
  await world.ended({ CallSid: sid, CallStatus: 'no-answer' });
  const record = await world.record(sid);
  assert.deepEqual([record.subject, record.name], ['Summer', 'Emmy Noether']);
});

test('numbers as people and spreadsheets write them meet those that Twilio called', async t => {
  const world = await World.make(t);
  world.hide('Ada Plain', 'Bob Sheet', 'Cyd Local', 'Dan Wide');
  const file = write(world, 'contacts.csv', [
    'phone,name,campaign',
    '61413052801,Ada Plain,Spring sale',
    '"=""+61413052802""",Bob Sheet,',
    '0413\u00a0052\u2011803 ext. 12,Cyd Local,',
    '61413052804.0,Dan Wide,',
    '6.14E+10,Eve Rounded,',
    '"0413052805, 0413052806",Two Numbers,',
    '',
  ].join('\n'));
  const ran = await imported(world, file, '--country', 'AU');
  assert.deepEqual([ran.code, ...counts(ran)], [1, 4, 0, 2]);
  assert.deepEqual(ran.bad_lines.map(bad => bad.line), [6, 7]);
  assert.match(ran.bad_lines[0].reason, /^phone was rounded by a spreadsheet/);
  assert.match(ran.bad_lines[1].reason, /^phone holds two numbers/);
  const sids = [];
  for (const n of [1, 2, 3, 4]) {
    sids.push(await world.ended({ CallStatus: 'busy', To: `+6141305280${n}` }));
  }
  const records = await Promise.all(sids.map(sid => world.record(sid)));
  assert.deepEqual(records.map(record => record.name),
    ['Ada Plain', 'Bob Sheet', 'Cyd Local', 'Dan Wide']);
  assert.deepEqual(records.slice(0, 2).map(record => record.subject),
    ['Spring sale', 'Outbound Call']);

  const local = write(world, 'local.csv', 'phone,name\n0413 052 809,Nobody\n');
  const lost = await imported(world, local);
  assert.deepEqual([lost.code, ...counts(lost)], [1, 0, 0, 1]);
  assert.match(lost.bad_lines[0].reason, /WRAPUP_COUNTRY/);
  const wrong = await world.process.run(['import', '--yes', '--country', 'XX', local]);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /is not the two letters of a country/);
});

test('a bad line is named and the rest goes on; a dry run writes nothing', async t => {
  const world = await World.make(t);
  const good = newSid();
  const file = write(world, 'calls.csv',
    `callSid,name\n${good},Ada Lovelace\n,Nobody Known\n"broken,x\nCA 7,Someone Else\n`);
  const dry = await imported(world, file, '--dry-run');
  assert.deepEqual([dry.code, ...counts(dry)], [1, 1, 0, 3]);
  const real = await imported(world, file);
  assert.deepEqual([real.code, ...counts(real)], [1, 1, 0, 3]);
  assert.deepEqual(real.bad_lines.map(bad => bad.line).sort(), [3, 4, 5]);
  assert.match(real.stderr, /calls\.csv line 3: no call_sid/);
  assert.ok(!JSON.stringify(real.bad_lines).includes('Nobody'), 'a reason quotes the file');
  const again = await imported(world, file);
  assert.deepEqual([again.code, ...counts(again)], [1, 0, 1, 3]);
});

test('nothing is written before somebody agreed, and the guess is shown', async t => {
  const world = await World.make(t, {}, { start: false });
  const file = write(world, 'kunden.csv', 'Mobil;Kunde;Notiz\n+49 151 1;Ada;x\n');
  const lost = await world.process.run(['import', '--yes', file]);
  assert.equal(lost.status, 2);
  assert.match(lost.stderr, /no column for call_sid.*Mobil, Kunde, Notiz/s);
  const rules = ['--map', 'Mobil=phone', '--map', 'Kunde=name'];
  const asked = await world.process.run(['import', ...rules, file]);
  assert.equal(asked.status, 2);
  assert.match(asked.stdout, /kunden\.csv: contacts, CSV with semicolons/);
  assert.match(asked.stdout, /Kunde +name +Ada/);
  assert.match(asked.stdout, /Notiz +- +x/);
  assert.match(asked.stderr, /--yes/);
  assert.ok(!readdirSync(world.process.data).some(name => name.endsWith('.db')));
  const agreed = await world.process.run(['import', ...rules, '--yes', file]);
  assert.equal(agreed.status, 0, agreed.stderr);
  assert.match(agreed.stdout, /1 line: 1 written, 0 known already, 0 bad/);
  const again = await world.process.run(['import', ...rules, '--yes', file]);
  assert.match(again.stdout, /Nothing changed/);
});

// An import of so many calls that it takes a while; `end` ends it once it has come somewhere.
async function cutImport(world, count, end) {
  const sids = Array.from({ length: count }, newSid);
  const rows = sids.map((sid, i) => `${sid},Person ${i},+1415${5_550_000 + i}`);
  const file = write(world, 'many.csv', `sid,name,phone\n${rows.join('\n')}\n`);
  const cut = spawn(binary, ['import', '--yes', file], {
    cwd: world.process.folder, env: world.process.environment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  cut.stderr.setEncoding('utf8').on('data', text => { said += text; });
  const ended = once(cut, 'close');
  await until(() => world.process.keepsImport(), 15_000);
  cut.kill(end);
  assert.equal((await ended)[1], end, 'it was over before it could be cut');
  return { file, sids, said };
}

test('Ctrl-C says how far an import is, and the same command goes on', async t => {
  const world = await World.make(t, {}, { start: false });
  const { file, said } = await cutImport(world, 30_000, 'SIGINT');
  assert.match(said, /Interrupted after \d+ lines, \d+ written\. The same command goes on/);
  const rest = await imported(world, file);
  assert.ok(rest.resumed_at_line > 1, 'it began anew');
});

test('an import of many lines that was killed goes on where it was', async t => {
  const world = await World.make(t, {}, { start: false });
  const count = 30_000;
  const { file, sids } = await cutImport(world, count, 'SIGKILL');
  const rest = await imported(world, file);
  assert.ok(rest.resumed_at_line > 1, 'it began anew');
  assert.match(rest.stderr, /many\.csv: goes on at line \d+/);
  assert.equal(rest.changed + rest.unchanged, count);
  assert.ok(rest.unchanged <= 1000, `${rest.unchanged} were known: more than one batch`);
  assert.ok(!world.process.keepsImport(), 'the progress of a finished import is kept');
  assert.deepEqual(counts(await imported(world, file)), [0, count, 0]);
  await world.process.start();
  const last = await world.ended({ CallSid: sids[count - 1], CallStatus: 'busy' });
  assert.equal((await world.record(last)).name, `Person ${count - 1}`);
});

test('a store that was restored or made anew gets all lines of an import that was killed',
  async t => {
    const world = await World.make(t, {}, { start: false });
    const { data, folder } = world.process;
    const first = write(world, 'first.csv', 'campaign_id,campaign_name\nc1,Spring\n');
    assert.deepEqual(counts(await imported(world, first)), [1, 0, 0]);
    const backup = path.join(folder, 'backup.db');
    copyFileSync(path.join(data, 'wrapup.db'), backup);
    const isOfStore = name => name.startsWith('wrapup.db');
    for (const restore of [true, false]) {
      const { file, sids } = await cutImport(world, 30_000, 'SIGKILL');
      for (const name of readdirSync(data).filter(isOfStore)) unlinkSync(path.join(data, name));
      if (restore) copyFileSync(backup, path.join(data, 'wrapup.db'));
      const rest = await imported(world, file);
      assert.deepEqual([rest.code, ...counts(rest)], [0, sids.length, 0, 0]);
      assert.equal(rest.resumed_at_line, undefined);
    }
  });

test('WRAPUP_URL names the server that an import goes into, from any folder', async t => {
  const world = await World.make(t);
  const elsewhere = new Process({});
  t.after(() => elsewhere.remove());
  elsewhere.port = 1; // Where nobody is.
  const file = write(world, 'spared.csv', 'phone\n+14155550123\n');
  const url = `http://127.0.0.1:${world.process.port}`;
  const ran = await elsewhere.run(['import', '--kind', 'do-not-call', '--yes', file],
    { WRAPUP_URL: url, WRAPUP_API_TOKEN: apiToken });
  assert.equal(ran.status, 0, ran.stderr);
  assert.ok(ran.stdout.includes(`Goes into the server at ${url}.`), ran.stdout);
  assert.ok(!readdirSync(elsewhere.data).some(name => name.endsWith('.db')));
  const listed = await world.api('GET', '/api/do-not-call');
  assert.deepEqual(listed.json.do_not_call.map(one => one.phone), ['+14155550123']);
});

test('doctor tries the peers without a record leaving, and says what is wrong', async t => {
  const world = await World.make(t, { SERVER_URL: 'https://calls.example.org' }, { start: false });
  const account = `AC${'e'.repeat(32)}`;
  world.twilio.knob = request => request.path === `/2010-04-01/Accounts/${account}.json`
    ? { status: 200, body: { sid: account, status: 'active' } } : undefined;
  const doctor = async (...more) => {
    const args = ['doctor', '--json', ...more];
    const ran = await world.process.run(args, { WRAPUP_LISTEN: undefined });
    return { code: ran.status, text: ran.stdout, ...JSON.parse(ran.stdout) };
  };
  const well = await doctor();
  assert.equal(well.code, 0, well.text);
  for (const said of ['the CRM can be reached', 'Twilio accepts', 'ElevenLabs accepts',
    'clock is right']) {
    assert.ok(well.findings.some(f => f.level === 'ok' && f.text.includes(said)), said);
  }
  for (const secret of world.secrets) assert.ok(!well.text.includes(secret), 'shows a secret');
  assert.equal(world.crm.seen.length, 0, 'the CRM was sent something');

  world.twilio.knob = () => ({ status: 401, body: {}, headers: {
    date: new Date(Date.now() - 3_600_000).toUTCString() } });
  world.eleven.respond = () => ({ status: 401, headers: {
    date: new Date(Date.now() - 3_600_000).toUTCString() },
  body: { detail: { status: 'missing_permissions' } } });
  const ill = await doctor();
  assert.equal(ill.code, 1);
  for (const said of ['Twilio refuses', 'convai_read', 'clock is']) {
    assert.ok(ill.findings.some(f => f.level === 'broken' && f.text.includes(said)), said);
  }
  assert.equal((await doctor('--offline')).code, 0);
});
