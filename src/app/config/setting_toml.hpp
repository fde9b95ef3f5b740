#pragma once

// wrapup.toml as flat names and texts.

#include <string>
#include <string_view>
#include <vector>

#include "app/config/env_file.hpp"
#include "base/result.hpp"

namespace wrapup {

// `[destination.crm] timeout = "35s"` is the entry destination.crm.timeout; a list is its elements
// with commas between; an empty table is an entry without a value. invalid_input names the line.
Result<std::vector<EnvEntry>> parse_toml_settings(std::string_view text,
                                                  std::string_view file_name);

}  // namespace wrapup
