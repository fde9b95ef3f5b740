#pragma once

#include "app/config/settings.hpp"
#include "app/serve/house_front.hpp"

namespace wrapup {

// Builds everything, serves until SIGTERM, SIGINT or SIGHUP, and returns the exit code of the
// process.
int run_serve(const Settings& settings, Examine examine);

}  // namespace wrapup
