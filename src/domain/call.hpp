#pragma once

// A call as a durable state machine, and its deliveries.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "domain/fields.hpp"
#include "domain/metadata.hpp"
#include "domain/record.hpp"

namespace wrapup {

enum class CallState {
    open,          // Known, not over.
    settling,      // Over; its record is not fixed yet.
    delivering,    // Record fixed, on its way.
    delivered,     // The CRM has it.
    parked,        // Waits for a person.
    out_of_scope,  // Not ours; counted, makes no record.
    merged,        // Turned out to be another call; see merged_into.
};
std::string_view to_string(CallState state);
std::optional<CallState> parse_call_state(std::string_view name);

// Why a call or a delivery waits for a person.
enum class ParkReason {
    dead,              // The last retry failed.
    rejected,          // The CRM said the record is wrong.
    disabled,          // Delivery is switched off.
    unlinked,          // Nothing ties it to a phone call.
    silent,            // No word for 24 h, Twilio asked.
    blocked_address,   // The destination resolves to an address we must not call.
    destination_gone,  // The CRM answered 410.
    unknown_outcome,   // The answer was lost and the destination says park.
    forgotten,         // Erased on request.
    given_up,          // A person said that it need not be delivered there.
};
std::string_view to_string(ParkReason reason);
std::optional<ParkReason> parse_park_reason(std::string_view name);

// What the settler has done for a call so far. Kept with the call, so that a restart goes on where
// it was. Every point in time is absent until it happened.
struct SettleProgress {
    // When the call's first event came, by the clock of all these times: that event moves when the
    // clock is set, and tells by how much they have to.
    std::optional<UtcTime> first_event_at;
    std::optional<UtcTime> metadata_first_asked_at;
    std::optional<UtcTime> metadata_resolved_at;  // Known, or given up.
    std::int64_t metadata_asks_count = 0;         // Answered "not there yet".
    std::optional<UtcTime> metadata_next_at;      // When to ask again.
    bool was_metadata_away = false;               // The source did not answer in time.
    std::int64_t conversation_asks_count = 0;
    std::optional<UtcTime> conversation_asked_at;
    std::optional<UtcTime> conversation_not_before;  // The peer asked for patience (429).
    std::string conversation_said;          // The last answer: "processing", "404", "time-out".
    bool was_conversation_refused = false;  // 401 or 403: until a start no use to ask again.
    bool was_variable_asked = false;        // Looked up by our own dynamic variable.
    std::int64_t twilio_asks_count = 0;
    std::optional<UtcTime> twilio_asked_at;
    std::optional<UtcTime> twilio_running_at;  // Twilio last said that the call still runs.
    bool was_twilio_answered = false;   // A final word: the call, or that there is none for us.
    bool is_unknown_to_twilio = false;  // That word was that there is no such call.
    std::string twilio_said;
    std::optional<UtcTime> workable_again_at;  // Since when, after nobody could look at it.

    bool operator==(const SettleProgress&) const = default;
};
template <>
inline constexpr auto fields_of<SettleProgress> =
    std::tuple{Field{"first_event_at", &SettleProgress::first_event_at},
               Field{"metadata_first_asked_at", &SettleProgress::metadata_first_asked_at},
               Field{"metadata_resolved_at", &SettleProgress::metadata_resolved_at},
               Field{"metadata_asks_count", &SettleProgress::metadata_asks_count},
               Field{"metadata_next_at", &SettleProgress::metadata_next_at},
               Field{"was_metadata_away", &SettleProgress::was_metadata_away},
               Field{"conversation_asks_count", &SettleProgress::conversation_asks_count},
               Field{"conversation_asked_at", &SettleProgress::conversation_asked_at},
               Field{"conversation_not_before", &SettleProgress::conversation_not_before},
               Field{"conversation_said", &SettleProgress::conversation_said},
               Field{"was_conversation_refused", &SettleProgress::was_conversation_refused},
               Field{"was_variable_asked", &SettleProgress::was_variable_asked},
               Field{"twilio_asks_count", &SettleProgress::twilio_asks_count},
               Field{"twilio_asked_at", &SettleProgress::twilio_asked_at},
               Field{"twilio_running_at", &SettleProgress::twilio_running_at},
               Field{"was_twilio_answered", &SettleProgress::was_twilio_answered},
               Field{"is_unknown_to_twilio", &SettleProgress::is_unknown_to_twilio},
               Field{"twilio_said", &SettleProgress::twilio_said},
               Field{"workable_again_at", &SettleProgress::workable_again_at}};
static_assert(names_every_field(fields_of<SettleProgress>));

// A call's row. Times are absent until known.
struct Call {
    std::string id;  // The identity: CallSid, else conversation id.
    CallState state = CallState::open;
    std::optional<ParkReason> parked;
    std::string call_sid;
    std::string conversation_id;
    std::string merged_into;
    std::string to;        // For lists.
    std::string campaign;  // For lists, once known.
    std::string name;      // For lists, once known.
    std::optional<Outcome> outcome;
    std::optional<std::int64_t> duration_s;
    UtcTime first_event_at{};
    UtcTime last_event_at{};
    std::optional<UtcTime> created_at;  // Twilio's date_created.
    std::optional<UtcTime> ended_at;
    std::optional<UtcTime> settled_at;
    std::optional<UtcTime> due_at;  // When the settler looks again.
    bool is_late_conflict = false;
    std::string note;  // Why it settled as it did, or why it is out of scope. No personal data.
    std::optional<CallMetadata> metadata;
    SettleProgress progress;
    std::int64_t events_count = 0;
    std::string record;  // The fixed bytes; empty until then.

    bool operator==(const Call&) const = default;
};

enum class DeliveryState { pending, accepted, parked };
std::string_view to_string(DeliveryState state);

struct Delivery {
    std::int64_t id = 0;
    std::string call_id;
    std::string destination;
    DeliveryState state = DeliveryState::pending;
    std::optional<ParkReason> parked;
    std::string webhook_id;
    std::string body;
    std::optional<UtcTime> ended_at;  // Of the call; sent as X-Wrapup-Ended-At.
    std::int64_t attempts_count = 0;  // All attempts that have an end.
    std::int64_t retries_used = 0;    // Steps of the retry schedule used up.
    std::int64_t unknown_count = 0;   // Attempts whose outcome nobody knows.
    std::optional<UtcTime> due_at;    // Pending: when to try (again).
    std::optional<UtcTime> accepted_at;
    // How its last attempt failed (domain/failure.hpp), while it is owed; empty: it was not tried
    // where it goes to.
    std::string fingerprint = {};

    // Neither at the CRM nor given up.
    bool is_owed() const {
        return state != DeliveryState::accepted && parked != ParkReason::given_up;
    }
    bool operator==(const Delivery&) const = default;
};

enum class AttemptOutcome { accepted, refused, failed, unknown };
std::string_view to_string(AttemptOutcome outcome);
std::optional<AttemptOutcome> parse_attempt_outcome(std::string_view name);

// One request for a delivery and what came back.
struct Attempt {
    std::int64_t number = 0;  // Counts from 1 within its delivery.
    UtcTime started_at{};
    milliseconds elapsed{};
    AttemptOutcome outcome = AttemptOutcome::failed;
    int http_status = 0;    // 0: no answer.
    std::string error;      // What went wrong, in words; no personal data.
    std::string answer;     // The beginning of the CRM's answer.
    bool is_again = false;  // A person sent a delivered record again.
    // Where it went. From whoever tries: empty, its delivery's; a delivery that moves leaves its
    // attempts where they were made.
    std::string destination = {};

    bool operator==(const Attempt&) const = default;
};

}  // namespace wrapup
