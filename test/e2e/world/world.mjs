// Everything a test needs: the three peers, a wrapup process between them, and signed senders.
// When the test is over, the world checks what must hold always: no personal data and no secret in
// the log (P6), no request that breaks the contract, a clean end.
import assert from 'node:assert/strict';
import http from 'node:http';
import crypto from 'node:crypto';
import { Crm } from './crm.mjs';
import { ElevenLabs, constructEvent, conversation, signatureOf as elevenSignature, transcription }
  from './elevenlabs.mjs';
import { TwilioRest, signatureOf as twilioSignature, statusForm } from './twilio.mjs';
import { Process } from './process.mjs';
import { until } from './wait.mjs';

export const account = `AC${'e'.repeat(32)}`;
export const token = '9a8b7c6d5e4f30213243546576879809';
export const apiToken = 'operator-token-for-tests-4711-0815';
export const serverUrl = 'https://hooks.example.org';
const webhookSecret = 'wsec_e2e_aaaabbbbccccdddd';
export const apiKey = 'xi-e2e-key-0011223344';
const signingSecret = `whsec_${Buffer.from('a signing secret of the tests!!!').toString('base64')}`;

const agent = new http.Agent({ keepAlive: true, maxSockets: 128 });

// One HTTP request with raw bytes; resolves with status, headers, text and, where it is one, JSON.
export function send(port, { method = 'POST', path, headers = {}, body = '', chunked = false }) {
  return new Promise((resolve, reject) => {
    const length = chunked ? {} : { 'content-length': Buffer.byteLength(body) };
    const request = http.request({
      host: '127.0.0.1', port, method, path, agent, headers: { ...length, ...headers },
    }, response => {
      const chunks = [];
      response.on('data', chunk => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const isJson = /json/.test(response.headers['content-type'] ?? '');
        resolve({
          status: response.statusCode, headers: response.headers, text,
          json: isJson && text ? JSON.parse(text) : undefined,
        });
      });
    });
    request.setTimeout(30_000, () => request.destroy(new Error(`no answer to ${method} ${path}`)));
    request.on('error', reject);
    request.end(body);
  });
}

export class World {
  secrets = new Set([token, apiToken, webhookSecret, apiKey, signingSecret]);

  // `settings`: over the defaults; undefined removes one. At the end of the test `t` all is closed.
  static async make(t, settings = {}, { start = true } = {}) {
    const world = new World();
    t.after(() => world.close());
    world.crm = await new Crm(signingSecret).open();
    world.eleven = await new ElevenLabs({ key: apiKey, secret: webhookSecret }).open();
    world.twilio = await new TwilioRest({ account, token }).open();
    world.process = new Process({
      TWILIO_ACCOUNT_SID: account, TWILIO_AUTH_TOKEN: token, SERVER_URL: serverUrl,
      ELEVENLABS_API_KEY: apiKey, ELEVENLABS_WEBHOOK_SECRET: webhookSecret,
      CRM_WEBHOOK_URL: world.crm.url, WRAPUP_SIGNING_SECRET: signingSecret,
      WRAPUP_TWILIO_BASE_URL: world.twilio.origin,
      WRAPUP_ELEVENLABS_BASE_URL: world.eleven.origin, WRAPUP_API_TOKEN: apiToken,
      WRAPUP_ALLOW_PRIVATE_TARGETS: 'true', WRAPUP_SUMMARY_WAIT: '2s',
      WRAPUP_TWILIO_GRACE: '300ms', WRAPUP_RECONCILE_INTERVAL: '0',
      WRAPUP_RETRY_SCHEDULE: '100ms,200ms,400ms,800ms,1s,1s,1s,1s', ...settings,
    });
    if (start) await world.process.start();
    return world;
  }

  async close() {
    this.isClosing = true;
    const exit = await this.process?.stop();
    for (const peer of [this.crm, this.eleven, this.twilio]) await peer?.close();
    if (!this.process) return;
    const log = this.process.log();
    this.process.remove();
    for (const secret of this.secrets) {
      assert.ok(!log.includes(secret), `the log shows "${secret}"`);
    }
    assert.ok(!/AddressSanitizer|runtime error:|Assertion|terminate called/.test(log), log);
    if (this.wasMeantToEnd !== true && exit.code !== undefined) {
      assert.deepEqual([exit.code, exit.signal], [0, null], `ended with ${JSON.stringify(exit)}`);
    }
    assert.deepEqual(this.crm.problems, []);
  }

  // What must never be in a log line: remembered by whoever sends it.
  hide(...texts) {
    for (const text of texts) if (text && text.length > 4) this.secrets.add(text);
  }

  // Posts a form to a Twilio endpoint, signed as Twilio does for the URL it was given.
  form(path, form, { key = token, url = serverUrl + path, signature, headers = {} } = {}) {
    this.hide(form.To, form.From);
    const signed = signature === undefined ? twilioSignature(key, url, form) : signature;
    return send(this.process.port, {
      path, body: new URLSearchParams(form).toString(),
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
        'user-agent': 'TwilioProxy/1.1', 'i-twilio-idempotency-token': crypto.randomUUID(),
        ...(signed === null ? {} : { 'x-twilio-signature': signed }), ...headers,
      },
    });
  }

  status(form, options) { return this.form('/call-status-callback', form, options); }
  amd(form, options) { return this.form('/amd-status-callback', form, options); }

  // Posts an event as ElevenLabs does; ElevenLabs' own SDK must accept it, unless a test forges it
  // or gives a body of its own.
  async webhook(event, { secret = webhookSecret, at, signature, body, chunked } = {}) {
    const raw = body ?? JSON.stringify(event);
    const header = signature ?? elevenSignature(raw, secret, at);
    const isHonest = secret === webhookSecret && at === undefined && signature === undefined;
    if (isHonest && body === undefined) {
      await constructEvent(raw, header, secret);
    }
    this.hide(event?.data?.analysis?.transcript_summary);
    return send(this.process.port, {
      path: '/webhooks/elevenlabs', body: raw, chunked,
      headers: { 'content-type': 'application/json', 'elevenlabs-signature': header },
    });
  }

  api(method, path, body, { bearer = apiToken } = {}) {
    return send(this.process.port, {
      method, path, body: body === undefined ? '' : JSON.stringify(body),
      headers: {
        'content-type': 'application/json',
        ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
      },
    });
  }

  // A signed status callback that must be acknowledged; returns the CallSid.
  async ended(over = {}) {
    const form = statusForm(over), answer = await this.status(form);
    assert.equal(answer.status, 204, answer.text);
    return form.CallSid;
  }

  // A finished conversation that ElevenLabs knows; returns the document.
  talk(over) {
    const document = conversation(over);
    this.eleven.conversations.set(document.conversation_id, document);
    this.hide(document.analysis?.transcript_summary);
    return document;
  }

  async talked(over) {
    const document = conversation(over);
    const answer = await this.webhook(transcription(document));
    assert.equal(answer.status, 200, answer.text);
    return document;
  }

  // The one record of a call, once the CRM has it.
  async record(key, bound = 8_000) {
    await until(() => this.crm.records(key).length > 0, bound,
      () => `no record of ${key}\n${this.process.log().slice(-3000)}`);
    return this.crm.records(key)[0];
  }

  async story(id) {
    const answer = await this.api('GET', `/api/calls/${id}`);
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  }

  // Waits until the call's story satisfies `check`, and returns it.
  async storyWhen(id, check, bound = 8_000) {
    let last;
    return until(async () => {
      last = await this.api('GET', `/api/calls/${id}`);
      return last.status === 200 && check(last.json) ? last.json : undefined;
    }, bound, () => `the story of ${id} stays ${last.status} ${last.text}`);
  }
}
