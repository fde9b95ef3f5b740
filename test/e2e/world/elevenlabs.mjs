// ElevenLabs' REST API, as far as wrapup reads it, and its signed webhooks.
import crypto from 'node:crypto';
import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js';
import { Loopback } from './loopback.mjs';

const root = '/v1/convai/conversations';
const detail = (status, message) => ({ detail: { status, message } });

export class ElevenLabs extends Loopback {
  conversations = new Map(); // Id → document, or a function that makes it anew per request.
  knob = () => undefined; // Of a request: an answer instead of the usual one.
  knowsSummary = true; // Older hosts answer 404 to …/summary.
  filtersVariables = false; // Whether dynamic_variable_params is understood.
  pageSizeMax = 100;

  constructor({ key, secret }) { super(); this.key = key; this.secret = secret; }

  respond(request) {
    const own = this.knob(request);
    if (own !== undefined) return own;
    if (request.headers['xi-api-key'] !== this.key) {
      return { status: 401, body: detail('invalid_api_key', 'Invalid API key') };
    }
    if (request.method !== 'GET') return { status: 405, body: { detail: 'Method Not Allowed' } };
    if (request.path === root) return this.#list(request.query);
    const [id, part] = request.path.slice(root.length + 1).split('/');
    if (!request.path.startsWith(root + '/') || (part && part !== 'summary')) {
      return { status: 404, body: { detail: 'Not Found' } };
    }
    const document = this.document(decodeURIComponent(id));
    if (!document || (part && !this.knowsSummary)) {
      return { status: 404, body: detail('not_found', 'Conversation not found') };
    }
    return { status: 200, body: part ? light(document) : document };
  }

  document(id) {
    const found = this.conversations.get(id);
    return typeof found === 'function' ? found() : found;
  }

  asked(id) { return this.seen.filter(r => r.path.startsWith(`${root}/${id}`)); }
  lists() { return this.seen.filter(r => r.path === root); }

  #list(query) {
    const after = Number(query.get('call_start_after_unix') ?? 0);
    const before = Number(query.get('call_start_before_unix') ?? 1e12);
    const [name, , value] = (query.get('dynamic_variable_params') ?? '').split(':');
    const documents = [...this.conversations.keys()].map(id => this.document(id)).filter(d => {
      const start = d.metadata.start_time_unix_secs;
      const variables = d.conversation_initiation_client_data?.dynamic_variables ?? {};
      return start >= after && start <= before &&
        (!query.has('agent_id') || query.get('agent_id') === d.agent_id) &&
        (!name || !this.filtersVariables || variables[name] === value);
    }).sort((a, b) => b.metadata.start_time_unix_secs - a.metadata.start_time_unix_secs);
    const from = Number(query.get('cursor') ?? 0);
    const size = Math.min(Number(query.get('page_size') ?? 30), this.pageSizeMax);
    const hasMore = from + size < documents.length;
    return { status: 200, body: {
      conversations: documents.slice(from, from + size).map(item),
      next_cursor: hasMore ? String(from + size) : null, has_more: hasMore,
    } };
  }
}

const item = d => ({
  conversation_id: d.conversation_id, agent_id: d.agent_id, agent_name: 'Front desk',
  start_time_unix_secs: d.metadata.start_time_unix_secs,
  call_duration_secs: d.metadata.call_duration_secs, message_count: d.transcript?.length ?? 0,
  status: d.status, call_successful: d.analysis?.call_successful ?? 'unknown',
  direction: d.metadata.phone_call?.direction, tag_ids: [],
});

const light = d => ({
  conversation_id: d.conversation_id, agent_id: d.agent_id, status: d.status,
  call_summary_title: null, transcript_summary: d.analysis?.transcript_summary ?? null,
  call_successful: d.analysis?.call_successful ?? null, message_count: d.transcript?.length ?? 0,
  messages: null, messages_omitted: d.transcript?.length ?? 0, note: '',
});

// The sentence ElevenLabs writes when it could make no summary.
export const sentinel = "Summary couldn't be generated for this call.";

// A conversation as GET and the webhook show it. `phone` null: a web widget.
export function conversation(over = {}) {
  const duration = over.duration ?? 62, id = over.id ?? `conv_${crypto.randomUUID().slice(0, 12)}`;
  const status = over.status ?? 'done';
  return {
    conversation_id: id, agent_id: over.agent ?? 'agent_desk', status, user_id: null,
    environment: 'production', has_audio: true, has_user_audio: true, has_response_audio: true,
    has_auxiliary_audio: false,
    transcript: [
      { role: 'agent', message: 'Good morning, how can I help?', time_in_call_secs: 0 },
      { role: 'user', message: 'I would like to know the price.', time_in_call_secs: 3 },
    ],
    metadata: {
      start_time_unix_secs: over.start ?? Math.floor(Date.now() / 1000) - duration,
      call_duration_secs: duration, cost: 300, termination_reason: 'Call ended by remote party',
      phone_call: phoneOf(over),
    },
    analysis: 'analysis' in over ? over.analysis : status !== 'done' ? null : {
      call_successful: 'success', evaluation_criteria_results: {}, data_collection_results: {},
      transcript_summary: over.summary ?? 'Price was discussed; an offer goes out on Friday.',
    },
    conversation_initiation_client_data: { dynamic_variables: {
      system__conversation_id: id,
      ...(over.callSid ? { system__call_sid: over.callSid } : {}), ...over.variables,
    } },
  };
}

function phoneOf(over) {
  if (over.phone === null) return null;
  const phone = {
    direction: 'outbound', phone_number_id: 'phnum_1', agent_number: '+15005550006',
    external_number: over.to ?? '+14155550123', call_sid: over.callSid ?? '',
    ...(over.callResult ? { call_result: over.callResult } : {}),
  };
  return over.sip ? { type: 'sip_trunking', ...phone, call_sid: over.sip }
    : { type: 'twilio', ...phone, stream_sid: `MZ${'0'.repeat(32)}` };
}

export const transcription = data => ({
  type: 'post_call_transcription', event_timestamp: Math.floor(Date.now() / 1000), data,
});

export const initiationFailure = ({ id, reason = 'busy', metadata, agent = 'agent_desk' }) => ({
  type: 'call_initiation_failure', event_timestamp: Math.floor(Date.now() / 1000),
  data: { agent_id: agent, conversation_id: id, failure_reason: reason, metadata },
});

export function signatureOf(body, secret, at = Math.floor(Date.now() / 1000)) {
  const hash = crypto.createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
  return `t=${at},v0=${hash}`;
}

// What ElevenLabs' own SDK makes of a signature: throws where it would refuse.
export function constructEvent(body, header, secret) {
  return new ElevenLabsClient({ apiKey: 'unused' }).webhooks.constructEvent(body, header, secret);
}
