#pragma once

// Whether what ElevenLabs says can be about a call. A dialler's document, a list or an answer may
// name the wrong conversation, and another person's name or summary must not get into a record.

#include <optional>
#include <string>
#include <string_view>

#include "domain/facts.hpp"
#include "domain/observation.hpp"

namespace wrapup {

// What is known of a call apart from ElevenLabs; empty: nothing.
struct CallMarks {
    std::string call_sid;
    std::string agent_id;  // By its metadata.
    std::string to;        // The other party's number.
    Direction direction = Direction::unknown;
    std::optional<UtcTime> began_at{};  // By Twilio's clock, as both are.
    std::optional<UtcTime> ended_at{};
};
CallMarks marks_of(const Facts& facts, std::string_view agent_id);

// The other party's number by the facts; empty where it, or who called whom, is not known.
std::string number_of(const Facts& facts);

// The CallSid of the conversation's own phone call decides. One that only its dynamic variables
// name, which whoever begins it sets, counts where the conversation began in the call's life; where
// it has none, its agent, its direction and the other party must be the call's too. All of this as
// far as both are known, and times within same_call_within. Numbers are compared however they are
// spelled: "0413052898", "sip:61413052898@pbx.example.com" and "+61413052898" may be the same.
bool may_be_of(const Conversation& conversation, const CallMarks& call);
// The same of anything that was observed; what does not come from ElevenLabs may be.
bool may_be_of(const Observation& said, const CallMarks& call);

}  // namespace wrapup
