#pragma once

// Outcome of a call: Twilio's word, the duration and who answered, to the CRM's four words.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/call_status.hpp"

namespace wrapup {

enum class Outcome { held, no_answer, no_connection, voicemail };

// "held", "no answer", "no connection", "voicemail": the CRM's spelling.
std::string_view to_string(Outcome outcome);
std::optional<Outcome> parse_outcome(std::string_view word);

// Requires a terminal status. The table of docs/outcomes.md, row by row.
Outcome outcome_of(CallStatus terminal, std::int64_t duration_s, std::string_view answered_by);

// Whether a conversation took place whose summary is worth waiting for.
bool deserves_summary(Outcome outcome);

// Our own sentence for a call without a usable summary, from outcome, direction, duration and name.
// `name` may be empty.
std::string fallback_summary(Outcome outcome, Direction direction, std::int64_t duration_s,
                             std::string_view name);

// Why an answered call got no agent, in words that follow a colon. `why`: a code.
std::string_view no_agent_words(std::string_view why);
// Our own sentence for such a call. `outcome` deserves a summary.
std::string no_agent_summary(Outcome outcome, std::string_view name, std::string_view why);

}  // namespace wrapup
