#include "app/config/exposure.hpp"

#include <sys/stat.h>

#include "app/config/api_token.hpp"

namespace wrapup {
namespace {

constexpr mode_t group_mask = 070;
constexpr mode_t others_mask = 007;

std::string octal(mode_t mode) {
    std::string text = "0";
    for (const unsigned shift : {6U, 3U, 0U}) {
        text += static_cast<char>('0' + ((mode >> shift) & 7U));
    }
    return text;
}

}  // namespace

std::optional<Exposure> find_exposure(const std::filesystem::path& path, OpenTo open_to) {
    const mode_t refused = open_to == OpenTo::owner ? group_mask | others_mask : others_mask;
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || (status.st_mode & refused) == 0) return {};
    return Exposure{path, octal(status.st_mode)};
}

std::vector<Exposure> find_exposures(const Settings& settings) {
    std::vector<Exposure> exposures;
    const auto look_at = [&](const std::filesystem::path& path, OpenTo open_to) {
        if (auto exposure = find_exposure(path, open_to)) exposures.push_back(*std::move(exposure));
    };
    look_at(settings.data_dir, OpenTo::owner);
    if (settings.api_token.empty()) look_at(settings.data_dir / api_token_file_name, OpenTo::owner);
    if (!settings.env_file.empty()) look_at(settings.env_file, OpenTo::group);
    return exposures;
}

}  // namespace wrapup
