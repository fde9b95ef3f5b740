#include "app/setting_sources.hpp"

#include "app/env_file.hpp"
#include "app/setting_table.hpp"
#include "app/setting_toml.hpp"
#include "base/text.hpp"

namespace wrapup {
namespace {

// A name may be any bytes; what is said of it is one line.
std::string printable(std::string name) {
    for (char& c : name) {
        if (c < ' ' || c > '~') c = '?';
    }
    return truncate_utf8(name, 100);
}

}  // namespace

SettingSources::SettingSources(const SettingsInput& input, std::vector<SettingProblem>& problems)
    : problems_(problems) {
    read_environment(input);
    read_env_file(input);
    read_toml_file(input);
    for (const auto& [name, value] : values_) {
        if (const auto why = why_not_built(name, value.text)) {
            problems_.push_back({name, name + " (" + value.source + ") " + *why});
        }
    }
}

const SourcedText* SettingSources::find(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
}

void SettingSources::read_environment(const SettingsInput& input) {
    for (const auto& [name, value] : input.environment) {
        // Dotted names are those of wrapup.toml.
        if (name.find('.') == std::string::npos) add(name, value, "environment");
    }
}

void SettingSources::read_env_file(const SettingsInput& input) {
    if (!input.env_file) return;
    const auto entries = parse_env_file(*input.env_file);
    if (!entries) return problems_.push_back({".env", entries.error().detail});
    // The last line of a name counts, and add() keeps the first it sees.
    for (auto entry = entries->rbegin(); entry != entries->rend(); ++entry) {
        add(entry->name, entry->value, ".env line " + std::to_string(entry->line));
    }
}

void SettingSources::read_toml_file(const SettingsInput& input) {
    if (!input.toml_file) return;
    const auto entries = parse_toml_settings(*input.toml_file, input.toml_name);
    if (!entries) return problems_.push_back({input.toml_name, entries.error().detail});
    for (const auto& entry : *entries) {
        const std::string source = input.toml_name + " line " + std::to_string(entry.line);
        if (entry.name == "WRAPUP_CONFIG") {
            problems_.push_back({entry.name, entry.name + " (" + source +
                                                 ") cannot stand in the file that it names"});
        } else if (const auto why = why_not_built(entry.name, entry.value);
                   why && find_setting(entry.name) == nullptr) {
            problems_.push_back({entry.name, entry.name + " (" + source + ") " + *why});
        } else if (find_setting(entry.name) != nullptr) {
            add(entry.name, entry.value, source);
        } else if (entry.name != "destination" && entry.name != "destination.crm" &&
                   entry.name != "metadata" && !is_reserved_name(entry.name)) {
            refuse_unknown(entry.name, source);
        }
    }
}

void SettingSources::add(const std::string& name, const std::string& text,
                         const std::string& source) {
    if (find_setting(name) == nullptr) {
        if (name.starts_with("WRAPUP_") && !is_reserved_name(name)) refuse_unknown(name, source);
        return;
    }
    const std::string_view trimmed = trim(text);
    if (!trimmed.empty()) values_.try_emplace(name, SourcedText{std::string(trimmed), source});
}

void SettingSources::refuse_unknown(const std::string& name, const std::string& source) {
    std::string text = printable(name) + " (" + source + ") is not a setting";
    if (const auto nearest = nearest_setting(name)) {
        text += "; did you mean " + std::string(*nearest) + "?";
    }
    problems_.push_back({name, std::move(text)});
}

}  // namespace wrapup
