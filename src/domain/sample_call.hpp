#pragma once

// Sample calls: what `wrapup trigger` sends to see that everything works. They took place nowhere.
// Their CallSid says what they are, so that nobody has to be told: their record is fixed at once
// and names them, and no ledger counts them.

#include <string>
#include <string_view>

namespace wrapup {

// `random`: at least 15 lowercase hex digits. `is_dry`: no destination is told.
std::string sample_call_sid(std::string_view random, bool is_dry);

bool is_sample_call(std::string_view call_sid);
bool is_dry_sample_call(std::string_view call_sid);

// What their records say.
constexpr std::string_view sample_subject = "Test of wrapup";
constexpr std::string_view sample_summary =
    "This is a test that was sent with `wrapup trigger`. No call took place.";

}  // namespace wrapup
