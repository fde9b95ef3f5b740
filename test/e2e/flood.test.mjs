// Design 5: nobody unsigned can keep a sender out.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import test from 'node:test';
import { World } from './world/world.mjs';
import { conversation, transcription } from './world/elevenlabs.mjs';
import { freePort } from './world/process.mjs';
import { newSid } from './world/twilio.mjs';
import { until } from './world/wait.mjs';

const fake = () => `t=${Math.floor(Date.now() / 1000)},v0=${'0'.repeat(64)}`;

// Connects and writes; resolves once all of it was taken or the other side closed.
function hang(t, port, parts) {
  return new Promise(resolve => {
    const socket = net.connect(port, '127.0.0.1', () => {
      const last = parts.length - 1;
      if (last < 0) resolve(socket);
      parts.forEach((part, i) => socket.write(part, () => i === last && resolve(socket)));
    });
    socket.on('error', () => resolve(socket));
    socket.on('close', () => { socket.wasClosed = true; resolve(socket); });
    socket.resume();
    t.after(() => socket.destroy());
  });
}

// Sooner than what stalls is cut by time.
async function sendersGetIn(world, bound = 8_000) {
  const began = Date.now();
  await world.ended({ CallStatus: 'busy' });
  await world.talked({ callSid: newSid() });
  const large = transcription(conversation({ callSid: newSid() }));
  large.data.transcript = [{ role: 'agent', message: 'x'.repeat(8 << 20) }];
  assert.equal((await world.webhook(large)).status, 200);
  assert.ok(Date.now() - began < bound, `senders waited ${Date.now() - began} ms`);
}

function rejected(text, cause) {
  return Number(text.match(new RegExp(`rejected_total\\{cause="${cause}"\\} (\\d+)`))?.[1] ?? 0);
}

test('large unsigned uploads that stall keep no sender out', async t => {
  const world = await World.make(t);
  const size = (16 << 20) - 10;
  const body = Buffer.alloc(size - 5, 0x20);
  body.write('{"type":"post_call_transcription","data":"');
  const head = 'POST /webhooks/elevenlabs HTTP/1.1\r\nHost: x\r\n' +
    'Content-Type: application/json\r\n' +
    `ElevenLabs-Signature: ${fake()}\r\nContent-Length: ${size}\r\n\r\n`;
  await Promise.all(Array.from({ length: 5 }, () => hang(t, world.process.port, [head, body])));
  await sendersGetIn(world);
  await until(() => /request refused path=\/webhooks\/elevenlabs cause=overloaded/
    .test(world.process.log()), 5_000);
});

test('small unsigned uploads that stall keep no sender out', async t => {
  const world = await World.make(t);
  const part = `POST /call-status-callback HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n` +
    `Content-Type: application/x-www-form-urlencoded\r\n\r\n${'a'.repeat(65_530)}`;
  await Promise.all(Array.from({ length: 1_034 }, () => hang(t, world.process.port, [part])));
  await sendersGetIn(world);
  await until(() => /request refused path=\/call-status-callback cause=(overloaded|too_slow)/
    .test(world.process.log()), 15_000);
});

test('thousands of idle connections stand beside working senders and the operator', async t => {
  const world = await World.make(t);
  const count = 9_000;
  const sockets = [];
  for (let i = 0; i < count; i += 500) {
    const parts = i % 1000 === 0 ? [] : ['GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'];
    sockets.push(...await Promise.all(Array.from({ length: 500 },
      () => hang(t, world.process.port, parts))));
  }
  await sendersGetIn(world);
  assert.equal(sockets.filter(socket => socket.wasClosed).length, 0);
  const ready = await new Promise((resolve, reject) => http.get(
    { host: '127.0.0.1', port: world.process.port, path: '/readyz', agent: false },
    response => { response.resume(); resolve(response.statusCode); }).on('error', reject));
  assert.equal(ready, 200);
});

test('with few file descriptors the idle give way, and the admin address has places of its own',
  async t => {
    const adminPort = await freePort();
    const world = await World.make(t, { WRAPUP_ADMIN_LISTEN: `127.0.0.1:${adminPort}` },
      { start: false });
    await world.process.start({ wrapper: ['bash', '-c', 'ulimit -n 700; exec "$@"', 'wrapup'] });
    const sockets = [];
    for (let i = 0; i < 1_000; i += 100) {
      sockets.push(...await Promise.all(Array.from({ length: 100 },
        () => hang(t, world.process.port, []))));
    }
    await sendersGetIn(world);
    assert.ok(sockets.some(socket => socket.wasClosed));
    const text = await new Promise((resolve, reject) => http.get({
      host: '127.0.0.1', port: adminPort, path: '/metrics', agent: false,
    }, response => {
      let all = '';
      response.on('data', chunk => { all += chunk; });
      response.on('end', () => resolve(all));
    }).on('error', reject));
    assert.ok(rejected(text, 'connections') > 0);
    await until(() => /request refused cause=connections reason="the longest idle/
      .test(world.process.log()));
  });
