// Sends prepared requests with Node's own HTTP client and prints what came of them, as one line of
// JSON: node_client.mjs PORT CONNECTIONS SECONDS once|repeated FILE. FILE holds requests as they go
// over the wire, each behind its length on a line of its own.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { performance } from 'node:perf_hooks';

const [port, connections, seconds, repetition, path] = process.argv.slice(2);

// Of each request only what differs is kept apart: a heap full of headers would cost us, not the
// server.
function prepare(bytes) {
  const prepared = { method: '', path: '', headers: {}, each: [] };
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0x0a, at);
    const next = end + 1 + Number(bytes.toString('latin1', at, end));
    const body = bytes.indexOf('\r\n\r\n', end) + 4;
    const [first, ...lines] = bytes.toString('latin1', end + 1, body - 4).split('\r\n');
    const headers = Object.fromEntries(lines.map(line => line.split(': ')));
    if (at === 0) {
      [prepared.method, prepared.path] = first.split(' ');
      prepared.headers = headers;
    }
    prepared.each.push({ signature: headers['X-Twilio-Signature'], from: body, until: next });
    at = next;
  }
  return prepared;
}

const bytes = readFileSync(path);
const { method, path: target, headers, each } = prepare(bytes);
const agent = new http.Agent({ keepAlive: true, maxSockets: Number(connections) });
const counts = { sent: 0, answered: 0, refused: 0 };
let next = 0;
let endsAt = 0;

function send() {
  const { signature, from, until } = each[next % each.length];
  next += 1;
  counts.sent += 1;
  return new Promise((resolve, reject) => {
    const request = http.request({
      host: '127.0.0.1', port, agent, method, path: target,
      headers: signature
        ? { ...headers, 'X-Twilio-Signature': signature, 'Content-Length': until - from }
        : headers,
    }, response => {
      response.resume();
      response.on('end', () => {
        if (performance.now() < endsAt) {
          counts[response.statusCode < 300 ? 'answered' : 'refused'] += 1;
        }
        resolve();
      });
    });
    request.on('error', reject);
    request.end(bytes.subarray(from, until));
  });
}

async function sendUntilTheEnd() {
  while (performance.now() < endsAt && (repetition === 'repeated' || next < each.length)) {
    await send();
  }
}

const startedAt = performance.now();
endsAt = startedAt + Number(seconds) * 1000;
await Promise.all(Array.from({ length: Number(connections) }, sendUntilTheEnd));
const elapsed_s = (Math.min(performance.now(), endsAt) - startedAt) / 1000;
console.log(JSON.stringify({ ...counts, elapsed_s }));
agent.destroy();
