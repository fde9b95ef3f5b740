#pragma once

// Percent-encoding, as URLs and forms have it.

#include <optional>
#include <string>
#include <string_view>

namespace wrapup {

// For a path segment or a query value: everything but letters, digits and "-._~".
std::string percent_encode(std::string_view text);
// Decodes %XX; nothing when an escape is broken. '+' stays.
std::optional<std::string> percent_decode(std::string_view text);

// The same for application/x-www-form-urlencoded, where a blank is '+'.
std::string form_encode(std::string_view text);
std::optional<std::string> form_decode(std::string_view text);

}  // namespace wrapup
