#pragma once

// What placed calls hear, and what their agent is told.

#include <string>
#include <string_view>

#include "domain/intent.hpp"

namespace wrapup {

// TwiML. `sorry`: what is said first; empty: nothing.
std::string twiml_hang_up();
std::string twiml_sorry(std::string_view sorry);

// The dynamic variables of the agent, a JSON object: the given ones, and over them
// twilio_call_sid, contact_name, campaign and intent, where they are known.
std::string agent_variables(const Intent& intent);

}  // namespace wrapup
