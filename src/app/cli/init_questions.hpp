#pragma once

// What `wrapup init` asks, in this order, and how each answer is checked.

#include <string>
#include <vector>

#include "app/config/settings.hpp"
#include "app/doctor/doctor.hpp"

namespace wrapup {

struct InitQuestion {
    std::string name;  // The setting.
    std::string text;
    bool is_secret = false;
};

// Questions whose answers are checked together.
struct InitStep {
    std::vector<InitQuestion> questions;
    // Asks the service; finds nothing where there is nothing to ask. Ten seconds at most.
    std::vector<Finding> (*check)(const Settings& settings);
};

std::vector<InitStep> init_steps();

// What to paste where, and the next command. `is_running`: a server works with settings from
// before.
std::string next_steps(const Settings& settings, bool is_running);

}  // namespace wrapup
