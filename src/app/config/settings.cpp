#include "app/config/settings.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "app/config/setting_rules.hpp"
#include "app/config/setting_sources.hpp"
#include "app/config/setting_table.hpp"
#include "app/config/setting_values.hpp"
#include "base/assert.hpp"
#include "base/text.hpp"
#include "codec/bytes/digest.hpp"

namespace wrapup {
namespace {

// Calls visit(row, destination) for every setting that there is. Those of destinations come first,
// so that CRM_WEBHOOK_URL and its like win over what wrapup.toml says of `crm`.
template <class Visit>
void for_each_setting(const std::vector<std::string>& destinations, const Visit& visit) {
    for (const std::string& destination : destinations) {
        for (const auto& row : setting_table()) {
            if (is_of_destination(row)) visit(row, std::string_view(destination));
        }
    }
    for (const auto& row : setting_table()) {
        if (!is_of_destination(row)) visit(row, crm_name);
    }
}

// Reads each setting into its place; one that is wrong becomes a problem and keeps its default.
void read_settings(const SettingSources& sources, InspectedSettings& inspected) {
    const auto read = [&](const SettingRow& row, std::string_view destination) {
        Settings& settings = inspected.settings;
        if (row.otherwise.is_value && row.read) {
            const bool is_read = row.read(row.otherwise.text, settings, destination).has_value();
            WRAPUP_ASSERT(is_read);
        }
    };
    for_each_setting(sources.destinations(), read);
    for_each_setting(sources.destinations(), [&](const SettingRow& row, std::string_view of) {
        const std::string name = name_of(row, of);
        const SourcedText* value = sources.find(name);
        if (value == nullptr || !row.read) return;
        const auto outcome = row.read(value->text, inspected.settings, of);
        if (outcome) return;
        inspected.problems.push_back(
            {name, name + " (" + value->source + ") " + outcome.error().detail});
    });
}

// What follows from several settings, or from where we are.
void complete(Settings& settings, const SettingsInput& input) {
    settings.data_dir = (input.cwd / settings.data_dir).lexically_normal();
    if (input.env_file) settings.env_file = (input.cwd / input.env_name).lexically_normal();
    auto& destinations = settings.destinations;
    for (DestinationConfig& destination : destinations) {
        auto& schedule = destination.policy.retry_schedule;
        if (schedule.empty()) schedule = settings.retry_schedule;
    }
    // Who has other destinations need not have this one.
    const DestinationConfig& crm = destinations.front();
    const bool is_left_out = crm.url.empty() && !crm.is_enabled();
    if (destinations.size() > 1 && is_left_out) destinations.erase(destinations.begin());
}

std::string shown_text(const SettingRow& row, const SourcedText& value) {
    if (row.kind == SettingKind::secret || value.is_masked) return "••••••";
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

// Each node's own. The proxy is its network's; who posts alerts may be one of them.
constexpr std::array<std::string_view, 11> of_one_node{
    "PORT",         "WRAPUP_LISTEN",     "WRAPUP_ADMIN_LISTEN", "WRAPUP_DATA_DIR",
    "WRAPUP_URL",   "WRAPUP_LOG",        "WRAPUP_LOG_LEVEL",    "WRAPUP_CONFIG",
    "DATABASE_URL", "WRAPUP_HTTP_PROXY", "WRAPUP_ALERT_URL"};

constexpr const char* api_token_name = "WRAPUP_API_TOKEN";

// 16 bits: whoever reads the database guesses no password by them.
std::string digest_of(const std::string& name, const std::string& text) {
    return sha256_hex(name + "=" + text).substr(0, 4);
}

std::string meaning_in(const SettingRow& row, const std::string& text) {
    return row.read.meaning ? row.read.meaning(text) : text;
}

SettingDigests digest_settings(const SettingSources& sources) {
    SettingDigests digests;
    for_each_setting(sources.destinations(), [&](const SettingRow& row, std::string_view of) {
        const std::string name = name_of(row, of);
        const SourcedText* const value = sources.find(name);
        if (value == nullptr || std::ranges::count(of_one_node, name) > 0) return;
        const std::string meaning = meaning_in(row, value->text);
        if (row.otherwise.is_value && meaning == meaning_in(row, row.otherwise.text)) return;
        digests[name] = digest_of(name, meaning);
    });
    return digests;
}

std::string meaning_in(const SettingSources& sources, const SettingRow& row,
                       const std::string& name) {
    const SourcedText* const value = sources.find(name);
    if (value != nullptr) return meaning_in(row, value->text);
    return row.otherwise.is_value ? meaning_in(row, row.otherwise.text) : "";
}

// Of a destination only what is said, or would be.
std::vector<EffectiveSetting> list_effective(const SettingSources& sources) {
    std::vector<EffectiveSetting> ours;
    std::vector<EffectiveSetting> of_destinations;
    for_each_setting(sources.destinations(), [&](const SettingRow& row, std::string_view of) {
        EffectiveSetting setting = effective(row, of, sources);
        if (!is_of_destination(row)) return ours.push_back(std::move(setting));
        if (!setting.shown.empty()) of_destinations.push_back(std::move(setting));
    });
    std::ranges::move(of_destinations, std::back_inserter(ours));
    return ours;
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
    read_settings(sources, inspected);
    complete(settings, input);
    check_rules(settings, sources, inspected.problems);
    settings.effective = list_effective(sources);
    settings.digests = digest_settings(sources);
    return inspected;
}

std::vector<std::string> changed_settings(const SettingsInput& then, const SettingsInput& now) {
    InspectedSettings ignored;
    const SettingSources before(then, ignored);
    const SettingSources after(now, ignored);
    std::vector<std::string> destinations = after.destinations();
    for (const std::string& name : before.destinations()) {
        const bool is_there = std::ranges::find(destinations, name) != destinations.end();
        if (!is_there) destinations.push_back(name);
    }
    std::vector<std::string> changed;
    for_each_setting(destinations, [&](const SettingRow& row, std::string_view of) {
        const std::string name = name_of(row, of);
        if (name == "WRAPUP_URL") return;  // Of commands, which read it each time.
        if (meaning_in(before, row, name) != meaning_in(after, row, name)) changed.push_back(name);
    });
    return changed;
}

SettingDigests node_digests(const Settings& settings, const std::string& api_token) {
    SettingDigests digests = settings.digests;
    if (!api_token.empty()) digests[api_token_name] = digest_of(api_token_name, api_token);
    return digests;
}

Result<Settings> load_settings(const SettingsInput& input) {
    InspectedSettings inspected = inspect_settings(input);
    if (!inspected.problems.empty()) {
        return Error{Errc::invalid_input, inspected.problems.front().text};
    }
    return std::move(inspected.settings);
}

}  // namespace wrapup
