#pragma once

// Facts: what the events of one call add up to. Independent of the order and repetition of events.

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "domain/call_status.hpp"
#include "domain/observation.hpp"

namespace wrapup {

// Two words are not about one call when their times are further apart: clocks of senders differ.
inline constexpr std::chrono::minutes same_call_within{30};

// Who says so, best first.
enum class Authority { callback, rest, elevenlabs };

struct Terminal {
    CallStatus status = CallStatus::completed;
    Authority authority = Authority::elevenlabs;
    std::optional<std::int64_t> sequence_number;
    std::optional<std::int64_t> duration_s;

    bool operator==(const Terminal&) const = default;
};

struct Facts {
    std::optional<Terminal> terminal;        // The word that counts on how the call ended.
    std::optional<std::int64_t> duration_s;  // By the precedence of callbacks, REST, conversation.
    std::string answered_by;  // Callback, AMD callback, REST (metadata and ElevenLabs come later).
    std::string call_result;  // ElevenLabs' own word.
    bool has_agent_voicemail = false;  // The agent itself took the other side for voicemail.
    std::string to;
    std::string from;
    Direction direction = Direction::unknown;
    std::optional<UtcTime> started_at;
    std::optional<UtcTime> ended_at;  // As told by the best authority; else when we heard of it.

    bool has_twilio_word = false;  // A callback or REST answer of its own, terminal or not.
    // Somebody told of a phone call, not only of a conversation whose variables name one.
    bool is_phone_call = false;
    // Its life by Twilio's clock; absent: Twilio did not say.
    std::optional<UtcTime> twilio_began_at;
    std::optional<UtcTime> twilio_ended_at;
    std::optional<UtcTime> first_word_at;
    std::optional<UtcTime> last_word_at;
    std::optional<UtcTime> end_heard_at;         // When we first heard a final word from anyone.
    std::optional<UtcTime> elevenlabs_ended_at;  // When ElevenLabs first told us of the end.

    std::string call_sid;
    std::string account_sid;  // Twilio's, maybe a subaccount's; empty when nobody named it.
    std::string conversation_id;
    std::string agent_id;
    PhoneLine line = PhoneLine::none;
    bool had_conversation = false;
    std::string no_agent;  // Somebody answered, and was never given an agent: why (a code).
    bool is_conversation_over = false;  // done or failed: nothing more will come.
    std::string summary;                // Usable; empty otherwise.
    std::string dynamic_name;           // Contact name from the dynamic variables.

    bool operator==(const Facts&) const = default;
};

// The number of the person the call was with: the one called, or of an inbound call the caller's.
inline const std::string& other_party(const Facts& facts) {
    return facts.direction == Direction::inbound ? facts.from : facts.to;
}

}  // namespace wrapup
