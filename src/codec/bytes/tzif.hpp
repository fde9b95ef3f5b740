#pragma once

// Compiled time zones (RFC 8536), as systems keep them in /usr/share/zoneinfo.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time_zone.hpp"

namespace wrapup {

// The zone in the bytes of such a file, version 2 or newer. The rule at its end, which goes on for
// ever, is followed to the end of this century. invalid_input: anything else, and zones that count
// leap seconds, which no clock of ours does.
Result<TimeZone> parse_tzif(std::string name, std::string_view bytes);

}  // namespace wrapup
