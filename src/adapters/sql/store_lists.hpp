#pragma once

// What the store tells of lists of calls.

#include "adapters/sql/list_rows.hpp"
#include "adapters/sql/store.hpp"
#include "base/text.hpp"

namespace wrapup::sql {

template <class Db>
Result<DialList> SqlStore<Db>::find_dial_list(std::string_view id) {
    std::optional<DialList> found;
    WRAPUP_CHECK(read([&](Db& connection) {
        auto query = connection.query("SELECT data FROM dial_lists WHERE id = ?1", id);
        if (query.next()) found = list_at(connection, query, 0);
    }));
    if (!found) return Error{Errc::not_found, "no calls were asked for of this campaign"};
    return *std::move(found);
}

template <class Db>
Result<std::vector<DialList>> SqlStore<Db>::list_dial_lists(const DialListFilter& filter) {
    std::vector<DialList> lists;
    WRAPUP_CHECK(read([&](Db& connection) {
        const std::string state(filter.state ? to_string(*filter.state) : "");
        auto query = connection.query(
            "SELECT data FROM dial_lists WHERE id > ?1 AND (?2 = '' OR state = ?2)"
            " ORDER BY id LIMIT ?3",
            filter.after, state, filter.limit);
        while (query.next()) lists.push_back(list_at(connection, query, 0));
    }));
    return lists;
}

template <class Db>
Result<std::vector<DueListRows>> SqlStore<Db>::due_list_rows(UtcTime now, int limit) {
    std::vector<DueListRows> due;
    WRAPUP_CHECK(read([&](Db& connection) {
        for (DialList& list : active_lists(connection)) {
            DueListRows found;
            auto query = connection.query(
                "SELECT data FROM list_rows WHERE list_id = ?1 AND due_at_ms <= ?2"
                " ORDER BY due_at_ms, no LIMIT ?3",
                list.id, now, limit);
            while (query.next()) found.rows.push_back(row_at(connection, query, 0));
            if (found.rows.empty()) continue;
            found.list = std::move(list);
            due.push_back(std::move(found));
        }
    }));
    return due;
}

template <class Db>
Result<std::optional<UtcTime>> SqlStore<Db>::next_list_row_due() {
    std::optional<UtcTime> next;
    WRAPUP_CHECK(read([&](Db& connection) {
        for (const DialList& list : active_lists(connection)) {
            auto query = connection.query(
                "SELECT min(due_at_ms) FROM list_rows WHERE list_id = ?1 AND due_at_ms IS NOT NULL",
                list.id);
            const auto due = query.next() ? query.optional_time(0) : std::nullopt;
            if (due && (!next || *due < *next)) next = due;
        }
    }));
    return next;
}

template <class Db>
Result<ListRowPage> SqlStore<Db>::list_rows(const ListRowFilter& filter) {
    const auto after =
        filter.cursor.empty() ? std::optional<std::int64_t>(0) : parse_int(filter.cursor);
    if (!after) return Error{Errc::invalid_input, "cursor"};
    ListRowPage page;
    WRAPUP_CHECK(read([&](Db& connection) {
        const std::string state(filter.state ? to_string(*filter.state) : "");
        auto query = connection.query(
            "SELECT data, no FROM list_rows WHERE list_id = ?1 AND no > ?2"
            " AND (?3 = '' OR state = ?3) AND (?4 = '' OR outcome = ?4) ORDER BY no LIMIT ?5",
            filter.list_id, *after, state, filter.outcome, filter.limit + 1);
        std::int64_t last = 0;
        while (query.next()) {
            if (std::ssize(page.rows) == filter.limit) {
                page.next_cursor = std::to_string(last);
                break;
            }
            page.rows.push_back(row_at(connection, query, 0));
            last = query.integer(1);
        }
    }));
    return page;
}

}  // namespace wrapup::sql
