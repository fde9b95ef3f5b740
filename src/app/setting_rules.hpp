#pragma once

// What settings demand of each other.

#include <vector>

#include "app/setting_sources.hpp"
#include "app/settings.hpp"

namespace wrapup {

void check_rules(const Settings& settings, const SettingSources& sources,
                 std::vector<SettingProblem>& problems);

}  // namespace wrapup
