#pragma once

// Tolerant reading of JSON that others wrote. Includes Boost.JSON: for .cpp files only.

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace wrapup {

// Parses an object by the rules of json_rules.hpp. invalid_input: not JSON, or no object. Numbers
// too large for a double become null. What comes out can be written as valid JSON.
Result<boost::json::object> parse_json_object(std::string_view text);
// The same of JSON that nobody may have mended: what it says reaches people. invalid_input says
// that it is "not UTF-8", "not JSON" or "not a JSON object".
Result<boost::json::object> parse_strict_json_object(std::string_view text);

// A member of an object, or null: also when `object` itself is null.
const boost::json::value* json_member(const boost::json::object* object, std::string_view key);
const boost::json::object* json_object(const boost::json::object* object, std::string_view key);

// Strings as they are; anything else is empty.
std::string json_string(const boost::json::object* object, std::string_view key);
// Whole numbers, also written as text or with a fraction, which is cut off. Nothing for the rest.
std::optional<std::int64_t> json_int(const boost::json::object* object, std::string_view key);
// A whole number that is not negative, in a text.
std::optional<std::int64_t> parse_count(std::string_view text);
// The same, but nothing when negative.
std::optional<std::int64_t> json_count(const boost::json::object* object, std::string_view key);
bool json_bool(const boost::json::object* object, std::string_view key);
// A point in time as whole Unix seconds, between 1970 and the year 9999.
std::optional<UtcTime> json_unix_s(const boost::json::object* object, std::string_view key);

}  // namespace wrapup
