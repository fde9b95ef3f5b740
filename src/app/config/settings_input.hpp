#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/config/exposure.hpp"
#include "app/config/settings.hpp"

namespace wrapup {

// Reads the environment of this process, ./.env, and wrapup.toml (WRAPUP_CONFIG of the environment
// or .env, else ./wrapup.toml). A file that is not there counts as none, except one that
// WRAPUP_CONFIG names; invalid_input names the file that cannot be read.
Result<SettingsInput> read_settings_input();

// Those of another installation: $XDG_CONFIG_HOME/wrapup/NAME.env, else ~/.config/wrapup/NAME.env,
// and nothing else. It names the token itself (WRAPUP_API_TOKEN), so that no server is ever given
// another's.
Result<SettingsInput> read_profile(const std::string& name);
// The names that read_profile() knows, sorted.
std::vector<std::string> profile_names();
// Who else can read the token in this profile's file.
std::optional<Exposure> find_profile_exposure(const std::string& name);

}  // namespace wrapup
