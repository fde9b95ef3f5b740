#pragma once

// A call that somebody asked us to place, durable before Twilio is asked. What moves it is decided
// in core/placing/intent_machine.hpp.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "domain/fields.hpp"
#include "domain/metadata.hpp"

namespace wrapup {

enum class IntentState {
    waiting,    // For its turn: its window, the calling hours, the pace.
    asking,     // Twilio is asked, or was and its answer is not known.
    placed,     // Twilio has the call; nobody has answered yet.
    answered,   // A CallSid was given the agent.
    ended,      // Its call is over.
    refused,    // Twilio said no, or a guard of ours did.
    expired,    // Its window closed before anybody answered.
    cancelled,  // By whoever asked for it.
    parked,     // Nobody knows whether Twilio has the call.
};
std::string_view to_string(IntentState state);
std::optional<IntentState> parse_intent_state(std::string_view name);

struct Intent {
    std::string id;
    IntentState state = IntentState::waiting;
    std::int64_t version = 0;  // Of the row: moves with every change.

    // What was asked for.
    std::string to;
    std::string from;
    std::string agent_id;
    std::string name;
    std::string campaign_id;
    std::string campaign_name;
    std::string variables;  // A JSON object; empty: none.
    std::string time_zone;  // Of the person, when somebody said it.
    std::int64_t timeout_s = 0;
    std::optional<UtcTime> not_before;
    std::optional<UtcTime> not_after;  // Always set once it is stored: every intent ends.
    std::string idempotency_key;
    std::string request_hash;  // Of the request that had the key.
    std::string list_id;       // Of the list that it belongs to.
    std::int64_t attempt_number = 1;

    // What became of it.
    std::optional<UtcTime> created_at;
    std::optional<UtcTime> due_at;    // When a placer has to look at it. Absent: only news move it.
    std::optional<UtcTime> asked_at;  // When Twilio was last asked to make the call.
    std::int64_t asks_count = 0;      // How often it was asked.
    std::int64_t looks_count = 0;     // For the call, since then.
    bool is_absent = false;           // It was looked for long enough: it is surely not at Twilio.
    bool is_cancel_wanted = false;    // And what has not been answered is cancelled at Twilio.
    std::string cancel_reason;        // The state's reason when that is done.
    std::string call_sid;
    std::string owner_sid;   // The first that asked what to say: it alone gets the agent.
    std::string stray_sids;  // Other calls of the same intent, with blanks: to be ended.
    // One agent at a time is asked for it, by whichever node: how often, and when last. What came
    // of it is told to whoever asks again, as long as the call goes on.
    std::int64_t agent_asks_count = 0;
    std::optional<UtcTime> agent_asked_at;
    std::string twiml;
    std::string conversation_id;
    std::string call_status;  // Twilio's last word.
    std::string answered_by;
    std::string reason;            // Why it was refused, expired or parked: a code.
    std::string advice;            // What a person can do about it.
    std::int64_t twilio_code = 0;  // 0: none.
    bool is_abandoned = false;     // Somebody answered and no agent was there.
    std::string no_agent;          // Why not: a code (no_agent_words).
    std::optional<UtcTime> answered_at;
    std::optional<UtcTime> ended_at;

    bool is_open() const {
        return state == IntentState::waiting || state == IntentState::asking ||
               state == IntentState::placed || state == IntentState::answered;
    }
    // Nobody else may call the number: also while nobody knows whether a call of this one is there.
    bool holds_number() const { return is_open() || state == IntentState::parked; }
    // Holds a place of the calls at one time.
    bool is_under_way() const { return is_open() && state != IntentState::waiting; }

    bool operator==(const Intent&) const = default;
};
template <>
inline constexpr auto fields_of<Intent> =
    std::tuple{Field{"id", &Intent::id},
               Field{"state", &Intent::state},
               Field{"version", &Intent::version},
               Field{"to", &Intent::to},
               Field{"from", &Intent::from},
               Field{"agent_id", &Intent::agent_id},
               Field{"name", &Intent::name},
               Field{"campaign_id", &Intent::campaign_id},
               Field{"campaign_name", &Intent::campaign_name},
               Field{"variables", &Intent::variables},
               Field{"time_zone", &Intent::time_zone},
               Field{"timeout_s", &Intent::timeout_s},
               Field{"not_before", &Intent::not_before},
               Field{"not_after", &Intent::not_after},
               Field{"idempotency_key", &Intent::idempotency_key},
               Field{"request_hash", &Intent::request_hash},
               Field{"list_id", &Intent::list_id},
               Field{"attempt_number", &Intent::attempt_number},
               Field{"created_at", &Intent::created_at},
               Field{"due_at", &Intent::due_at},
               Field{"asked_at", &Intent::asked_at},
               Field{"asks_count", &Intent::asks_count},
               Field{"looks_count", &Intent::looks_count},
               Field{"is_absent", &Intent::is_absent},
               Field{"is_cancel_wanted", &Intent::is_cancel_wanted},
               Field{"cancel_reason", &Intent::cancel_reason},
               Field{"call_sid", &Intent::call_sid},
               Field{"owner_sid", &Intent::owner_sid},
               Field{"stray_sids", &Intent::stray_sids},
               Field{"agent_asks_count", &Intent::agent_asks_count},
               Field{"agent_asked_at", &Intent::agent_asked_at},
               Field{"twiml", &Intent::twiml},
               Field{"conversation_id", &Intent::conversation_id},
               Field{"call_status", &Intent::call_status},
               Field{"answered_by", &Intent::answered_by},
               Field{"reason", &Intent::reason},
               Field{"advice", &Intent::advice},
               Field{"twilio_code", &Intent::twilio_code},
               Field{"is_abandoned", &Intent::is_abandoned},
               Field{"no_agent", &Intent::no_agent},
               Field{"answered_at", &Intent::answered_at},
               Field{"ended_at", &Intent::ended_at}};
static_assert(names_every_field(fields_of<Intent>));

// What the record of its call is to know.
CallMetadata intent_metadata(const Intent& intent);

// Why an intent is not made. Each is a code that the caller can act on.
enum class IntentRefusal {
    none,
    already_open,       // Another intent to this number has not ended.
    do_not_call,        // The number is on the list.
    too_many_attempts,  // Of this day.
    outside_hours,      // No calling hour lies inside its window, or it was for now.
    key_reused,         // The Idempotency-Key belongs to another request.
};
std::string_view to_string(IntentRefusal refusal);

}  // namespace wrapup
