#include "app/config/setting_sources.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "app/config/env_file.hpp"
#include "app/config/setting_table.hpp"
#include "app/config/setting_toml.hpp"
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

bool is_ours(const std::string& name) {
    return find_setting(name).has_value() ||
           (name.starts_with("WRAPUP_") && !is_reserved_name(name));
}

bool is_destination_name(std::string_view name) {
    constexpr std::size_t size_max = 32;
    return !name.empty() && name.size() <= size_max && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

bool is_in_quotes(std::string_view value) {
    return value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
           value.back() == value.front();
}

}  // namespace

SettingSources::SettingSources(const SettingsInput& input, InspectedSettings& inspected)
    : problems_(inspected.problems), warnings_(inspected.warnings) {
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
        variables_.try_emplace(name, trim(value));
    }
}

void SettingSources::read_env_file(const SettingsInput& input) {
    if (!input.env_file) return;
    constexpr std::string_view usual_name = ".env";  // As faults call it.
    const EnvFile file = parse_env_file(*input.env_file);
    for (const EnvFault& fault : file.faults) {
        const std::string text = input.env_name + fault.text.substr(usual_name.size());
        if (is_ours(fault.name) || fault.name == usual_name) {
            problems_.push_back({fault.name, text});
        } else {
            warnings_.push_back(text + "; the line is left out");
        }
    }
    std::map<std::string, int> counting;  // By name, the line whose value counts.
    // The last line of a name counts, and add() keeps the first it sees.
    for (auto entry = file.entries.rbegin(); entry != file.entries.rend(); ++entry) {
        const std::string line = input.env_name + " line " + std::to_string(entry->line);
        warn_of_swallowed(*entry, line);
        const auto [last, is_last] = counting.try_emplace(entry->name, entry->line);
        if (!is_last && find_setting(entry->name)) {
            warnings_.push_back(line + ": " + entry->name + " is set again in line " +
                                std::to_string(last->second) + ", which counts");
        }
        add(entry->name, entry->value, line);
        variables_.try_emplace(entry->name, trim(entry->value));
    }
}

// A quote that was never meant to be one takes the lines behind it into its value.
void SettingSources::warn_of_swallowed(const EnvEntry& entry, const std::string& line) {
    std::string_view rest = entry.value;
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
        rest.remove_prefix(end + 1);
        const std::string_view row = rest.substr(0, rest.find('\n'));
        const std::size_t equals = row.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string name(trim(row.substr(0, equals)));
        if (!find_setting(name)) continue;
        warnings_.push_back(line + ": the quoted value of " + printable(entry.name) +
                            " goes on over the line of " + name);
    }
}

std::optional<std::string> SettingSources::find_variable(std::string_view name) const {
    const auto found = variables_.find(name);
    if (found == variables_.end()) return {};
    return found->second;
}

void SettingSources::read_toml_file(const SettingsInput& input) {
    if (!input.toml_file) return;
    TomlRules rules;
    rules.find_variable = [this](std::string_view name) { return find_variable(name); };
    rules.is_table = [](std::string_view name) {
        const auto found = find_setting(name);
        return found && found->row.is_table;
    };
    const auto entries = parse_toml_settings(*input.toml_file, input.toml_name, rules);
    if (!entries) return problems_.push_back({input.toml_name, entries.error().detail});
    // What else is said of a destination whose kind is not built cannot be judged.
    std::set<std::string, std::less<>> unbuilt;
    for (const auto& entry : *entries) {
        const std::string_view destination = destination_in(entry.name);
        const bool is_kind = entry.name == "destination." + std::string(destination) + ".kind";
        if (is_kind && entry.value != webhook_kind) unbuilt.emplace(destination);
    }
    for (const auto& entry : *entries) {
        const std::string source = input.toml_name + " line " + std::to_string(entry.line);
        const std::string_view destination = destination_in(entry.name);
        if (unbuilt.contains(destination) && !entry.name.ends_with(".kind")) continue;
        if (!destination.empty() && !take_destination(std::string(destination), source)) continue;
        take(entry, source);
    }
}

void SettingSources::take(const TomlEntry& entry, const std::string& source) {
    const std::string said = entry.name + " (" + source + ") ";
    const auto why = why_not_built(entry.name, entry.value);
    const bool is_table = entry.name == "destination" || entry.name == "metadata" ||
                          entry.name == "destination." + std::string(destination_in(entry.name));
    const bool is_empty_table = is_table && entry.value.empty();
    if (entry.name == "WRAPUP_CONFIG") {
        problems_.push_back({entry.name, said + "cannot stand in the file that it names"});
    } else if (why && !find_setting(entry.name)) {
        problems_.push_back({entry.name, said + *why});
    } else if (!entry.fault.empty()) {
        problems_.push_back({printable(entry.name), printable(said) + entry.fault});
    } else if (find_setting(entry.name)) {
        add(entry.name, entry.value, source, entry.has_reference);
    } else if (!is_empty_table && !is_reserved_name(entry.name)) {
        refuse_unknown(entry.name, source);
    }
}

// False when it cannot be one, and what is said of it is left out.
bool SettingSources::take_destination(const std::string& name, const std::string& source) {
    constexpr std::size_t destinations_max = 16;
    if (std::ranges::find(destinations_, name) != destinations_.end()) return true;
    const std::string full_name = "destination." + printable(name);
    const auto complain = [&](std::string_view why) {
        std::string text = full_name + " (" + source + ") " + std::string(why);
        const SettingProblem problem{full_name, std::move(text)};
        if (std::ranges::find(problems_, full_name, &SettingProblem::name) == problems_.end()) {
            problems_.push_back(problem);
        }
        return false;
    };
    if (!is_destination_name(name)) {
        return complain("needs a name of lower-case letters, digits, - and _, at most 32");
    }
    if (destinations_.size() == destinations_max) return complain("is one too many: 16 may be");
    destinations_.push_back(name);
    return true;
}

void SettingSources::add(const std::string& name, const std::string& text,
                         const std::string& source, bool is_masked) {
    if (!find_setting(name)) {
        if (name.starts_with("WRAPUP_") && !is_reserved_name(name)) refuse_unknown(name, source);
        return;
    }
    std::string_view value = trim(text);
    // docker's --env-file and Kubernetes hand over the quotes that a shell would have taken away.
    if (is_in_quotes(value)) {
        problems_.push_back({name, name + " (" + source +
                                       ") has quotes around its value, which whoever passed it on "
                                       "left there; write it without them"});
        value = trim(value.substr(1, value.size() - 2));
    }
    if (value.empty()) return;
    values_.try_emplace(name, SourcedText{std::string(value), source, is_masked});
}

void SettingSources::refuse_unknown(const std::string& name, const std::string& source) {
    std::string text = printable(name) + " (" + source + ") is not a setting";
    if (const auto nearest = nearest_setting(name)) {
        text += "; did you mean " + *nearest + "?";
    }
    problems_.push_back({name, std::move(text)});
}

}  // namespace wrapup
