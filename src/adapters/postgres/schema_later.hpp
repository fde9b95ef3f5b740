#pragma once

// The later steps. Part of schema.cpp.

namespace wrapup::postgres {

// No ledger counts the samples of `wrapup trigger` (domain/sample_call.hpp).
inline constexpr const char* step_4 = R"sql(
CREATE OR REPLACE VIEW ledger_recounted (quarter, column_name, calls, without_call_sid) AS
    SELECT coalesce(created_at_ms, first_event_at_ms) / 900000,
        CASE state WHEN 'delivered' THEN 'accepted' WHEN 'parked' THEN 'parked.' || parked
            WHEN 'out_of_scope' THEN 'out_of_scope' ELSE 'in_flight' END,
        count(*), count(*) FILTER (WHERE call_sid = '')
    FROM calls WHERE state <> 'merged' AND substr(call_sid, 1, 18) <> 'CA7e57ca117e57ca11'
    GROUP BY 1, 2;
)sql";

// Neither counters nor outcomes count them either. Those that were counted leave them: a record
// with a sample's CallSid has it for its identity.
inline constexpr const char* step_5 = R"sql(
INSERT INTO counters_by_slot AS kept (name, count)
    SELECT 'state ' || state, -count(*) FROM calls
    WHERE id >= 'CA7e57ca117e57ca11' AND id < 'CA7e57ca117e57ca12' GROUP BY 1
    ON CONFLICT (name, slot) DO UPDATE SET count = kept.count + excluded.count;
INSERT INTO counters_by_slot AS kept (name, count)
    SELECT 'parked ' || parked, -count(*) FROM calls
    WHERE id >= 'CA7e57ca117e57ca11' AND id < 'CA7e57ca117e57ca12' AND parked IS NOT NULL
    GROUP BY 1
    ON CONFLICT (name, slot) DO UPDATE SET count = kept.count + excluded.count;
INSERT INTO counters_by_slot AS kept (name, count)
    SELECT d.state || ' to ' || destination, -count(*)
    FROM calls c JOIN deliveries d ON d.call_no = c.no
    WHERE c.id >= 'CA7e57ca117e57ca11' AND c.id < 'CA7e57ca117e57ca12'
        AND d.state <> 'accepted' AND d.parked IS DISTINCT FROM 'given_up' GROUP BY 1
    ON CONFLICT (name, slot) DO UPDATE SET count = kept.count + excluded.count;
INSERT INTO counters_by_slot AS kept (name, count)
    SELECT 'unknown_outcomes', -coalesce(sum(unknown_count), 0)::bigint
    FROM calls c JOIN deliveries d ON d.call_no = c.no
    WHERE c.id >= 'CA7e57ca117e57ca11' AND c.id < 'CA7e57ca117e57ca12'
    ON CONFLICT (name, slot) DO UPDATE SET count = kept.count + excluded.count;
INSERT INTO outcomes_by_slot AS kept (quarter, campaign, outcome, calls)
    SELECT coalesce(created_at_ms, first_event_at_ms) / 900000, campaign, outcome, -count(*)
    FROM calls
    WHERE id >= 'CA7e57ca117e57ca11' AND id < 'CA7e57ca117e57ca12'
        AND settled_at_ms IS NOT NULL AND outcome IS NOT NULL AND state <> 'merged'
    GROUP BY 1, 2, 3
    ON CONFLICT (quarter, campaign, outcome, slot)
    DO UPDATE SET calls = kept.calls + excluded.calls;
CREATE OR REPLACE VIEW counters_recounted (name, count) AS
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
        WHERE state <> 'accepted' AND parked IS DISTINCT FROM 'given_up' GROUP BY state, destination
    UNION ALL SELECT 'unknown_outcomes', coalesce(sum(unknown_count), 0)::bigint FROM sent;
CREATE OR REPLACE VIEW outcomes_recounted (quarter, campaign, outcome, calls) AS
    SELECT coalesce(created_at_ms, first_event_at_ms) / 900000, campaign, outcome, count(*)
    FROM calls WHERE settled_at_ms IS NOT NULL AND outcome IS NOT NULL AND state <> 'merged'
        AND substr(call_sid, 1, 18) <> 'CA7e57ca117e57ca11'
    GROUP BY 1, 2, 3;
)sql";

// What each node was started with (domain/setting_digests.hpp); empty: an older program did.
inline constexpr const char* step_node_settings = R"sql(
ALTER TABLE nodes ADD COLUMN settings text NOT NULL DEFAULT '';
)sql";

// A call that is delivered changes no index: PostgreSQL writes its row anew in its page and enters
// it nowhere.
inline constexpr const char* step_listed_states = R"sql(
ALTER TABLE calls ADD COLUMN listed_state text GENERATED ALWAYS AS (
    CASE WHEN state NOT IN ('delivering', 'delivered') THEN state END) STORED;
DROP INDEX calls_state;
CREATE INDEX calls_state ON calls (listed_state, first_event_at_ms)
    WHERE listed_state IS NOT NULL;
)sql";

// When a node's last batch was (commit_count.hpp).
inline constexpr const char* step_commit_times = R"sql(
ALTER TABLE commits ADD COLUMN at_ms bigint NOT NULL DEFAULT 0;
)sql";

// Which attempts a destination's rate counts (domain/rate_limit.hpp).
inline constexpr const char* step_rate_use = R"sql(
ALTER TABLE destinations ADD COLUMN rate_use text NOT NULL DEFAULT '';
)sql";

}  // namespace wrapup::postgres
