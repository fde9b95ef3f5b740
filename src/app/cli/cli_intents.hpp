#pragma once

// `wrapup call --list` and `wrapup call --cancel`: what was asked to be placed.

#include <string>

#include "app/cli/command.hpp"

namespace wrapup {

struct IntentListOptions {
    std::string to;
    std::string state;
    std::string limit;
    std::string cursor;
};
int run_list_intents(Console& console, const CommandLine& line, const IntentListOptions& options);
int run_cancel_intent(Console& console, const CommandLine& line, const std::string& id);

}  // namespace wrapup
