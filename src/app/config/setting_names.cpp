// Finds names in the table of settings, also misspelt ones.

#include <algorithm>

#include "app/config/setting_table.hpp"
#include "base/time.hpp"

namespace wrapup {
namespace {

constexpr std::string_view destinations = "destination.";
constexpr std::string_view any_destination = "destination.*.";

bool is_off(std::string_view value, std::string_view off) {
    if (off.empty()) return false;
    return value == off || (off == "0" && parse_duration(value) == milliseconds{0});
}

// Levenshtein. Names are short, and a long one cannot be near anything.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
        }
    }
    return row[b.size()];
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
    constexpr std::size_t size_max = 64;
    constexpr std::size_t typos_max = 2;
    if (name.size() > size_max) return {};
    std::optional<std::string> nearest;
    std::size_t least = typos_max + 1;
    for (const auto& row : setting_table()) {
        std::string candidate = name_of(row, destination_in(name));
        const std::size_t found = distance(name, candidate);
        if (found >= least) continue;
        least = found;
        nearest = std::move(candidate);
    }
    return nearest;
}

std::optional<std::string> why_not_built(std::string_view name, std::string_view value) {
    constexpr std::string_view reason = "asks for something that this version does not have yet";
    const auto found = find_setting(name);
    if (!found || found->row.read || is_off(value, found->row.off)) return {};
    if (found->row.off.empty()) return std::string(reason);
    return std::string(reason) + "; leave it out or say " + found->row.off;
}

}  // namespace wrapup
