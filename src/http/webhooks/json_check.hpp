#pragma once

#include <string_view>

namespace wrapup {

// Whether the text is one JSON value by the rules of codec/json/json_rules.hpp. Builds nothing of
// it.
bool is_json(std::string_view text);

}  // namespace wrapup
