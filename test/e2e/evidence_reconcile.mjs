// Evidence by hand, not part of the tests: calls of the sandbox of which no callback arrives. Each
// must be found in the vendors' lists and delivered once, and the ledger must explain each; then
// one that Twilio alone knows, with a status that nobody can read.
//   WRAPUP_BIN=build/release/wrapup node test/e2e/evidence_reconcile.mjs [calls]
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { Process } from './world/process.mjs';
import { SandboxProcess } from './world/sandbox.mjs';
import { quiet, until } from './world/wait.mjs';
import { apiToken } from './world/world.mjs';

const calls = Number(process.argv[2] ?? 500);
const ends = [];
const sandbox = await SandboxProcess.make({ after: end => ends.unshift(end) },
  ['--speed', '3600', '--processing', '0', '--crm-latency', '1']);

// Twilio with one more call, once `strange` is set.
const settings = sandbox.environment, sid = `CA${randomBytes(16).toString('hex')}`;
let strange = null, requests = 0;
const twilio = http.createServer(async (request, response) => {
  const { authorization } = request.headers;
  const answer = await fetch(settings.WRAPUP_TWILIO_BASE_URL + request.url,
    { headers: { authorization } });
  let text = await answer.text();
  const isFirst = request.url.includes('/Calls.json') && !request.url.includes('PageToken');
  requests += 1;
  if (strange && isFirst && answer.ok) {
    const page = JSON.parse(text);
    page.calls.unshift({ ...page.calls[0], ...strange });
    text = JSON.stringify(page);
  }
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
});
await new Promise(resolve => twilio.listen(0, '127.0.0.1', resolve));

const wrapup = new Process({ ...settings, WRAPUP_API_TOKEN: apiToken,
  WRAPUP_TWILIO_BASE_URL: `http://127.0.0.1:${twilio.address().port}`,
  WRAPUP_RECONCILE_INTERVAL: '1s', WRAPUP_SUMMARY_WAIT: '20s' });
ends.unshift(async () => { await wrapup.stop(); wrapup.remove(); });
const ledger = async () => {
  const said = await wrapup.run(['ledger', '--json']);
  return { ...JSON.parse(said.stdout), status: said.status };
};
const seconds = from => ((Date.now() - from) / 1000).toFixed(1);

let failure = null;
try {
  await wrapup.start();
  const from = Date.now();
  for (let placed = 0; placed < calls; placed += 50) {
    await Promise.all(Array.from({ length: Math.min(50, calls - placed) }, () =>
      sandbox.post('/sandbox/calls', { lost: true })));
  }
  await until(async () => {
    const now = await sandbox.account();
    return now.calls_ended === calls && now.records === calls;
  }, 600_000, () => 'not all records came');
  const taken = seconds(from);
  await quiet(5_000);
  const account = await sandbox.account();
  let day = await until(async () => {
    const now = await ledger();
    return now.twilio.calls === calls && now;
  }, 60_000);
  console.log(`${account.calls_placed} calls, no callback of any: ${account.records} records ` +
    `after ${taken} s, in ${account.requests} requests to the CRM; ${requests} to Twilio`);
  console.log('ledger:', JSON.stringify(day));
  assert.deepEqual([account.records, account.requests, account.altered], [calls, calls, 0]);
  assert.deepEqual([day.accepted, day.unexplained, day.status], [calls, 0, 0]);

  strange = { sid, status: 'vanished' };
  day = await until(async () => {
    const now = await ledger();
    return now.unexplained > 0 && now;
  }, 60_000);
  console.log(`one more that Twilio alone knows, ${sid}: exit code ${day.status},`,
    JSON.stringify(day.differences));
  assert.deepEqual([day.status, day.unexplained, day.differences.map(one => one.call_sid)],
    [1, 1, [sid]]);
  const printed = await wrapup.run(['ledger']);
  console.log(printed.stdout);
  assert.ok(printed.status === 1 && printed.stdout.includes(sid));
} catch (error) {
  failure = error;
}
for (const end of ends) await end();
twilio.close();
if (failure) throw failure;
