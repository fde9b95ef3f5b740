// Intents: loading, saving, listing.

#include "adapters/sqlite/intent_rows.hpp"
#include "adapters/sqlite/row_source.hpp"
#include "adapters/sqlite/store.hpp"
#include "base/text.hpp"
#include "codec/state_json.hpp"
#include "core/placing/intent_machine.hpp"

namespace wrapup {
namespace sqlite {
namespace {

Intent decode(Connection& connection, const Query& query, int column) {
    auto intent = decode_intent(query.view(column));
    if (intent) return *std::move(intent);
    connection.fail_corrupt("an intent cannot be read");
    return {};
}

std::optional<std::string> text_or_null(const std::string& text) {
    if (text.empty()) return std::nullopt;
    return text;
}

void save(Connection& connection, const WorkingIntent& row) {
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

}  // namespace

std::optional<Intent> read_intent(Connection& connection, Query query) {
    if (!query.next()) return std::nullopt;
    return decode(connection, query, 0);
}

// Those that gave a number back go first: another one may have taken it in the same batch.
void save_intents(Connection& connection, const WorkingSet& rows) {
    for (const bool holds_number : {false, true}) {
        for (const WorkingIntent& row : rows.intents()) {
            const bool is_meant = row.intent.holds_number() == holds_number;
            if (is_meant && row.is_changed()) save(connection, row);
        }
    }
}

void set_clock_of_intents(Connection& connection, milliseconds by) {
    std::vector<Intent> concerned;
    Query query = connection.query(
        "SELECT data FROM intents WHERE due_at_ms IS NOT NULL OR holds_number = 1");
    while (query.next()) concerned.push_back(decode(connection, query, 0));
    for (Intent& intent : concerned) {
        WorkingIntent row{intent, intent};
        clock_was_set(row.intent, by);
        save(connection, row);
    }
}

std::optional<Intent> TableRows::load_intent(std::string_view id) {
    return read_intent(connection_,
                       connection_.query("SELECT data FROM intents WHERE id = ?1", id));
}

std::optional<Intent> TableRows::load_intent_of_key(std::string_view idempotency_key) {
    return read_intent(
        connection_,
        connection_.query("SELECT data FROM intents WHERE idempotency_key = ?1", idempotency_key));
}

std::optional<Intent> TableRows::load_intent_to(std::string_view number) {
    if (!has_any(numbers_.has_intents, "SELECT 1 FROM intents LIMIT 1")) return std::nullopt;
    return read_intent(
        connection_,
        connection_.query("SELECT data FROM intents WHERE to_number = ?1 AND holds_number = 1",
                          number));
}

std::int64_t TableRows::count_asked(std::string_view number, UtcTime since) {
    Query query = connection_.query(
        "SELECT count(*) FROM intents WHERE to_number = ?1 AND asked_at_ms >= ?2", number, since);
    return query.next() ? query.integer(0) : 0;
}

}  // namespace sqlite

using sqlite::Connection;
using sqlite::Query;

Result<Intent> SqliteStore::find_intent(std::string_view id) {
    std::optional<Intent> found;
    WRAPUP_CHECK(read([&](Connection& connection) {
        found = sqlite::read_intent(connection,
                                    connection.query("SELECT data FROM intents WHERE id = ?1", id));
    }));
    if (!found) return Error{Errc::not_found, "no such intent"};
    return *std::move(found);
}

Result<std::optional<Intent>> SqliteStore::find_intent_of_call(std::string_view call_sid) {
    std::optional<Intent> found;
    WRAPUP_CHECK(read([&](Connection& connection) {
        found = sqlite::read_intent(
            connection, connection.query("SELECT data FROM intents WHERE call_sid = ?1", call_sid));
    }));
    return found;
}

Result<std::vector<Intent>> SqliteStore::due_intents(UtcTime now, int limit) {
    std::vector<Intent> intents;
    WRAPUP_CHECK(read([&](Connection& connection) {
        Query query = connection.query(
            "SELECT data FROM intents WHERE due_at_ms <= ?1"
            " ORDER BY is_under_way DESC, due_at_ms, no LIMIT ?2",
            now, limit);
        while (query.next()) intents.push_back(sqlite::decode(connection, query, 0));
    }));
    return intents;
}

Result<std::optional<UtcTime>> SqliteStore::next_intent_due() {
    std::optional<UtcTime> due;
    WRAPUP_CHECK(read([&](Connection& connection) {
        Query query =
            connection.query("SELECT min(due_at_ms) FROM intents WHERE due_at_ms IS NOT NULL");
        if (query.next()) due = query.optional_time(0);
    }));
    return due;
}

Result<std::int64_t> SqliteStore::count_intents_under_way() {
    std::int64_t count = 0;
    WRAPUP_CHECK(read([&](Connection& connection) {
        Query query = connection.query("SELECT count(*) FROM intents WHERE is_under_way = 1");
        if (query.next()) count = query.integer(0);
    }));
    return count;
}

Result<IntentPage> SqliteStore::list_intents(const IntentFilter& filter) {
    const auto before =
        filter.cursor.empty() ? std::optional<std::int64_t>(0) : parse_int(filter.cursor);
    if (!before) return Error{Errc::invalid_input, "cursor"};
    IntentPage page;
    WRAPUP_CHECK(read([&](Connection& connection) {
        const std::string state(filter.state ? to_string(*filter.state) : "");
        Query query = connection.query(
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
            page.intents.push_back(sqlite::decode(connection, query, 0));
            last = query.integer(1);
        }
    }));
    return page;
}

}  // namespace wrapup
