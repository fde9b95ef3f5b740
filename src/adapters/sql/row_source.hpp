#pragma once

// Loads rows for the rules (core/store/working_set.hpp), each by one statement.

#include <algorithm>

#include "adapters/sql/intent_rows.hpp"
#include "adapters/sql/ledger_rows.hpp"
#include "adapters/sql/list_rows.hpp"
#include "adapters/sql/numbers.hpp"
#include "adapters/sql/replay_rows.hpp"
#include "adapters/sql/rows.hpp"

namespace wrapup::sql {

std::optional<CallRow> read_one_call(auto& connection, auto query) {
    if (!query.next()) return std::nullopt;
    return read_call_row(connection, query);
}

std::vector<std::int64_t> read_ids(auto query) {
    std::vector<std::int64_t> ids;
    while (query.next()) ids.push_back(query.integer(0));
    return ids;
}

// Looked up by `sql` the first time.
std::int64_t& last(auto& connection, std::optional<std::int64_t>& known, std::string_view sql) {
    if (!known) {
        auto query = connection.query(sql);
        known = query.next() ? query.integer(0) : 0;
    }
    return *known;
}

template <class Db>
class TableRows : public RowSource {
public:
    TableRows(Db& connection, Numbers& numbers) : connection_(connection), numbers_(numbers) {}

    bool has_failed() const override { return connection_.has_failed(); }
    void report_damage(std::string_view what) override { connection_.fail_corrupt(what); }

    std::optional<CallRow> load_call(std::string_view id) override;
    std::optional<CallRow> load_linked_call(std::string_view conversation_id) override;
    SettleProgress load_progress(std::int64_t call_no) override;
    std::optional<CallMetadata> load_metadata(std::int64_t call_no) override;
    bool has_event(std::int64_t call_no, std::string_view dedup_key) override;
    std::vector<EventKey> load_event_keys(std::int64_t call_no) override;
    std::vector<StoredEvent> load_events(std::int64_t call_no) override {
        return read_events(connection_, call_no);
    }
    std::optional<CallMetadata> load_handed_over(std::string_view call_id) override;
    std::optional<Campaign> load_campaign(std::string_view id) override;
    std::optional<Contact> load_contact(std::string_view phone) override;
    std::optional<DoNotCall> load_do_not_call(std::string_view phone) override;
    std::optional<CallWithDeliveries> load_delivery(std::int64_t delivery_id) override;
    std::optional<KeptDestination> load_destination(std::string_view name) override;
    std::vector<std::int64_t> list_pending(std::string_view destination, std::int64_t last_id,
                                           std::int64_t limit) override;
    std::vector<std::int64_t> list_waiting(std::string_view destination, UtcTime after,
                                           std::int64_t last_id, std::int64_t limit) override;
    std::vector<std::int64_t> list_parked(std::string_view destination, ParkReason reason,
                                          std::int64_t last_id, std::int64_t limit) override;
    std::int64_t next_call_no() override;
    std::int64_t next_delivery_id() override;
    std::int64_t last_delivery_id() override;
    std::optional<Intent> load_intent(std::string_view id) override;
    std::optional<Intent> load_intent_of_key(std::string_view idempotency_key) override;
    std::optional<Intent> load_intent_to(std::string_view number) override;
    std::int64_t count_asked(std::string_view number, UtcTime since) override;
    std::optional<DialList> load_dial_list(std::string_view id) override;
    std::optional<ListRow> load_list_row(std::string_view list_id, std::string_view to) override;
    std::optional<std::string> load_list_batch(std::string_view key) override;
    std::optional<SealedDay> load_last_sealed() override;
    std::optional<TimeSpan> sealed_span() override;
    LedgerCells load_ledger(const TimeSpan& span) override;
    std::int64_t last_correction_number() override;
    std::optional<ReplayJob> load_replay(std::int64_t id) override;
    std::optional<ReplayJob> load_replay_of(std::string_view token) override;
    std::int64_t next_replay_id() override;
    ReplayWalk walk_replay(const ReplayOrder& order, std::int64_t after_id, std::int64_t last_id,
                           std::int64_t limit) override;

protected:
    Db& connection_;

private:
    bool has_any(std::optional<bool>& known, std::string_view one_row);

    Numbers& numbers_;
};

template <class Db>
std::optional<CallRow> TableRows<Db>::load_call(std::string_view id) {
    return read_one_call(
        connection_,
        connection_.query("SELECT " WRAPUP_CALL_ROW_COLUMNS("") " FROM calls WHERE id = ?1", id));
}

template <class Db>
std::optional<CallRow> TableRows<Db>::load_linked_call(std::string_view conversation_id) {
    return read_one_call(
        connection_,
        connection_.query("SELECT " WRAPUP_CALL_ROW_COLUMNS(
                              "") " FROM calls WHERE no ="
                                  " (SELECT call_no FROM links WHERE conversation_id = ?1)",
                          conversation_id));
}

template <class Db>
SettleProgress TableRows<Db>::load_progress(std::int64_t call_no) {
    auto query = connection_.query("SELECT progress FROM calls WHERE no = ?1", call_no);
    if (!query.next()) return {};
    return read_progress(connection_, query, 0);
}

template <class Db>
std::optional<CallMetadata> TableRows<Db>::load_metadata(std::int64_t call_no) {
    auto query = connection_.query("SELECT metadata FROM calls WHERE no = ?1", call_no);
    if (!query.next()) return std::nullopt;
    return read_metadata(connection_, query, 0);
}

template <class Db>
bool TableRows<Db>::has_event(std::int64_t call_no, std::string_view dedup_key) {
    return connection_
        .query("SELECT 1 FROM events WHERE place > ?1 AND place < ?2 AND dedup_key = ?3",
               place_of(call_no, 0), place_of(call_no + 1, 0), dedup_key)
        .next();
}

template <class Db>
std::vector<EventKey> TableRows<Db>::load_event_keys(std::int64_t call_no) {
    std::vector<EventKey> keys;
    auto query = connection_.query(
        "SELECT place, dedup_key FROM events WHERE place > ?1 AND place < ?2 ORDER BY place",
        place_of(call_no, 0), place_of(call_no + 1, 0));
    while (query.next()) {
        keys.push_back({query.integer(0) - place_of(call_no, 0), query.text(1)});
    }
    return keys;
}

template <class Db>
bool TableRows<Db>::has_any(std::optional<bool>& known, std::string_view one_row) {
    if (!known) known = connection_.query(one_row).next();
    return *known;
}

template <class Db>
std::optional<CallMetadata> TableRows<Db>::load_handed_over(std::string_view call_id) {
    if (!has_any(numbers_.has_handed_over, "SELECT 1 FROM call_metadata LIMIT 1")) {
        return std::nullopt;
    }
    auto query =
        connection_.query("SELECT metadata FROM call_metadata WHERE call_id = ?1", call_id);
    if (!query.next()) return std::nullopt;
    return read_metadata(connection_, query, 0);
}

template <class Db>
std::optional<Campaign> TableRows<Db>::load_campaign(std::string_view id) {
    auto query = connection_.query("SELECT id, name, description FROM campaigns WHERE id = ?1", id);
    if (!query.next()) return std::nullopt;
    return Campaign{query.text(0), query.text(1), query.text(2)};
}

template <class Db>
std::optional<Contact> TableRows<Db>::load_contact(std::string_view phone) {
    if (!has_any(numbers_.has_contacts, "SELECT 1 FROM contacts LIMIT 1")) return std::nullopt;
    auto query = connection_.query(
        "SELECT phone, name, campaign, time_zone FROM contacts WHERE phone = ?1", phone);
    if (!query.next()) return std::nullopt;
    return Contact{query.text(0), query.text(1), query.text(2), query.text(3)};
}

template <class Db>
std::optional<DoNotCall> TableRows<Db>::load_do_not_call(std::string_view phone) {
    auto query = connection_.query(
        "SELECT phone, reason, source, since_ms FROM do_not_call WHERE phone = ?1", phone);
    if (!query.next()) return std::nullopt;
    return DoNotCall{query.text(0), query.text(1), query.text(2), from_unix_ms(query.integer(3))};
}

template <class Db>
std::optional<RowSource::CallWithDeliveries> TableRows<Db>::load_delivery(
    std::int64_t delivery_id) {
    if (auto known = numbers_.on_the_way.take(delivery_id)) return known;
    std::optional<CallWithDeliveries> found;
    auto query = connection_.query(
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

template <class Db>
std::optional<KeptDestination> TableRows<Db>::load_destination(std::string_view name) {
    return read_destination(connection_, name);
}

// In the order of their index, so that a slice costs the same however many wait.
template <class Db>
std::vector<std::int64_t> TableRows<Db>::list_pending(std::string_view destination,
                                                      std::int64_t last_id, std::int64_t limit) {
    return read_ids(connection_.query(
        "SELECT id FROM deliveries WHERE destination = ?1 AND wakes_at_ms IS NOT NULL AND id <= ?2"
        " ORDER BY wakes_at_ms, id LIMIT ?3",
        destination, last_id, limit));
}

// What somebody sends right now wakes with his lease, and is due before.
template <class Db>
std::vector<std::int64_t> TableRows<Db>::list_waiting(std::string_view destination, UtcTime after,
                                                      std::int64_t last_id, std::int64_t limit) {
    return read_ids(connection_.query(
        "SELECT id FROM deliveries WHERE destination = ?1 AND wakes_at_ms > ?2"
        " AND state = 'pending' AND due_at_ms > ?2 AND id <= ?3 ORDER BY wakes_at_ms, id LIMIT ?4",
        destination, after, last_id, limit));
}

template <class Db>
std::vector<std::int64_t> TableRows<Db>::list_parked(std::string_view destination,
                                                     ParkReason reason, std::int64_t last_id,
                                                     std::int64_t limit) {
    return read_ids(connection_.query(
        "SELECT id FROM deliveries WHERE destination = ?1 AND parked = ?2 AND id <= ?3"
        " ORDER BY id LIMIT ?4",
        destination, reason, last_id, limit));
}

template <class Db>
std::int64_t TableRows<Db>::next_call_no() {
    return ++last(connection_, numbers_.call_no_last, "SELECT max(no) FROM calls");
}

template <class Db>
std::int64_t TableRows<Db>::next_delivery_id() {
    last_delivery_id();
    return ++*numbers_.delivery_id_last;
}

template <class Db>
std::int64_t TableRows<Db>::last_delivery_id() {
    return last(connection_, numbers_.delivery_id_last, "SELECT max(id) FROM deliveries");
}

template <class Db>
std::optional<SealedDay> TableRows<Db>::load_last_sealed() {
    return read_last_sealed(connection_);
}

template <class Db>
std::optional<TimeSpan> TableRows<Db>::sealed_span() {
    if (!numbers_.sealed) numbers_.sealed = read_sealed_span(connection_);
    return *numbers_.sealed;
}

template <class Db>
LedgerCells TableRows<Db>::load_ledger(const TimeSpan& span) {
    return read_ledger_cells(connection_, span);
}

template <class Db>
std::int64_t TableRows<Db>::last_correction_number() {
    auto query = connection_.query("SELECT max(number) FROM ledger_corrections");
    return query.next() ? query.integer(0) : 0;
}

template <class Db>
std::optional<ReplayJob> TableRows<Db>::load_replay(std::int64_t id) {
    return read_replay(connection_, id);
}

template <class Db>
std::optional<ReplayJob> TableRows<Db>::load_replay_of(std::string_view token) {
    return read_replay_of(connection_, token);
}

template <class Db>
std::int64_t TableRows<Db>::next_replay_id() {
    return ++last(connection_, numbers_.replay_id_last, "SELECT max(id) FROM replays");
}

template <class Db>
ReplayWalk TableRows<Db>::walk_replay(const ReplayOrder& order, std::int64_t after_id,
                                      std::int64_t last_id, std::int64_t limit) {
    return sql::walk_replay(connection_, order, after_id, last_id, limit);
}

template <class Db>
std::optional<Intent> TableRows<Db>::load_intent(std::string_view id) {
    return read_intent(connection_,
                       connection_.query("SELECT data FROM intents WHERE id = ?1", id));
}

template <class Db>
std::optional<Intent> TableRows<Db>::load_intent_of_key(std::string_view idempotency_key) {
    return read_intent(
        connection_,
        connection_.query("SELECT data FROM intents WHERE idempotency_key = ?1", idempotency_key));
}

template <class Db>
std::optional<Intent> TableRows<Db>::load_intent_to(std::string_view number) {
    if (!has_any(numbers_.has_intents, "SELECT 1 FROM intents LIMIT 1")) return std::nullopt;
    return read_intent(
        connection_,
        connection_.query("SELECT data FROM intents WHERE to_number = ?1 AND holds_number = 1",
                          number));
}

template <class Db>
std::int64_t TableRows<Db>::count_asked(std::string_view number, UtcTime since) {
    auto query = connection_.query(
        "SELECT count(*) FROM intents WHERE to_number = ?1 AND asked_at_ms >= ?2"
        " AND (state <> 'refused' OR call_sid IS NOT NULL)",
        number, since);
    return query.next() ? query.integer(0) : 0;
}

template <class Db>
std::optional<DialList> TableRows<Db>::load_dial_list(std::string_view id) {
    auto query = connection_.query("SELECT data FROM dial_lists WHERE id = ?1", id);
    if (!query.next()) return std::nullopt;
    return list_at(connection_, query, 0);
}

template <class Db>
std::optional<ListRow> TableRows<Db>::load_list_row(std::string_view list_id, std::string_view to) {
    auto query = connection_.query(
        "SELECT data FROM list_rows WHERE list_id = ?1 AND to_number = ?2", list_id, to);
    if (!query.next()) return std::nullopt;
    return row_at(connection_, query, 0);
}

template <class Db>
std::optional<std::string> TableRows<Db>::load_list_batch(std::string_view key) {
    auto query = connection_.query("SELECT hash FROM list_batches WHERE key = ?1", key);
    if (!query.next()) return std::nullopt;
    return query.text(0);
}

}  // namespace wrapup::sql
