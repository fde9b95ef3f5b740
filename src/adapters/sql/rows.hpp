#pragma once

// Rows of the tables as values. Columns are named once, in the order in which they are read.
//
// Whatever the adapters of SQL databases share is a template over the connection (sql/store.hpp):
// its query(), run() and fail_corrupt().

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "codec/state_json.hpp"
#include "core/store/working_set.hpp"

namespace wrapup::sql {

// Place of an event: the calls' numbers and the events' within their call in one integer key.
constexpr std::int64_t place_of(std::int64_t call_no, std::int64_t seq) {
    return call_no * events_per_call_max + seq;
}

// A call's row as the rules see it, and, behind it, what is large. `c` names the table: "" or "c.".
#define WRAPUP_CALL_ROW_COLUMNS(c)                                                               \
    c "no, " c "id, " c "state, " c "parked, " c "call_sid, " c "conversation_id, " c            \
      "merged_into, " c "to_number, " c "campaign, " c "name, " c "outcome, " c "duration_s, " c \
      "first_event_at_ms, " c "last_event_at_ms, " c "ended_at_ms, " c "settled_at_ms, " c       \
      "due_at_ms, " c "is_late_conflict, " c "events_count, " c "note, " c "lease_until_ms, " c  \
      "fence, " c "is_touched, " c "created_at_ms, " c "unlisted_opt_out_at_ms"
constexpr int call_row_columns_count = 25;

#define WRAPUP_CALL_COLUMNS WRAPUP_CALL_ROW_COLUMNS("") ", progress, metadata, record"

// A delivery's row as the rules see it.
#define WRAPUP_DELIVERY_ROW_COLUMNS                                                               \
    "d.id, d.call_no, d.destination, d.state, d.parked, d.ended_at_ms, d.attempts_count, "        \
    "d.retries_used, d.unknown_count, d.due_at_ms, d.accepted_at_ms, d.lease_until_ms, d.fence, " \
    "d.attempt_started_at_ms, d.unresolved_since_ms, d.replay_id, d.fingerprint"

// With what it sends, which is kept once when it is the call's record: FROM deliveries d JOIN calls
// c ON c.no = d.call_no.
#define WRAPUP_DELIVERY_COLUMNS \
    WRAPUP_DELIVERY_ROW_COLUMNS ", c.id, d.webhook_id, coalesce(d.body, c.record)"

constexpr std::array delivery_states{DeliveryState::pending, DeliveryState::accepted,
                                     DeliveryState::parked};
constexpr std::array attempt_outcomes{AttemptOutcome::accepted, AttemptOutcome::refused,
                                      AttemptOutcome::failed, AttemptOutcome::unknown};
constexpr std::array destination_states{DestinationState::active, DestinationState::paused,
                                        DestinationState::gone, DestinationState::removed,
                                        DestinationState::disabled};

constexpr std::array breaker_states{BreakerState::closed, BreakerState::open,
                                    BreakerState::half_open};

// A word we do not know is damage: only we write here, and a newer version's database is refused.
template <class Word, std::size_t count>
Word word(auto& connection, const auto& query, int column, const std::array<Word, count>& words) {
    const std::string_view text = query.view(column);
    for (const Word one : words) {
        if (to_string(one) == text) return one;
    }
    connection.fail_corrupt("an unknown word in a column");
    return words.front();
}

template <class Value>
Value known(auto& connection, std::optional<Value> value) {
    if (!value) connection.fail_corrupt("an unknown word in a column");
    return value.value_or(Value{});
}

CallState read_state(auto& connection, const auto& query, int column) {
    return known(connection, parse_call_state(query.view(column)));
}

template <class Value>
Value decoded(auto& connection, Result<Value> value) {
    if (value) return *std::move(value);
    connection.fail_corrupt(value.error().detail);
    return {};
}

// Words; null is none.
std::optional<ParkReason> read_parked(auto& connection, const auto& query, int column) {
    if (query.is_null(column)) return std::nullopt;
    return known(connection, parse_park_reason(query.view(column)));
}

std::optional<Outcome> read_outcome(auto& connection, const auto& query, int column) {
    if (query.is_null(column)) return std::nullopt;
    return known(connection, parse_outcome(query.view(column)));
}

std::optional<DeliveryState> read_delivery_state(auto& connection, const auto& query, int column) {
    if (query.is_null(column)) return std::nullopt;
    return word(connection, query, column, delivery_states);
}

CallRow read_call_row(auto& connection, const auto& query) {
    CallRow row;
    Call& call = row.call;
    row.no = query.integer(0);
    call.id = query.text(1);
    call.state = read_state(connection, query, 2);
    call.parked = read_parked(connection, query, 3);
    call.call_sid = query.text(4);
    call.conversation_id = query.text(5);
    call.merged_into = query.text(6);
    call.to = query.text(7);
    call.campaign = query.text(8);
    call.name = query.text(9);
    call.outcome = read_outcome(connection, query, 10);
    call.duration_s = query.optional_integer(11);
    call.first_event_at = query.time(12);
    call.last_event_at = query.time(13);
    call.ended_at = query.optional_time(14);
    call.settled_at = query.optional_time(15);
    call.due_at = query.optional_time(16);
    call.is_late_conflict = query.integer(17) != 0;
    call.events_count = query.integer(18);
    call.note = query.text(19);
    row.lease.until = query.lease(20);
    row.lease.fence = query.integer(21);
    row.is_touched = query.integer(22) != 0;
    call.created_at = query.optional_time(23);
    row.unlisted_opt_out_at = query.optional_time(24);
    return row;
}

SettleProgress read_progress(auto& connection, const auto& query, int column) {
    if (query.view(column).empty()) return {};
    return decoded(connection, decode_progress(query.view(column)));
}

std::optional<CallMetadata> read_metadata(auto& connection, const auto& query, int column) {
    if (query.is_null(column)) return std::nullopt;
    return decoded(connection, decode_metadata(query.view(column)));
}

// With progress, metadata and record.
CallRow read_call(auto& connection, const auto& query) {
    CallRow row = read_call_row(connection, query);
    row.call.progress = read_progress(connection, query, call_row_columns_count);
    row.call.metadata = read_metadata(connection, query, call_row_columns_count + 1);
    row.call.record = query.text(call_row_columns_count + 2);
    row.is_progress_known = true;
    row.is_metadata_known = true;
    return row;
}

std::vector<StoredEvent> read_events(auto& connection, std::int64_t call_no) {
    std::vector<StoredEvent> events;
    auto query = connection.query(
        "SELECT place, kind, received_at_ms, is_late, payload FROM events"
        " WHERE place > ?1 AND place < ?2 ORDER BY place",
        place_of(call_no, 0), place_of(call_no + 1, 0));
    while (query.next()) {
        StoredEvent event;
        event.seq = query.integer(0) - place_of(call_no, 0);
        event.kind = known(connection, parse_event_kind(query.view(1)));
        event.received_at = query.time(2);
        event.is_late = query.integer(3) != 0;
        event.payload = query.text(4);
        events.push_back(std::move(event));
    }
    return events;
}

DeliveryRow read_delivery_row(auto& connection, const auto& query, int first_column) {
    DeliveryRow row;
    Delivery& delivery = row.delivery;
    int column = first_column;
    delivery.id = query.integer(column++);
    row.call_no = query.integer(column++);
    delivery.destination = query.text(column++);
    delivery.state = word(connection, query, column++, delivery_states);
    delivery.parked = read_parked(connection, query, column++);
    delivery.ended_at = query.optional_time(column++);
    delivery.attempts_count = query.integer(column++);
    delivery.retries_used = query.integer(column++);
    delivery.unknown_count = query.integer(column++);
    delivery.due_at = query.optional_time(column++);
    delivery.accepted_at = query.optional_time(column++);
    row.lease.until = query.lease(column++);
    row.lease.fence = query.integer(column++);
    row.attempt_started_at = query.optional_time(column++);
    row.unresolved_since = query.optional_time(column++);
    row.replay_id = query.integer(column++);
    delivery.fingerprint = query.text(column++);
    return row;
}

DeliveryRow read_delivery(auto& connection, const auto& query) {
    constexpr int columns_count = 17;  // Of the row.
    DeliveryRow row = read_delivery_row(connection, query, 0);
    row.delivery.call_id = query.text(columns_count);
    row.delivery.webhook_id = query.text(columns_count + 1);
    row.delivery.body = query.text(columns_count + 2);
    return row;
}

std::vector<Attempt> read_attempts(auto& connection, std::int64_t delivery_id) {
    std::vector<Attempt> attempts;
    auto query = connection.query(
        "SELECT a.number, a.started_at_ms, a.elapsed_ms, a.outcome, a.http_status, a.error,"
        " a.answer, a.is_again, coalesce(a.destination, d.destination)"
        " FROM attempts a JOIN deliveries d ON d.id = a.delivery_id"
        " WHERE a.delivery_id = ?1 ORDER BY a.number",
        delivery_id);
    while (query.next()) {
        Attempt attempt;
        attempt.number = query.integer(0);
        attempt.started_at = query.time(1);
        attempt.elapsed = milliseconds{query.integer(2)};
        attempt.outcome = word(connection, query, 3, attempt_outcomes);
        attempt.http_status = static_cast<int>(query.integer(4));
        attempt.error = query.text(5);
        attempt.answer = query.text(6);
        attempt.is_again = query.integer(7) != 0;
        attempt.destination = query.text(8);
        attempts.push_back(std::move(attempt));
    }
    return attempts;
}

#define WRAPUP_DESTINATION_COLUMNS                                                          \
    "name, state, since_ms, sweep, sweep_at_ms, sweep_last_id, breaker, breaker_since_ms, " \
    "breaker_retry_at_ms, failed_probes_count, rate_use"
KeptDestination read_destination_row(auto& connection, const auto& query) {
    KeptDestination kept;
    kept.row.name = query.text(0);
    kept.row.state = word(connection, query, 1, destination_states);
    kept.row.since = query.time(2);
    if (!query.is_null(3)) {
        kept.sweep = Sweep{query.view(3) == "park", query.time(4), query.integer(5)};
        kept.row.is_sweeping = true;
    }
    BreakerRow& breaker = kept.row.breaker;
    breaker.state = word(connection, query, 6, breaker_states);
    breaker.since = query.time(7);
    breaker.retry_at = query.optional_time(8);
    breaker.failed_probes_count = query.integer(9);
    kept.rate_use = known(connection, RateUse::parse(query.view(10)));
    return kept;
}

std::optional<KeptDestination> read_destination(auto& connection, std::string_view name) {
    auto query = connection.query(
        "SELECT " WRAPUP_DESTINATION_COLUMNS " FROM destinations WHERE name = ?1", name);
    if (!query.next()) return std::nullopt;
    return read_destination_row(connection, query);
}

// One that nothing was ever said of is active.
KeptDestination known_destination(auto& connection, std::string_view name) {
    if (auto kept = read_destination(connection, name)) return *std::move(kept);
    KeptDestination unknown;
    unknown.row.name = name;
    return unknown;
}

std::vector<DestinationRow> read_destinations(auto& connection) {
    std::vector<DestinationRow> rows;
    auto query =
        connection.query("SELECT " WRAPUP_DESTINATION_COLUMNS " FROM destinations ORDER BY name");
    while (query.next()) rows.push_back(read_destination_row(connection, query).row);
    return rows;
}

}  // namespace wrapup::sql
