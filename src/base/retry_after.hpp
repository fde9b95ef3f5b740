#pragma once

#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace wrapup {

// Retry-After (RFC 9110, 10.2.3) as seconds or as an HTTP date, seen from now; at most 24 h are
// believed, and a date in the past is no wait at all. Nothing on any other text.
std::optional<seconds> parse_retry_after(std::string_view value, UtcTime now);

}  // namespace wrapup
