// The CRM: files records, and holds wrapup to its side of the contract on every request.
import { Webhook } from 'standardwebhooks';
import { Loopback, cut } from './loopback.mjs';

// Accepts the record and loses the answer: the nastiest thing a CRM can do.
export const filedThenCut = Symbol('files the record, then drops the connection');

const recordKeys = ['type', 'subject', 'to', 'name', 'summary', 'status', 'duration'];
const words = ['held', 'no answer', 'no connection', 'voicemail'];

export class Crm extends Loopback {
  path = '/hooks/calls?tenant=7';
  // Of (request, how many for this key): an answer, `hang`, `cut`, or `filedThenCut`; may be async.
  answer = () => ({ status: 200, body: { ok: true } });
  filed = new Map(); // Idempotency key → the requests that were accepted.
  #asked = new Map(); // The same → all of its requests.

  constructor(signingSecret) { super(); this.webhook = new Webhook(signingSecret); }
  get url() { return this.origin + this.path; }

  // Every request for a call, and the records of those that were accepted.
  attempts(key) { return this.#asked.get(key) ?? []; }
  records(key) { return (this.filed.get(key) ?? []).map(r => JSON.parse(r.body)); }
  filedCount() { return [...this.filed.values()].reduce((sum, list) => sum + list.length, 0); }

  async respond(request) {
    this.#judge(request);
    const key = request.headers['idempotency-key'];
    if (!this.#asked.has(key)) this.#asked.set(key, []);
    this.#asked.get(key).push(request);
    const answer = await this.answer(request, this.attempts(key).length);
    if (answer === filedThenCut || answer.status < 300) this.#file(request);
    return answer === filedThenCut ? cut : answer;
  }

  #file(request) {
    const key = request.headers['idempotency-key'];
    if (!this.filed.has(key)) this.filed.set(key, []);
    this.filed.get(key).push(request);
  }

  #judge(request) {
    const { headers, body } = request, wrong = text => this.problems.push(`CRM: ${text}`);
    if (request.method !== 'POST') wrong(`method ${request.method}`);
    if (!/^application\/json\b/.test(headers['content-type'] ?? '')) wrong('content type');
    if (!/^wrapup\/\d/.test(headers['user-agent'] ?? '')) wrong(`agent ${headers['user-agent']}`);
    if (headers['x-wrapup-call'] !== headers['idempotency-key']) wrong('X-Wrapup-Call');
    if (!headers['idempotency-key']) wrong('no Idempotency-Key');
    if (!/^[^.]+$/.test(headers['webhook-id'] ?? '')) wrong(`webhook-id ${headers['webhook-id']}`);
    if (Number.isNaN(Date.parse(headers['x-wrapup-ended-at'] ?? ''))) wrong('X-Wrapup-Ended-At');
    if (request.path + request.query !== this.path.replace('?', '')) {
      wrong(`path ${request.path}?${request.query}`);
    }
    try { this.webhook.verify(body, headers); } catch (error) { wrong(`signature: ${error}`); }
    const record = JSON.parse(body);
    if (Object.keys(record).join() !== recordKeys.join()) wrong(`keys ${Object.keys(record)}`);
    if (record.type !== 'conversationAICall') wrong(`type ${record.type}`);
    if (!words.includes(record.status)) wrong(`status ${record.status}`);
    if (!Number.isInteger(record.duration)) wrong(`duration ${record.duration}`);
    if (typeof record.summary !== 'string' || !record.summary) wrong('no summary');
  }
}
