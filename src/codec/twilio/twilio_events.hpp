#pragma once

// Twilio's callbacks and REST answers, to events and observations.

#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "codec/bytes/form.hpp"
#include "domain/event.hpp"

namespace wrapup {

// How long a call may be silent before Twilio is asked about it.
inline constexpr std::chrono::hours silence_max{24};

// The same of one that rings, and of one that was answered, before its end may have been lost.
inline constexpr seconds open_ring_max{125};
inline constexpr seconds open_talk_max{360};

// A status callback. invalid_input names the field: CallSid or CallStatus missing or unknown in
// form. An unknown CallStatus word is kept (as a Remark), not refused. due_at: now for a terminal
// status, else when its end may have been lost. A leg with a ParentCallSid becomes
// twilio_child_status of the parent, is_ours = false.
Result<NewEvent> status_callback_event(const Form& form, UtcTime received_at);

// An asynchronous AMD callback: invalid_input without CallSid or AnsweredBy.
Result<NewEvent> amd_callback_event(const Form& form, UtcTime received_at);

// Twilio's Call resource as JSON. Tolerant: only `sid` is required; every field may be null.
Result<TwilioCall> parse_twilio_call(std::string_view json);
// The event of a final REST answer.
NewEvent twilio_rest_event(const TwilioCall& call, std::string_view json, UtcTime received_at);
// The same of a call that was found in Twilio's list. Its key is the same: who was asked about the
// call already is told nothing new.
NewEvent reconciled_call_event(const TwilioCall& call, std::string_view json, UtcTime received_at);

}  // namespace wrapup
