// What the API answers, as far as the pages read it: src/http/api/openapi.json.

export type CallState =
  'open' | 'settling' | 'delivering' | 'delivered' | 'parked' | 'out_of_scope' | 'merged';

export interface Call {
  id: string; state: CallState; parked: string | null; call_sid: string | null;
  conversation_id: string | null; to: string | null; name: string | null; campaign: string | null;
  status: string | null; duration_s: number | null; first_event_at: string | null;
  last_event_at: string | null; ended_at: string | null; settled_at: string | null;
  due_at: string | null; late_conflict: boolean; events_count: number; note: string | null;
}
export interface CallPage { calls: Call[]; next_cursor: string | null }

export interface CallEvent {
  seq: number; kind: string; source: string; received_at: string; late: boolean; payload: unknown;
}
export interface Attempt {
  number: number; started_at: string; elapsed_ms: number; outcome: string;
  http_status: number | null; error: string | null; answer: string | null; again: boolean;
  destination: string | null;
}
export interface Delivery {
  id: number; destination: string; state: string; parked: string | null; in_progress: boolean;
  webhook_id: string; due_at: string | null; accepted_at: string | null; attempts_count: number;
  retries_used: number; unknown_count: number; attempts: Attempt[];
}
export interface Story {
  call: Call & { metadata: Record<string, string | null> | null };
  why: string; record: Record<string, unknown> | null;
  facts: Record<string, string | number | boolean | null>;
  events: CallEvent[]; deliveries: Delivery[];
}

export interface LedgerDay {
  date: string; timezone: string; calls: number; accepted: number;
  parked: Record<string, number> & { total: number };
  in_flight: number; out_of_scope: number; missing: number;
  twilio: { asked_at: string | null; complete: boolean; calls: number | null;
    only_here: number | null; without_call_sid: number } | null;
  unexplained: number; differences: { call_sid: string | null; kind: string; reason: string }[];
  sealed_at: string | null; hash: string | null; previous_hash: string | null;
  corrections: Correction[]; differences_now?: LedgerDay['differences'];
}
export interface Correction {
  number: number; at: string; call: string; counted_at: string; from: string | null; to: string | null;
}

export interface ListedDelivery {
  id: number; call: string; destination: string; state: string; parked: string | null;
  status: string | null; campaign: string | null; first_event_at: string; due_at: string | null;
  accepted_at: string | null; attempts_count: number; unknown_count: number;
  http_status: number | null; fingerprint: string | null;
}

export interface Destination {
  name: string; kind: string; state: string; since: string | null; paused_by: string | null; reason: string | null;
  breaker: string; breaker_since: string | null; retry_at: string | null; concurrency: number; pending: number; parked: number; earlier: number;
}

export interface Delay { at: string; count: number; p50_ms: number; p95_ms: number; p99_ms: number }
export interface Stats {
  from: string; to: string;
  now: { calls: Record<string, number>; parked: Record<string, number>;
    deliveries_pending: number; late_conflicts: number; unknown_outcomes: number };
  delay: { minutes: Delay[]; hours: Delay[] };
  outcomes: { campaign: string | null; held: number; 'no answer': number;
    'no connection': number; voicemail: number }[];
}

export interface Reconciliation {
  node: string | null; interval_s: number; next_at: string | null; listed_until: string | null; windows_left: number;
  twilio: { trouble: Trouble | null; clock_ahead_s: number | null };
  elevenlabs: { trouble: Trouble | null };
  runs: { id: number; state: string; ordered: boolean; dry_run: boolean; from: string | null;
    to: string | null; started_at: string | null; ended_at: string | null;
    counts: Record<string, number>; error: string | null }[];
  webhooks: { name: string | null; url: string | null; is_disabled: boolean;
    is_auto_disabled: boolean; last_error: string | null; last_failed_at: string | null }[] | null;
  webhooks_asked_at: string | null;
  refused: { cause: string; count: number }[];
}
export interface Trouble { since: string; count: number; what: string }

export interface SendAnswer {
  success: boolean; message: string;
  details: { status: number | null; elapsed_ms: number; answer: string | null; again: boolean };
}

export interface Status {
  version: string; started_at: string; now: string;
  senders: { name: string; open: boolean; last_hour: number; last_at: string | null }[];
  refused: { cause: string; paths: string[]; last_hour: number; last_at: string }[];
  alerts: Alert[];
}
export interface Alert { alert: string; text: string; next: string }

export interface Intent { reason: string | null; advice: string | null; list: string | null; ended_at: string | null }

export interface Installation {
  settings: { name: string; value: string | null; source: string; secret: boolean }[];
  findings: { level: 'good' | 'note' | 'broken'; text: string; advice: string | null }[];
  changed: string[]; server_url_that_would_match: string | null;
}
