#pragma once

// Intents as rows: what is looked for has columns of its own, the rest is text.

#include <optional>
#include <string>
#include <vector>

#include "codec/state_json.hpp"
#include "core/placing/intent_machine.hpp"
#include "core/store/working_set.hpp"

namespace wrapup::sql {

Intent decode(auto& connection, const auto& query, int column) {
    auto intent = decode_intent(query.view(column));
    if (intent) return *std::move(intent);
    connection.fail_corrupt("an intent cannot be read");
    return {};
}

inline std::optional<std::string> text_or_null(const std::string& text) {
    if (text.empty()) return std::nullopt;
    return text;
}

void save(auto& connection, const WorkingIntent& row) {
    const Intent& intent = row.intent;
    const std::string data = encode_intent(intent);
    const auto sid = text_or_null(intent.call_sid);
    if (row.stored) {
        connection.run(
            "UPDATE intents SET state = ?2, holds_number = ?3, is_under_way = ?4, due_at_ms = ?5,"
            " asked_at_ms = ?6, data = ?7, call_sid = ?8 WHERE id = ?1",
            intent.id, intent.state, intent.holds_number(), intent.is_under_way(), intent.due_at,
            intent.asked_at, data, sid);
        return;
    }
    const auto key = text_or_null(intent.idempotency_key);
    const auto list = text_or_null(intent.list_id);
    connection.run(
        "INSERT INTO intents (id, to_number, state, holds_number, is_under_way, due_at_ms,"
        " asked_at_ms, idempotency_key, list_id, data)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        intent.id, intent.to, intent.state, intent.holds_number(), intent.is_under_way(),
        intent.due_at, intent.asked_at, key, list, data);
}

std::optional<Intent> read_intent(auto& connection, auto query) {
    if (!query.next()) return std::nullopt;
    return decode(connection, query, 0);
}

// Those that gave a number back go first: another one may have taken it in the same batch.
void save_intents(auto& connection, const WorkingSet& rows) {
    for (const bool holds_number : {false, true}) {
        for (const WorkingIntent& row : rows.intents()) {
            const bool is_meant = row.intent.holds_number() == holds_number;
            if (is_meant && row.is_changed()) save(connection, row);
        }
    }
}

void set_clock_of_intents(auto& connection, milliseconds by) {
    std::vector<Intent> concerned;
    auto query = connection.query(
        "SELECT data FROM intents WHERE due_at_ms IS NOT NULL OR holds_number = 1");
    while (query.next()) concerned.push_back(decode(connection, query, 0));
    for (Intent& intent : concerned) {
        WorkingIntent row{intent, intent};
        clock_was_set(row.intent, by);
        save(connection, row);
    }
}

}  // namespace wrapup::sql
