#pragma once

// What the store tells of the ledger, of what is counted over time, and of groups of failures.

#include "adapters/sql/ledger_rows.hpp"
#include "adapters/sql/stats_rows.hpp"
#include "adapters/sql/store.hpp"

namespace wrapup::sql {

template <class Db>
Result<LedgerRows> SqlStore<Db>::ledger(const TimeSpan& span) {
    LedgerRows rows;
    WRAPUP_CHECK(
        read([&](Db& connection) { rows = read_ledger(connection, span, corrections_told_max); }));
    return rows;
}

template <class Db>
Result<std::vector<LedgerCorrection>> SqlStore<Db>::corrections_after(std::int64_t number) {
    std::vector<LedgerCorrection> corrections;
    WRAPUP_CHECK(
        read([&](Db& connection) { corrections = read_corrections_after(connection, number); }));
    return corrections;
}

template <class Db>
Result<StatsRows> SqlStore<Db>::stats(const TimeSpan& span) {
    StatsRows rows;
    WRAPUP_CHECK(read([&](Db& connection) { rows = read_stats(connection, span); }));
    return rows;
}

template <class Db>
Result<FailureList> SqlStore<Db>::list_failures(int limit) {
    FailureList list;
    WRAPUP_CHECK(read([&](Db& connection) {
        auto query = connection.query(
            "SELECT fingerprint, destination, outcome, http_status, cause, open, first_at_ms,"
            " last_at_ms, (SELECT c.id FROM deliveries d JOIN calls c ON c.no = d.call_no"
            " WHERE d.fingerprint = f.fingerprint AND d.fingerprint <> ''"
            " ORDER BY d.id DESC LIMIT 1)"
            " FROM failures f ORDER BY open DESC, fingerprint LIMIT ?1",
            std::int64_t{limit} + 1);
        while (query.next()) {
            list.has_more = std::ssize(list.groups) == limit;
            if (list.has_more) break;
            const auto outcome = parse_attempt_outcome(query.view(2));
            if (!outcome) return connection.fail_corrupt("an unknown word in a column");
            list.groups.push_back({query.text(0), query.text(1), *outcome,
                                   static_cast<int>(query.integer(3)), query.text(4),
                                   query.integer(5), query.time(6), query.time(7), query.text(8)});
        }
    }));
    return list;
}

}  // namespace wrapup::sql
