// From the script's .env to the first record, and a night on call: for each trouble, what is typed
// until it is known and until it is mended, at most two commands each.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { Process, freePort } from './world/process.mjs';
import { SandboxProcess } from './world/sandbox.mjs';
import { Transcript } from './world/transcript.mjs';
import { callResource, statusForm } from './world/twilio.mjs';
import { until } from './world/wait.mjs';
import { World, account, serverUrl } from './world/world.mjs';

const nightOf = (world, title, sentence) => new Transcript('troubleshooting.md', title, sentence,
  args => world.process.run(args));

const allIsWell = /^Nothing needs a person\.\n\n/;

async function ended(world, count) {
  const sids = [];
  for (let i = 0; i < count; i += 1) sids.push(await world.ended({ CallStatus: 'busy' }));
  return sids;
}

test('the CRM is down', async t => {
  const world = await World.make(t, { WRAPUP_RETRY_SCHEDULE: '1h,1h' });
  const night = nightOf(world, 'The CRM is down', 'Three calls ended meanwhile.');
  await world.crm.close();
  const sids = await ended(world, 3);
  await night.types('status', 0, /crm failed with .*refused.*3\s+records/s);
  night.does('The CRM is back. They would leave by themselves at their next try; or at once:');
  await world.crm.open();
  await night.types('destination resume crm', 0, /crm is active/);
  for (const sid of sids) assert.equal((await world.record(sid)).status, 'no answer');
  await night.types('status', 0, allIsWell);
  night.isWritten();
});

test('the CRM refuses a record', async t => {
  const world = await World.make(t);
  const night = nightOf(world, 'The CRM refuses a record',
    'It was given a new field that must be there.');
  world.crm.answer = () => ({ status: 422, body: { error: 'owner is required' } });
  const [sid] = await ended(world, 1);
  await night.types('status', 1, /rejected\. crm said HTTP 422/);
  world.crm.answer = () => ({ status: 200 });
  night.does('After it was mended there:');
  await night.types('replay --parked rejected --yes', 0, /1 accepted, 0 failed/);
  assert.equal(world.crm.records(sid).length, 1);
  await night.types('status', 0, allIsWell);
  night.isWritten();
});

test('the CRM refuses our key', async t => {
  const world = await World.make(t, { WRAPUP_RETRY_SCHEDULE: '1h,1h' });
  const night = nightOf(world, 'The CRM refuses our key',
    'It was changed there, and not here.');
  world.crm.answer = () => ({ status: 401, body: { error: 'invalid key' } });
  const [sid] = await ended(world, 1);
  await night.types('status', 1, /destination crm answers 401/);
  await world.process.stop();
  world.crm.answer = () => ({ status: 200 });
  await world.process.start();
  night.does('With the new one in `.env` wrapup is started again, and what waits is sent at once:');
  await night.types('destination resume crm', 0, /crm is active/);
  await world.record(sid);
  await night.types('status', 0, allIsWell);
  night.isWritten();
});

test('ElevenLabs refuses our key', async t => {
  const world = await World.make(t, { WRAPUP_SUMMARY_WAIT: '30s' });
  const night = nightOf(world, 'ElevenLabs refuses our key',
    'It was revoked. A call is over, and waits for its summary.');
  const form = statusForm();
  world.talk({ callSid: form.CallSid, summary: 'They want a visit on Monday.' });
  const right = world.eleven.key;
  world.eleven.key = 'another key';
  assert.equal((await world.status(form)).status, 204);
  await night.types('status', 1, /ElevenLabs refuses our API key/);
  await world.process.stop();
  world.eleven.key = right;
  await world.process.start();
  night.does('With a new key in `.env` wrapup is started again. The record leaves with its ' +
    'summary:');
  assert.equal((await world.record(form.CallSid)).summary, 'They want a visit on Monday.');
  await night.types('status', 0, allIsWell);
  night.isWritten();
});

test('SERVER_URL is not what Twilio calls', async t => {
  const anHourAgo = new Date(Date.now() - 3_600_000).toISOString();
  const world = await World.make(t,
    { SERVER_URL: 'https://old.example.org', WRAPUP_SINCE: anHourAgo });
  const night = nightOf(world, '`SERVER_URL` is not what Twilio calls',
    'The server and the URL that Twilio has got another name, and `.env` was forgotten.');
  const form = statusForm({ CallStatus: 'busy' }), { host } = new URL(serverUrl);
  const headers = { host, 'x-forwarded-proto': 'https' };
  assert.equal((await world.status(form, { headers })).status, 403);
  await night.types('status', 1, /set SERVER_URL=https:\/\/hooks\.example\.org/);
  await world.process.stop();
  world.process.settings.SERVER_URL = serverUrl;
  await world.process.start();
  night.does('With that line in `.env` wrapup is started again. Every five minutes it asks ' +
    'Twilio for its list,\nwhich has the calls whose callbacks were refused; or at once:');
  const twoMinutesAgo = new Date(Date.now() - 120_000).toUTCString().replace('GMT', '+0000');
  const times = { date_created: twoMinutesAgo, start_time: twoMinutesAgo, end_time: twoMinutesAgo };
  world.twilio.calls.set(form.CallSid,
    callResource(form.CallSid, account, { status: 'busy', duration: '0', ...times }));
  await night.types('reconcile --from today', 0, /./);
  await world.record(form.CallSid);
  await night.types('status', 0, allIsWell);
  night.isWritten();
});

test('where is the record of my call to …', async t => {
  const world = await World.make(t, { WRAPUP_COUNTRY: 'AU' });
  const night = nightOf(world, 'Where is the record of my call to 0413 052 898?',
    'With `WRAPUP_COUNTRY=AU`, as people there write a number.');
  const sid = await world.ended({ CallStatus: 'busy', To: '+61413052898' });
  await world.record(sid);
  await night.types('show 0413052898', 0, new RegExp(`delivered.*${sid}`));
  await night.types(`show ${sid}`, 0, /./);
  night.isWritten();
});

test('from the script\'s .env to the first record', async t => {
  const process = new Process({});
  t.after(async () => { await process.stop(); process.remove(); });
  process.port = await freePort();
  const origin = `http://127.0.0.1:${process.port}`;
  const sandbox = await SandboxProcess.make(t, ['--target', origin]);
  const { TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, ELEVENLABS_API_KEY, CRM_WEBHOOK_URL, ...rest } =
    sandbox.environment;
  process.settings = Object.fromEntries(Object.entries(rest)
    .filter(([name]) => /BASE_URL$|PRIVATE_TARGETS$/.test(name)));
  writeFileSync(path.join(process.folder, '.env'), Object.entries({
    TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, ELEVENLABS_API_KEY, CRM_WEBHOOK_URL,
    ENABLE_CRM_WEBHOOK: 'true', SERVER_URL: origin,
  }).map(([name, value]) => `${name}=${value}\n`).join(''), { mode: 0o600 });
  const page = new Transcript('migration.md', 'As it goes',
    'Here the sandbox plays Twilio, ElevenLabs and the CRM, and `.env` is the script\'s.',
    async args => {
      const said = await process.run(args);
      const of = said.stderr.replace(/^In the environment[^]*?there too\.\n/m, '');
      return { ...said, stdout: of + said.stdout };
    });
  await page.types('init --yes', 0, /✓ the CRM can be reached/, [0, 1, 2]);
  await process.start();
  page.does('`wrapup serve` runs. A sample through everything:');
  await page.types('trigger', 0, /crm .*accepted/);
  const { call_sid: sid } = await sandbox.post('/sandbox/calls', { outcome: 'held' });
  page.does('And a call that somebody answered:');
  await page.types(`show ${sid}`, 0, /delivered/, [0, -1]);
  page.isWritten();
});
