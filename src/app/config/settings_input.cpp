#include "app/config/settings_input.hpp"

#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "adapters/files/small_file.hpp"
#include "app/config/env_file.hpp"
#include "base/nearest_word.hpp"
#include "base/text.hpp"

namespace wrapup {
namespace {

std::map<std::string, std::string> read_environment() {
    std::map<std::string, std::string> variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos) continue;
        variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

Result<std::optional<std::string>> read_if_present(const std::filesystem::path& path) {
    auto text = read_small_file(path);
    if (text) return std::optional<std::string>(*std::move(text));
    if (text.error().code == Errc::not_found) return std::optional<std::string>();
    return Error{Errc::invalid_input, path.filename().string() + ": " + text.error().detail};
}

// Where WRAPUP_CONFIG points; empty when nobody says.
std::string configured_toml(const SettingsInput& input) {
    constexpr const char* name = "WRAPUP_CONFIG";
    if (const auto found = input.environment.find(name); found != input.environment.end()) {
        if (const auto path = trim(found->second); !path.empty()) return std::string(path);
    }
    std::string path;
    for (const auto& entry : parse_env_file(input.env_file.value_or("")).entries) {
        if (entry.name == name) path = trim(entry.value);
    }
    return path;
}

std::filesystem::path profile_folder() {
    const auto variables = read_environment();
    const auto value = [&](const char* name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::string() : found->second;
    };
    const std::string config = value("XDG_CONFIG_HOME");
    return (config.empty() ? std::filesystem::path(value("HOME")) / ".config"
                           : std::filesystem::path(config)) /
           "wrapup";
}

std::filesystem::path profile_path(const std::string& name) {
    return profile_folder() / (name + ".env");
}

// The profile that was meant by one that there is not.
std::string profile_meant(const std::string& name) {
    const std::vector<std::string> names = profile_names();
    if (const auto nearest = nearest_word(name, names)) return "; did you mean " + *nearest + "?";
    std::string list;
    for (const std::string& one : names) list += (list.empty() ? "; there is " : ", ") + one;
    return list;
}

}  // namespace

std::vector<std::string> profile_names() {
    std::vector<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator at(profile_folder(), error), end; at != end;
         at.increment(error)) {
        if (at->path().extension() == ".env") names.push_back(at->path().stem().string());
    }
    std::ranges::sort(names);
    return names;
}

std::optional<Exposure> find_profile_exposure(const std::string& name) {
    return find_exposure(profile_path(name));
}

Result<SettingsInput> read_profile(const std::string& name) {
    if (name.find('/') != std::string::npos) {
        return Error{Errc::invalid_input, "--profile takes the NAME of a file NAME.env in " +
                                              profile_folder().string() + ", and no path"};
    }
    const std::filesystem::path path = profile_path(name);
    auto text = read_small_file(path);
    if (!text) {
        const bool is_none = text.error().code == Errc::not_found;
        return Error{Errc::invalid_input, "--profile: " + path.string() + ": " +
                                              text.error().detail +
                                              (is_none ? profile_meant(name) : "")};
    }
    const auto entries = parse_env_file(*text).entries;
    const bool has_token = std::any_of(entries.begin(), entries.end(), [](const EnvEntry& entry) {
        return entry.name == "WRAPUP_API_TOKEN" && !entry.value.empty();
    });
    if (!has_token) {
        return Error{Errc::invalid_input, path.string() + ": it has no WRAPUP_API_TOKEN"};
    }
    SettingsInput input;
    input.env_file = *std::move(text);
    input.env_name = path.filename().string();
    input.cwd = path.parent_path();
    return input;
}

Result<SettingsInput> read_settings_input() {
    SettingsInput input;
    std::error_code error;
    input.cwd = std::filesystem::current_path(error);
    input.environment = read_environment();
    WRAPUP_TRY(input.env_file, read_if_present(input.cwd / ".env"));
    const std::string configured = configured_toml(input);
    if (configured.empty()) {
        WRAPUP_TRY(input.toml_file, read_if_present(input.cwd / "wrapup.toml"));
        return input;
    }
    const std::filesystem::path path = input.cwd / configured;
    auto text = read_small_file(path);
    if (!text) {
        return Error{Errc::invalid_input,
                     "WRAPUP_CONFIG: " + path.string() + ": " + text.error().detail};
    }
    input.toml_file = *std::move(text);
    input.toml_name = std::filesystem::path(configured).filename().string();
    return input;
}

}  // namespace wrapup
