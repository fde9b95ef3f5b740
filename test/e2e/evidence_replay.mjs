// Evidence by hand, not part of the tests: a replay of 50,000 records that is killed (kill -9) at
// random moments, over and over; each must be at the CRM once.
//   WRAPUP_BIN=build/release/wrapup node test/e2e/evidence_replay.mjs [calls] [kills]
import assert from 'node:assert/strict';
import http from 'node:http';
import { Process } from './world/process.mjs';
import { until } from './world/wait.mjs';
import { account, apiToken, send, serverUrl, token } from './world/world.mjs';
import { signatureOf, statusForm } from './world/twilio.mjs';

const calls = Number(process.argv[2] ?? 50_000), kills = Number(process.argv[3] ?? 3);
const filed = new Map();  // Idempotency-Key → how often it was accepted.
let rejects = true, requests = 0;
const crm = http.createServer((request, response) => {
  request.resume().on('end', () => {
    requests += 1;
    const key = request.headers['idempotency-key'];
    if (!rejects) filed.set(key, (filed.get(key) ?? 0) + 1);
    response.writeHead(rejects ? 422 : 200).end('{}');
  });
});
await new Promise(resolve => crm.listen(0, '127.0.0.1', resolve));

const wrapup = new Process({
  TWILIO_ACCOUNT_SID: account, TWILIO_AUTH_TOKEN: token, SERVER_URL: serverUrl,
  CRM_WEBHOOK_URL: `http://127.0.0.1:${crm.address().port}/`, WRAPUP_API_TOKEN: apiToken,
  WRAPUP_ALLOW_PRIVATE_TARGETS: 'true', WRAPUP_RECONCILE_INTERVAL: '0',
});
await wrapup.start();

const api = async (method, path, body) => (await send(wrapup.port, {
  method, path, body: body ? JSON.stringify(body) : '',
  headers: { authorization: `Bearer ${apiToken}`, 'content-type': 'application/json' },
})).json;
async function callback() {
  const form = statusForm({ CallStatus: 'busy' }), path = '/call-status-callback';
  const answer = await send(wrapup.port, {
    path, body: new URLSearchParams(form).toString(),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': signatureOf(token, serverUrl + path, form),
    },
  });
  assert.equal(answer.status, 204);
}

const seconds = from => ((Date.now() - from) / 1000).toFixed(1);
let made = 0, from = Date.now();
await Promise.all(Array.from({ length: 64 }, async () => {
  while (made < calls) { made += 1; await callback(); }
}));
const order = { filter: { parked: 'rejected' } };
let preview;
await until(async () => {
  preview = await api('POST', '/api/replays', { ...order, preview: true });
  return preview.count === calls;
}, 600_000);
console.log(`${calls} records rejected by the CRM in ${seconds(from)} s`);

rejects = false;
requests = 0;
from = Date.now();
preview = await api('POST', '/api/replays', { ...order, preview: true });
console.log(`preview of ${preview.count} in ${seconds(from)} s`);
from = Date.now();
const job = await api('POST', '/api/replays',
  { ...order, preview: false, token: preview.token, reason: 'evidence' });
for (let i = 1; i <= kills; i += 1) {
  const moment = Math.floor(calls * (i - Math.random()) / kills);  // Anywhere in its part.
  await until(() => filed.size >= moment, 600_000);
  await wrapup.kill();
  const at = filed.size;
  await wrapup.start();
  console.log(`killed at ${at} records, ready again`);
}
let now;
await until(async () => {
  now = await api('GET', `/api/replays/${job.id}`);
  return now.state === 'done';
}, 600_000, () => JSON.stringify(now));
const twice = [...filed.values()].filter(count => count > 1).length;
console.log(`done in ${seconds(from)} s: ${now.accepted} accepted, ${now.failed} failed, ` +
  `${now.skipped} skipped; ${filed.size} records at the CRM, ${calls - filed.size} lost, ` +
  `${requests} requests, ${twice} keys accepted more than once (attempts cut off by the kill)`);
await wrapup.stop();
wrapup.remove();
crm.close();
process.exit(filed.size === calls && now.accepted === calls ? 0 : 1);
