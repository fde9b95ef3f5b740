#pragma once

// What options with a fixed set of values take: for --help, completion, and to be checked.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace wrapup {

std::vector<std::string> call_states();
std::vector<std::string> outcome_words();
std::vector<std::string> park_reasons();

// The value that `text` is, in any case, with '-' or a blank for '_'; invalid_input names what was
// probably meant.
Result<std::string> value_meant(const std::vector<std::string>& values, std::string_view text);

// "a", "a or b", "a, b or c"
std::string joined_with_or(const std::vector<std::string>& words);

}  // namespace wrapup
