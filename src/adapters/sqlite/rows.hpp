#pragma once

// Rows of the tables as values. Columns are named once, in the order in which they are read.

#include <string>
#include <vector>

#include "adapters/sqlite/handle.hpp"
#include "core/store/working_set.hpp"

namespace wrapup::sqlite {

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
CallRow read_call_row(Connection& connection, const Query& query);

#define WRAPUP_CALL_COLUMNS WRAPUP_CALL_ROW_COLUMNS("") ", progress, metadata, record"
// With progress, metadata and record.
CallRow read_call(Connection& connection, const Query& query);

SettleProgress read_progress(Connection& connection, const Query& query, int column);
std::optional<CallMetadata> read_metadata(Connection& connection, const Query& query, int column);

std::vector<StoredEvent> read_events(Connection& connection, std::int64_t call_no);

// A delivery's row as the rules see it.
#define WRAPUP_DELIVERY_ROW_COLUMNS                                                               \
    "d.id, d.call_no, d.destination, d.state, d.parked, d.ended_at_ms, d.attempts_count, "        \
    "d.retries_used, d.unknown_count, d.due_at_ms, d.accepted_at_ms, d.lease_until_ms, d.fence, " \
    "d.attempt_started_at_ms, d.unresolved_since_ms, d.replay_id, d.fingerprint"
DeliveryRow read_delivery_row(Connection& connection, const Query& query, int first_column);

// With what it sends, which is kept once when it is the call's record: FROM deliveries d JOIN calls
// c ON c.no = d.call_no.
#define WRAPUP_DELIVERY_COLUMNS \
    WRAPUP_DELIVERY_ROW_COLUMNS ", c.id, d.webhook_id, ifnull(d.body, c.record)"
DeliveryRow read_delivery(Connection& connection, const Query& query);

// Words; null is none. One that is not known is damage.
std::optional<ParkReason> read_parked(Connection& connection, const Query& query, int column);
std::optional<Outcome> read_outcome(Connection& connection, const Query& query, int column);
std::optional<DeliveryState> read_delivery_state(Connection& connection, const Query& query,
                                                 int column);

std::vector<Attempt> read_attempts(Connection& connection, std::int64_t delivery_id);

std::optional<KeptDestination> read_destination(Connection& connection, std::string_view name);
bool is_active(Connection& connection, std::string_view destination);
std::vector<DestinationRow> read_destinations(Connection& connection);

}  // namespace wrapup::sqlite
