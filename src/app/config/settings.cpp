#include "app/config/settings.hpp"

#include "app/config/setting_rules.hpp"
#include "app/config/setting_sources.hpp"
#include "app/config/setting_table.hpp"
#include "app/config/setting_values.hpp"
#include "base/assert.hpp"
#include "base/text.hpp"

namespace wrapup {
namespace {

// Reads each setting into its place; one that is wrong becomes a problem and keeps its default.
void read_settings(const SettingSources& sources, InspectedSettings& inspected) {
    const auto read = [&](const SettingRow& row, std::string_view destination) {
        const std::string name = name_of(row, destination);
        const SourcedText* value = sources.find(name);
        if (value == nullptr || !row.read) return;
        const auto outcome = row.read(value->text, inspected.settings, destination);
        if (outcome) return;
        inspected.problems.push_back(
            {name, name + " (" + value->source + ") " + outcome.error().detail});
    };
    for (const auto& row : setting_table()) read(row, crm_name);
}

void set_defaults(Settings& settings) {
    for (const auto& row : setting_table()) {
        if (!row.otherwise.is_value || !row.read) continue;
        const bool is_read = row.read(row.otherwise.text, settings, crm_name).has_value();
        WRAPUP_ASSERT(is_read);
    }
}

// What follows from several settings, or from where we are.
void complete(Settings& settings, const SettingsInput& input) {
    settings.data_dir = (input.cwd / settings.data_dir).lexically_normal();
    if (input.env_file) settings.env_file = (input.cwd / ".env").lexically_normal();
    for (DestinationConfig& destination : settings.destinations) {
        destination.policy.retry_schedule = settings.retry_schedule;
    }
}

std::string shown_text(const SettingRow& row, const SourcedText& value) {
    if (row.kind == SettingKind::secret) return "••••••";
    if (row.kind == SettingKind::url) return mask_url(value.text);
    if (row.kind == SettingKind::public_url) return mask_public_url(value.text);
    std::string shown = to_valid_utf8(value.text);
    for (char& c : shown) {
        if (c >= 0 && c < ' ') c = ' ';
    }
    return shown;
}

EffectiveSetting effective(const SettingRow& row, std::string_view destination,
                           const SettingSources& sources) {
    EffectiveSetting setting{name_of(row, destination), row.otherwise.text, "default",
                             row.kind == SettingKind::secret};
    if (const SourcedText* value = sources.find(setting.name)) {
        setting.shown = shown_text(row, *value);
        setting.source = value->source;
    } else if (row.name == "WRAPUP_LISTEN" && sources.has("PORT")) {
        setting.shown = "0.0.0.0:" + sources.find("PORT")->text;
        setting.source = "PORT";
    }
    return setting;
}

std::vector<EffectiveSetting> list_effective(const SettingSources& sources) {
    std::vector<EffectiveSetting> settings;
    for (const auto& row : setting_table()) settings.push_back(effective(row, crm_name, sources));
    return settings;
}

}  // namespace

std::filesystem::path store_path(const Settings& settings) {
    return settings.data_dir / "wrapup.db";
}

DestinationConfig& Settings::destination(std::string_view name) {
    for (DestinationConfig& known : destinations) {
        if (known.name == name) return known;
    }
    destinations.push_back({.name = std::string(name)});
    return destinations.back();
}

InspectedSettings inspect_settings(const SettingsInput& input) {
    InspectedSettings inspected;
    const SettingSources sources(input, inspected);
    Settings& settings = inspected.settings;
    set_defaults(settings);
    read_settings(sources, inspected);
    complete(settings, input);
    check_rules(settings, sources, inspected.problems);
    settings.effective = list_effective(sources);
    return inspected;
}

Result<Settings> load_settings(const SettingsInput& input) {
    InspectedSettings inspected = inspect_settings(input);
    if (!inspected.problems.empty()) {
        return Error{Errc::invalid_input, inspected.problems.front().text};
    }
    return std::move(inspected.settings);
}

}  // namespace wrapup
