#include "adapters/sqlite/row_source.hpp"

#include <algorithm>

#include "adapters/sqlite/ledger_rows.hpp"
#include "adapters/sqlite/replay_rows.hpp"

namespace wrapup::sqlite {
namespace {

std::optional<CallRow> read_one_call(Connection& connection, Query query) {
    if (!query.next()) return std::nullopt;
    return read_call_row(connection, query);
}

std::vector<std::int64_t> read_ids(Query query) {
    std::vector<std::int64_t> ids;
    while (query.next()) ids.push_back(query.integer(0));
    return ids;
}

// Looked up by `sql` the first time.
std::int64_t& last(Connection& connection, std::optional<std::int64_t>& known,
                   std::string_view sql) {
    if (!known) {
        Query query = connection.query(sql);
        known = query.next() ? query.integer(0) : 0;
    }
    return *known;
}

}  // namespace

std::optional<CallRow> TableRows::load_call(std::string_view id) {
    return read_one_call(
        connection_,
        connection_.query("SELECT " WRAPUP_CALL_ROW_COLUMNS("") " FROM calls WHERE id = ?1", id));
}

std::optional<CallRow> TableRows::load_linked_call(std::string_view conversation_id) {
    return read_one_call(
        connection_,
        connection_.query("SELECT " WRAPUP_CALL_ROW_COLUMNS(
                              "") " FROM calls WHERE no ="
                                  " (SELECT call_no FROM links WHERE conversation_id = ?1)",
                          conversation_id));
}

SettleProgress TableRows::load_progress(std::int64_t call_no) {
    Query query = connection_.query("SELECT progress FROM calls WHERE no = ?1", call_no);
    if (!query.next()) return {};
    return read_progress(connection_, query, 0);
}

std::optional<CallMetadata> TableRows::load_metadata(std::int64_t call_no) {
    Query query = connection_.query("SELECT metadata FROM calls WHERE no = ?1", call_no);
    if (!query.next()) return std::nullopt;
    return read_metadata(connection_, query, 0);
}

bool TableRows::has_event(std::int64_t call_no, std::string_view dedup_key) {
    return connection_
        .query("SELECT 1 FROM events WHERE place > ?1 AND place < ?2 AND dedup_key = ?3",
               place_of(call_no, 0), place_of(call_no + 1, 0), dedup_key)
        .next();
}

std::vector<EventKey> TableRows::load_event_keys(std::int64_t call_no) {
    std::vector<EventKey> keys;
    Query query = connection_.query(
        "SELECT place, dedup_key FROM events WHERE place > ?1 AND place < ?2 ORDER BY place",
        place_of(call_no, 0), place_of(call_no + 1, 0));
    while (query.next()) {
        keys.push_back({query.integer(0) - place_of(call_no, 0), query.text(1)});
    }
    return keys;
}

bool TableRows::has_any(std::optional<bool>& known, std::string_view one_row) {
    if (!known) known = connection_.query(one_row).next();
    return *known;
}

std::optional<CallMetadata> TableRows::load_handed_over(std::string_view call_id) {
    if (!has_any(numbers_.has_handed_over, "SELECT 1 FROM call_metadata LIMIT 1")) {
        return std::nullopt;
    }
    Query query =
        connection_.query("SELECT metadata FROM call_metadata WHERE call_id = ?1", call_id);
    if (!query.next()) return std::nullopt;
    return read_metadata(connection_, query, 0);
}

std::optional<Campaign> TableRows::load_campaign(std::string_view id) {
    Query query =
        connection_.query("SELECT id, name, description FROM campaigns WHERE id = ?1", id);
    if (!query.next()) return std::nullopt;
    return Campaign{query.text(0), query.text(1), query.text(2)};
}

std::optional<Contact> TableRows::load_contact(std::string_view phone) {
    if (!has_any(numbers_.has_contacts, "SELECT 1 FROM contacts LIMIT 1")) return std::nullopt;
    Query query = connection_.query(
        "SELECT phone, name, campaign, time_zone FROM contacts WHERE phone = ?1", phone);
    if (!query.next()) return std::nullopt;
    return Contact{query.text(0), query.text(1), query.text(2), query.text(3)};
}

std::optional<DoNotCall> TableRows::load_do_not_call(std::string_view phone) {
    Query query = connection_.query(
        "SELECT phone, reason, source, since_ms FROM do_not_call WHERE phone = ?1", phone);
    if (!query.next()) return std::nullopt;
    return DoNotCall{query.text(0), query.text(1), query.text(2), from_unix_ms(query.integer(3))};
}

std::optional<RowSource::CallWithDeliveries> TableRows::load_delivery(std::int64_t delivery_id) {
    if (auto known = numbers_.on_the_way.take(delivery_id)) return known;
    std::optional<CallWithDeliveries> found;
    Query query = connection_.query(
        "SELECT " WRAPUP_CALL_ROW_COLUMNS(
            "c.") ", " WRAPUP_DELIVERY_ROW_COLUMNS
                  " FROM deliveries d JOIN calls c ON c.no = d.call_no"
                  " WHERE d.call_no = (SELECT call_no FROM deliveries WHERE id = ?1)",
        delivery_id);
    while (query.next()) {
        if (!found) found.emplace().call = read_call_row(connection_, query);
        found->deliveries.push_back(read_delivery_row(connection_, query, call_row_columns_count));
        found->deliveries.back().delivery.call_id = found->call.call.id;
    }
    if (!found) return found;
    std::ranges::sort(found->deliveries, {},
                      [](const DeliveryRow& row) { return row.delivery.id; });
    return found;
}

std::optional<KeptDestination> TableRows::load_destination(std::string_view name) {
    return read_destination(connection_, name);
}

// In the order of their index, so that a slice costs the same however many wait.
std::vector<std::int64_t> TableRows::list_pending(std::string_view destination,
                                                  std::int64_t last_id, std::int64_t limit) {
    return read_ids(connection_.query(
        "SELECT id FROM deliveries WHERE destination = ?1 AND wakes_at_ms IS NOT NULL AND id <= ?2"
        " ORDER BY wakes_at_ms, id LIMIT ?3",
        destination, last_id, limit));
}

// What somebody sends right now wakes with his lease, and is due before.
std::vector<std::int64_t> TableRows::list_waiting(std::string_view destination, UtcTime after,
                                                  std::int64_t last_id, std::int64_t limit) {
    return read_ids(connection_.query(
        "SELECT id FROM deliveries WHERE destination = ?1 AND wakes_at_ms > ?2"
        " AND state = 'pending' AND due_at_ms > ?2 AND id <= ?3 ORDER BY wakes_at_ms, id LIMIT ?4",
        destination, after, last_id, limit));
}

std::vector<std::int64_t> TableRows::list_parked(std::string_view destination, ParkReason reason,
                                                 std::int64_t last_id, std::int64_t limit) {
    return read_ids(connection_.query(
        "SELECT id FROM deliveries WHERE destination = ?1 AND parked = ?2 AND id <= ?3"
        " ORDER BY id LIMIT ?4",
        destination, reason, last_id, limit));
}

std::int64_t TableRows::next_call_no() {
    return ++last(connection_, numbers_.call_no_last, "SELECT max(no) FROM calls");
}

std::int64_t TableRows::next_delivery_id() {
    last_delivery_id();
    return ++*numbers_.delivery_id_last;
}

std::int64_t TableRows::last_delivery_id() {
    return last(connection_, numbers_.delivery_id_last, "SELECT max(id) FROM deliveries");
}

std::optional<SealedDay> TableRows::load_last_sealed() { return read_last_sealed(connection_); }

std::optional<TimeSpan> TableRows::sealed_span() {
    if (!numbers_.sealed) numbers_.sealed = read_sealed_span(connection_);
    return *numbers_.sealed;
}

LedgerCells TableRows::load_ledger(const TimeSpan& span) {
    return read_ledger_cells(connection_, span);
}

std::int64_t TableRows::last_correction_number() {
    Query query = connection_.query("SELECT max(number) FROM ledger_corrections");
    return query.next() ? query.integer(0) : 0;
}

std::optional<ReplayJob> TableRows::load_replay(std::int64_t id) {
    return read_replay(connection_, id);
}

std::optional<ReplayJob> TableRows::load_replay_of(std::string_view token) {
    return read_replay_of(connection_, token);
}

std::int64_t TableRows::next_replay_id() {
    return ++last(connection_, numbers_.replay_id_last, "SELECT max(id) FROM replays");
}

ReplayWalk TableRows::walk_replay(const ReplayOrder& order, std::int64_t after_id,
                                  std::int64_t last_id, std::int64_t limit) {
    return sqlite::walk_replay(connection_, order, after_id, last_id, limit);
}

}  // namespace wrapup::sqlite
