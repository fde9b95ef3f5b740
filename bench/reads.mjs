// How long what people look at takes with a full store (bench/vary_store.py): each request of the
// API in turn, and the dashboard's first page in a browser. `node bench/reads.mjs BINARY DATA_DIR`
// prints the table of docs/benchmarks.md.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { once } from 'node:events';

const [binary, dataDir] = process.argv.slice(2);
const token = 'a-token-for-this-bench-only-0123456789';
const rounds = 20;

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

const port = await freePort();
const origin = `http://127.0.0.1:${port}`;
const server = spawn(binary, ['serve'], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env: {
    PATH: process.env.PATH, WRAPUP_LISTEN: `127.0.0.1:${port}`, WRAPUP_DATA_DIR: dataDir,
    WRAPUP_API_TOKEN: token, SERVER_URL: 'https://bench.example.org', WRAPUP_LOG_LEVEL: 'warning',
    TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`, TWILIO_AUTH_TOKEN: '1'.repeat(32),
    CRM_WEBHOOK_URL: 'http://127.0.0.1:9/', WRAPUP_ALLOW_PRIVATE_TARGETS: 'true',
    WRAPUP_TWILIO_BASE_URL: 'http://127.0.0.1:9', WRAPUP_RECONCILE_INTERVAL: '0',
  },
});
for (;;) {
  const answer = await fetch(`${origin}/readyz`).catch(() => null);
  if (answer?.ok) break;
  if (server.exitCode !== null) process.exit(1);
  await new Promise(done => setTimeout(done, 50));
}

async function ask(path, body) {
  const response = await fetch(origin + path, {
    method: body ? 'POST' : 'GET',
    headers: {
      Authorization: `Bearer ${token}`, ...(body && { 'Content-Type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${text}`);
  return path === '/metrics' ? text : JSON.parse(text);
}

const ago = days => new Date(Date.now() - days * 86_400_000).toISOString();
const { calls: [some] } = await ask('/api/calls?limit=1&before=' + ago(15));
const failure = (await ask('/api/failures')).failures[0];
const lists = [
  ['calls, newest', '/api/calls'],
  ['calls, a page in the middle', `/api/calls?before=${ago(15)}`],
  ['state=parked', '/api/calls?state=parked'],
  ['state=delivered', '/api/calls?state=delivered'],
  ['state=open: none', '/api/calls?state=open'],
  ['parked=dead', '/api/calls?parked=dead'],
  ['parked=silent: none', '/api/calls?parked=silent'],
  ['status=held', '/api/calls?status=held'],
  ['status=voicemail: none', '/api/calls?status=voicemail'],
  ['campaign', '/api/calls?campaign=campaign%207'],
  ['campaign that is none', '/api/calls?campaign=other'],
  ['campaign and status: none', '/api/calls?campaign=campaign%207&status=voicemail'],
  ['no_campaign', '/api/calls?no_campaign=true'],
  ['no_campaign and status: none', '/api/calls?no_campaign=true&status=voicemail'],
  ['of a day of the ledger', `/api/calls?from=${ago(15)}&to=${ago(14)}`],
  ['of a day, state=parked', `/api/calls?from=${ago(15)}&to=${ago(14)}&state=parked`],
  ['of 30 days, campaign and status',
    `/api/calls?from=${ago(30)}&campaign=campaign%207&status=held`],
  ['search by number', '/api/calls/search', { phone: some.to ?? '+14155550123' }],
  ['search by CallSid', '/api/calls/search', { call_sid: some.call_sid }],
  ['search by the end of a number: none', '/api/calls/search', { phone: '0413 000 000' }],
  ['search by a name: none', '/api/calls/search', { name: 'nobody' }],
  ['search by the beginning of a CallSid', '/api/calls/search',
    { call_sid: some.call_sid.slice(0, 8) }],
  ['one call', `/api/calls/${some.call_sid}`],
  ['deliveries, newest', '/api/deliveries'],
  ['deliveries, parked', '/api/deliveries?destination=crm&state=parked'],
  ['deliveries of a failure', `/api/deliveries?fingerprint=${failure.fingerprint}`],
  ['deliveries, accepted by none', '/api/deliveries?destination=other&state=accepted'],
  ['failures', '/api/failures'],
  ['stats of a day', '/api/stats'],
  ['stats of 30 days', `/api/stats?from=${ago(30)}`],
  ['ledger of a day', '/api/ledger'],
  ['ledger of 30 days', `/api/ledger?from=${ago(29).slice(0, 10)}`],
  ['status', '/api/status'],
  ['destinations', '/api/destinations'],
  ['log', '/api/log'],
  ['metrics', '/metrics'],
];
const row = (name, times, target) => {
  times.sort((a, b) => a - b);
  const half = times[Math.floor(times.length / 2)], last = times.at(-1);
  console.log(`| ${name} | <= ${target} | ${half.toFixed(1)} | ${last.toFixed(1)} | ` +
    `${last <= target ? 'yes' : '**no**'} |`);
};
console.log('| what | target, ms | p50 | slowest of 20 | ok |\n|---|---|---|---|---|');
for (const [name, path, body] of lists) {
  const times = [];
  for (let round = 0; round < rounds; round++) {
    const from = performance.now();
    await ask(path, body);
    times.push(performance.now() - from);
  }
  row(name, times, 50);
}

// From the beginning of the navigation to the figures of the day, each time in a browser context
// that has nothing but the session.
const require = createRequire(new URL('../test/e2e/', import.meta.url));
const { chromium } = require('playwright-core');
const browser = await chromium.launch({
  executablePath: process.env.WRAPUP_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
});
const signedIn = await browser.newContext();
await signedIn.request.post(`${origin}/api/session`,
  { data: { token }, headers: { Origin: origin } });
const storageState = await signedIn.storageState();
const shown = [];
for (let round = 0; round < rounds; round++) {
  const context = await browser.newContext({ storageState });
  const page = await context.newPage();
  await page.addInitScript(() => new MutationObserver((_, observer) => {
    if (!document.querySelector('.bars b')) return;
    observer.disconnect();
    requestAnimationFrame(() => { window.shownAt = performance.now(); });
  }).observe(document, { childList: true, subtree: true }));
  await page.goto(`${origin}/`, { waitUntil: 'commit' });
  await page.waitForFunction(() => window.shownAt !== undefined);
  shown.push(await page.evaluate(() => window.shownAt));
  await context.close();
}
row('first page: the figures of today are drawn', shown, 300);
await browser.close();
server.kill('SIGTERM');
await once(server, 'exit');
