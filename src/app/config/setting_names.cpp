// Finds names in the table of settings, also misspelt ones.

#include <algorithm>

#include "app/config/setting_table.hpp"
#include "base/nearest_word.hpp"
#include "base/time.hpp"

namespace wrapup {
namespace {

constexpr std::string_view destinations = "destination.";
constexpr std::string_view any_destination = "destination.*.";

bool is_off(std::string_view value, std::string_view off) {
    if (off.empty()) return false;
    return value == off || (off == "0" && parse_duration(value) == milliseconds{0});
}

}  // namespace

std::string_view destination_in(std::string_view name) {
    if (!name.starts_with(destinations)) return {};
    const std::string_view rest = name.substr(destinations.size());
    return rest.substr(0, rest.find('.'));
}

bool is_of_destination(const SettingRow& row) { return row.name.starts_with(any_destination); }

std::string name_of(const SettingRow& row, std::string_view destination) {
    if (!is_of_destination(row)) return row.name;
    return std::string(destinations) + std::string(destination) + "." +
           row.name.substr(any_destination.size());
}

std::optional<FoundSetting> find_setting(std::string_view name) {
    const std::string_view destination = destination_in(name);
    for (const auto& row : setting_table()) {
        if (row.name == name && !is_of_destination(row)) return FoundSetting{row, crm_name};
        if (!destination.empty() && is_of_destination(row) && name_of(row, destination) == name) {
            return FoundSetting{row, destination};
        }
    }
    return {};
}

bool is_reserved_name(std::string_view name) {
    return name.starts_with("WRAPUP_TEST_") || name.starts_with("WRAPUP_SIM_") ||
           name == "WRAPUP_BIN";
}

std::optional<std::string> nearest_setting(std::string_view name) {
    std::vector<std::string> known;
    for (const auto& row : setting_table()) known.push_back(name_of(row, destination_in(name)));
    return nearest_word(name, known);
}

std::optional<std::string> why_not_built(std::string_view name, std::string_view value) {
    constexpr std::string_view reason = "asks for something that this version does not have yet";
    const auto found = find_setting(name);
    if (!found || found->row.read || is_off(value, found->row.off)) return {};
    if (found->row.off.empty()) return std::string(reason);
    return std::string(reason) + "; leave it out or say " + found->row.off;
}

}  // namespace wrapup
