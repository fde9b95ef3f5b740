#pragma once

// Rows of the tables as values. Columns are named once, in the order in which they are read.

#include <string>
#include <vector>

#include "adapters/sqlite/handle.hpp"
#include "ports/store.hpp"

namespace wrapup::sqlite {

// Place of an event: the calls' numbers and the events' within their call in one integer key.
constexpr std::int64_t events_per_call_max = std::int64_t{1} << 28;
constexpr std::int64_t place_of(std::int64_t call_no, std::int64_t seq) {
    return call_no * events_per_call_max + seq;
}

// What deciding about a call takes; the whole row is read only to be shown.
struct CallHead {
    std::int64_t no = 0;
    std::string id;
    CallState state = CallState::open;
    std::optional<ParkReason> parked;
    std::string call_sid;
    std::string conversation_id;
    std::string merged_into;
    std::string to;
    std::string campaign;
    std::int64_t events_count = 0;
    UtcTime first_event_at{};
    UtcTime last_event_at{};
    std::optional<UtcTime> ended_at;
    std::optional<UtcTime> due_at;
    std::optional<UtcTime> lease_until;
    std::int64_t fence = 0;
    bool is_touched = false;
    bool has_record = false;

    bool is_known_by_conversation_only() const { return call_sid.empty(); }
    bool is_settling_on() const { return state == CallState::open || state == CallState::settling; }
    // Waits for a word that may still come.
    bool waits_for_word() const {
        return parked == ParkReason::silent || parked == ParkReason::unlinked;
    }
    bool can_come_back() const { return state == CallState::out_of_scope || waits_for_word(); }
    bool is_held_by(std::int64_t holder) const { return lease_until && fence == holder; }
};

#define WRAPUP_CALL_HEAD_COLUMNS                                                           \
    "no, id, state, parked, call_sid, conversation_id, merged_into, to_number, campaign, " \
    "events_count, first_event_at_ms, last_event_at_ms, ended_at_ms, due_at_ms, "          \
    "lease_until_ms, fence, is_touched, settled_at_ms IS NOT NULL"
CallHead read_head(Connection& connection, const Query& query);

#define WRAPUP_CALL_COLUMNS                                                                   \
    "no, fence, id, state, parked, call_sid, conversation_id, merged_into, to_number, "       \
    "campaign, name, outcome, duration_s, first_event_at_ms, last_event_at_ms, ended_at_ms, " \
    "settled_at_ms, due_at_ms, is_late_conflict, events_count, note, progress, metadata, record"
struct CallRow {
    std::int64_t no = 0;
    std::int64_t fence = 0;
    Call call;
};
CallRow read_call(Connection& connection, const Query& query);

std::vector<StoredEvent> read_events(Connection& connection, std::int64_t call_no);

struct DeliveryRow {
    Delivery delivery;
    std::int64_t call_no = 0;
    std::optional<UtcTime> lease_until;
    std::int64_t fence = 0;
    std::optional<UtcTime> attempt_started_at;
    std::optional<UtcTime> unresolved_since;
};
// Of a delivery joined with its call: FROM deliveries d JOIN calls c ON c.no = d.call_no.
#define WRAPUP_DELIVERY_COLUMNS                                                             \
    "d.id, c.id, d.destination, d.state, d.parked, c.webhook_id, c.record, d.ended_at_ms, " \
    "d.attempts_count, d.retries_used, d.unknown_count, d.due_at_ms, d.accepted_at_ms, "    \
    "d.call_no, d.lease_until_ms, d.fence, d.attempt_started_at_ms, d.unresolved_since_ms"
DeliveryRow read_delivery(Connection& connection, const Query& query);

std::vector<Attempt> read_attempts(Connection& connection, std::int64_t delivery_id);

DestinationState read_destination_state(Connection& connection, std::string_view name);
std::vector<DestinationRow> read_destinations(Connection& connection);

}  // namespace wrapup::sqlite
