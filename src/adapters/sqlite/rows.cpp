#include "adapters/sqlite/rows.hpp"

#include <array>

#include "codec/state_json.hpp"

namespace wrapup::sqlite {
namespace {

constexpr std::array outcomes{Outcome::held, Outcome::no_answer, Outcome::no_connection,
                              Outcome::voicemail};
constexpr std::array delivery_states{DeliveryState::pending, DeliveryState::accepted,
                                     DeliveryState::parked};
constexpr std::array attempt_outcomes{AttemptOutcome::accepted, AttemptOutcome::refused,
                                      AttemptOutcome::failed, AttemptOutcome::unknown};
constexpr std::array destination_states{DestinationState::active, DestinationState::paused,
                                        DestinationState::gone};

// A word we do not know is damage: only we write here, and a newer version's database is refused.
template <class Word, std::size_t count>
Word word(Connection& connection, const Query& query, int column,
          const std::array<Word, count>& words) {
    const std::string_view text = query.view(column);
    for (const Word one : words) {
        if (to_string(one) == text) return one;
    }
    connection.fail_corrupt("an unknown word in a column");
    return words.front();
}

template <class Value>
Value known(Connection& connection, std::optional<Value> value) {
    if (!value) connection.fail_corrupt("an unknown word in a column");
    return value.value_or(Value{});
}

CallState read_state(Connection& connection, const Query& query, int column) {
    return known(connection, parse_call_state(query.view(column)));
}

std::optional<ParkReason> read_parked(Connection& connection, const Query& query, int column) {
    if (query.is_null(column)) return std::nullopt;
    return known(connection, parse_park_reason(query.view(column)));
}

template <class Value>
Value decoded(Connection& connection, Result<Value> value) {
    if (value) return *std::move(value);
    connection.fail_corrupt(value.error().detail);
    return {};
}

}  // namespace

CallHead read_head(Connection& connection, const Query& query) {
    CallHead head;
    head.no = query.integer(0);
    head.id = query.text(1);
    head.state = read_state(connection, query, 2);
    head.parked = read_parked(connection, query, 3);
    head.call_sid = query.text(4);
    head.conversation_id = query.text(5);
    head.merged_into = query.text(6);
    head.to = query.text(7);
    head.campaign = query.text(8);
    head.events_count = query.integer(9);
    head.first_event_at = query.time(10);
    head.last_event_at = query.time(11);
    head.ended_at = query.optional_time(12);
    head.due_at = query.optional_time(13);
    head.lease_until = query.optional_time(14);
    head.fence = query.integer(15);
    head.is_touched = query.integer(16) != 0;
    head.has_record = query.integer(17) != 0;
    return head;
}

CallRow read_call(Connection& connection, const Query& query) {
    CallRow row;
    row.no = query.integer(0);
    row.fence = query.integer(1);
    Call& call = row.call;
    call.id = query.text(2);
    call.state = read_state(connection, query, 3);
    call.parked = read_parked(connection, query, 4);
    call.call_sid = query.text(5);
    call.conversation_id = query.text(6);
    call.merged_into = query.text(7);
    call.to = query.text(8);
    call.campaign = query.text(9);
    call.name = query.text(10);
    if (!query.is_null(11)) call.outcome = word(connection, query, 11, outcomes);
    call.duration_s = query.optional_integer(12);
    call.first_event_at = query.time(13);
    call.last_event_at = query.time(14);
    call.ended_at = query.optional_time(15);
    call.settled_at = query.optional_time(16);
    call.due_at = query.optional_time(17);
    call.is_late_conflict = query.integer(18) != 0;
    call.events_count = query.integer(19);
    call.note = query.text(20);
    if (!query.view(21).empty()) {
        call.progress = decoded(connection, decode_progress(query.view(21)));
    }
    if (!query.is_null(22)) call.metadata = decoded(connection, decode_metadata(query.view(22)));
    call.record = query.text(23);
    return row;
}

std::vector<StoredEvent> read_events(Connection& connection, std::int64_t call_no) {
    std::vector<StoredEvent> events;
    Query query = connection.query(
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

DeliveryRow read_delivery(Connection& connection, const Query& query) {
    DeliveryRow row;
    Delivery& delivery = row.delivery;
    delivery.id = query.integer(0);
    delivery.call_id = query.text(1);
    delivery.destination = query.text(2);
    delivery.state = word(connection, query, 3, delivery_states);
    delivery.parked = read_parked(connection, query, 4);
    delivery.webhook_id = query.text(5);
    delivery.body = query.text(6);
    delivery.ended_at = query.optional_time(7);
    delivery.attempts_count = query.integer(8);
    delivery.retries_used = query.integer(9);
    delivery.unknown_count = query.integer(10);
    delivery.due_at = query.optional_time(11);
    delivery.accepted_at = query.optional_time(12);
    row.call_no = query.integer(13);
    row.lease_until = query.optional_time(14);
    row.fence = query.integer(15);
    row.attempt_started_at = query.optional_time(16);
    row.unresolved_since = query.optional_time(17);
    return row;
}

std::vector<Attempt> read_attempts(Connection& connection, std::int64_t delivery_id) {
    std::vector<Attempt> attempts;
    Query query = connection.query(
        "SELECT number, started_at_ms, elapsed_ms, outcome, http_status, error, answer, is_again"
        " FROM attempts WHERE delivery_id = ?1 ORDER BY number",
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
        attempts.push_back(std::move(attempt));
    }
    return attempts;
}

DestinationState read_destination_state(Connection& connection, std::string_view name) {
    Query query = connection.query("SELECT state FROM destinations WHERE name = ?1", name);
    if (!query.next()) return DestinationState::active;
    return word(connection, query, 0, destination_states);
}

std::vector<DestinationRow> read_destinations(Connection& connection) {
    std::vector<DestinationRow> rows;
    Query query = connection.query(
        "SELECT name, state, since_ms, sweep IS NOT NULL FROM destinations ORDER BY name");
    while (query.next()) {
        rows.push_back({query.text(0), word(connection, query, 1, destination_states),
                        query.time(2), query.integer(3) != 0});
    }
    return rows;
}

}  // namespace wrapup::sqlite
