// Design 5: who gets in, and every answer of the three endpoints.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import net from 'node:net';
import test from 'node:test';
import { World, send, serverUrl, token } from './world/world.mjs';
import { amdForm, newSid, signatureOf, statusForm } from './world/twilio.mjs';
import { conversation, transcription } from './world/elevenlabs.mjs';
import { quiet, until } from './world/wait.mjs';

const other = 'c'.repeat(32);

async function knows(world, sid) {
  return (await world.api('GET', `/api/calls/${sid}`)).status === 200;
}

test('a forged Twilio callback changes nothing', async t => {
  const world = await World.make(t);
  const form = statusForm();
  const path = '/call-status-callback';
  const good = signatureOf(token, serverUrl + path, form);
  for (const [why, options] of Object.entries({
    'another token': { key: other }, 'no signature': { signature: null },
    'an empty signature': { signature: '' }, 'another url': { url: `${serverUrl}/elsewhere` },
    'half a signature': { signature: good.slice(0, 14) },
    'another form': { signature: signatureOf(token, serverUrl + path, { ...form, To: '+1' }) },
  })) {
    assert.equal((await world.status(form, options)).status, 403, why);
    assert.equal((await world.amd(amdForm(form.CallSid, 'human'), options)).status, 403, why);
  }
  assert.equal(await knows(world, form.CallSid), false);
  assert.equal((await world.status(form, { signature: good })).status, 204);
});

test('a forged or stale ElevenLabs webhook changes nothing', async t => {
  const world = await World.make(t);
  const event = transcription(conversation({ callSid: newSid() }));
  const now = Math.floor(Date.now() / 1000);
  for (const [why, options] of Object.entries({
    'another secret': { secret: 'wsec_other' }, 'no hash': { signature: `t=${now}` },
    'no time': { signature: `v0=${'0'.repeat(64)}` }, 'not a signature': { signature: 'hello' },
    'a wrong hash': { signature: `t=${now},v0=${'0'.repeat(64)}` },
    'too old': { at: now - 31 * 60 }, 'from the future': { at: now + 6 * 60 },
  })) {
    assert.equal((await world.webhook(event, options)).status, 401, why);
  }
  assert.equal(await knows(world, event.data.conversation_id), false);
  for (const at of [now - 29 * 60, now + 4 * 60]) {
    assert.equal((await world.webhook(event, { at })).status, 200);
  }
});

test('one of several hashes in the ElevenLabs signature is enough', async t => {
  const world = await World.make(t);
  const body = JSON.stringify(transcription(conversation({ callSid: newSid() })));
  const at = Math.floor(Date.now() / 1000);
  const hash = crypto.createHmac('sha256', 'wsec_e2e_aaaabbbbccccdddd')
    .update(`${at}.${body}`).digest('hex');
  const signature = `t=${at}, v0=${'1'.repeat(64)}, v0=${hash}`;
  assert.equal((await world.webhook(null, { body, signature })).status, 200);
});

test('several secrets may be live at once', async t => {
  const world = await World.make(t, {
    TWILIO_AUTH_TOKEN: `${token},${other}`, ELEVENLABS_WEBHOOK_SECRET: 'wsec_new,wsec_old',
  });
  for (const key of [token, other]) {
    assert.equal((await world.status(statusForm({ CallStatus: 'busy' }), { key })).status, 204);
  }
  for (const secret of ['wsec_new', 'wsec_old']) {
    const event = transcription(conversation({ callSid: newSid() }));
    assert.equal((await world.webhook(event, { secret })).status, 200);
  }
  assert.equal((await world.status(statusForm(), { key: 'd'.repeat(32) })).status, 403);
});

test('the signed URL with and without its port, with a path and a query', async t => {
  const path = '/call-status-callback';
  const cases = [
    ['https://hooks.example.org', ['https://hooks.example.org', 'https://hooks.example.org:443']],
    ['https://hooks.example.org:8443',
      ['https://hooks.example.org:8443', 'https://hooks.example.org']],
    ['http://hooks.example.org', ['http://hooks.example.org', 'http://hooks.example.org:80']],
    ['https://user:pass@hooks.example.org',
      ['https://user:pass@hooks.example.org', 'https://hooks.example.org']],
  ];
  for (const [configured, signed] of cases) {
    const world = await World.make(t, { SERVER_URL: configured });
    for (const base of signed) {
      const answer = await world.status(statusForm({ CallStatus: 'busy' }), { url: base + path });
      assert.equal(answer.status, 204, `${configured} signed as ${base}`);
    }
    const query = `${path}?campaign=a%20b&leg=1`;
    const plain = await world.form(query, statusForm({ CallStatus: 'busy' }),
      { url: signed[0] + query });
    assert.equal(plain.status, 204, `${configured} with a query`);
    const wrong = await world.status(statusForm(), { url: `https://elsewhere.example.org${path}` });
    assert.equal(wrong.status, 403);
  }
});

test('a wrong SERVER_URL is named in the log', async t => {
  const world = await World.make(t, { SERVER_URL: 'http://hooks.example.org' });
  const answer = await world.status(statusForm(),
    { url: 'https://hooks.example.org/call-status-callback' });
  assert.equal(answer.status, 403);
  await until(() => /https/.test(world.process.log()), 2_000,
    () => 'the log does not say what would have matched');
  const doctor = await world.process.run(['doctor', '--offline']);
  assert.equal(doctor.status, 1, doctor.stdout);
  assert.match(doctor.stdout, /^wrapup runs, and needs a person/);
  assert.match(doctor.stdout, /-> set SERVER_URL=https:\/\/hooks\.example\.org, which would match/);
});

// A sender that is refused is a call that may be lost.
test('a path may be told in every way it is; whoever is refused leaves a trace', async t => {
  const world = await World.make(t, { SERVER_URL: 'https://hooks.example.org/voice',
    ELEVENLABS_WEBHOOK_SECRET: undefined });
  const origin = 'https://hooks.example.org';
  const ask = (signed, path) =>
    world.form(path, statusForm({ CallStatus: 'busy' }), { url: origin + signed });
  for (const [signed, path] of [
    ['/voice/call-status-callback', '/voice/call-status-callback'],
    ['/voice/call-status-callback', '/call-status-callback'],
    ['/voice/call-status-callback/', '/call-status-callback/'],
    ['/voice//call-status-callback', '//call-status-callback'],
  ]) assert.equal((await ask(signed, path)).status, 204, `${path} signed as ${signed}`);
  assert.equal((await ask('/api/v2/call-status-callback', '/api/v2/call-status-callback')).status,
    404);
  const sid = newSid();
  const port = world.process.port;
  const byGet = await send(port, { method: 'GET', path: `/call-status-callback?CallSid=${sid}` });
  assert.equal(byGet.status, 405);
  assert.equal((await world.webhook(transcription(conversation()))).status, 404);
  assert.equal((await world.api('GET', '/api/calls', undefined, { bearer: null })).status, 401);
  const metrics = (await world.api('GET', '/metrics', undefined, { bearer: null })).text;
  const doctor = await world.process.run(['doctor', '--offline']);
  for (const cause of ['wrong_path', 'method', 'closed', 'no_token']) {
    await until(() => new RegExp(`WARN .*request refused.* cause=${cause} `)
      .test(world.process.log()));
    assert.match(metrics, new RegExp(`rejected_total{cause="${cause}"} 1\\n`));
    if (cause === 'no_token') continue;
    assert.match(doctor.stdout.replace(/\s+/g, ' '),
      new RegExp(`1 request was refused within the last hour: ${cause}`));
  }
  assert.ok(world.process.log().includes(sid.slice(-8)), 'the refused call cannot be found');
  assert.ok(!world.process.log().includes(sid));
  for (const name of ['alerts', 'store_errors', 'calls_parked']) {
    assert.match(metrics, new RegExp(`wrapup_${name}_total{[^}]*} 0\\n`));
  }
});

test('what a callback must have, and what it may leave out', async t => {
  const world = await World.make(t);
  const without = (form, ...names) =>
    Object.fromEntries(Object.entries(form).filter(([name]) => !names.includes(name)));
  assert.equal((await world.status(without(statusForm(), 'CallSid'))).status, 400);
  assert.equal((await world.status(without(statusForm(), 'CallStatus'))).status, 400);
  assert.equal((await world.amd(without(amdForm(newSid(), 'human'), 'CallSid'))).status, 400);
  assert.equal((await world.amd(without(amdForm(newSid(), 'human'), 'AnsweredBy'))).status, 400);
  const bare = { CallSid: newSid(), CallStatus: 'busy' };
  assert.equal((await world.status(bare)).status, 204);
  await world.record(bare.CallSid);
  const odd = statusForm({ CallStatus: 'busy', From: 'anonymous', To: 'sip:zoe@example.org',
    SequenceNumber: 'many', CallDuration: '-7', Timestamp: 'yesterday', NewInTheFuture: 'ü+&=' });
  assert.equal((await world.status(odd)).status, 204);
  assert.equal((await world.record(odd.CallSid)).to, 'sip:zoe@example.org');
});

test('the wrong type, too much, the wrong method, the wrong path', async t => {
  const world = await World.make(t);
  const json = { 'content-type': 'application/json' };
  assert.equal((await world.status(statusForm(), { headers: json })).status, 415);
  const large = statusForm({ Padding: 'x'.repeat(70_000) });
  assert.equal((await world.status(large)).status, 413);
  const limit = statusForm({ CallStatus: 'busy', Padding: 'x'.repeat(60_000) });
  assert.equal((await world.status(limit)).status, 204);
  for (const path of ['/call-status-callback', '/webhooks/elevenlabs']) {
    const answer = await fetch(`http://127.0.0.1:${world.process.port}${path}`);
    assert.ok([404, 405].includes(answer.status), `GET ${path} answered ${answer.status}`);
  }
  assert.equal((await fetch(`http://127.0.0.1:${world.process.port}/nowhere`)).status, 404);
});

test('an endpoint without its secret is closed', async t => {
  const noTwilio = await World.make(t, { TWILIO_ACCOUNT_SID: undefined,
    TWILIO_AUTH_TOKEN: undefined, SERVER_URL: undefined });
  assert.equal((await noTwilio.status(statusForm())).status, 404);
  assert.equal((await noTwilio.amd(amdForm(newSid(), 'human'))).status, 404);
  const noEleven = await World.make(t, { ELEVENLABS_WEBHOOK_SECRET: undefined });
  const event = transcription(conversation());
  assert.equal((await noEleven.webhook(event)).status, 404);
});

test('unsigned senders only by name and only on loopback', async t => {
  const world = await World.make(t, { WRAPUP_ALLOW_UNSIGNED: 'twilio' });
  const form = statusForm({ CallStatus: 'busy' });
  assert.equal((await world.status(form, { signature: null })).status, 204);
  await world.record(form.CallSid);
  const event = transcription(conversation());
  assert.equal((await world.webhook(event, { signature: 'none' })).status, 401);
});

test('what ElevenLabs may send: not JSON, no id, unknown kinds, audio, other agents', async t => {
  const world = await World.make(t, { ELEVENLABS_AGENT_ID: 'agent_desk,agent_night' });
  assert.equal((await world.webhook(null, { body: 'not json' })).status, 400);
  assert.equal((await world.webhook(null, { body: '{"type":"post_call_transcription"' })).status,
    400);
  const noId = { type: 'post_call_transcription', event_timestamp: 1, data: {} };
  assert.equal((await world.webhook(noId)).status, 400);
  for (const type of ['voice_removed', 'speech_to_text_transcription', 'something_new']) {
    assert.equal((await world.webhook({ type, event_timestamp: '1', data: { a: 1 } })).status, 200);
  }
  assert.equal((await world.webhook({ type: 'something_new' })).status, 200);
  const stranger = conversation({ callSid: newSid(), agent: 'agent_of_somebody_else' });
  assert.equal((await world.webhook(transcription(stranger))).status, 200);
  const widget = conversation({ phone: null });
  assert.equal((await world.webhook(transcription(widget))).status, 200);
  await quiet(800);
  assert.equal(world.crm.seen.length, 0, 'a call that is not ours made a record');
});

test('audio of any size up to 64 MiB is verified, discarded and answered 200', async t => {
  const world = await World.make(t);
  const audio = JSON.stringify({ type: 'post_call_audio', event_timestamp: 1, data: {
    agent_id: 'agent_desk', conversation_id: 'conv_a', full_audio: 'A'.repeat(20 << 20) } });
  assert.equal((await world.webhook(null, { body: audio, chunked: true })).status, 200);
  const forged = await world.webhook(null, { body: audio, chunked: true, secret: 'x' });
  assert.equal(forged.status, 401);
});

test('a transcription beyond 16 MiB is refused', async t => {
  const world = await World.make(t);
  const document = conversation({ callSid: newSid() });
  document.transcript = [{ role: 'user', message: 'a'.repeat(17 << 20), time_in_call_secs: 0 }];
  const answer = await world.webhook(null, { body: JSON.stringify(transcription(document)) });
  assert.equal(answer.status, 413);
});

test('a sender that stalls is cut off and harms nobody', async t => {
  const world = await World.make(t);
  const sockets = Array.from({ length: 40 }, () => {
    const socket = net.connect(world.process.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('POST /call-status-callback HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n');
    return socket;
  });
  t.after(() => sockets.forEach(socket => socket.destroy()));
  const CallSid = await world.ended({ CallStatus: 'busy' });
  await world.record(CallSid);
});

test('bytes that are no HTTP are answered or cut off, and the server lives', async t => {
  const world = await World.make(t);
  for (const junk of ['\x16\x03\x01\x02\x00', 'GET\r\n\r\n', 'POST / HTTP/9.9\r\n\r\n',
    `GET /${'x'.repeat(100_000)} HTTP/1.1\r\n\r\n`,
    'POST /call-status-callback HTTP/1.1\r\nContent-Length: -5\r\n\r\n',
    `GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(20_000)}\r\n`]) {
    await new Promise(resolve => {
      const socket = net.connect(world.process.port, '127.0.0.1', () => socket.end(junk));
      socket.on('error', resolve);
      socket.on('close', resolve);
      socket.resume();
    });
  }
  const CallSid = await world.ended({ CallStatus: 'busy' });
  await world.record(CallSid);
});
