#pragma once

// Whether what ElevenLabs says can be about a call. A dialler's document, a list or an answer may
// name the wrong conversation, and another person's name or summary must not get into a record.

#include <string_view>

#include "domain/observation.hpp"

namespace wrapup {

// What is known of a call apart from ElevenLabs; empty: nothing.
struct CallMarks {
    std::string_view call_sid;
    std::string_view agent_id;  // By its metadata.
};

// The CallSid decides where both have one. Where the conversation has none, its agent must be the
// call's as far as both are known.
bool may_be_of(const Conversation& conversation, const CallMarks& call);
// The same of anything that was observed; what does not come from ElevenLabs may be.
bool may_be_of(const Observation& said, const CallMarks& call);

}  // namespace wrapup
