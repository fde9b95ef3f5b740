#pragma once

// Which of our files and folders other users of this machine can open, though they hold secrets or
// personal data.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/config/settings.hpp"

namespace wrapup {

struct Exposure {
    std::filesystem::path path;
    std::string mode;  // "0666"

    bool operator==(const Exposure&) const = default;
};

enum class OpenTo { owner, group };  // Whom it may be open to.

// Nothing when nobody else can open it, or it is not there.
std::optional<Exposure> find_exposure(const std::filesystem::path& path,
                                      OpenTo open_to = OpenTo::owner);

// The data folder, the file of the API token in it (unless WRAPUP_API_TOKEN stands for it), .env.
// The last may be root's and of wrapup's group.
std::vector<Exposure> find_exposures(const Settings& settings);

}  // namespace wrapup
