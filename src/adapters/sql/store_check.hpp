#pragma once

// Whether the store is whole.

#include "adapters/sql/store.hpp"
#include "domain/ledger.hpp"

namespace wrapup::sql {

// Promises of ours that no constraint of the schema expresses.
inline constexpr const char* broken_promises =
    "SELECT id || ' is open and not due' FROM calls"
    " WHERE state IN ('open', 'settling') AND due_at_ms IS NULL"
    " UNION ALL SELECT id || ' is parked without a reason, or has one without being parked'"
    " FROM calls WHERE (state = 'parked') <> (parked IS NOT NULL)"
    " UNION ALL SELECT id || ' counts its events wrongly' FROM calls WHERE events_count <>"
    " (SELECT count(*) FROM events WHERE place > (no << 28) AND place < ((no + 1) << 28))"
    " UNION ALL SELECT id || ' has a record without bytes' FROM calls"
    " WHERE (settled_at_ms IS NOT NULL) <> (record <> '')"
    " UNION ALL SELECT id || ' was merged into a call that is not there' FROM calls c"
    " WHERE state = 'merged' AND NOT EXISTS (SELECT 1 FROM calls s WHERE s.id = c.merged_into)"
    " UNION ALL SELECT 'delivery ' || id || ' is due and has ended, or not' FROM deliveries"
    " WHERE (state = 'pending' OR (state = 'accepted' AND replay_id <> 0))"
    " <> (due_at_ms IS NOT NULL)"
    // An attempt by hand that a dead process left behind is to be written down.
    " AND (due_at_ms IS NULL OR coalesce(attempt_started_at_ms, unresolved_since_ms) IS NULL)"
    " UNION ALL SELECT 'delivery ' || id || ' counts its attempts wrongly' FROM deliveries"
    " WHERE attempts_count <> (SELECT count(*) FROM attempts WHERE delivery_id = deliveries.id)"
    " UNION ALL SELECT 'the counter of ' || name || ' is ' || coalesce((SELECT count FROM counters "
    "c"
    " WHERE c.name = r.name), 0) || ', a recount says ' || count FROM counters_recounted r"
    " WHERE count <> coalesce((SELECT count FROM counters c WHERE c.name = r.name), 0)"
    " UNION ALL SELECT 'the counter of ' || name || ' is ' || count || ', a recount says 0'"
    " FROM counters WHERE count <> 0 AND name NOT IN (SELECT name FROM counters_recounted)";

// The same of what is counted by quarters of an hour: what is wrong, the quarter, and why. Cells
// that are zero may be there.
#define WRAPUP_LEDGER_CELL                                                              \
    " || calls || ' calls as ' || column_name || ' (' || without_call_sid || ' of them" \
    " without a CallSid)', quarter, "
inline constexpr const char* broken_ledger =
    "SELECT 'the ledger counts '" WRAPUP_LEDGER_CELL
    "', a recount says otherwise'"
    " FROM (SELECT * FROM ledger WHERE calls <> 0 OR without_call_sid <> 0"
    " EXCEPT SELECT * FROM ledger_recounted) k"
    " UNION ALL SELECT 'a recount finds '" WRAPUP_LEDGER_CELL
    "', the ledger says otherwise'"
    " FROM (SELECT * FROM ledger_recounted EXCEPT SELECT * FROM ledger) r";
inline constexpr const char* broken_stats =
    "SELECT 'outcomes are counted wrongly', quarter, '' FROM ("
    "SELECT quarter FROM (SELECT * FROM outcomes WHERE calls <> 0"
    " EXCEPT SELECT * FROM outcomes_recounted) k UNION"
    " SELECT quarter FROM (SELECT * FROM outcomes_recounted EXCEPT SELECT * FROM outcomes) r) w";
// The same of groups of failures.
inline constexpr const char* broken_failures =
    "SELECT 'failures of cause ' || fingerprint || ' are counted wrongly' FROM ("
    "SELECT fingerprint FROM (SELECT fingerprint, open FROM failures"
    " EXCEPT SELECT * FROM failures_recounted) k UNION"
    " SELECT fingerprint FROM (SELECT * FROM failures_recounted"
    " EXCEPT SELECT fingerprint, open FROM failures) r) w"
    " UNION ALL SELECT 'delivery ' || id || ' is not owed and has a cause of failure'"
    " FROM deliveries WHERE fingerprint <> '' AND (state = 'accepted' OR parked IS NOT DISTINCT "
    "FROM 'given_up')";

template <class Db>
Result<std::vector<std::string>> SqlStore<Db>::check_integrity() {
    std::vector<std::string> findings;
    WRAPUP_CHECK(read([&](Db& connection) {
        check_database(connection, findings);
        for (const char* const broken : {broken_promises, broken_failures}) {
            auto query = connection.query(broken);
            while (query.next()) findings.push_back(query.text(0));
        }
        for (const char* const broken : {broken_ledger, broken_stats}) {
            auto query = connection.query(broken);
            while (query.next()) {
                const std::string at = format_rfc3339(start_of_quarter(query.integer(1)));
                findings.push_back(query.text(0) + " in the quarter of an hour from " +
                                   at.substr(0, 16) + "Z" + query.text(2));
            }
        }
    }));
    return findings;
}

}  // namespace wrapup::sql
