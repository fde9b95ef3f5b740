// What the store tells of comparing with Twilio, and of what people did.

#include <limits>

#include "adapters/sqlite/ledger_rows.hpp"
#include "adapters/sqlite/rows.hpp"
#include "adapters/sqlite/store.hpp"
#include "domain/call.hpp"

namespace wrapup {
namespace {

using sqlite::Connection;
using sqlite::Query;

CallStanding read_standing(Connection& connection, const std::string& call_sid) {
    Query query = connection.query(
        "SELECT state, parked, settled_at_ms IS NOT NULL FROM calls WHERE id = ?1", call_sid);
    if (!query.next()) return CallStanding::unknown;
    const auto state = parse_call_state(query.view(0));
    if (!state) {
        connection.fail(SQLITE_CORRUPT);
        return CallStanding::unknown;
    }
    // It has its record, which nobody wanted.
    if (*state == CallState::out_of_scope && query.integer(2) != 0) return CallStanding::over;
    if (query.is_null(1)) return standing_of(*state, std::nullopt);
    return standing_of(*state, parse_park_reason(query.view(1)));
}

}  // namespace

Result<std::vector<KeptValue>> SqliteStore::kept_values(std::string_view prefix) {
    std::vector<KeptValue> values;
    WRAPUP_CHECK(read([&](Connection& connection) {
        Query query = connection.query(
            "SELECT key, value FROM kept_values WHERE key >= ?1"
            " AND substr(key, 1, length(?1)) = ?1 ORDER BY key",
            prefix);
        while (query.next()) values.push_back({query.text(0), query.text(1)});
    }));
    return values;
}

Result<std::vector<TwilioSlot>> SqliteStore::twilio_slots(UtcTime from, UtcTime until) {
    std::vector<TwilioSlot> slots;
    WRAPUP_CHECK(read([&](Connection& connection) {
        Query query = connection.query(
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

Result<std::vector<TwilioDifference>> SqliteStore::twilio_differences(UtcTime from, UtcTime until) {
    std::vector<TwilioDifference> differences;
    WRAPUP_CHECK(read([&](Connection& connection) {
        differences = sqlite::read_twilio_differences(connection, from, until);
    }));
    return differences;
}

Result<ActionPage> SqliteStore::list_actions(std::int64_t before_id, int limit) {
    ActionPage page;
    const std::int64_t before =
        before_id == 0 ? std::numeric_limits<std::int64_t>::max() : before_id;
    WRAPUP_CHECK(read([&](Connection& connection) {
        Query query = connection.query(
            "SELECT id, at_ms, act, who, subject, detail, reason, refused FROM operator_actions"
            " WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
            before, std::int64_t{limit} + 1);
        while (query.next()) {
            page.has_more = std::ssize(page.actions) == limit;
            if (page.has_more) break;
            const auto act = parse_operator_act(query.view(2));
            if (!act) return connection.fail(SQLITE_CORRUPT);
            page.actions.push_back({query.integer(0), query.time(1), *act, query.text(3),
                                    query.text(4), query.text(5), query.text(6), query.text(7)});
        }
    }));
    return page;
}

Result<std::vector<CallStanding>> SqliteStore::call_standings(
    std::span<const std::string> call_sids) {
    std::vector<CallStanding> standings;
    WRAPUP_CHECK(read([&](Connection& connection) {
        for (const std::string& call_sid : call_sids) {
            standings.push_back(read_standing(connection, call_sid));
        }
    }));
    return standings;
}

}  // namespace wrapup
