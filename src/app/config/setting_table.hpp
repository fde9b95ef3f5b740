#pragma once

// The names of all settings, in the order of the reference, and what is said of each.

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wrapup {

enum class SettingKind {
    plain,       // May be shown as it is.
    url,         // Shown as far as its host: what follows is often a key.
    public_url,  // Shown without user:password and query.
    secret,      // Never shown.
};

struct SettingRow {
    std::string_view name;  // A dotted name stands in wrapup.toml only.
    SettingKind kind;
    std::string_view default_shown;  // Empty: not set by default.
};

std::span<const SettingRow> setting_table();
const SettingRow* find_setting(std::string_view name);

// WRAPUP_TEST_*, WRAPUP_SIM_* and WRAPUP_BIN belong to tests and are ignored.
bool is_reserved_name(std::string_view name);

// The known name that was probably meant.
std::optional<std::string_view> nearest_setting(std::string_view name);

// Why this value cannot be honoured by this version, or nothing. A value that only turns the
// missing thing off is fine. `name` may be one of wrapup.toml that the table does not have.
std::optional<std::string> why_not_built(std::string_view name, std::string_view value);

}  // namespace wrapup
