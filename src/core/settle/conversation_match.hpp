#pragma once

// Whether what ElevenLabs says can be about a call. A dialler's document, a list or an answer may
// name the wrong conversation, and another person's name or summary must not get into a record.

#include <string>
#include <string_view>

#include "domain/facts.hpp"
#include "domain/observation.hpp"

namespace wrapup {

// What is known of a call apart from ElevenLabs; empty: nothing.
struct CallMarks {
    std::string_view call_sid;
    std::string_view agent_id;  // By its metadata.
    std::string_view to;        // The other party's number.
};

// The other party's number by the facts; empty where it, or who called whom, is not known.
std::string number_of(const Facts& facts);

// The CallSid decides where both have one. Where the conversation has none, its agent and the other
// party must be the call's as far as both are known. Numbers are compared however they are spelled:
// "0413052898", "sip:61413052898@pbx.example.com" and "+61413052898" may be the same.
bool may_be_of(const Conversation& conversation, const CallMarks& call);
// The same of anything that was observed; what does not come from ElevenLabs may be.
bool may_be_of(const Observation& said, const CallMarks& call);

}  // namespace wrapup
