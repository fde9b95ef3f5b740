#include "adapters/mongo/mapping.hpp"

#include <algorithm>
#include <string_view>

namespace wrapup {
namespace {

constexpr std::size_t name_bytes_max = 120;

// Says what is wrong with a name; empty when nothing is.
std::string_view fault_of(std::string_view name) {
    if (name.empty()) return "is empty";
    if (name.size() > name_bytes_max) return "is longer than 120 bytes";
    if (name.find('$') != std::string_view::npos) return "contains a '$'";
    if (name.find('\0') != std::string_view::npos) return "contains a NUL";
    if (name.front() == '.' || name.back() == '.' || name.find("..") != std::string_view::npos) {
        return "has an empty step between its dots";
    }
    return {};
}

bool lies_inside(std::string_view path, std::string_view outer) {
    return path.size() > outer.size() && path.substr(0, outer.size()) == outer &&
           path[outer.size()] == '.';
}

}  // namespace

Result<void> validate(const MongoMapping& mapping) {
    Result<void> result;
    visit_settings(mapping, [&result](std::string_view name, const std::string& value) {
        const std::string_view fault = fault_of(value);
        if (fault.empty() || !result) return;
        result = Error{Errc::invalid_input,
                       "metadata.mongodb " + std::string(name) + " " + std::string(fault)};
    });
    return result;
}

std::vector<std::string> projected_paths(std::vector<std::string> paths) {
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    std::vector<std::string> kept;
    for (const std::string& path : paths) {
        const bool is_covered = std::any_of(paths.begin(), paths.end(), [&](const auto& outer) {
            return lies_inside(path, outer);
        });
        if (!is_covered) kept.push_back(path);
    }
    return kept;
}

}  // namespace wrapup
