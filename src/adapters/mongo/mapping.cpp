#include "adapters/mongo/mapping.hpp"

#include <algorithm>
#include <string_view>

namespace wrapup {
namespace {

constexpr std::size_t name_bytes_max = 120;

struct Setting {
    std::string_view key;
    const std::string& value;
};

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
    const Setting settings[] = {
        {"calls.collection", mapping.calls.collection},
        {"calls.sid", mapping.calls.sid},
        {"calls.name", mapping.calls.name},
        {"calls.campaign", mapping.calls.campaign},
        {"calls.conversation", mapping.calls.conversation},
        {"calls.agent", mapping.calls.agent},
        {"calls.to", mapping.calls.to},
        {"calls.answered_by", mapping.calls.answered_by},
        {"campaigns.collection", mapping.campaigns.collection},
        {"campaigns.name", mapping.campaigns.name},
        {"campaigns.description", mapping.campaigns.description},
        {"contacts.collection", mapping.contacts.collection},
        {"contacts.phone", mapping.contacts.phone},
        {"contacts.name", mapping.contacts.name},
    };
    for (const Setting& setting : settings) {
        const std::string_view fault = fault_of(setting.value);
        if (fault.empty()) continue;
        return Error{Errc::invalid_input,
                     "metadata.mongodb " + std::string(setting.key) + " " + std::string(fault)};
    }
    return {};
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
