#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.hpp"
#include "base/time_zone.hpp"

namespace wrapup {

// The zone of that IANA name ("Europe/Berlin"), as this system knows it. UTC needs no file.
// invalid_input: there is none of that name, in words that follow it.
Result<TimeZone> load_time_zone(std::string_view name,
                                const std::filesystem::path& folder = "/usr/share/zoneinfo");

// Whether there is one. Errors as above.
Result<void> check_time_zone(std::string_view name);

}  // namespace wrapup
