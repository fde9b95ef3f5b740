#include "adapters/sqlite/migrations.hpp"
#include "adapters/sqlite/schema_later.hpp"
#include "adapters/sqlite/schema_lists.hpp"

#include <array>

namespace wrapup::sqlite {
namespace {

// Times are milliseconds since 1970. Everything is keyed by the number of its call, which only
// grows: of the pages that a call dirties, only those of `calls.id`, `links` and the phone index
// lie at random places, so that a call costs the same however many are stored.
//
// A call (a delivery) wakes when it is due and nobody holds it.
constexpr const char* step_1 = R"sql(
CREATE TABLE calls (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    parked TEXT,
    call_sid TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    merged_into TEXT NOT NULL DEFAULT '', -- the id of the survivor
    to_number TEXT NOT NULL,
    phone TEXT NOT NULL, -- to_number, normalized
    campaign TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    outcome TEXT,
    duration_s INTEGER,
    first_event_at_ms INTEGER NOT NULL,
    last_event_at_ms INTEGER NOT NULL,
    ended_at_ms INTEGER,
    settled_at_ms INTEGER, -- set: the record is fixed
    due_at_ms INTEGER,
    lease_until_ms INTEGER,
    wakes_at_ms INTEGER AS (max(due_at_ms, ifnull(lease_until_ms, due_at_ms))) VIRTUAL,
    fence INTEGER NOT NULL DEFAULT 0,
    is_touched INTEGER NOT NULL DEFAULT 0, -- metadata came while somebody held the claim
    is_late_conflict INTEGER NOT NULL DEFAULT 0,
    events_count INTEGER NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    progress TEXT NOT NULL DEFAULT '', -- JSON; empty: nothing was done yet
    metadata TEXT, -- JSON
    webhook_id TEXT NOT NULL DEFAULT '',
    record TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX calls_wakes ON calls (wakes_at_ms) WHERE wakes_at_ms IS NOT NULL;
-- Lists are ordered by the first event: each of these gives a page without sorting.
CREATE INDEX calls_state ON calls (state, first_event_at_ms);
CREATE INDEX calls_parked ON calls (parked) WHERE parked IS NOT NULL;
CREATE INDEX calls_phone ON calls (phone, first_event_at_ms) WHERE phone <> '';
CREATE INDEX calls_campaign ON calls (campaign, first_event_at_ms) WHERE campaign <> '';
CREATE INDEX calls_first_event ON calls (first_event_at_ms);
CREATE INDEX calls_late_conflict ON calls (is_late_conflict) WHERE is_late_conflict = 1;
CREATE INDEX calls_leased ON calls (lease_until_ms) WHERE lease_until_ms IS NOT NULL;

CREATE TABLE links (
    conversation_id TEXT PRIMARY KEY,
    call_no INTEGER NOT NULL REFERENCES calls (no)
) STRICT, WITHOUT ROWID;
CREATE INDEX links_call ON links (call_no);

CREATE TABLE events (
    place INTEGER PRIMARY KEY, -- call_no * 2^20 + seq: one key, in order, without an index
    call_no INTEGER NOT NULL REFERENCES calls (no),
    kind TEXT NOT NULL,
    received_at_ms INTEGER NOT NULL,
    is_late INTEGER NOT NULL,
    dedup_key TEXT NOT NULL,
    payload TEXT NOT NULL,
    UNIQUE (call_no, dedup_key)
) STRICT;

CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY,
    call_no INTEGER NOT NULL REFERENCES calls (no),
    destination TEXT NOT NULL,
    state TEXT NOT NULL,
    parked TEXT,
    ended_at_ms INTEGER,
    attempts_count INTEGER NOT NULL DEFAULT 0,
    retries_used INTEGER NOT NULL DEFAULT 0,
    unknown_count INTEGER NOT NULL DEFAULT 0,
    due_at_ms INTEGER,
    accepted_at_ms INTEGER,
    lease_until_ms INTEGER,
    wakes_at_ms INTEGER AS (max(due_at_ms, ifnull(lease_until_ms, due_at_ms))) VIRTUAL,
    fence INTEGER NOT NULL DEFAULT 0,
    attempt_started_at_ms INTEGER, -- since the last claim; cleared by its end
    unresolved_since_ms INTEGER, -- the same of an earlier claim
    UNIQUE (call_no, destination)
) STRICT;
CREATE INDEX deliveries_wakes ON deliveries (destination, wakes_at_ms)
    WHERE wakes_at_ms IS NOT NULL;
CREATE INDEX deliveries_parked ON deliveries (destination, parked) WHERE parked IS NOT NULL;
CREATE INDEX deliveries_unknown ON deliveries (unknown_count) WHERE unknown_count > 0;
CREATE INDEX deliveries_leased ON deliveries (lease_until_ms) WHERE lease_until_ms IS NOT NULL;

CREATE TABLE attempts (
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
    number INTEGER NOT NULL,
    started_at_ms INTEGER NOT NULL,
    elapsed_ms INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    http_status INTEGER NOT NULL,
    error TEXT NOT NULL,
    answer TEXT NOT NULL,
    is_again INTEGER NOT NULL,
    PRIMARY KEY (delivery_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE destinations (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE call_metadata (
    call_id TEXT PRIMARY KEY, -- as it was handed to us; the call may not exist
    metadata TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE campaigns (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE contacts (
    phone TEXT PRIMARY KEY,
    name TEXT NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

// Counts that are read every few seconds are kept, by the database itself: whatever changes a row
// changes them in the same transaction. counters_recounted says what they must be.
//
// A destination's sweep is what is left to do of its last change: to park what is pending, or to
// give back what is parked.
//
// A call's campaign was its record's subject once; it is what the metadata says, and else empty.
constexpr const char* step_2 = R"sql(
CREATE TABLE wide_events (
    place INTEGER PRIMARY KEY, -- call_no * 2^28 + seq: one key, in order, without an index
    call_no INTEGER NOT NULL REFERENCES calls (no),
    kind TEXT NOT NULL,
    received_at_ms INTEGER NOT NULL,
    is_late INTEGER NOT NULL,
    dedup_key TEXT NOT NULL,
    payload TEXT NOT NULL,
    UNIQUE (call_no, dedup_key)
) STRICT;
INSERT INTO wide_events
    SELECT (call_no << 28) + (place & 1048575), call_no, kind, received_at_ms, is_late, dedup_key,
        payload
    FROM events ORDER BY place;
DROP TABLE events;
ALTER TABLE wide_events RENAME TO events;

UPDATE calls SET campaign = CASE
        WHEN metadata IS NULL THEN iif(campaign = 'Outbound Call', '', campaign)
        WHEN json_valid(metadata) THEN ifnull(json_extract(metadata, '$.campaign_name'), '')
        ELSE campaign END
    WHERE settled_at_ms IS NOT NULL;

ALTER TABLE destinations ADD COLUMN sweep TEXT; -- 'park' or 'resume'; null: nothing is left to do
ALTER TABLE destinations ADD COLUMN sweep_at_ms INTEGER;
ALTER TABLE destinations ADD COLUMN sweep_last_id INTEGER; -- younger deliveries are not concerned

-- Written to find out whether anything can be written.
CREATE TABLE probes (id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL) STRICT;

DROP INDEX calls_parked;
DROP INDEX calls_late_conflict;
DROP INDEX deliveries_unknown;
CREATE TABLE counters (name TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE VIEW counters_recounted (name, count) AS
    SELECT 'state ' || state, count(*) FROM calls GROUP BY state
    UNION ALL
    SELECT 'parked ' || parked, count(*) FROM calls WHERE parked IS NOT NULL GROUP BY parked
    UNION ALL SELECT 'late_conflicts', count(*) FROM calls WHERE is_late_conflict = 1
    UNION ALL SELECT 'pending', count(*) FROM deliveries WHERE state = 'pending'
    UNION ALL SELECT 'unknown_outcomes', ifnull(sum(unknown_count), 0) FROM deliveries;
INSERT INTO counters SELECT name, count FROM counters_recounted;

CREATE TRIGGER count_call AFTER INSERT ON calls BEGIN
    INSERT INTO counters VALUES ('state ' || new.state, 1)
        ON CONFLICT (name) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER count_state AFTER UPDATE OF state ON calls WHEN old.state <> new.state BEGIN
    UPDATE counters SET count = count - 1 WHERE name = 'state ' || old.state;
    INSERT INTO counters VALUES ('state ' || new.state, 1)
        ON CONFLICT (name) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER count_parked AFTER UPDATE OF parked ON calls WHEN old.parked IS NOT new.parked BEGIN
    UPDATE counters SET count = count - 1 WHERE name = 'parked ' || old.parked;
    INSERT INTO counters SELECT 'parked ' || new.parked, 1 WHERE new.parked IS NOT NULL
        ON CONFLICT (name) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER count_late_conflict AFTER UPDATE OF is_late_conflict ON calls
    WHEN old.is_late_conflict <> new.is_late_conflict BEGIN
    UPDATE counters SET count = count + new.is_late_conflict - old.is_late_conflict
        WHERE name = 'late_conflicts';
END;
CREATE TRIGGER count_delivery AFTER INSERT ON deliveries WHEN new.state = 'pending' BEGIN
    UPDATE counters SET count = count + 1 WHERE name = 'pending';
END;
CREATE TRIGGER count_pending AFTER UPDATE OF state ON deliveries
    WHEN (old.state = 'pending') <> (new.state = 'pending') BEGIN
    UPDATE counters SET count = count + (new.state = 'pending') - (old.state = 'pending')
        WHERE name = 'pending';
END;
CREATE TRIGGER count_unknown AFTER UPDATE OF unknown_count ON deliveries
    WHEN old.unknown_count <> new.unknown_count BEGIN
    UPDATE counters SET count = count + new.unknown_count - old.unknown_count
        WHERE name = 'unknown_outcomes';
END;
)sql";

// A delivery owns what it sends. Its body is absent while that is the call's record, byte by byte:
// with one destination the bytes are kept once. calls.webhook_id is not used any more.
//
// What changes a counter is known where operations are decided (core/store/counters.hpp): once per
// batch.
constexpr const char* step_3 = R"sql(
ALTER TABLE contacts ADD COLUMN campaign TEXT NOT NULL DEFAULT ''; -- id, or name, of one

ALTER TABLE deliveries ADD COLUMN webhook_id TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN body TEXT;
UPDATE deliveries SET webhook_id = (SELECT webhook_id FROM calls WHERE no = call_no);

DROP TRIGGER count_call;
DROP TRIGGER count_state;
DROP TRIGGER count_parked;
DROP TRIGGER count_late_conflict;
DROP TRIGGER count_delivery;
DROP TRIGGER count_pending;
DROP TRIGGER count_unknown;
)sql";

// The circuit breaker of a destination.
constexpr const char* step_breaker = R"sql(
ALTER TABLE destinations ADD COLUMN breaker TEXT NOT NULL DEFAULT 'closed';
ALTER TABLE destinations ADD COLUMN breaker_since_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE destinations ADD COLUMN breaker_retry_at_ms INTEGER;
ALTER TABLE destinations ADD COLUMN failed_probes_count INTEGER NOT NULL DEFAULT 0;
)sql";

// Fewer indexes, for each costs every call. Who holds a lease is found in the index of what wakes,
// or, when it is not due, in one that is all but empty. Most calls are delivered: whoever lists
// those walks the times. That an event is its call's only one with its key is known where
// operations are decided (core/store/working_set.hpp), and so is that what a row refers to is
// there.
constexpr const char* step_leaner = R"sql(
DROP INDEX calls_leased;
DROP INDEX calls_wakes;
CREATE INDEX calls_wakes ON calls (wakes_at_ms, no, lease_until_ms) WHERE wakes_at_ms IS NOT NULL;
CREATE INDEX calls_held ON calls (lease_until_ms)
    WHERE lease_until_ms IS NOT NULL AND due_at_ms IS NULL;
DROP INDEX calls_state;
CREATE INDEX calls_state ON calls (state, first_event_at_ms) WHERE state <> 'delivered';

DROP INDEX deliveries_leased;
DROP INDEX deliveries_wakes;
CREATE INDEX deliveries_wakes ON deliveries (destination, wakes_at_ms, id, lease_until_ms)
    WHERE wakes_at_ms IS NOT NULL;
CREATE INDEX deliveries_held ON deliveries (lease_until_ms)
    WHERE lease_until_ms IS NOT NULL AND due_at_ms IS NULL;

CREATE TABLE plain_events (
    place INTEGER PRIMARY KEY, -- call_no * 2^28 + seq: one key, in order, without an index
    call_no INTEGER NOT NULL REFERENCES calls (no),
    kind TEXT NOT NULL,
    received_at_ms INTEGER NOT NULL,
    is_late INTEGER NOT NULL,
    dedup_key TEXT NOT NULL,
    payload TEXT NOT NULL
) STRICT;
INSERT INTO plain_events SELECT * FROM events ORDER BY place;
DROP TABLE events;
ALTER TABLE plain_events RENAME TO events;
)sql";

// The ledger's cells are kept as the counters are (core/store/ledger.hpp); ledger_recounted says
// what they must be. What was there before is counted here, by its first event.
constexpr const char* step_ledger = R"sql(
ALTER TABLE calls ADD COLUMN created_at_ms INTEGER; -- Twilio's date_created

CREATE TABLE ledger (
    quarter INTEGER NOT NULL, -- of an hour, since 1970
    column_name TEXT NOT NULL,
    calls INTEGER NOT NULL,
    without_call_sid INTEGER NOT NULL, -- of them
    PRIMARY KEY (quarter, column_name)
) STRICT, WITHOUT ROWID;
CREATE VIEW ledger_recounted (quarter, column_name, calls, without_call_sid) AS
    SELECT ifnull(created_at_ms, first_event_at_ms) / 900000,
        CASE state WHEN 'delivered' THEN 'accepted' WHEN 'parked' THEN 'parked.' || parked
            WHEN 'out_of_scope' THEN 'out_of_scope' ELSE 'in_flight' END,
        count(*), sum(call_sid = '')
    FROM calls WHERE state <> 'merged' GROUP BY 1, 2;
INSERT INTO ledger SELECT quarter, column_name, calls, without_call_sid FROM ledger_recounted;

-- What Twilio was last heard to know of a day.
CREATE TABLE twilio_days (
    from_ms INTEGER PRIMARY KEY,
    until_ms INTEGER NOT NULL,
    asked_at_ms INTEGER NOT NULL,
    is_complete INTEGER NOT NULL,
    calls_count INTEGER NOT NULL,
    unkept_count INTEGER NOT NULL
) STRICT;
CREATE TABLE twilio_day_differences (
    from_ms INTEGER NOT NULL,
    call_sid TEXT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (from_ms, call_sid)
) STRICT, WITHOUT ROWID;

-- Days that were closed, and what changed of them afterwards.
CREATE TABLE sealed_days (
    date TEXT PRIMARY KEY,
    from_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    sealed_at_ms INTEGER NOT NULL,
    content TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    corrections_count INTEGER NOT NULL -- that were made before
) STRICT, WITHOUT ROWID;
CREATE INDEX sealed_days_from ON sealed_days (from_ms);
CREATE TABLE ledger_corrections (
    number INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    call_id TEXT NOT NULL,
    quarter INTEGER NOT NULL,
    from_column TEXT,
    to_column TEXT,
    has_call_sid INTEGER NOT NULL
) STRICT;
CREATE INDEX ledger_corrections_quarter ON ledger_corrections (quarter);
)sql";

// What came of comparing with Twilio, and how far it is.
constexpr const char* step_reconciliation = R"sql(
CREATE TABLE kept_values (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE twilio_slots (
    from_ms INTEGER PRIMARY KEY,
    calls_count INTEGER NOT NULL,
    strangers_count INTEGER NOT NULL,
    is_complete INTEGER NOT NULL,
    asked_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE twilio_differences (
    call_sid TEXT PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    noted_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX twilio_differences_at ON twilio_differences (at_ms);
)sql";

// Deliveries are counted by destination.
constexpr const char* step_destinations = R"sql(
DROP VIEW counters_recounted;
CREATE VIEW counters_recounted (name, count) AS
    SELECT 'state ' || state, count(*) FROM calls GROUP BY state
    UNION ALL
    SELECT 'parked ' || parked, count(*) FROM calls WHERE parked IS NOT NULL GROUP BY parked
    UNION ALL SELECT 'late_conflicts', count(*) FROM calls WHERE is_late_conflict = 1
    UNION ALL
    SELECT state || ' to ' || destination, count(*) FROM deliveries WHERE state <> 'accepted'
        GROUP BY state, destination
    UNION ALL SELECT 'unknown_outcomes', ifnull(sum(unknown_count), 0) FROM deliveries;
DELETE FROM counters WHERE name = 'pending';
INSERT INTO counters SELECT name, count FROM counters_recounted WHERE name LIKE '% to %';
)sql";

// What is counted over time (domain/stats.hpp). Delays of what was there before are not known.
constexpr const char* step_stats = R"sql(
CREATE TABLE outcomes (
    quarter INTEGER NOT NULL, -- of an hour, since 1970
    campaign TEXT NOT NULL,
    outcome TEXT NOT NULL,
    calls INTEGER NOT NULL,
    PRIMARY KEY (quarter, campaign, outcome)
) STRICT, WITHOUT ROWID;
CREATE VIEW outcomes_recounted (quarter, campaign, outcome, calls) AS
    SELECT ifnull(created_at_ms, first_event_at_ms) / 900000, campaign, outcome, count(*)
    FROM calls WHERE settled_at_ms IS NOT NULL AND outcome IS NOT NULL AND state <> 'merged'
    GROUP BY 1, 2, 3;
INSERT INTO outcomes SELECT * FROM outcomes_recounted;
CREATE TABLE delays (
    unit INTEGER NOT NULL,   -- minutes
    minute INTEGER NOT NULL, -- since 1970, the unit's first
    bucket INTEGER NOT NULL,
    records INTEGER NOT NULL,
    PRIMARY KEY (unit, minute, bucket)
) STRICT, WITHOUT ROWID;
)sql";

// Replays, and which of them a delivery was released by and has not ended for.
constexpr const char* step_replays = R"sql(
CREATE TABLE replays (
    id INTEGER PRIMARY KEY,
    token TEXT NOT NULL UNIQUE,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at_ms INTEGER NOT NULL,
    ended_at_ms INTEGER,
    count INTEGER NOT NULL,
    last_id INTEGER NOT NULL,
    walked_to INTEGER NOT NULL,
    released INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    is_again INTEGER NOT NULL,
    is_earlier INTEGER NOT NULL,
    to_destination TEXT NOT NULL,
    of_state TEXT, -- what it concerns
    of_parked TEXT,
    of_destination TEXT NOT NULL,
    of_outcome TEXT,
    of_campaign TEXT NOT NULL,
    of_after_ms INTEGER,
    of_before_ms INTEGER,
    of_fingerprint TEXT NOT NULL
) STRICT;
ALTER TABLE deliveries ADD COLUMN replay_id INTEGER NOT NULL DEFAULT 0;
CREATE INDEX deliveries_parked_ids ON deliveries (id) WHERE parked IS NOT NULL;
)sql";

// Calls that we were asked to place. `data` has what is not looked for.
constexpr const char* step_intents = R"sql(
CREATE TABLE intents (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    to_number TEXT NOT NULL,
    state TEXT NOT NULL,
    holds_number INTEGER NOT NULL,
    is_under_way INTEGER NOT NULL,
    due_at_ms INTEGER,
    asked_at_ms INTEGER,
    call_sid TEXT,
    idempotency_key TEXT, list_id TEXT,
    data TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX intents_of_number ON intents (to_number) WHERE holds_number = 1;
CREATE UNIQUE INDEX intents_key ON intents (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX intents_call ON intents (call_sid) WHERE call_sid IS NOT NULL;
CREATE INDEX intents_due ON intents (is_under_way, due_at_ms) WHERE due_at_ms IS NOT NULL;
CREATE INDEX intents_under_way ON intents (no) WHERE is_under_way = 1;
CREATE INDEX intents_asked ON intents (to_number, asked_at_ms) WHERE asked_at_ms IS NOT NULL;
CREATE INDEX intents_list ON intents (list_id, no) WHERE list_id IS NOT NULL;
)sql";

constexpr const char* step_do_not_call = R"sql(
CREATE TABLE do_not_call (
    phone TEXT PRIMARY KEY, -- E.164
    reason TEXT NOT NULL,
    source TEXT NOT NULL,   -- api, import, or a call's identity
    since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

constexpr std::array steps_of_today{step_1,
                                    step_2,
                                    step_3,
                                    step_breaker,
                                    step_leaner,
                                    step_ledger,
                                    step_reconciliation,
                                    step_destinations,
                                    step_stats,
                                    step_replays,
                                    step_intents,
                                    step_do_not_call,
                                    step_lists,
                                    step_commits,
                                    step_contact_zones,
                                    step_opt_outs,
                                    step_moves,
                                    step_actions,
                                    step_failures,
                                    step_lists_of_figures,
                                    step_samples,
                                    step_uncounted_samples,
                                    step_listed_states,
                                    step_rate_use};

}  // namespace

std::span<const char* const> migrations() { return steps_of_today; }

}  // namespace wrapup::sqlite
