#pragma once

// What the store tells of intents.

#include "adapters/sql/intent_rows.hpp"
#include "adapters/sql/store.hpp"
#include "base/text.hpp"

namespace wrapup::sql {

template <class Db>
Result<Intent> SqlStore<Db>::find_intent(std::string_view id) {
    std::optional<Intent> found;
    WRAPUP_CHECK(read([&](Db& connection) {
        found =
            read_intent(connection, connection.query("SELECT data FROM intents WHERE id = ?1", id));
    }));
    if (!found) return Error{Errc::not_found, "no such intent"};
    return *std::move(found);
}

template <class Db>
Result<std::optional<Intent>> SqlStore<Db>::find_intent_of_call(std::string_view call_sid) {
    std::optional<Intent> found;
    WRAPUP_CHECK(read([&](Db& connection) {
        found = read_intent(
            connection, connection.query("SELECT data FROM intents WHERE call_sid = ?1", call_sid));
    }));
    return found;
}

template <class Db>
Result<std::vector<Intent>> SqlStore<Db>::due_intents(UtcTime now, int limit) {
    std::vector<Intent> intents;
    WRAPUP_CHECK(read([&](Db& connection) {
        auto query = connection.query(
            "SELECT data FROM intents WHERE due_at_ms <= ?1"
            " ORDER BY is_under_way DESC, due_at_ms, no LIMIT ?2",
            now, limit);
        while (query.next()) intents.push_back(decode(connection, query, 0));
    }));
    return intents;
}

template <class Db>
Result<std::optional<UtcTime>> SqlStore<Db>::next_intent_due() {
    std::optional<UtcTime> due;
    WRAPUP_CHECK(read([&](Db& connection) {
        auto query =
            connection.query("SELECT min(due_at_ms) FROM intents WHERE due_at_ms IS NOT NULL");
        if (query.next()) due = query.optional_time(0);
    }));
    return due;
}

template <class Db>
Result<std::int64_t> SqlStore<Db>::count_intents_under_way() {
    std::int64_t count = 0;
    WRAPUP_CHECK(read([&](Db& connection) {
        auto query = connection.query("SELECT count(*) FROM intents WHERE is_under_way = 1");
        if (query.next()) count = query.integer(0);
    }));
    return count;
}

template <class Db>
Result<IntentPage> SqlStore<Db>::list_intents(const IntentFilter& filter) {
    const auto before =
        filter.cursor.empty() ? std::optional<std::int64_t>(0) : parse_int(filter.cursor);
    if (!before) return Error{Errc::invalid_input, "cursor"};
    IntentPage page;
    WRAPUP_CHECK(read([&](Db& connection) {
        const std::string state(filter.state ? to_string(*filter.state) : "");
        auto query = connection.query(
            "SELECT data, no FROM intents WHERE (?1 = 0 OR no < ?1) AND (?2 = '' OR state = ?2)"
            " AND (?3 = '' OR to_number = ?3) AND (?4 = '' OR list_id = ?4)"
            " ORDER BY no DESC LIMIT ?5",
            *before, state, filter.to, filter.list_id, filter.limit + 1);
        std::int64_t last = 0;
        while (query.next()) {
            if (std::ssize(page.intents) == filter.limit) {
                page.next_cursor = std::to_string(last);
                break;
            }
            page.intents.push_back(decode(connection, query, 0));
            last = query.integer(1);
        }
    }));
    return page;
}

}  // namespace wrapup::sql
