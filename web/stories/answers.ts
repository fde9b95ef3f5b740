// What the API answers in each world of the storybook; a test holds every answer against
// src/http/api/openapi.json.
import type { Alert, Attempt, Call, CallEvent, CallState, Correction, Delay, Delivery, Destination, Installation,
  LedgerDay, ListedDelivery, Reconciliation, Stats, Status, Story } from '../src/types';

export interface Reply { status: number; body: unknown }
export interface World {
  calls: Call[]; story: Story | null; days: LedgerDay[]; stats: Stats; destinations: Destination[];
  reconciliation: Reconciliation; status: Status; installation: Installation; replays: unknown[];
  failures: unknown[]; actions: unknown[]; deliveries: ListedDelivery[]; intents: Record<string, unknown>[];
}

const second = 1_000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;
const now = Date.now();
const ago = (ms: number): string => new Date(now - ms).toISOString();
const sid = (number: number): string => `CA${String(number).padStart(32, '0')}`;
const several = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

// What somebody who means ill puts where text goes: markup, text that turns around, no blanks.
const hostile = `<img src=x onerror=alert(1)>\u202eelpmaxe"'&amp;\u0000${'W'.repeat(300)}`;
const names = ['Ada Example', 'Bo Sample', 'Cleo Demo', 'Dan Trial', 'Eva Instance'];
const reasons = ['dead', 'rejected', 'disabled', 'unlinked', 'silent', 'blocked_address',
  'destination_gone', 'unknown_outcome', 'forgotten', 'given_up'];
const states: CallState[] = ['delivered', 'delivered', 'delivering', 'parked', 'delivered', 'open',
  'settling', 'out_of_scope', 'merged'];
const outcomes = ['held', 'no answer', 'no connection', 'voicemail'];

function callOf(i: number, over: Partial<Call> = {}): Call {
  const state = states[i % states.length]!, began = i * 7 * minute + 3 * minute;
  const isSettled = !['open', 'settling', 'out_of_scope'].includes(state);
  return {
    id: sid(i), state, parked: state === 'parked' ? reasons[i % reasons.length]! : null,
    call_sid: sid(i), conversation_id: i % 2 ? null : `conv_${i}`, to: `+1415555${String(100 + i).padStart(4, '0')}`,
    name: i % 6 === 5 ? null : names[i % names.length]!, campaign: i % 4 === 3 ? null : 'spring',
    status: isSettled ? outcomes[i % outcomes.length]! : null, duration_s: state === 'open' ? null : 20 + i * 7,
    first_event_at: ago(began), last_event_at: ago(began - minute),
    ended_at: state === 'open' ? null : ago(began - minute), settled_at: isSettled ? ago(began - 70 * second) : null,
    due_at: state === 'delivering' || state === 'settling' ? ago(-4 * minute) : null,
    late_conflict: i % 11 === 10, events_count: 3, note: null, ...over,
  };
}

const attemptOf = (number: number, over: Partial<Attempt> = {}): Attempt => ({
  number, started_at: ago(2 * minute - number * second), elapsed_ms: 84 + number, outcome: 'failed', http_status: 503,
  error: null, answer: '{"error":"try later"}', again: false, destination: 'crm', ...over,
});

function storyOf(call: Call, events: CallEvent[], attempts: Attempt[], text: string | null = null): Story {
  const isAccepted = call.state === 'delivered';
  const delivery: Delivery & { fingerprint: string | null } = {
    id: 1, destination: 'crm', state: isAccepted ? 'accepted' : call.state === 'parked' ? 'parked' : 'pending',
    parked: call.parked, in_progress: false, webhook_id: `msg_${call.id}_1`, due_at: call.due_at,
    accepted_at: isAccepted ? ago(minute) : null, attempts_count: attempts.length, retries_used: attempts.length,
    unknown_count: 0, fingerprint: isAccepted ? null : '00c0ffee00c0ffee', attempts,
  };
  return {
    call: { ...call, metadata: { name: call.name, campaign_id: call.campaign, campaign_name: text ?? 'Spring offer' } },
    why: text ?? (isAccepted ? 'The CRM accepted it at the first try.'
      : `The CRM answered 503 ${attempts.length} times; it is tried again.`),
    record: call.settled_at === null ? null : {
      type: 'conversationAICall', subject: `Spring offer - ${text ?? 'held'}`, to: call.to, name: call.name ?? '',
      summary: text ?? 'They asked for an offer by mail.', status: call.status ?? 'held', duration: call.duration_s ?? 0,
    },
    facts: {
      final_status: 'completed', final_status_from: 'callback', duration_s: call.duration_s, answered_by: text ?? 'human',
      call_result: text, to: call.to, from: '+442079460999', direction: 'outbound', started_at: call.first_event_at,
      ended_at: call.ended_at, agent_id: text ?? 'agent_1', had_conversation: true, no_agent: null,
      summary: text ?? 'They asked for an offer by mail.', name: call.name,
    },
    events, deliveries: call.settled_at === null ? [] : [delivery],
  };
}

function eventsOf(call: Call, count: number, text: string | null = null): CallEvent[] {
  const said = ['initiated', 'ringing', 'in-progress', 'completed'];
  const begun = Date.parse(call.first_event_at ?? ago(0));
  return several(count, i => ({
    seq: i + 1, kind: i % 5 === 4 ? 'elevenlabs.transcription' : 'twilio.status', source: text ?? 'callback',
    received_at: new Date(begun + i * 150).toISOString(), late: i > 3 && i === count - 1,
    payload: { CallSid: call.call_sid, CallStatus: text ?? said[i % said.length] },
  }));
}

function dayOf(i: number, over: Partial<LedgerDay> = {}): LedgerDay {
  return {
    date: ago(i * day).slice(0, 10), timezone: 'Europe/London', calls: 0, accepted: 0, parked: { total: 0 },
    in_flight: 0, out_of_scope: 0, missing: 0, twilio: null, unexplained: 0, differences: [],
    sealed_at: null, hash: null, previous_hash: null, corrections: [], ...over,
  };
}

const correctionOf = (i: number): Correction => ({
  number: 1, at: ago(hour), call: sid(4), counted_at: ago(i * day + hour), from: 'parked.rejected', to: 'accepted',
});

function fullDay(i: number): LedgerDay {
  const isSealed = i > 1;
  return dayOf(i, {
    calls: 12_408 + i, accepted: 12_380 + i, parked: { total: 9, rejected: 6, dead: 3 }, in_flight: 14, out_of_scope: 4,
    missing: i === 0 ? 1 : 0, unexplained: i === 0 ? 2 : 0,
    differences: i === 0 ? [{ call_sid: sid(7), kind: 'missing', reason: 'Twilio: completed, 42 s' },
      { call_sid: sid(8), kind: 'only_here', reason: 'wrapup was told of it; Twilio does not know the call' }] : [], twilio: { asked_at: ago(4 * minute), complete: true, calls: 12_408 + i, only_here: 0, without_call_sid: 2 },
    sealed_at: isSealed ? ago(i * day - 6 * hour) : null, hash: isSealed ? `${i}a`.repeat(32).slice(0, 64) : null,
    previous_hash: isSealed ? `${i + 1}a`.repeat(32).slice(0, 64) : null, corrections: i === 3 || i === 0 ? [correctionOf(i)] : [],
  });
}

const delayOf = (at: number, i: number): Delay => {
  const p50_ms = 900 + Math.round(500 * Math.sin(i / 5)) + i * 3;
  return { at: new Date(at).toISOString(), count: 3 + i % 7, p50_ms, p95_ms: p50_ms * 4, p99_ms: p50_ms * (i % 13 ? 6 : 60) };
};
const floor = (at: number, unit: number): number => Math.floor(at / unit) * unit;

function statsOf(over: Partial<Stats['now']> = {}, rest: Partial<Stats> = {}): Stats {
  return {
    from: ago(day), to: ago(0), delay: { minutes: [], hours: [] }, outcomes: [], ...rest,
    now: { calls: { open: 0, settling: 0, delivering: 0, delivered: 0, parked: 0, out_of_scope: 0 }, parked: {},
      deliveries_pending: 0, late_conflicts: 0, unknown_outcomes: 0, ...over },
  };
}

const destinationOf = (name: string, over: Partial<Destination> = {}): Destination => ({
  name, kind: 'webhook', state: 'active', since: null, paused_by: null, reason: null, breaker: 'closed', breaker_since: null, retry_at: null, concurrency: 16,
  pending: 0, parked: 0, earlier: 0, ...over,
});

const runOf = (id: number, over: Record<string, unknown> = {}): any => ({
  id, state: 'done', ordered: false, dry_run: false, from: ago(2 * hour), to: ago(hour), started_at: ago(hour),
  ended_at: ago(hour - minute), reached: ago(hour), counts: { listed: 512, missed: 3, appended: 3 }, error: null, ...over,
});

const comparedNever: Reconciliation = {
  node: null, interval_s: 900, next_at: null, listed_until: null, windows_left: 0, twilio: { trouble: null, clock_ahead_s: null },
  elevenlabs: { trouble: null }, runs: [], webhooks: null, webhooks_asked_at: null, refused: [],
};

const statusOf = (rest: Partial<Status> = {}): Status & { events: unknown[] } => ({
  version: '0.0.0', started_at: ago(3 * day), now: ago(0), refused: [], events: [], alerts: [],
  senders: ['twilio', 'elevenlabs'].map(name => ({ name, open: true, last_hour: 0, last_at: null })), ...rest,
});

const alertOf = (alert: string, text: string, next: string): Alert => ({ alert, text, next });

const intentOf = (i: number, state: string, reason: string | null, advice: string | null): Record<string, unknown> => ({
  intent: `in_${i}`, state, to: `+1415555${String(200 + i).padStart(4, '0')}`, from: '+442079460999', call_sid: null, reason, advice,
  list: null, ended_at: ago(minute),
});

const findingOf = (level: 'good' | 'note' | 'broken', text: string, advice: string | null = null) => ({ level, text, advice });

const replayOf = (id: number, over: Record<string, unknown> = {}): Record<string, unknown> => ({
  id, state: 'done', count: 40, accepted: 38, failed: 1, given_up: 0, skipped: 1, skipped_because: 'already_there',
  skips: { already_there: 1, not_wanted: 0, destination_lost: 0, changed: 0 },
  left_out: { already_there: 0, not_wanted: 0, destination_lost: 0 }, open: 0,
  filter: { state: 'parked', parked: 'rejected', destination: null, status: null, campaign: null, after: null,
    before: null, fingerprint: null },
  again: false, earlier: false, give_up: false, to: null, reason: 'the CRM was mended', started_at: ago(hour),
  ended_at: ago(hour - minute), ...over,
});

const failureOf = (i: number, over: Record<string, unknown> = {}): Record<string, unknown> => ({
  fingerprint: String(i).padStart(16, '0'), destination: i % 3 ? 'crm' : 'archive', outcome: ['refused', 'failed', 'unknown'][i % 3],
  http_status: [422, 503, null][i % 3], answer: i % 3 === 2 ? 'no answer within # s' : `{"error":"field # of form ${'x'.repeat(i % 9)} is unknown"}`,
  count: 4_000 - i * 7, first_at: ago(day + i * hour), last_at: ago(i * minute), sample: sid(i), ...over,
});

const listedOf = (i: number, over: Partial<ListedDelivery> = {}): ListedDelivery => ({
  id: 100 - i, call: sid(i), destination: 'crm', state: 'parked', parked: reasons[i % 3]!, status: outcomes[i % 4]!,
  campaign: i % 4 === 3 ? null : 'spring', first_event_at: ago(i * 7 * minute), due_at: null, accepted_at: null, attempts_count: 1 + i % 12,
  unknown_count: 0, http_status: i % 3 === 2 ? null : 422, fingerprint: i % 3 === 2 ? null : '00c0ffee00c0ffee', ...over,
});

const acts: [string, string | null, string | null, string | null][] = [
  ['destination_paused', 'destination', 'crm', null], ['destination_resumed', 'destination', 'crm', null],
  ['replay_started', 'replay', '12', '40 records'], ['record_sent', 'call', sid(3), null],
  ['do_not_call_added', null, null, '12 numbers'], ['do_not_call_removed', 'number', '+1415•••••101', null],
  ['campaign_paused', 'campaign', 'spring', null], ['signed_in', null, null, null]];
const actionOf = (i: number, over: Record<string, unknown> = {}): Record<string, unknown> => {
  const [action, subject_kind, subject, detail] = acts[i % acts.length]!;
  return { id: 100 - i, at: ago(i * 11 * minute), action, who: ['dashboard', 'command line', 'api'][i % 3], subject_kind, subject, detail,
    reason: i % 4 === 0 ? 'the CRM moves' : null, refused: i % 7 === 6 ? 'no destination of this name is configured' : null, ...over };
};

const empty = (): World => ({
  calls: [], story: null, days: [dayOf(0)], stats: statsOf(), destinations: [], reconciliation: comparedNever,
  status: statusOf(), replays: [], failures: [], actions: [], deliveries: [], intents: [],
  installation: { settings: [], findings: [], changed: [], server_url_that_would_match: null },
});

function one(): World {
  const call = callOf(0);
  return {
    calls: [call], story: storyOf(call, eventsOf(call, 4), [attemptOf(1, { outcome: 'accepted', http_status: 200, answer: '{"ok":true}' })]),
    days: [dayOf(0, { calls: 1, accepted: 1,
      twilio: { asked_at: ago(4 * minute), complete: true, calls: 1, only_here: 0, without_call_sid: 0 } })],
    stats: statsOf({ calls: { open: 0, settling: 0, delivering: 0, delivered: 1, parked: 0, out_of_scope: 0 } }, {
      delay: { minutes: [delayOf(floor(now, minute), 1)], hours: [delayOf(floor(now, hour), 1)] },
      outcomes: [{ campaign: 'spring', held: 1, 'no answer': 0, 'no connection': 0, voicemail: 0 }],
    }),
    destinations: [destinationOf('crm')], replays: [replayOf(1)], failures: [failureOf(0)], actions: [actionOf(0)], deliveries: [listedOf(0)], intents: [],
    reconciliation: { ...comparedNever, next_at: ago(-10 * minute), listed_until: ago(hour), runs: [runOf(1)],
      webhooks: [{ name: 'wrapup', url: 'https://wrapup.example.org/webhooks/elevenlabs', is_disabled: false,
        is_auto_disabled: false, last_error: null, last_failed_at: null }], webhooks_asked_at: ago(minute) },
    status: statusOf({ senders: ['twilio', 'elevenlabs'].map(name => ({ name, open: true, last_hour: 1, last_at: ago(minute) })) }),
    installation: { settings: [{ name: 'SERVER_URL', value: 'https://wrapup.example.org', source: 'environment', secret: false }],
      findings: [findingOf('good', 'The settings are complete.')], changed: [], server_url_that_would_match: null },
  };
}

function many(): World {
  const calls = several(50, i => callOf(i));
  const late = callOf(2);
  return {
    calls, story: storyOf(late, eventsOf(late, 40), several(12, i => attemptOf(i + 1))),
    days: several(30, fullDay),
    stats: statsOf({
      calls: { open: 31, settling: 12, delivering: 14, delivered: 1_204_551, parked: 45, out_of_scope: 220 },
      parked: Object.fromEntries(reasons.map((reason, i) => [reason, i + 1])), deliveries_pending: 14, late_conflicts: 3, unknown_outcomes: 1,
    }, {
      delay: { minutes: several(110, i => delayOf(floor(now, minute) - (110 - i) * minute, i)).filter((_, i) => i < 40 || i > 48),
        hours: several(48, i => delayOf(floor(now, hour) - (47 - i) * hour, i)) },
      outcomes: [...several(24, i => ({ campaign: i ? `campaign-${i}` : 'spring', held: 3_120 - i, 'no answer': 1_800 + i,
        'no connection': 40, voicemail: i })), { campaign: null, held: 12, 'no answer': 3, 'no connection': 0, voicemail: 1 }],
    }),
    destinations: [destinationOf('crm', { since: ago(day), breaker: 'open', breaker_since: ago(40 * second), retry_at: ago(-20 * second), pending: 14, parked: 9 }),
      destinationOf('archive', { kind: 'mongodb' }), destinationOf('old-crm', { state: 'removed', parked: 36 }),
      destinationOf('paused', { state: 'paused', since: ago(hour), paused_by: 'dashboard', reason: 'the CRM moves', breaker: 'half_open' }), destinationOf('gone', { state: 'gone', since: ago(day) })],
    reconciliation: { ...comparedNever, next_at: ago(-10 * minute), listed_until: ago(hour), windows_left: 3,
      twilio: { trouble: { since: ago(hour), count: 7, what: 'it answers 503' }, clock_ahead_s: 4 },
      elevenlabs: { trouble: { since: ago(2 * hour), count: 2, what: 'it does not answer' } },
      runs: several(12, i => runOf(12 - i, i === 3 ? { state: 'failed', error: 'Twilio answered 503', ended_at: null } : {})),
      webhooks: several(3, i => ({ name: `webhook ${i}`, url: `https://wrapup.example.org/webhooks/elevenlabs?${i}`, is_disabled: i === 1,
        is_auto_disabled: i === 2, last_error: i ? 'http_503' : null, last_failed_at: i ? ago(hour) : null })),
      webhooks_asked_at: ago(minute),
      refused: [{ cause: 'wrong_server_url', count: 212 }, { cause: 'bad_signature', count: 3 }] },
    status: statusOf({
      senders: ['twilio', 'elevenlabs'].map((name, i) => ({ name, open: i === 0, last_hour: 4_123, last_at: ago(second) })),
      refused: [{ cause: 'wrong_server_url', paths: ['/call-status-callback'], last_hour: 212, last_at: ago(minute) }],
      alerts: [alertOf('ledger', '3 calls of 2 days are unexplained', 'wrapup ledger --date 2026-11-26'),
        alertOf('breaker:crm', 'destination crm is in trouble', 'mend the CRM')],
    }), intents: [],
    replays: [replayOf(12, { state: 'running', accepted: 10, open: 28, ended_at: null }), ...several(11, i => replayOf(11 - i))],
    failures: several(30, i => failureOf(i)), actions: several(50, i => actionOf(i)),
    deliveries: several(50, i => listedOf(i, i % 5 ? {} : { state: 'pending', parked: null, due_at: ago(-minute * i) })),
    installation: {
      settings: several(60, i => ({ name: i ? `WRAPUP_SETTING_${i}` : 'TWILIO_AUTH_TOKEN', value: i % 7 === 6 ? null : i ? `${i * 10}s` : '***',
        source: i % 2 ? 'default' : 'environment', secret: i === 0 })),
      findings: [findingOf('broken', 'SERVER_URL is not what Twilio signs for.', 'Set it to the address below.'),
        findingOf('note', 'The store lies on a network drive.'), ...several(8, i => findingOf('good', `Finding ${i} is good.`))],
      changed: ['CRM_WEBHOOK_URL'], server_url_that_would_match: 'https://other.example.org',
    },
  };
}

// Every text that comes from outside, and some that only might.
function hostileWorld(): World {
  const world = many();
  const call = callOf(3, { name: hostile, campaign: hostile, to: hostile, note: hostile });
  return {
    ...world,
    calls: several(3, i => ({ ...call, ...(i ? {} : { state: 'delivering' as const, parked: null }), id: sid(i) })),
    story: storyOf(call, eventsOf(call, 6, hostile), [attemptOf(1, { error: hostile, answer: hostile, destination: 'crm' })], hostile),
    days: [dayOf(0, { calls: 2, accepted: 1, missing: 1, differences: [{ call_sid: sid(1), kind: 'missing', reason: hostile }] })],
    stats: { ...world.stats, outcomes: [{ campaign: hostile, held: 1, 'no answer': 1, 'no connection': 0, voicemail: 0 }] },
    destinations: [destinationOf('crm-'.repeat(15) + 'crm', { breaker: 'open' })],
    reconciliation: { ...world.reconciliation,
      twilio: { trouble: { since: ago(hour), count: 1, what: hostile }, clock_ahead_s: null },
      runs: [runOf(1, { state: 'failed', error: hostile })],
      webhooks: [{ name: hostile, url: hostile, is_disabled: true, is_auto_disabled: false, last_error: hostile, last_failed_at: ago(hour) }] },
    replays: [replayOf(1, { reason: hostile })],
    failures: [failureOf(0, { destination: hostile, answer: hostile })], deliveries: [listedOf(0, { destination: hostile, campaign: hostile })],
    status: statusOf({ alerts: [alertOf('campaign_paused:x', hostile, hostile)] }),
    intents: [intentOf(0, 'refused', 'twilio', hostile)],
    actions: [actionOf(2, { subject: hostile, detail: hostile, reason: hostile, refused: hostile }), actionOf(3, { subject: hostile })],
    installation: { settings: [{ name: 'SERVER_URL', value: hostile, source: 'environment', secret: false }],
      findings: [findingOf('broken', hostile, hostile)], changed: [], server_url_that_would_match: hostile },
  };
}

function long(): World {
  const call = callOf(2);
  return { ...many(), story: storyOf(call, eventsOf(call, 420), [attemptOf(1)]) };
}

// A wrong token since a while, a CRM that refuses, calls that somebody gave up.
function trouble(): World {
  const world = many();
  const day = { calls: 40, accepted: 35, parked: { total: 4, dead: 1, given_up: 3 }, in_flight: 1 };
  const heard = { asked_at: ago(11 * minute), complete: false, calls: 39, only_here: 0, without_call_sid: 0 };
  return {
    ...world, calls: [], days: [dayOf(0, { ...day, twilio: heard }), dayOf(1, day),
      dayOf(2, { ...day, twilio: { ...heard, complete: true, calls: 40 } })],
    stats: statsOf({ parked: { dead: 1, given_up: 3 } }), reconciliation: { ...comparedNever,
      twilio: { trouble: { since: ago(11 * minute), count: 3, what: 'it answers 401' }, clock_ahead_s: null } },
    destinations: [destinationOf('crm', { pending: 2, parked: 1, earlier: 32 }), destinationOf('gone', { state: 'gone', since: ago(24 * hour), parked: 70 })],
    status: statusOf({ alerts: [
      alertOf('twilio_credentials', 'Twilio refuses our credentials: nothing is compared with it', 'wrapup doctor'),
      alertOf('crm_refuses:crm', 'destination crm answers 401: its records wait in vain', 'mend its URL, its headers or the CRM'),
      alertOf('campaign_paused:spring', 'campaign spring has paused itself: Twilio refuses its calls', 'wrapup campaign resume spring')] }),
    intents: [intentOf(0, 'refused', 'twilio', 'buy the number'), intentOf(1, 'refused', 'twilio', 'buy the number'),
      intentOf(2, 'placed', 'not_cancelled', 'hang up by hand'), intentOf(3, 'parked', null, null)],
  };
}

export const worlds: Record<string, () => World> = { empty, one, many, hostile: hostileWorld, long, trouble };

export const problem = (status: number, detail: string): Reply =>
  ({ status, body: { type: 'about:blank', title: 'It did not work', status, detail } });
const found = (body: unknown): Reply => ({ status: 200, body });
const done: Reply = { status: 204, body: null };

function searched(world: World, wanted: Record<string, unknown>): Reply {
  const calls = world.calls.filter(call => (!wanted.state || call.state === wanted.state) &&
    (!wanted.parked || call.parked === wanted.parked) && !(wanted.no_campaign && call.campaign)).slice(0, Number(wanted.limit ?? 50));
  return found({ calls, next_cursor: world.calls.length >= 50 ? 'older' : null });
}

export function answerOf(world: World, method: string, path: string, query: URLSearchParams, body: any): Reply {
  if (path === 'api/session') return method === 'GET' ? found({ signed_in: true }) : done;
  if (path === 'readyz') return found({ status: 'ready', dependencies: { store: 'ok' } });
  if (path === 'api/calls/search') return searched(world, body);
  if (path === 'api/stats') return found(world.stats);
  if (path === 'api/status') return found(world.status);
  if (path === 'api/settings') return found(world.installation);
  if (path === 'api/reconciliation') return found(world.reconciliation);
  if (path === 'api/destinations') return found({ destinations: world.destinations });
  if (path.startsWith('api/destinations/')) {
    return found({ name: 'crm', state: path.endsWith('/pause') ? 'paused' : 'active' });
  }
  if (path === 'api/ledger/verify') return found({ calls: world.calls.length, sealed_days: world.days.length, findings: [] });
  if (path === 'api/ledger') return found(query.has('from') ? { days: [...world.days].reverse() } : world.days[0]);
  if (path === 'api/intents') return found({ intents: world.intents.filter(one => one.state === query.get('state')), next_cursor: null });
  if (path === 'api/deliveries') return found({ deliveries: world.deliveries, next_cursor: world.deliveries.length >= 50 ? '3130' : null });
  if (path === 'api/failures') return found({ failures: world.failures, more: world.failures.length >= 30 });
  if (path === 'api/log') return found({ entries: world.actions, next_cursor: world.actions.length >= 50 ? '3130' : null });
  if (path === 'api/replays' && method === 'GET') return found({ replays: world.replays });
  if (path === 'api/replays') {
    return body.preview ? found({ count: world.calls.length, calls: world.calls.slice(0, 10), token: 'counted',
      left_out: { already_there: 0, not_wanted: 0, destination_lost: 0 } }) : { status: 202, body: world.replays[0] };
  }
  if (path === 'api/test-crm-webhook') return problem(409, 'the call is not over yet');
  if (path.startsWith('api/calls/')) return world.story ? found(world.story) : problem(404, 'no such call');
  return problem(404, 'there is nothing here');
}
