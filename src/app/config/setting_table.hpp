#pragma once

// The one table of settings: name, kind, default, parser and documentation. A new setting is a row
// and a field. docs/operations.md and .env.example are written from it.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/settings.hpp"

namespace wrapup {

enum class SettingKind {
    plain,       // May be shown as it is.
    url,         // Shown as far as its host: what follows is often a key.
    public_url,  // Shown without user:password and query.
    secret,      // Never shown.
};

// What counts when nobody says anything.
struct SettingDefault {
    std::string text;       // Empty: not set.
    bool is_value = false;  // False: words about what then happens.
};

// invalid_input with words that follow the setting's name. `destination` is that of the name, and
// `crm` for a name without one.
struct ReadSetting {
    using Read = std::function<Result<void>(std::string_view text, Settings& settings,
                                            std::string_view destination)>;

    Read read{};
    // One text for all that mean the same; nothing: each means something else.
    std::function<std::string(std::string_view text)> meaning{};

    explicit operator bool() const { return read != nullptr; }
    Result<void> operator()(std::string_view text, Settings& settings,
                            std::string_view destination) const {
        return read(text, settings, destination);
    }
};

struct SettingRow {
    // A dotted name stands in wrapup.toml only; "destination.*.timeout" is that of any destination.
    std::string name{};
    SettingKind kind = SettingKind::plain;
    SettingDefault otherwise{};
    std::string about{};  // One line; `code` may be marked as such.
    std::string page{};   // In docs/, for more.
    std::string example{};
    bool is_table = false;       // In wrapup.toml; the parser is given its JSON.
    bool is_to_fill_in = false;  // .env.example leaves it open instead of commenting it out.
    // Nothing: not built yet; only a value that says `off` is accepted, if there is one.
    ReadSetting read{};
    std::string off{};
    std::string section{};  // Of .env.example.
};

const std::vector<SettingRow>& setting_table();

// The kind of destination that there is.
inline constexpr std::string_view webhook_kind = "webhook";

// The row, and with a '*' in its name what stands there in `name`.
struct FoundSetting {
    const SettingRow& row;
    std::string_view destination;
};
std::optional<FoundSetting> find_setting(std::string_view name);

// The name of this row's setting of a destination.
std::string name_of(const SettingRow& row, std::string_view destination);
bool is_of_destination(const SettingRow& row);
// Of "destination.NAME.rest", NAME; empty when it is not one.
std::string_view destination_in(std::string_view name);

// WRAPUP_TEST_*, WRAPUP_SIM_* and WRAPUP_BIN belong to tests and are ignored.
bool is_reserved_name(std::string_view name);

// The known name that was probably meant.
std::optional<std::string> nearest_setting(std::string_view name);

// Why this value cannot be honoured by this version, or nothing. A value that only turns the
// missing thing off is fine. `name` may be one of wrapup.toml that the table does not have.
std::optional<std::string> why_not_built(std::string_view name, std::string_view value);

}  // namespace wrapup
