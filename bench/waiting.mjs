// What calls cost that wait for their summary while ElevenLabs answers that it knows of no
// conversation: `node bench/waiting.mjs BINARY FOLDER [CALLS] [SECONDS]`. They end, are left alone
// for 75 s, and then the process is watched for so many seconds.
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import http from 'node:http';

const [binary, folder, callsText = '20000', secondsText = '60'] = process.argv.slice(2);
const calls = Number(callsText);
const seconds = Number(secondsText);
const token = '1'.repeat(32);
const publicUrl = 'https://bench.example.org';
const path = '/call-status-callback';

const pause = ms => new Promise(done => setTimeout(done, ms));
async function serve(answer) {
  const server = http.createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

let asks = 0;
const elevenlabs = await serve((request, response) => {
  asks += 1;
  response.setHeader('Content-Type', 'application/json');
  response.end('{"conversations":[],"has_more":false,"next_cursor":null}');
});
const spare = await serve(() => {});
const { port } = spare.address();
spare.close();
mkdirSync(folder, { recursive: true });
const server = spawn(binary, ['serve'], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env: {
    PATH: process.env.PATH, WRAPUP_LISTEN: `127.0.0.1:${port}`, WRAPUP_DATA_DIR: folder,
    WRAPUP_API_TOKEN: 'a-token-for-this-bench-only-0123456789', SERVER_URL: publicUrl,
    WRAPUP_LOG_LEVEL: 'warning', TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
    TWILIO_AUTH_TOKEN: token, CRM_WEBHOOK_URL: 'http://127.0.0.1:9/',
    WRAPUP_ALLOW_PRIVATE_TARGETS: 'true', WRAPUP_TWILIO_BASE_URL: 'http://127.0.0.1:9',
    ELEVENLABS_API_KEY: 'a-key', WRAPUP_SUMMARY_WAIT: '2h', WRAPUP_RECONCILE_INTERVAL: '0',
    WRAPUP_ELEVENLABS_BASE_URL: `http://127.0.0.1:${elevenlabs.address().port}`,
  },
});
process.on('exit', () => server.kill('SIGKILL'));
while (!(await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null))?.ok) await pause(50);

const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
function post(number) {
  const form = {
    AccountSid: `AC${'0'.repeat(32)}`, AnsweredBy: 'human', CallDuration: '60',
    CallSid: `CA${number.toString(16).padStart(32, '0')}`, CallStatus: 'completed',
    Direction: 'outbound-api', From: '+14155550100', SequenceNumber: '3',
    Timestamp: new Date().toUTCString().replace('GMT', '+0000'), To: '+14155550199',
  };
  const signed = publicUrl + path +
    Object.keys(form).sort().map(name => name + form[name]).join('');
  return new Promise((resolve, reject) => {
    const request = http.request({
      host: '127.0.0.1', port, agent, method: 'POST', path,
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        'X-Twilio-Signature': createHmac('sha1', token).update(signed).digest('base64'),
      },
    }, response => response.resume().on('end', () => resolve(response.statusCode)));
    request.on('error', reject).end(new URLSearchParams(form).toString());
  });
}
let next = 1;
await Promise.all(Array.from({ length: 32 }, async () => {
  while (next <= calls) {
    const status = await post(next++);
    if (status >= 300) throw new Error(`HTTP ${status}`);
  }
}));

// Of a core, so far, in seconds; and what went to the disk, in bytes.
function used() {
  const stat = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const io = readFileSync(`/proc/${server.pid}/io`, 'utf8');
  return {
    cpu: (Number(stat[11]) + Number(stat[12])) / 100, asks,
    bytes: Number(/^write_bytes: (\d+)/m.exec(io)[1]),
  };
}
await pause(75_000);
const before = used();
await pause(seconds * 1000);
const after = used();
const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1];
console.log(JSON.stringify({
  calls, seconds,
  cpu_percent: +(100 * (after.cpu - before.cpu) / seconds).toFixed(2),
  written_kb_per_s: +((after.bytes - before.bytes) / 1024 / seconds).toFixed(1),
  asks_per_s: +((after.asks - before.asks) / seconds).toFixed(2), memory_mb: Math.round(rss / 1024),
  cpu_s_before: before.cpu, written_mb_before: Math.round(before.bytes / 1048576),
}));
process.exit(0);
