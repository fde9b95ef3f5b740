#pragma once

#include "app/config/settings.hpp"

namespace wrapup {

// Reads the environment of this process, ./.env, and wrapup.toml (WRAPUP_CONFIG of the environment
// or .env, else ./wrapup.toml). A file that is not there counts as none, except one that
// WRAPUP_CONFIG names; invalid_input names the file that cannot be read.
Result<SettingsInput> read_settings_input();

}  // namespace wrapup
