#pragma once

// Groups of failures.

#include "core/store/failures.hpp"
#include "core/store/working_set.hpp"

namespace wrapup::sql {

void save_failures(auto& connection, const WorkingSet& rows) {
    bool has_fewer = false;
    for (const auto& [fingerprint, change] : failure_changes(rows)) {
        has_fewer = has_fewer || change.by < 0;
        if (!change.seen) {
            connection.run("UPDATE failures SET open = open + ?2 WHERE fingerprint = ?1",
                           fingerprint, change.by);
            continue;
        }
        const FailureGroup& seen = *change.seen;
        connection.run(
            "INSERT INTO failures (fingerprint, destination, outcome, http_status, cause, open,"
            " first_at_ms, last_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
            " ON CONFLICT (fingerprint) DO UPDATE SET open = failures.open + excluded.open,"
            " first_at_ms = CASE WHEN excluded.first_at_ms < failures.first_at_ms"
            " THEN excluded.first_at_ms ELSE failures.first_at_ms END,"
            " last_at_ms = CASE WHEN excluded.last_at_ms > failures.last_at_ms"
            " THEN excluded.last_at_ms ELSE failures.last_at_ms END",
            fingerprint, seen.destination, seen.outcome, seen.http_status, seen.cause, change.by,
            seen.first_at, seen.last_at);
    }
    if (has_fewer) connection.run("DELETE FROM failures WHERE open = 0");
}

}  // namespace wrapup::sql
