#pragma once

// Finds each setting's text in the environment, .env and wrapup.toml, in this order.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/env_file.hpp"
#include "app/config/settings.hpp"

namespace wrapup {

struct SourcedText {
    std::string text;
    std::string source;  // As EffectiveSetting::source.
};

class SettingSources {
public:
    // Reports files that cannot be read, unknown names, quotes that are part of a value, and values
    // that ask for what is not built; lines of .env that are not ours and cannot be read are only
    // warned of. Only known names are kept. An empty value counts as not set.
    SettingSources(const SettingsInput& input, InspectedSettings& inspected);

    const SourcedText* find(std::string_view name) const;
    bool has(std::string_view name) const { return find(name) != nullptr; }

private:
    void read_environment(const SettingsInput& input);
    void read_env_file(const SettingsInput& input);
    void warn_of_swallowed(const EnvEntry& entry);
    void read_toml_file(const SettingsInput& input);
    void add(const std::string& name, const std::string& text, const std::string& source);
    void refuse_unknown(const std::string& name, const std::string& source);

    std::map<std::string, SourcedText, std::less<>> values_;
    std::vector<SettingProblem>& problems_;
    std::vector<std::string>& warnings_;
};

}  // namespace wrapup
