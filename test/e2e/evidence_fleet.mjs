// Evidence by hand, not part of the tests (script/reliability runs it): three wrapup processes on
// three PostgreSQL nodes under Patroni, while primaries are killed and frozen, standbys stopped,
// backends terminated, answers to commits swallowed, and nodes killed and paused. Every event that
// was answered 204 has to be in the final primary, and its call has to have one record.
//   WRAPUP_BIN=build/release/wrapup node test/e2e/evidence_fleet.mjs [calls] [minutes]
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { PatroniCluster } from './world/patroni.mjs';
import { Process, freePort } from './world/process.mjs';
import { until } from './world/wait.mjs';
import { account, apiToken, send, serverUrl, token } from './world/world.mjs';
import { signatureOf, statusForm } from './world/twilio.mjs';

const calls = Number(process.argv[2] ?? 20_000), minutes = Number(process.argv[3] ?? 10);
const began = Date.now();
const say = text =>
  console.log(`${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);

// The CRM honours no key: what comes twice is filed twice, and counted.
const filed = new Map();  // `to` → the keys that it came with.
const crm = http.createServer((request, response) => {
  let body = '';
  request.on('data', chunk => { body += chunk; }).on('end', () => {
    const { to } = JSON.parse(body);
    filed.set(to, [...(filed.get(to) ?? []), request.headers['idempotency-key']]);
    response.writeHead(200).end('{}');
  });
});
await new Promise(resolve => crm.listen(0, '127.0.0.1', resolve));

// Between one node and the servers: now and then what was asked goes through, its answer does not.
const swallow = { next: false, count: 0 };
async function proxyTo(port) {
  const own = await freePort();
  await new Promise(resolve => net.createServer(client => {
    const server = net.connect(port, '127.0.0.1');
    let isMute = false;
    client.on('data', data => {
      if (swallow.next) {
        swallow.next = false;
        swallow.count += 1;
        isMute = true;
        setTimeout(() => { client.destroy(); server.destroy(); }, 200);
      }
      server.write(data);
    });
    server.on('data', data => { if (!isMute) client.write(data); });
    for (const [one, other] of [[client, server], [server, client]]) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
  }).listen(own, '127.0.0.1', resolve));
  return own;
}

const cluster = await PatroniCluster.make();
process.on('exit', () => cluster.close());
say(`three servers, ${(await cluster.primary()).name} is the primary`);
const proxies = new Map();
for (const node of cluster.nodes) proxies.set(node, await proxyTo(node.port));
const nodes = [];
for (const url of [cluster.url(), cluster.url(), cluster.url(node => proxies.get(node))]) {
  const node = new Process({
    DATABASE_URL: url, TWILIO_ACCOUNT_SID: account, TWILIO_AUTH_TOKEN: token,
    SERVER_URL: serverUrl, CRM_WEBHOOK_URL: `http://127.0.0.1:${crm.address().port}/`,
    WRAPUP_API_TOKEN: apiToken, WRAPUP_ALLOW_PRIVATE_TARGETS: 'true',
    WRAPUP_RECONCILE_INTERVAL: '0',
  });
  nodes.push(await node.start());
}
say('three wrapup processes are ready');

// Spread evenly over the time; a sender that gets no 204 asks another node, as a proxy would.
const acknowledged = new Map();  // To → CallSid.
const answers = { 204: 0, 503: 0, cut: 0 };
let made = 0, isOver = false;
async function sender() {
  while (made < calls) {
    const at = made++;
    await pause(Math.max(0, began + at * minutes * 60_000 / calls - Date.now()));
    const form = statusForm({ CallStatus: 'busy', To: `+1415${String(5_000_000 + at)}` });
    const path = '/call-status-callback';
    for (let tries = 0; !acknowledged.has(form.To); tries += 1) {
      if (tries > 0) await pause(500);
      try {
        const answer = await send(nodes[(at + tries) % 3].port, {
          path, body: new URLSearchParams(form).toString(), headers: {
            'content-type': 'application/x-www-form-urlencoded',
            'x-twilio-signature': signatureOf(token, serverUrl + path, form),
          },
        });
        answers[answer.status] = (answers[answer.status] ?? 0) + 1;
        if (answer.status === 204) acknowledged.set(form.To, form.CallSid);
      } catch { answers.cut += 1; }
    }
  }
}

const others = primary => cluster.nodes.filter(node => node !== primary);
const faults = {
  async 'primary killed'() {
    const primary = await cluster.primary();
    primary.signal('SIGKILL');
    const next = await cluster.primary(120_000, primary);
    primary.start();
    return `${primary.name}, then ${next.name}`;
  },
  async 'primary frozen for 8 s'() {
    const primary = await cluster.primary();
    primary.signal('SIGSTOP');
    await pause(8_000);
    primary.signal('SIGCONT');
    return `${primary.name}, then ${(await cluster.primary()).name}`;
  },
  // What a watchdog does to a machine. Without one Patroni 3.0.2 woke up, took the lock back from
  // the new primary, and had that one's commits rewound.
  async 'primary frozen for 30 s, then reset'() {
    const primary = await cluster.primary();
    primary.signal('SIGSTOP');
    await pause(30_000);
    primary.signal('SIGKILL');
    const next = await cluster.primary(120_000, primary);
    primary.start();
    return `${primary.name}, then ${next.name}`;
  },
  async 'standbys frozen for 10 s'() {
    const primary = await cluster.primary();
    for (const node of others(primary)) node.signal('SIGSTOP', { withPatroni: false });
    await pause(1_000);
    const before = acknowledged.size;
    await pause(9_000);
    const meanwhile = acknowledged.size - before;
    for (const node of others(primary)) node.signal('SIGCONT', { withPatroni: false });
    return `${meanwhile} acknowledged meanwhile`;
  },
  async 'backends terminated'() {
    const primary = await cluster.primary();
    for (let i = 0; i < 10; i += 1) {
      primary.ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        + " WHERE application_name LIKE 'wrapup%'");
      await pause(500);
    }
  },
  async 'answers swallowed'() {
    const before = swallow.count;
    for (let i = 0; i < 20; i += 1) {
      swallow.next = true;
      await pause(300);
    }
    return `${swallow.count - before} of them`;
  },
  async 'node killed'() {
    const node = nodes[Math.floor(Math.random() * 3)];
    await node.kill();
    await pause(2_000);
    for (;;) {
      try { return void await node.start(); } catch (error) { say(String(error).slice(-300)); }
      await pause(1_000);
    }
  },
  async 'node paused for 100 s'() {
    const node = nodes[Math.floor(Math.random() * 3)];
    node.child.kill('SIGSTOP');
    await pause(100_000);
    node.child.kill('SIGCONT');
  },
};
const happened = {};
async function trouble() {
  const names = Object.keys(faults);
  for (let at = 0; !isOver; at += 1) {
    await pause(5_000);
    const name = names[at % names.length];
    say(`${name} …`);
    const told = await faults[name]();
    happened[name] = (happened[name] ?? 0) + 1;
    await cluster.isWhole(180_000);
    say(`${name}: whole again${told ? ` (${told})` : ''}; ${acknowledged.size} acknowledged, `
      + `${filed.size} filed`);
  }
}

const troubled = trouble();
await Promise.all(Array.from({ length: 64 }, sender));
isOver = true;
await troubled;
say(`${calls} sent: ${JSON.stringify(answers)}`);
const lacking = () => [...acknowledged.keys()].filter(to => !filed.has(to));
await until(() => lacking().length === 0, 300_000,
  () => `${lacking().length} acknowledged calls have no record: ${lacking().slice(0, 5)}`);
await pause(5_000);  // For whatever would come twice.

const primary = await cluster.primary();
const rows = primary.ask('SELECT c.id, d.state, (SELECT count(*) FROM wrapup.attempts a'
  + " WHERE a.delivery_id = d.id AND a.outcome = 'unknown')"
  + ' FROM wrapup.calls c LEFT JOIN wrapup.deliveries d ON d.call_no = c.no').split('\n')
  .map(row => row.split('|'));
const stored = new Map(rows.map(([sid, state, unknown]) => [sid, { state, unknown }]));
const result = { acknowledged: acknowledged.size, missing: 0, undelivered: 0, records: 0,
  repeats: 0, unmarked: 0, changed: 0 };
for (const [to, sid] of acknowledged) {
  const call = stored.get(sid), keys = filed.get(to) ?? [];
  if (!call) result.missing += 1;
  if (call && call.state !== 'accepted') result.undelivered += 1;
  result.records += keys.length > 0 ? 1 : 0;
  result.repeats += keys.length - 1;
  result.unmarked += Math.max(0, keys.length - 1 - Number(call?.unknown ?? 0));
  if (new Set(keys).size > 1) result.changed += 1;
}
say(`faults: ${JSON.stringify(happened)}`);
say(`result: ${JSON.stringify(result)}`);
for (const node of nodes) {
  const exit = await node.stop();
  assert.equal(exit.code, 0);
  node.remove();
}
assert.deepEqual([result.missing, result.unmarked, result.changed, result.undelivered],
  [0, 0, 0, 0]);
process.exit(0);
