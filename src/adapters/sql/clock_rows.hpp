#pragma once

// What moves when a process starts anew, or its clock was set (ports/store.hpp, EmbeddedStore).

#include <string>
#include <vector>

#include "adapters/sql/intent_rows.hpp"
#include "adapters/sql/list_rows.hpp"
#include "adapters/sql/save.hpp"
#include "core/store/claim_rules.hpp"

namespace wrapup::sql {

template <class Row>
void void_all(auto& connection, const std::vector<Row>& rows, UtcTime now) {
    for (const Row& stored : rows) {
        Row row = stored;
        void_lease(row, now);
        save_changes(connection, stored, row);
    }
}

// `which`: of them only those; begins with AND.
void void_leases(auto& connection, UtcTime now, const std::string& which = {}) {
    for (const char* const at_work :
         {"wakes_at_ms IS NOT NULL AND lease_until_ms IS NOT NULL",
          "due_at_ms IS NULL AND lease_until_ms IS NOT NULL", "listed_state = 'settling'"}) {
        const std::string sql =
            std::string("SELECT " WRAPUP_CALL_ROW_COLUMNS("") " FROM calls WHERE ") + at_work +
            which;
        std::vector<CallRow> calls;
        auto query = connection.query(sql);
        while (query.next()) calls.push_back(read_call_row(connection, query));
        void_all(connection, calls, now);
    }
    for (const char* const at_work : {"wakes_at_ms IS NOT NULL AND lease_until_ms IS NOT NULL",
                                      "due_at_ms IS NULL AND lease_until_ms IS NOT NULL"}) {
        const std::string sql =
            std::string("SELECT " WRAPUP_DELIVERY_ROW_COLUMNS " FROM deliveries d WHERE ") +
            at_work + which;
        std::vector<DeliveryRow> deliveries;
        auto query = connection.query(sql);
        while (query.next()) deliveries.push_back(read_delivery_row(connection, query, 0));
        void_all(connection, deliveries, now);
    }
    if (!which.empty()) return;
    connection.run(
        "UPDATE destinations SET breaker = 'open', breaker_retry_at_ms = ?1"
        " WHERE breaker = 'half_open'",
        now);
}

// Of all rows at once, because all that wait are concerned: core/store/claim_rules.hpp, shift().
// Leases move only where they count by the same clock.
void shift_times(auto& connection, milliseconds by, milliseconds leases_by, UtcTime now) {
    const std::int64_t by_ms = by.count();
    const std::int64_t leases_by_ms = leases_by.count();
    connection.run(
        "UPDATE events SET received_at_ms = received_at_ms + ?1"
        " FROM (SELECT no FROM calls WHERE listed_state IN ('open', 'settling')) c"
        " WHERE place > (no << 28) AND place < ((no + 1) << 28)"
        " AND (?1 > 0 OR received_at_ms > ?2)",
        by_ms, now);
    for (const char* const table : {"calls", "deliveries"}) {
        const std::string update = std::string("UPDATE ") + table +
                                   " SET due_at_ms = due_at_ms + ?1,"
                                   " lease_until_ms = lease_until_ms + ?2";
        connection.run(update + " WHERE wakes_at_ms IS NOT NULL", by_ms, leases_by_ms);
        connection.run(update + " WHERE due_at_ms IS NULL AND lease_until_ms IS NOT NULL", by_ms,
                       leases_by_ms);
    }
    connection.run("UPDATE destinations SET breaker_retry_at_ms = breaker_retry_at_ms + ?1", by_ms);
    set_clock_of_intents(connection, by);
    set_clock_of_list_rows(connection, by, now);
}

}  // namespace wrapup::sql
