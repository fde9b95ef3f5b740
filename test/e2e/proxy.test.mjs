// packaging/proxy/nginx.conf in the real nginx: only what senders call faces the internet.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { conversation, signatureOf as elevenSignature, transcription }
  from './world/elevenlabs.mjs';
import { freePort } from './world/process.mjs';
import { signatureOf as twilioSignature, statusForm } from './world/twilio.mjs';
import { until } from './world/wait.mjs';
import { World, account, apiToken, token } from './world/world.mjs';

const example = readFileSync(
  fileURLToPath(new URL('../../packaging/proxy/nginx.conf', import.meta.url)), 'utf8');
const publicName = 'calls.example.com', officeName = 'wrapup.example.com';
const publicUrl = `https://${publicName}`;
const secret = 'wsec_e2e_proxy_aaaabbbb';

// What the example leaves to whoever uses it: addresses, certificates, the office's network.
function filledIn(folder, { port, listen, admin, office }) {
  const key = path.join(folder, 'key.pem'), certificate = path.join(folder, 'certificate.pem');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
    'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${publicName}`,
    '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  const changes = [
    [/listen 443 ssl;/g, `listen 127.0.0.1:${port} ssl;`],
    [/ssl_certificate \S+;/g, `ssl_certificate ${certificate};`],
    [/ssl_certificate_key \S+;/g, `ssl_certificate_key ${key};`],
    [/server 127\.0\.0\.1:8080;/, `server 127.0.0.1:${listen};`],
    [/server 127\.0\.0\.1:8081;/, `server 127.0.0.1:${admin};`],
    ...office ? [[/allow 192\.0\.2\.0\/24;/, `allow ${office};`]] : [],
  ];
  let site = example;
  for (const [pattern, text] of changes) {
    assert.match(site, pattern);
    site = site.replaceAll(new RegExp(pattern, 'g'), text);
  }
  for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) {
    mkdirSync(path.join(folder, name));
  }
  return `${process.getuid() === 0 ? 'user root;' : ''}
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events {}
http {
    access_log off;
    client_body_temp_path ${folder}/body;
    proxy_temp_path ${folder}/proxy;
    fastcgi_temp_path ${folder}/fastcgi;
    uwsgi_temp_path ${folder}/uwsgi;
    scgi_temp_path ${folder}/scgi;
${site}
}
`;
}

// wrapup as the example wants it, and nginx before it.
async function stage(t, { office = '127.0.0.0/8' } = {}) {
  const admin = await freePort(), port = await freePort();
  const world = await World.make(t, {
    SERVER_URL: publicUrl, WRAPUP_ADMIN_LISTEN: `127.0.0.1:${admin}`,
    ELEVENLABS_WEBHOOK_SECRET: secret,
  }, { start: false });
  await world.process.launch();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'wrapup-nginx-'));
  const file = path.join(folder, 'nginx.conf');
  writeFileSync(file, filledIn(folder, { port, listen: world.process.port, admin, office }));
  const nginx = spawn('nginx', ['-e', path.join(folder, 'error.log'), '-c', file],
    { stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
  const ended = new Promise(resolve => nginx.once('exit', resolve).once('error', resolve));
  t.after(async () => {
    nginx.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  const ask = (name, { method = 'POST', path: target, headers = {}, body = '', onData }) =>
    new Promise((resolve, reject) => {
      const request = https.request({
        host: '127.0.0.1', port, servername: name, rejectUnauthorized: false, method,
        path: target, agent: false, headers: { host: name, ...headers },
      }, response => {
        let text = '';
        response.setEncoding('utf8').on('data', piece => {
          text += piece;
          onData?.(text, request);
        });
        response.on('error', () => {});
        response.on('close', () => resolve({ status: response.statusCode, text }));
      });
      request.on('error', reject);
      request.end(body);
    });
  await until(async () => {
    try {
      return (await ask(publicName, { path: '/nothing' })).status === 404 &&
        await fetch(`http://127.0.0.1:${admin}/readyz`).then(answer => answer.ok);
    } catch { return false; }
  }, 15_000, () => `${readFileSync(path.join(folder, 'error.log'))}\n${world.process.log()}`);
  return { world, ask };
}

function callback(target, form) {
  return {
    path: target, body: new URLSearchParams(form).toString(),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': twilioSignature(token, publicUrl + target, form),
    },
  };
}

const bearer = { authorization: `Bearer ${apiToken}` };

test('signed events pass, with path and query as they were signed', async t => {
  const { ask } = await stage(t);
  for (const target of ['/call-status-callback', '/call-status-callback?of=a%20b%2Fc&n=%C3%BC']) {
    const answer = await ask(publicName, callback(target, statusForm({ CallStatus: 'busy' })));
    assert.equal(answer.status, 204, answer.text);
  }
  const amd = { CallSid: statusForm().CallSid, AnsweredBy: 'human', AccountSid: account };
  assert.equal((await ask(publicName, callback('/amd-status-callback', amd))).status, 204);
  // A placed call's own paths are wrapup's to answer.
  for (const target of ['/twiml/0123', '/amd-status-callback/0123', '/call-status-callback/0123']) {
    const answer = await ask(publicName, { path: target });
    assert.ok(!answer.text.includes('nginx'), `${target}: ${answer.text}`);
  }
  const unsigned = await ask(publicName, {
    ...callback('/call-status-callback', statusForm()), headers: { 'x-twilio-signature': 'no' },
  });
  assert.notEqual(unsigned.status, 204);
});

test('a slash too many leads to the endpoint, for wrapup to judge', async t => {
  const { ask } = await stage(t);
  for (const target of ['/call-status-callback/', '//call-status-callback',
    '/call-status-callback//?of=a%2Fb']) {
    const answer = await ask(publicName, callback(target, statusForm({ CallStatus: 'busy' })));
    assert.equal(answer.status, 204, `${target}: ${answer.text}`);
  }
  const body = JSON.stringify(transcription(conversation()));
  for (const target of ['/webhooks/elevenlabs/', '/webhooks//elevenlabs']) {
    const answer = await ask(publicName, {
      path: target, body, headers: {
        'content-type': 'application/json', 'elevenlabs-signature': elevenSignature(body, secret),
      },
    });
    assert.equal(answer.status, 200, `${target}: ${answer.text}`);
  }
  for (const target of ['/twiml/0123/', '//amd-status-callback//0123']) {
    const answer = await ask(publicName, { path: target });
    assert.ok(!answer.text.includes('nginx'), `${target}: ${answer.text}`);
  }
});

test('a large conversation passes, and a callback that is too large does not', async t => {
  const { ask } = await stage(t);
  const document = conversation();
  const song = 'la '.repeat(1_000_000);
  document.transcript.push({ role: 'user', message: song, time_in_call_secs: 9 });
  const body = JSON.stringify(transcription(document));
  const answer = await ask(publicName, {
    path: '/webhooks/elevenlabs', body, headers: {
      'content-type': 'application/json', 'elevenlabs-signature': elevenSignature(body, secret),
    },
  });
  assert.equal(answer.status, 200, answer.text);
  const form = statusForm({ More: 'x'.repeat(70_000) });
  assert.equal((await ask(publicName, callback('/call-status-callback', form))).status, 413);
});

test('nothing else faces the internet', async t => {
  const { ask } = await stage(t, { office: null });
  const inner = ['/', '/api/calls', '/api/stream', '/metrics', '/readyz', '/openapi.json',
    '/webhooks/elevenlabs/x', '/twiml/a/b', '/api/../api/calls', '/twiml/..%2fapi%2fcalls'];
  for (const target of inner) {
    const answer = await ask(publicName, { method: 'GET', path: target, headers: bearer });
    assert.equal(answer.status, 404, `${target}: ${answer.status}`);
  }
  for (const target of inner.slice(0, 4)) {
    const answer = await ask(officeName, { method: 'GET', path: target, headers: bearer });
    assert.equal(answer.status, 403, `${target}: ${answer.status}`);
  }
});

test('the office has dashboard and API, and sees what changes as it changes', async t => {
  const { ask } = await stage(t);
  const page = await ask(officeName, { method: 'GET', path: '/' });
  assert.equal(page.status, 200);
  assert.match(page.text, /<title>/);
  const list = await ask(officeName, { method: 'GET', path: '/api/calls', headers: bearer });
  assert.equal(list.status, 200, list.text);
  const form = statusForm({ CallStatus: 'busy' });
  let isAsked = false;
  const stream = await ask(officeName, {
    method: 'GET', path: '/api/stream', headers: bearer,
    onData: (text, request) => {
      if (!isAsked) {
        isAsked = true;
        ask(publicName, callback('/call-status-callback', form)).catch(() => request.destroy());
      }
      if (text.includes(form.CallSid)) request.destroy();
    },
  });
  assert.equal(stream.status, 200);
  assert.ok(stream.text.includes(form.CallSid), stream.text);
});
