#pragma once

// What the store tells of comparing with Twilio, and of what people did.

#include <limits>

#include "adapters/sql/ledger_rows.hpp"
#include "adapters/sql/rows.hpp"
#include "adapters/sql/store.hpp"
#include "domain/call.hpp"

namespace wrapup::sql {

CallStanding read_standing(auto& connection, const std::string& call_sid) {
    auto query = connection.query(
        "SELECT state, parked, settled_at_ms IS NOT NULL FROM calls WHERE id = ?1", call_sid);
    if (!query.next()) return CallStanding::unknown;
    const auto state = parse_call_state(query.view(0));
    if (!state) {
        connection.fail_corrupt("an unknown word in a column");
        return CallStanding::unknown;
    }
    // It has its record, which nobody wanted.
    if (*state == CallState::out_of_scope && query.integer(2) != 0) return CallStanding::over;
    if (query.is_null(1)) return standing_of(*state, std::nullopt);
    return standing_of(*state, parse_park_reason(query.view(1)));
}

template <class Db>
Result<std::vector<KeptValue>> SqlStore<Db>::kept_values(std::string_view prefix) {
    std::vector<KeptValue> values;
    WRAPUP_CHECK(read([&](Db& connection) {
        auto query = connection.query(
            "SELECT key, value FROM kept_values WHERE key >= ?1"
            " AND substr(key, 1, length(?1)) = ?1 ORDER BY key",
            prefix);
        while (query.next()) values.push_back({query.text(0), query.text(1)});
    }));
    return values;
}

template <class Db>
Result<std::vector<TwilioSlot>> SqlStore<Db>::twilio_slots(UtcTime from, UtcTime until) {
    std::vector<TwilioSlot> slots;
    WRAPUP_CHECK(read([&](Db& connection) {
        auto query = connection.query(
            "SELECT from_ms, calls_count, strangers_count, is_complete, asked_at_ms"
            " FROM twilio_slots WHERE from_ms >= ?1 AND from_ms < ?2 ORDER BY from_ms",
            from, until);
        while (query.next()) {
            slots.push_back({query.time(0), query.integer(1), query.integer(2),
                             query.integer(3) != 0, query.time(4)});
        }
    }));
    return slots;
}

template <class Db>
Result<std::vector<TwilioDifference>> SqlStore<Db>::twilio_differences(UtcTime from,
                                                                       UtcTime until) {
    std::vector<TwilioDifference> differences;
    WRAPUP_CHECK(read(
        [&](Db& connection) { differences = read_twilio_differences(connection, from, until); }));
    return differences;
}

template <class Db>
Result<ActionPage> SqlStore<Db>::list_actions(std::int64_t before_id, int limit) {
    ActionPage page;
    const std::int64_t before =
        before_id == 0 ? std::numeric_limits<std::int64_t>::max() : before_id;
    WRAPUP_CHECK(read([&](Db& connection) {
        auto query = connection.query(
            "SELECT id, at_ms, act, who, subject, detail, reason, refused FROM operator_actions"
            " WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
            before, std::int64_t{limit} + 1);
        while (query.next()) {
            page.has_more = std::ssize(page.actions) == limit;
            if (page.has_more) break;
            const auto act = parse_operator_act(query.view(2));
            if (!act) return connection.fail_corrupt("an unknown word in a column");
            page.actions.push_back({query.integer(0), query.time(1), *act, query.text(3),
                                    query.text(4), query.text(5), query.text(6), query.text(7)});
        }
    }));
    return page;
}

template <class Db>
Result<std::vector<CallStanding>> SqlStore<Db>::call_standings(
    std::span<const std::string> call_sids) {
    std::vector<CallStanding> standings;
    WRAPUP_CHECK(read([&](Db& connection) {
        for (const std::string& call_sid : call_sids) {
            standings.push_back(read_standing(connection, call_sid));
        }
    }));
    return standings;
}

}  // namespace wrapup::sql
