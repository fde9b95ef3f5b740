#pragma once

// A request's body as a JSON object. Includes Boost.JSON: for .cpp files only.

#include <string>
#include <string_view>

#include "codec/json/json_value.hpp"
#include "http/api/api_input.hpp"

namespace wrapup {

// Nothing is mended: half a name would reach people. A body that has a member twice is refused by
// its name: which of the two was meant nobody knows.
Parsed<boost::json::object> parse_request_object(std::string_view text);

// A member's name as an answer may show it. One that is not like an identifier may be somebody's
// number or name.
std::string shown_name(std::string_view name);

}  // namespace wrapup
