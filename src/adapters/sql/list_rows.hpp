#pragma once

// Lists of calls as rows: what is looked for has columns of its own, the rest is text.

#include <string>
#include <vector>

#include "adapters/sql/texts.hpp"
#include "codec/state_json.hpp"
#include "core/placing/list_plan.hpp"
#include "core/store/working_set.hpp"

namespace wrapup::sql {

DialList list_at(auto& connection, const auto& query, int column) {
    auto list = decode_dial_list(query.view(column));
    if (list) return *std::move(list);
    connection.fail_corrupt("a list of calls cannot be read");
    return {};
}

ListRow row_at(auto& connection, const auto& query, int column) {
    auto row = decode_list_row(query.view(column));
    if (row) return *std::move(row);
    connection.fail_corrupt("a row of a list of calls cannot be read");
    return {};
}

void save(auto& connection, const WorkingListRow& kept) {
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

std::vector<DialList> active_lists(auto& connection) {
    std::vector<DialList> lists;
    auto query = connection.query("SELECT data FROM dial_lists WHERE state = 'active'");
    while (query.next()) lists.push_back(list_at(connection, query, 0));
    return lists;
}

void save_lists(auto& connection, const WorkingSet& rows) {
    for (const auto& [id, kept] : rows.dial_lists()) {
        if (!kept.is_changed()) continue;
        const std::string data = encode_dial_list(kept.list);
        static const std::string put = upsert_text("dial_lists", "id, state, data");
        connection.run(put, id, kept.list.state, data);
    }
    for (const WorkingListRow& kept : rows.list_rows()) {
        if (kept.is_changed()) save(connection, kept);
    }
    for (const auto& [key, hash] : rows.list_batches()) {
        static const std::string put = upsert_text("list_batches", "key, hash");
        connection.run(put, key, hash);
    }
}

void set_clock_of_list_rows(auto& connection, milliseconds by, UtcTime now) {
    if (by >= milliseconds{0}) return;
    std::vector<ListRow> waiting;
    auto query = connection.query("SELECT data FROM list_rows WHERE due_at_ms > ?1", now);
    while (query.next()) waiting.push_back(row_at(connection, query, 0));
    for (ListRow& row : waiting) {
        WorkingListRow kept{row, row};
        clock_was_set(kept.row, by);
        save(connection, kept);
    }
}

}  // namespace wrapup::sql
