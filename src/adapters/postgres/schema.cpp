#include "adapters/postgres/migrations.hpp"

#include <array>

#include "adapters/postgres/schema_later.hpp"

namespace wrapup::postgres {
namespace {

// The tables of SQLite's adapter (adapters/sqlite/schema.cpp) as they are by now: times are
// milliseconds since 1970, flags are 0 or 1, words are ours. Texts that are ordered or looked up
// are compared byte by byte.
//
// A call (a delivery) wakes when it is due and nobody holds it. The tables that work passes through
// are cleaned up after so many dead rows, however large they are.
constexpr const char* step_1 = R"sql(
CREATE TABLE calls (
    no bigint PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    state text NOT NULL,
    parked text,
    call_sid text NOT NULL,
    conversation_id text NOT NULL,
    merged_into text NOT NULL DEFAULT '', -- the id of the survivor
    to_number text NOT NULL,
    phone text NOT NULL, -- to_number, normalized
    campaign text NOT NULL DEFAULT '',
    name text NOT NULL DEFAULT '',
    outcome text,
    duration_s bigint,
    first_event_at_ms bigint NOT NULL,
    last_event_at_ms bigint NOT NULL,
    created_at_ms bigint,  -- Twilio's date_created
    ended_at_ms bigint,
    settled_at_ms bigint, -- set: the record is fixed
    due_at_ms bigint,
    lease_until_ms bigint,
    wakes_at_ms bigint GENERATED ALWAYS AS (
        CASE WHEN due_at_ms IS NOT NULL THEN greatest(due_at_ms, lease_until_ms) END) STORED,
    unlisted_opt_out_at_ms bigint,
    fence bigint NOT NULL DEFAULT 0,
    events_count bigint NOT NULL,
    is_touched smallint NOT NULL DEFAULT 0, -- metadata came while somebody held the claim
    is_late_conflict smallint NOT NULL DEFAULT 0,
    note text NOT NULL DEFAULT '',
    progress text NOT NULL DEFAULT '', -- JSON; empty: nothing was done yet
    metadata text, -- JSON
    record text NOT NULL DEFAULT ''
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_cost_delay = 0);
CREATE INDEX calls_wakes ON calls (wakes_at_ms, no) WHERE wakes_at_ms IS NOT NULL;
CREATE INDEX calls_held ON calls (lease_until_ms)
    WHERE lease_until_ms IS NOT NULL AND due_at_ms IS NULL;
CREATE INDEX calls_state ON calls (state, first_event_at_ms) WHERE state <> 'delivered';
CREATE INDEX calls_phone ON calls (phone, first_event_at_ms) WHERE phone <> '';
CREATE INDEX calls_campaign ON calls (campaign, first_event_at_ms) WHERE campaign <> '';
CREATE INDEX calls_first_event ON calls (first_event_at_ms, no);
CREATE INDEX calls_parked ON calls (parked, first_event_at_ms) WHERE parked IS NOT NULL;
CREATE INDEX calls_no_campaign ON calls (campaign, first_event_at_ms)
    WHERE campaign = '' AND settled_at_ms IS NOT NULL;
CREATE INDEX calls_moved ON calls (created_at_ms, first_event_at_ms)
    WHERE created_at_ms / 900000 <> first_event_at_ms / 900000;
CREATE SEQUENCE call_numbers;

CREATE TABLE links (
    conversation_id text COLLATE "C" PRIMARY KEY,
    call_no bigint NOT NULL
);

CREATE TABLE events (
    place bigint PRIMARY KEY, -- call_no * 2^28 + seq
    call_no bigint NOT NULL,
    kind text NOT NULL,
    received_at_ms bigint NOT NULL,
    is_late smallint NOT NULL,
    dedup_key text COLLATE "C" NOT NULL,
    payload text NOT NULL
);

CREATE TABLE deliveries (
    id bigint PRIMARY KEY,
    call_no bigint NOT NULL,
    destination text COLLATE "C" NOT NULL,
    state text NOT NULL,
    parked text,
    ended_at_ms bigint,
    attempts_count bigint NOT NULL DEFAULT 0,
    retries_used bigint NOT NULL DEFAULT 0,
    unknown_count bigint NOT NULL DEFAULT 0,
    due_at_ms bigint,
    accepted_at_ms bigint,
    lease_until_ms bigint,
    wakes_at_ms bigint GENERATED ALWAYS AS (
        CASE WHEN due_at_ms IS NOT NULL THEN greatest(due_at_ms, lease_until_ms) END) STORED,
    fence bigint NOT NULL DEFAULT 0,
    attempt_started_at_ms bigint, -- since the last claim; cleared by its end
    unresolved_since_ms bigint, -- the same of an earlier claim
    replay_id bigint NOT NULL DEFAULT 0,
    fingerprint text COLLATE "C" NOT NULL DEFAULT '',
    webhook_id text NOT NULL DEFAULT '',
    body text, -- null: the call's record, byte by byte
    UNIQUE (call_no, destination)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_cost_delay = 0);
CREATE INDEX deliveries_wakes ON deliveries (destination, wakes_at_ms, id)
    WHERE wakes_at_ms IS NOT NULL;
CREATE INDEX deliveries_held ON deliveries (lease_until_ms)
    WHERE lease_until_ms IS NOT NULL AND due_at_ms IS NULL;
CREATE INDEX deliveries_parked ON deliveries (destination, parked, id) WHERE parked IS NOT NULL;
CREATE INDEX deliveries_parked_ids ON deliveries (id) WHERE parked IS NOT NULL;
CREATE INDEX deliveries_failed ON deliveries (fingerprint, id) WHERE fingerprint <> '';
CREATE SEQUENCE delivery_ids;

CREATE TABLE attempts (
    delivery_id bigint NOT NULL,
    number bigint NOT NULL,
    started_at_ms bigint NOT NULL,
    elapsed_ms bigint NOT NULL,
    outcome text NOT NULL,
    http_status bigint NOT NULL,
    error text NOT NULL,
    answer text NOT NULL,
    is_again smallint NOT NULL,
    destination text, -- null: the delivery's
    PRIMARY KEY (delivery_id, number)
);

CREATE TABLE destinations (
    name text COLLATE "C" PRIMARY KEY,
    state text NOT NULL,
    since_ms bigint NOT NULL,
    sweep text, -- 'park' or 'resume'; null: nothing is left to do of its last change
    sweep_at_ms bigint,
    sweep_last_id bigint, -- younger deliveries are not concerned
    breaker text NOT NULL DEFAULT 'closed',
    breaker_since_ms bigint NOT NULL DEFAULT 0,
    breaker_retry_at_ms bigint,
    failed_probes_count bigint NOT NULL DEFAULT 0
);

CREATE TABLE call_metadata (
    call_id text COLLATE "C" PRIMARY KEY, -- as it was handed to us; the call may not exist
    metadata text NOT NULL
);
CREATE TABLE campaigns (
    id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    description text NOT NULL
);
CREATE TABLE contacts (
    phone text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    campaign text NOT NULL DEFAULT '', -- id, or name, of one
    time_zone text NOT NULL DEFAULT '' -- an IANA name
);
CREATE TABLE do_not_call (
    phone text COLLATE "C" PRIMARY KEY, -- E.164
    reason text NOT NULL,
    source text NOT NULL, -- api, import, or a call's identity
    since_ms bigint NOT NULL
);

-- What is counted is counted by each node in a slot of its own: sql/slots.hpp.
CREATE FUNCTION this_slot() RETURNS smallint LANGUAGE sql STABLE AS
    $$ SELECT coalesce(nullif(current_setting('wrapup.slot', true), ''), '0')::smallint $$;
CREATE TABLE counters_by_slot (
    name text COLLATE "C" NOT NULL,
    slot smallint NOT NULL DEFAULT wrapup.this_slot(),
    count bigint NOT NULL,
    PRIMARY KEY (name, slot)
) WITH (fillfactor = 50);
CREATE VIEW counters (name, count) AS
    SELECT name, sum(count)::bigint FROM counters_by_slot GROUP BY name;
CREATE VIEW counters_recounted (name, count) AS
    SELECT 'state ' || state, count(*) FROM calls GROUP BY state
    UNION ALL
    SELECT 'parked ' || parked, count(*) FROM calls WHERE parked IS NOT NULL GROUP BY parked
    UNION ALL SELECT 'late_conflicts', count(*) FROM calls WHERE is_late_conflict = 1
    UNION ALL
    SELECT state || ' to ' || destination, count(*) FROM deliveries
        WHERE state <> 'accepted' AND parked IS DISTINCT FROM 'given_up'
        GROUP BY state, destination
    UNION ALL SELECT 'unknown_outcomes', coalesce(sum(unknown_count), 0)::bigint FROM deliveries;

CREATE TABLE ledger_by_slot (
    quarter bigint NOT NULL, -- of an hour, since 1970
    column_name text COLLATE "C" NOT NULL,
    slot smallint NOT NULL DEFAULT wrapup.this_slot(),
    calls bigint NOT NULL,
    without_call_sid bigint NOT NULL, -- of them
    PRIMARY KEY (quarter, column_name, slot)
) WITH (fillfactor = 50);
CREATE VIEW ledger (quarter, column_name, calls, without_call_sid) AS
    SELECT quarter, column_name, sum(calls)::bigint, sum(without_call_sid)::bigint
    FROM ledger_by_slot GROUP BY quarter, column_name;
CREATE VIEW ledger_recounted (quarter, column_name, calls, without_call_sid) AS
    SELECT coalesce(created_at_ms, first_event_at_ms) / 900000,
        CASE state WHEN 'delivered' THEN 'accepted' WHEN 'parked' THEN 'parked.' || parked
            WHEN 'out_of_scope' THEN 'out_of_scope' ELSE 'in_flight' END,
        count(*), count(*) FILTER (WHERE call_sid = '')
    FROM calls WHERE state <> 'merged' GROUP BY 1, 2;
)sql";

// What is counted over time, compared with Twilio, closed, replayed and placed.
constexpr const char* step_2 = R"sql(
CREATE TABLE twilio_days (
    from_ms bigint PRIMARY KEY,
    until_ms bigint NOT NULL,
    asked_at_ms bigint NOT NULL,
    is_complete smallint NOT NULL,
    calls_count bigint NOT NULL,
    unkept_count bigint NOT NULL
);
CREATE TABLE twilio_day_differences (
    from_ms bigint NOT NULL,
    call_sid text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (from_ms, call_sid)
);
CREATE TABLE sealed_days (
    date text COLLATE "C" PRIMARY KEY,
    from_ms bigint NOT NULL,
    until_ms bigint NOT NULL,
    sealed_at_ms bigint NOT NULL,
    content text NOT NULL,
    previous_hash text NOT NULL,
    hash text NOT NULL,
    corrections_count bigint NOT NULL -- that were made before
);
CREATE INDEX sealed_days_from ON sealed_days (from_ms);
CREATE TABLE ledger_corrections (
    number bigint PRIMARY KEY,
    at_ms bigint NOT NULL,
    call_id text NOT NULL,
    quarter bigint NOT NULL,
    from_column text,
    to_column text,
    has_call_sid smallint NOT NULL
);
CREATE INDEX ledger_corrections_quarter ON ledger_corrections (quarter, number);

CREATE TABLE kept_values (key text COLLATE "C" PRIMARY KEY, value text NOT NULL);
CREATE TABLE twilio_slots (
    from_ms bigint PRIMARY KEY,
    calls_count bigint NOT NULL,
    strangers_count bigint NOT NULL,
    is_complete smallint NOT NULL,
    asked_at_ms bigint NOT NULL
);
CREATE TABLE twilio_differences (
    call_sid text COLLATE "C" PRIMARY KEY,
    at_ms bigint NOT NULL,
    kind text NOT NULL,
    reason text NOT NULL,
    noted_at_ms bigint NOT NULL
);
CREATE INDEX twilio_differences_at ON twilio_differences (at_ms);

CREATE TABLE outcomes_by_slot (
    quarter bigint NOT NULL, -- of an hour, since 1970
    campaign text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    slot smallint NOT NULL DEFAULT wrapup.this_slot(),
    calls bigint NOT NULL,
    PRIMARY KEY (quarter, campaign, outcome, slot)
) WITH (fillfactor = 50);
CREATE VIEW outcomes (quarter, campaign, outcome, calls) AS
    SELECT quarter, campaign, outcome, sum(calls)::bigint
    FROM outcomes_by_slot GROUP BY quarter, campaign, outcome;
CREATE VIEW outcomes_recounted (quarter, campaign, outcome, calls) AS
    SELECT coalesce(created_at_ms, first_event_at_ms) / 900000, campaign, outcome, count(*)
    FROM calls WHERE settled_at_ms IS NOT NULL AND outcome IS NOT NULL AND state <> 'merged'
    GROUP BY 1, 2, 3;
CREATE TABLE delays_by_slot (
    unit bigint NOT NULL,   -- minutes
    minute bigint NOT NULL, -- since 1970, the unit's first
    bucket bigint NOT NULL,
    slot smallint NOT NULL DEFAULT wrapup.this_slot(),
    records bigint NOT NULL,
    PRIMARY KEY (unit, minute, bucket, slot)
) WITH (fillfactor = 50);
CREATE VIEW delays (unit, minute, bucket, records) AS
    SELECT unit, minute, bucket, sum(records)::bigint
    FROM delays_by_slot GROUP BY unit, minute, bucket;

CREATE TABLE failures (
    fingerprint text COLLATE "C" PRIMARY KEY,
    destination text NOT NULL,
    outcome text NOT NULL,
    http_status bigint NOT NULL,
    cause text NOT NULL,
    open bigint NOT NULL,
    first_at_ms bigint NOT NULL,
    last_at_ms bigint NOT NULL
);
CREATE INDEX failures_open ON failures (open);
CREATE VIEW failures_recounted (fingerprint, open) AS
    SELECT fingerprint, count(*) FROM deliveries WHERE fingerprint <> '' GROUP BY fingerprint;

CREATE TABLE replays (
    id bigint PRIMARY KEY,
    token text COLLATE "C" NOT NULL UNIQUE,
    reason text NOT NULL,
    state text NOT NULL,
    started_at_ms bigint NOT NULL,
    ended_at_ms bigint,
    count bigint NOT NULL,
    last_id bigint NOT NULL,
    walked_to bigint NOT NULL,
    released bigint NOT NULL,
    accepted bigint NOT NULL,
    failed bigint NOT NULL,
    skipped bigint NOT NULL,
    is_again smallint NOT NULL,
    is_earlier smallint NOT NULL,
    to_destination text NOT NULL,
    of_state text, -- what it concerns
    of_parked text,
    of_destination text NOT NULL,
    of_outcome text,
    of_campaign text NOT NULL,
    of_after_ms bigint,
    of_before_ms bigint,
    of_fingerprint text NOT NULL,
    gives_up smallint NOT NULL,
    given_up bigint NOT NULL,
    left_there bigint NOT NULL,
    left_unwanted bigint NOT NULL,
    left_lost bigint NOT NULL,
    met_there bigint NOT NULL,
    met_unwanted bigint NOT NULL,
    met_lost bigint NOT NULL
);

CREATE TABLE intents (
    no bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    to_number text COLLATE "C" NOT NULL,
    state text NOT NULL,
    holds_number smallint NOT NULL,
    is_under_way smallint NOT NULL,
    due_at_ms bigint,
    asked_at_ms bigint,
    call_sid text,
    idempotency_key text,
    list_id text,
    data text NOT NULL -- what is not looked for
);
CREATE UNIQUE INDEX intents_of_number ON intents (to_number) WHERE holds_number = 1;
CREATE UNIQUE INDEX intents_key ON intents (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX intents_call ON intents (call_sid) WHERE call_sid IS NOT NULL;
CREATE INDEX intents_due ON intents (is_under_way DESC, due_at_ms, no) WHERE due_at_ms IS NOT NULL;
CREATE INDEX intents_under_way ON intents (no) WHERE is_under_way = 1;
CREATE INDEX intents_asked ON intents (to_number, asked_at_ms) WHERE asked_at_ms IS NOT NULL;
CREATE INDEX intents_list ON intents (list_id, no) WHERE list_id IS NOT NULL;

CREATE TABLE dial_lists (
    id text COLLATE "C" PRIMARY KEY, -- the campaign's
    state text NOT NULL,
    data text NOT NULL
);
CREATE TABLE list_rows (
    no bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    list_id text COLLATE "C" NOT NULL,
    to_number text COLLATE "C" NOT NULL,
    state text NOT NULL,
    outcome text NOT NULL,
    due_at_ms bigint,
    data text NOT NULL,
    UNIQUE (list_id, to_number)
);
CREATE INDEX list_rows_due ON list_rows (list_id, due_at_ms, no) WHERE due_at_ms IS NOT NULL;
CREATE INDEX list_rows_in_order ON list_rows (list_id, no);
CREATE TABLE list_batches (key text COLLATE "C" PRIMARY KEY, hash text NOT NULL);

CREATE TABLE operator_actions (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    at_ms bigint NOT NULL,
    act text NOT NULL,
    who text NOT NULL,
    subject text NOT NULL,
    detail text NOT NULL,
    reason text NOT NULL,
    refused text NOT NULL
);

-- Written to find out whether anything can be written.
CREATE TABLE probes (id bigint PRIMARY KEY, at_ms bigint NOT NULL);
-- Each durable transaction counts itself, so that it writes something, and its commit waits for
-- whatever confirms what is written.
CREATE TABLE commits (no bigint PRIMARY KEY, count bigint NOT NULL) WITH (fillfactor = 10);
INSERT INTO commits VALUES (1, 0);
)sql";

// Several nodes. Times are the database's, `number` is a node's in fences and slots: of one start.
constexpr const char* step_3 = R"sql(
CREATE SEQUENCE node_numbers MINVALUE 1 MAXVALUE 1048575 CYCLE; -- claim_rules.hpp, holders_count
CREATE TABLE nodes (
    id text COLLATE "C" PRIMARY KEY, -- of its data folder
    number bigint NOT NULL,
    host text NOT NULL,
    pid bigint NOT NULL,
    version text NOT NULL,
    started_at_ms bigint NOT NULL,
    seen_at_ms bigint NOT NULL,
    calls_held bigint NOT NULL DEFAULT 0,
    deliveries_held bigint NOT NULL DEFAULT 0,
    has_stopped smallint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
-- What one node at a time does. The epoch moves with the holder.
CREATE TABLE duties (
    name text COLLATE "C" PRIMARY KEY,
    holder bigint NOT NULL,
    epoch bigint NOT NULL,
    until_ms bigint NOT NULL
) WITH (fillfactor = 50);
-- Which calls a commit changed, for the other nodes' readers; kept for a minute.
CREATE TABLE changes (
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    node bigint NOT NULL,
    at_ms bigint NOT NULL,
    calls text NOT NULL, -- state and identity, a line each
    PRIMARY KEY (xid)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_cost_delay = 0);
)sql";

constexpr std::array steps_of_today{Migration{step_1, 1},
                                    Migration{step_2, 2},
                                    Migration{step_3, 3},
                                    Migration{step_4, 3},
                                    Migration{step_5, 3},
                                    Migration{step_node_settings, 3},
                                    Migration{step_listed_states, 3},
                                    Migration{step_commit_times, 3},
                                    Migration{step_rate_use, 3}};

}  // namespace

std::span<const Migration> migrations() { return steps_of_today; }

}  // namespace wrapup::postgres
