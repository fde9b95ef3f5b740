#pragma once

// Twilio's words for where a call is, and which party is on the line.
// Source: Twilio "Call resource", CallStatus and Direction; "Answering Machine Detection",
// AnsweredBy.

#include <optional>
#include <string_view>

namespace wrapup {

enum class CallStatus {
    queued,
    initiated,
    ringing,
    in_progress,
    completed,
    busy,
    no_answer,
    failed,
    canceled,
};

// "no-answer" and so on, Twilio's spelling in any case; `cancelled` and underscores are understood
// too, because other senders write them. Nothing for any other word.
std::optional<CallStatus> parse_call_status(std::string_view word);
std::string_view to_string(CallStatus status);
bool is_terminal(CallStatus status);

// Whether the call came to us. Everything that is not said to be inbound is outbound.
enum class Direction { unknown, outbound, inbound };
Direction parse_direction(std::string_view word);

// A machine took the call: machine_*, fax, and the bare words machine and voicemail, in any case.
bool is_machine(std::string_view answered_by);

}  // namespace wrapup
