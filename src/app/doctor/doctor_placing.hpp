#pragma once

// `wrapup doctor` on placing calls: nothing is dialled and nothing is changed.

#include <vector>

#include "app/doctor/doctor.hpp"

namespace wrapup {

// Whether the settings are those of somebody who places calls.
bool can_place(const Settings& settings);
// The caller id belongs to the account, or is verified. Asks Twilio.
std::vector<Finding> examine_caller_id(const Settings& settings);
// Twilio lets calls into the country of numbers (WRAPUP_COUNTRY) and into that of the caller id.
// Asks Twilio.
std::vector<Finding> examine_countries(const Settings& settings);
// The agent is there and speaks what a telephone does; the key may prepare conversations. Asks
// ElevenLabs.
std::vector<Finding> examine_calling_agent(const Settings& settings);

}  // namespace wrapup
