// Lists of calls: loading, saving, listing.

#include "adapters/sqlite/list_rows.hpp"
#include "adapters/sqlite/row_source.hpp"
#include "adapters/sqlite/store.hpp"
#include "base/text.hpp"
#include "codec/state_json.hpp"
#include "core/placing/list_plan.hpp"

namespace wrapup {
namespace sqlite {
namespace {

DialList list_at(Connection& connection, const Query& query, int column) {
    auto list = decode_dial_list(query.view(column));
    if (list) return *std::move(list);
    connection.fail_corrupt("a list of calls cannot be read");
    return {};
}

ListRow row_at(Connection& connection, const Query& query, int column) {
    auto row = decode_list_row(query.view(column));
    if (row) return *std::move(row);
    connection.fail_corrupt("a row of a list of calls cannot be read");
    return {};
}

void save(Connection& connection, const WorkingListRow& kept) {
    const ListRow& row = kept.row;
    const std::string data = encode_list_row(row);
    if (kept.stored) {
        connection.run(
            "UPDATE list_rows SET state = ?3, outcome = ?4, due_at_ms = ?5, data = ?6"
            " WHERE list_id = ?1 AND to_number = ?2",
            row.list_id, row.to, row.state, row.outcome, row.due_at, data);
        return;
    }
    connection.run(
        "INSERT INTO list_rows (list_id, to_number, state, outcome, due_at_ms, data)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        row.list_id, row.to, row.state, row.outcome, row.due_at, data);
}

std::vector<DialList> active_lists(Connection& connection) {
    std::vector<DialList> lists;
    Query query = connection.query("SELECT data FROM dial_lists WHERE state = 'active'");
    while (query.next()) lists.push_back(list_at(connection, query, 0));
    return lists;
}

}  // namespace

void save_lists(Connection& connection, const WorkingSet& rows) {
    for (const auto& [id, kept] : rows.dial_lists()) {
        if (!kept.is_changed()) continue;
        const std::string data = encode_dial_list(kept.list);
        connection.run("INSERT OR REPLACE INTO dial_lists (id, state, data) VALUES (?1, ?2, ?3)",
                       id, kept.list.state, data);
    }
    for (const WorkingListRow& kept : rows.list_rows()) {
        if (kept.is_changed()) save(connection, kept);
    }
    for (const auto& [key, hash] : rows.list_batches()) {
        connection.run("INSERT OR REPLACE INTO list_batches (key, hash) VALUES (?1, ?2)", key,
                       hash);
    }
}

void set_clock_of_list_rows(Connection& connection, milliseconds by, UtcTime now) {
    if (by >= milliseconds{0}) return;
    std::vector<ListRow> waiting;
    Query query = connection.query("SELECT data FROM list_rows WHERE due_at_ms > ?1", now);
    while (query.next()) waiting.push_back(row_at(connection, query, 0));
    for (ListRow& row : waiting) {
        WorkingListRow kept{row, row};
        clock_was_set(kept.row, by);
        save(connection, kept);
    }
}

std::optional<DialList> TableRows::load_dial_list(std::string_view id) {
    Query query = connection_.query("SELECT data FROM dial_lists WHERE id = ?1", id);
    if (!query.next()) return std::nullopt;
    return list_at(connection_, query, 0);
}

std::optional<ListRow> TableRows::load_list_row(std::string_view list_id, std::string_view to) {
    Query query = connection_.query(
        "SELECT data FROM list_rows WHERE list_id = ?1 AND to_number = ?2", list_id, to);
    if (!query.next()) return std::nullopt;
    return row_at(connection_, query, 0);
}

std::optional<std::string> TableRows::load_list_batch(std::string_view key) {
    Query query = connection_.query("SELECT hash FROM list_batches WHERE key = ?1", key);
    if (!query.next()) return std::nullopt;
    return query.text(0);
}

}  // namespace sqlite

using sqlite::Connection;
using sqlite::Query;

Result<DialList> SqliteStore::find_dial_list(std::string_view id) {
    std::optional<DialList> found;
    WRAPUP_CHECK(read([&](Connection& connection) {
        Query query = connection.query("SELECT data FROM dial_lists WHERE id = ?1", id);
        if (query.next()) found = sqlite::list_at(connection, query, 0);
    }));
    if (!found) return Error{Errc::not_found, "no calls were asked for of this campaign"};
    return *std::move(found);
}

Result<std::vector<DialList>> SqliteStore::list_dial_lists(const DialListFilter& filter) {
    std::vector<DialList> lists;
    WRAPUP_CHECK(read([&](Connection& connection) {
        const std::string state(filter.state ? to_string(*filter.state) : "");
        Query query = connection.query(
            "SELECT data FROM dial_lists WHERE id > ?1 AND (?2 = '' OR state = ?2)"
            " ORDER BY id LIMIT ?3",
            filter.after, state, filter.limit);
        while (query.next()) lists.push_back(sqlite::list_at(connection, query, 0));
    }));
    return lists;
}

Result<std::vector<DueListRows>> SqliteStore::due_list_rows(UtcTime now, int limit) {
    std::vector<DueListRows> due;
    WRAPUP_CHECK(read([&](Connection& connection) {
        for (DialList& list : sqlite::active_lists(connection)) {
            DueListRows found;
            Query query = connection.query(
                "SELECT data FROM list_rows WHERE list_id = ?1 AND due_at_ms <= ?2"
                " ORDER BY due_at_ms, no LIMIT ?3",
                list.id, now, limit);
            while (query.next()) found.rows.push_back(sqlite::row_at(connection, query, 0));
            if (found.rows.empty()) continue;
            found.list = std::move(list);
            due.push_back(std::move(found));
        }
    }));
    return due;
}

Result<std::optional<UtcTime>> SqliteStore::next_list_row_due() {
    std::optional<UtcTime> next;
    WRAPUP_CHECK(read([&](Connection& connection) {
        for (const DialList& list : sqlite::active_lists(connection)) {
            Query query = connection.query(
                "SELECT min(due_at_ms) FROM list_rows WHERE list_id = ?1 AND due_at_ms IS NOT NULL",
                list.id);
            const auto due = query.next() ? query.optional_time(0) : std::nullopt;
            if (due && (!next || *due < *next)) next = due;
        }
    }));
    return next;
}

Result<ListRowPage> SqliteStore::list_rows(const ListRowFilter& filter) {
    const auto after =
        filter.cursor.empty() ? std::optional<std::int64_t>(0) : parse_int(filter.cursor);
    if (!after) return Error{Errc::invalid_input, "cursor"};
    ListRowPage page;
    WRAPUP_CHECK(read([&](Connection& connection) {
        const std::string state(filter.state ? to_string(*filter.state) : "");
        Query query = connection.query(
            "SELECT data, no FROM list_rows WHERE list_id = ?1 AND no > ?2"
            " AND (?3 = '' OR state = ?3) AND (?4 = '' OR outcome = ?4) ORDER BY no LIMIT ?5",
            filter.list_id, *after, state, filter.outcome, filter.limit + 1);
        std::int64_t last = 0;
        while (query.next()) {
            if (std::ssize(page.rows) == filter.limit) {
                page.next_cursor = std::to_string(last);
                break;
            }
            page.rows.push_back(sqlite::row_at(connection, query, 0));
            last = query.integer(1);
        }
    }));
    return page;
}

}  // namespace wrapup
