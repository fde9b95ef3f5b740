#pragma once

// Finds each setting's text in the environment, .env and wrapup.toml, in this order.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/env_file.hpp"
#include "app/config/setting_toml.hpp"
#include "app/config/settings.hpp"

namespace wrapup {

struct SourcedText {
    std::string text;
    std::string source;      // As EffectiveSetting::source.
    bool is_masked = false;  // Took something from the environment that may be secret.
};

class SettingSources {
public:
    // Reports files that cannot be read, unknown names, references to what is not set, quotes that
    // are part of a value, and values that ask for what is not built; only warned of are lines of
    // .env that are not ours and cannot be read, and settings that stand there twice. Only known
    // names are kept. An empty value counts as not set.
    SettingSources(const SettingsInput& input, InspectedSettings& inspected);

    const SourcedText* find(std::string_view name) const;
    bool has(std::string_view name) const { return find(name) != nullptr; }
    // `crm`, and those that wrapup.toml names, by name.
    const std::vector<std::string>& destinations() const { return destinations_; }

private:
    void read_environment(const SettingsInput& input);
    void read_env_file(const SettingsInput& input);
    void warn_of_swallowed(const EnvEntry& entry, const std::string& line);
    void read_toml_file(const SettingsInput& input);
    void take(const TomlEntry& entry, const std::string& source);
    bool take_destination(const std::string& name, const std::string& source);
    std::optional<std::string> find_variable(std::string_view name) const;
    void add(const std::string& name, const std::string& text, const std::string& source,
             bool is_masked = false);
    void refuse_unknown(const std::string& name, const std::string& source);

    std::map<std::string, SourcedText, std::less<>> values_;
    std::map<std::string, std::string, std::less<>> variables_;  // Of environment and .env.
    std::vector<std::string> destinations_{std::string(crm_name)};
    std::vector<SettingProblem>& problems_;
    std::vector<std::string>& warnings_;
};

}  // namespace wrapup
