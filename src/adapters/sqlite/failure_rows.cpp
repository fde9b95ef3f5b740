#include "adapters/sqlite/failure_rows.hpp"

#include <sqlite3.h>

#include "adapters/sqlite/rows.hpp"
#include "adapters/sqlite/store.hpp"
#include "core/store/failures.hpp"

namespace wrapup {
namespace sqlite {
namespace {

std::string text_of(sqlite3_value* value) {
    const auto* const text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
    return text == nullptr ? std::string() : std::string(text, size);
}

void answer_with(sqlite3_context* context, const std::string& text) {
    sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void tell_cause(sqlite3_context* context, int, sqlite3_value** values) {
    Attempt attempt;
    attempt.answer = text_of(values[0]);
    attempt.error = text_of(values[1]);
    answer_with(context, cause_of(attempt));
}

void tell_fingerprint(sqlite3_context* context, int, sqlite3_value** values) {
    Attempt attempt;
    const auto outcome = parse_attempt_outcome(text_of(values[1]));
    if (!outcome) return sqlite3_result_error(context, "an unknown word in a column", -1);
    attempt.outcome = *outcome;
    attempt.http_status = sqlite3_value_int(values[2]);
    attempt.answer = text_of(values[3]);
    attempt.error = text_of(values[4]);
    answer_with(context, fingerprint_of(text_of(values[0]), attempt));
}

}  // namespace

void save_failures(Connection& connection, const WorkingSet& rows) {
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
            " ON CONFLICT (fingerprint) DO UPDATE SET open = open + excluded.open,"
            " first_at_ms = min(first_at_ms, excluded.first_at_ms),"
            " last_at_ms = max(last_at_ms, excluded.last_at_ms)",
            fingerprint, seen.destination, seen.outcome, seen.http_status, seen.cause, change.by,
            seen.first_at, seen.last_at);
    }
    if (has_fewer) connection.run("DELETE FROM failures WHERE open = 0");
}

void add_failure_functions(Connection& connection) {
    constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    int code = sqlite3_create_function_v2(connection.handle(), "wrapup_cause", 2, flags, nullptr,
                                          tell_cause, nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) {
        code = sqlite3_create_function_v2(connection.handle(), "wrapup_fingerprint", 5, flags,
                                          nullptr, tell_fingerprint, nullptr, nullptr, nullptr);
    }
    if (code != SQLITE_OK) connection.fail(code);
}

}  // namespace sqlite

Result<FailureList> SqliteStore::list_failures(int limit) {
    FailureList list;
    WRAPUP_CHECK(read([&](Connection& connection) {
        sqlite::Query query = connection.query(
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

}  // namespace wrapup
