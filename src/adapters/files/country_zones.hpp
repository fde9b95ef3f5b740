#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace wrapup {

// The names of all time zones of a country (two capital letters), as this system's zone.tab lists
// them (package tzdata). Empty for a country that it does not list. unavailable: the file cannot
// be read.
Result<std::vector<std::string>> list_country_zones(
    std::string_view country, const std::filesystem::path& folder = "/usr/share/zoneinfo");

}  // namespace wrapup
