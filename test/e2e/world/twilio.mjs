// Twilio's REST API, as far as wrapup reads it, and its signed callbacks.
import crypto from 'node:crypto';
import twilio from 'twilio';
import { Loopback } from './loopback.mjs';

export const newSid = () => `CA${crypto.randomBytes(16).toString('hex')}`;

export class TwilioRest extends Loopback {
  calls = new Map(); // Sid → resource, or a function that makes it anew per request.
  knob = () => undefined; // Of a request: an answer instead of the usual one.

  constructor({ account, token }) { super(); this.account = account; this.token = token; }

  respond(request) {
    const own = this.knob(request);
    if (own !== undefined) return own;
    const basic = Buffer.from(`${this.account}:${this.token}`).toString('base64');
    if (request.headers.authorization !== `Basic ${basic}`) return problem(401, 20003);
    const root = `/2010-04-01/Accounts/${this.account}/Calls`;
    if (request.path === `${root}.json`) return this.#list(request.query, root);
    // A subaccount's calls are under its own path, and there alone; the account's token opens both.
    const [, owner, sid] =
      request.path.match(/^\/2010-04-01\/Accounts\/(AC\w+)\/Calls\/(CA\w+)\.json$/) ?? [];
    const found = this.calls.get(sid);
    const call = typeof found === 'function' ? found() : found;
    return call?.account_sid === owner && call ? { status: 200, body: call } : problem(404, 20404);
  }

  asked(sid) { return this.seen.filter(r => r.path.endsWith(`/Calls/${sid}.json`)); }

  #list(query, root) {
    const size = Number(query.get('PageSize') ?? 50), page = Number(query.get('Page') ?? 0);
    const calls = [...this.calls.values()].map(c => (typeof c === 'function' ? c() : c));
    const hasMore = (page + 1) * size < calls.length;
    const next = `${root}.json?PageSize=${size}&Page=${page + 1}&PageToken=PA${page + 1}`;
    return { status: 200, body: {
      calls: calls.slice(page * size, (page + 1) * size), page, page_size: size, start: page * size,
      end: Math.min((page + 1) * size, calls.length) - 1, previous_page_uri: null,
      uri: `${root}.json`, first_page_uri: `${root}.json?Page=0`,
      next_page_uri: hasMore ? next : null,
    } };
  }
}

function problem(status, code) {
  const more = `https://www.twilio.com/docs/errors/${code}`;
  return { status, body: { code, message: 'refused by the test', more_info: more, status } };
}

const rfc2822 = date => date.toUTCString().replace('GMT', '+0000');

// A call as GET …/Calls/{Sid}.json shows it.
export function callResource(sid, account, over = {}) {
  const end = new Date(), start = new Date(end.getTime() - 62_000);
  return {
    sid, account_sid: account, parent_call_sid: null, to: '+14155550123', from: '+15005550006',
    status: 'completed', duration: '62', direction: 'outbound-api', answered_by: null,
    date_created: rfc2822(start), start_time: rfc2822(start), end_time: rfc2822(end),
    date_updated: rfc2822(end), price: null, price_unit: 'USD', queue_time: '0',
    api_version: '2010-04-01', uri: `/2010-04-01/Accounts/${account}/Calls/${sid}.json`, ...over,
  };
}

// The form of a status callback, with the empty fields that real ones have.
export function statusForm(over = {}) {
  const to = over.To ?? '+14155550123', from = over.From ?? '+15005550006';
  const isAnswered = (over.CallStatus ?? 'completed') === 'completed';
  return {
    CallSid: newSid(), AccountSid: `AC${'e'.repeat(32)}`, From: from, To: to, Caller: from,
    Called: to, CallStatus: 'completed', ApiVersion: '2010-04-01', Direction: 'outbound-api',
    CallDuration: isAnswered ? '62' : '0', Duration: isAnswered ? '2' : '0',
    SipResponseCode: isAnswered ? '200' : '487', Timestamp: rfc2822(new Date()),
    CallbackSource: 'call-progress-events', SequenceNumber: '3', FromCity: '', ToCity: '',
    ToState: 'CA', ToZip: '', ToCountry: 'US', ...over,
  };
}

export const amdForm = (sid, answeredBy) => ({
  CallSid: sid, AccountSid: `AC${'e'.repeat(32)}`, AnsweredBy: answeredBy,
  MachineDetectionDuration: '2400',
});

export const signatureOf = (token, url, form) =>
  twilio.getExpectedTwilioSignature(token, url, form);
