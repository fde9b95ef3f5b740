#pragma once

#include "app/config/settings.hpp"

namespace wrapup {

// Builds everything, serves until SIGTERM or SIGINT, and returns the exit code of the process.
int run_serve(const Settings& settings);

}  // namespace wrapup
