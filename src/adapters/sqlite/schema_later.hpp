#pragma once

// The later steps. Part of schema.cpp.

namespace wrapup::sqlite {

// How many durable commits there were, the last one when (CommitCount).
inline constexpr const char* step_commits = R"sql(
CREATE TABLE commits (
    no INTEGER PRIMARY KEY CHECK (no = 1),
    count INTEGER NOT NULL,
    at_s INTEGER NOT NULL
) STRICT;
INSERT INTO commits (no, count, at_s) VALUES (1, 0, 0);
)sql";

inline constexpr const char* step_contact_zones = R"sql(
ALTER TABLE contacts ADD COLUMN time_zone TEXT NOT NULL DEFAULT ''; -- an IANA name
)sql";

// Since when an opt-out waits for its call's number (CallRow).
inline constexpr const char* step_opt_outs = R"sql(
ALTER TABLE calls ADD COLUMN unlisted_opt_out_at_ms INTEGER;
)sql";

// Attempts of a delivery that moved (null: they went to the delivery's destination), records that
// were given up, and why a replay left some out.
inline constexpr const char* step_moves = R"sql(
ALTER TABLE attempts ADD COLUMN destination TEXT;
ALTER TABLE replays ADD COLUMN gives_up INTEGER NOT NULL DEFAULT 0;
ALTER TABLE replays ADD COLUMN given_up INTEGER NOT NULL DEFAULT 0;
ALTER TABLE replays ADD COLUMN left_there INTEGER NOT NULL DEFAULT 0;
ALTER TABLE replays ADD COLUMN left_unwanted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE replays ADD COLUMN left_lost INTEGER NOT NULL DEFAULT 0;
ALTER TABLE replays ADD COLUMN met_there INTEGER NOT NULL DEFAULT 0;
ALTER TABLE replays ADD COLUMN met_unwanted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE replays ADD COLUMN met_lost INTEGER NOT NULL DEFAULT 0;
DROP VIEW counters_recounted;
CREATE VIEW counters_recounted (name, count) AS
    SELECT 'state ' || state, count(*) FROM calls GROUP BY state
    UNION ALL
    SELECT 'parked ' || parked, count(*) FROM calls WHERE parked IS NOT NULL GROUP BY parked
    UNION ALL SELECT 'late_conflicts', count(*) FROM calls WHERE is_late_conflict = 1
    UNION ALL
    SELECT state || ' to ' || destination, count(*) FROM deliveries
        WHERE state <> 'accepted' AND parked IS NOT 'given_up' GROUP BY state, destination
    UNION ALL SELECT 'unknown_outcomes', ifnull(sum(unknown_count), 0) FROM deliveries;
)sql";

// What people did (domain/operator_action.hpp).
inline constexpr const char* step_actions = R"sql(
CREATE TABLE operator_actions (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    act TEXT NOT NULL,
    who TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    reason TEXT NOT NULL,
    refused TEXT NOT NULL
) STRICT;
)sql";

// Groups of failures (domain/failure.hpp). What is open and failed before is named here: that
// reads what waits, by its indexes, and not what was accepted.
inline constexpr const char* step_failures = R"sql(
ALTER TABLE deliveries ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';
UPDATE deliveries SET fingerprint = ifnull((
        SELECT wrapup_fingerprint(deliveries.destination, a.outcome, a.http_status, a.answer,
            a.error)
        FROM attempts a WHERE a.delivery_id = deliveries.id AND a.number = attempts_count
            AND a.destination IS NULL AND a.outcome <> 'accepted'), '')
    WHERE id IN (SELECT id FROM deliveries WHERE parked IS NOT NULL AND parked <> 'given_up'
        UNION ALL SELECT id FROM deliveries WHERE wakes_at_ms IS NOT NULL AND state = 'pending');
CREATE INDEX deliveries_failed ON deliveries (fingerprint) WHERE fingerprint <> '';

CREATE TABLE failures (
    fingerprint TEXT PRIMARY KEY,
    destination TEXT NOT NULL,
    outcome TEXT NOT NULL,
    http_status INTEGER NOT NULL,
    cause TEXT NOT NULL,
    open INTEGER NOT NULL,
    first_at_ms INTEGER NOT NULL,
    last_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX failures_open ON failures (open);
CREATE VIEW failures_recounted (fingerprint, open) AS
    SELECT fingerprint, count(*) FROM deliveries WHERE fingerprint <> '' GROUP BY fingerprint;
INSERT INTO failures
    SELECT d.fingerprint, d.destination, a.outcome, a.http_status, wrapup_cause(a.answer, a.error),
        count(*), min(a.started_at_ms), max(a.started_at_ms)
    FROM deliveries d JOIN attempts a ON a.delivery_id = d.id AND a.number = d.attempts_count
    WHERE d.fingerprint <> '' GROUP BY d.fingerprint;
)sql";

// What leads to what a figure counts: parked calls by reason, calls whose record has no campaign,
// and the few that the ledger counts in another quarter of an hour than that of their first event.
inline constexpr const char* step_lists_of_figures = R"sql(
CREATE INDEX calls_parked ON calls (parked, first_event_at_ms) WHERE parked IS NOT NULL;
CREATE INDEX calls_no_campaign ON calls (campaign, first_event_at_ms)
    WHERE campaign = '' AND settled_at_ms IS NOT NULL;
CREATE INDEX calls_moved ON calls (created_at_ms, first_event_at_ms)
    WHERE created_at_ms / 900000 <> first_event_at_ms / 900000;
)sql";

// No ledger counts the samples of `wrapup trigger` (domain/sample_call.hpp).
inline constexpr const char* step_samples = R"sql(
DROP VIEW ledger_recounted;
CREATE VIEW ledger_recounted (quarter, column_name, calls, without_call_sid) AS
    SELECT ifnull(created_at_ms, first_event_at_ms) / 900000,
        CASE state WHEN 'delivered' THEN 'accepted' WHEN 'parked' THEN 'parked.' || parked
            WHEN 'out_of_scope' THEN 'out_of_scope' ELSE 'in_flight' END,
        count(*), sum(call_sid = '')
    FROM calls WHERE state <> 'merged' AND substr(call_sid, 1, 18) <> 'CA7e57ca117e57ca11'
    GROUP BY 1, 2;
)sql";

// Neither counters nor outcomes count them either. Those that were counted leave them: a record
// with a sample's CallSid has it for its identity.
inline constexpr const char* step_uncounted_samples = R"sql(
INSERT INTO counters
    SELECT 'state ' || state, -count(*) FROM calls
    WHERE id >= 'CA7e57ca117e57ca11' AND id < 'CA7e57ca117e57ca12' GROUP BY 1
    ON CONFLICT (name) DO UPDATE SET count = count + excluded.count;
INSERT INTO counters
    SELECT 'parked ' || parked, -count(*) FROM calls
    WHERE id >= 'CA7e57ca117e57ca11' AND id < 'CA7e57ca117e57ca12' AND parked IS NOT NULL
    GROUP BY 1
    ON CONFLICT (name) DO UPDATE SET count = count + excluded.count;
INSERT INTO counters
    SELECT d.state || ' to ' || destination, -count(*)
    FROM calls c JOIN deliveries d ON d.call_no = c.no
    WHERE c.id >= 'CA7e57ca117e57ca11' AND c.id < 'CA7e57ca117e57ca12'
        AND d.state <> 'accepted' AND d.parked IS NOT 'given_up' GROUP BY 1
    ON CONFLICT (name) DO UPDATE SET count = count + excluded.count;
INSERT INTO counters
    SELECT 'unknown_outcomes', -ifnull(sum(unknown_count), 0)
    FROM calls c JOIN deliveries d ON d.call_no = c.no
    WHERE c.id >= 'CA7e57ca117e57ca11' AND c.id < 'CA7e57ca117e57ca12'
    ON CONFLICT (name) DO UPDATE SET count = count + excluded.count;
INSERT INTO outcomes
    SELECT ifnull(created_at_ms, first_event_at_ms) / 900000, campaign, outcome, -count(*)
    FROM calls
    WHERE id >= 'CA7e57ca117e57ca11' AND id < 'CA7e57ca117e57ca12'
        AND settled_at_ms IS NOT NULL AND outcome IS NOT NULL AND state <> 'merged'
    GROUP BY 1, 2, 3
    ON CONFLICT (quarter, campaign, outcome) DO UPDATE SET calls = calls + excluded.calls;
DROP VIEW counters_recounted;
CREATE VIEW counters_recounted (name, count) AS
    WITH counted AS (SELECT no, state, parked, is_late_conflict FROM calls
            WHERE substr(call_sid, 1, 18) <> 'CA7e57ca117e57ca11'),
        sent AS (SELECT d.state, d.parked, d.destination, d.unknown_count
            FROM deliveries d JOIN calls c ON c.no = d.call_no
            WHERE (d.state <> 'accepted' OR d.unknown_count > 0)
                AND substr(c.id, 1, 18) <> 'CA7e57ca117e57ca11')
    SELECT 'state ' || state, count(*) FROM counted GROUP BY state
    UNION ALL
    SELECT 'parked ' || parked, count(*) FROM counted WHERE parked IS NOT NULL GROUP BY parked
    UNION ALL SELECT 'late_conflicts', count(*) FROM counted WHERE is_late_conflict = 1
    UNION ALL
    SELECT state || ' to ' || destination, count(*) FROM sent
        WHERE state <> 'accepted' AND parked IS NOT 'given_up' GROUP BY state, destination
    UNION ALL SELECT 'unknown_outcomes', ifnull(sum(unknown_count), 0) FROM sent;
DROP VIEW outcomes_recounted;
CREATE VIEW outcomes_recounted (quarter, campaign, outcome, calls) AS
    SELECT ifnull(created_at_ms, first_event_at_ms) / 900000, campaign, outcome, count(*)
    FROM calls WHERE settled_at_ms IS NOT NULL AND outcome IS NOT NULL AND state <> 'merged'
        AND substr(call_sid, 1, 18) <> 'CA7e57ca117e57ca11'
    GROUP BY 1, 2, 3;
)sql";

// Most calls are delivered soon after their record is made: neither state is listed.
inline constexpr const char* step_listed_states = R"sql(
ALTER TABLE calls ADD COLUMN listed_state TEXT AS (
    CASE WHEN state NOT IN ('delivering', 'delivered') THEN state END) VIRTUAL;
DROP INDEX calls_state;
CREATE INDEX calls_state ON calls (listed_state, first_event_at_ms)
    WHERE listed_state IS NOT NULL;
)sql";

// Which attempts a destination's rate counts (domain/rate_limit.hpp).
inline constexpr const char* step_rate_use = R"sql(
ALTER TABLE destinations ADD COLUMN rate_use TEXT NOT NULL DEFAULT '';
)sql";

}  // namespace wrapup::sqlite
