#pragma once

// What settings demand of each other.

#include <vector>

#include "app/config/setting_sources.hpp"
#include "app/config/settings.hpp"

namespace wrapup {

void check_rules(const Settings& settings, const SettingSources& sources,
                 std::vector<SettingProblem>& problems);

}  // namespace wrapup
