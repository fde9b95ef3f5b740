#pragma once

// wrapup.toml as flat names and texts.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace wrapup {

struct TomlEntry {
    std::string name;
    std::string value;
    int line = 0;                // Counts from 1.
    bool has_reference = false;  // A ${NAME} stood in it: what it says may be secret.
    std::string fault = {};      // Why it has no value, in words that follow its name.

    bool operator==(const TomlEntry&) const = default;
};

struct TomlRules {
    // What ${NAME} stands for in any string ("$${" is "${"); nothing: not set.
    std::function<std::optional<std::string>(std::string_view name)> find_variable;
    // Names whose table is one value, and becomes JSON.
    std::function<bool(std::string_view name)> is_table;
};

// `[destination.crm] timeout = "35s"` is the entry destination.crm.timeout; a list is its elements
// with commas between; an empty table is an entry without a value. invalid_input names the line.
Result<std::vector<TomlEntry>> parse_toml_settings(std::string_view text,
                                                   std::string_view file_name,
                                                   const TomlRules& rules);

}  // namespace wrapup
