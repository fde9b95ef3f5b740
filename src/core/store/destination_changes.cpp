#include "core/store/destination_changes.hpp"

#include <algorithm>

namespace wrapup {

std::vector<SetDestination> destination_changes(std::span<const std::string> configured,
                                                std::span<const DestinationRow> known,
                                                std::span<const std::string> waiting, UtcTime at) {
    const auto is_configured = [&](const std::string& name) {
        return std::ranges::find(configured, name) != configured.end();
    };
    std::vector<SetDestination> changes;
    for (const DestinationRow& row : known) {
        const bool is_removed = row.state == DestinationState::removed;
        if (is_configured(row.name) != is_removed) continue;
        changes.push_back(
            {row.name, is_removed ? DestinationState::active : DestinationState::removed, at});
    }
    for (const std::string& name : waiting) {
        const bool is_known = std::ranges::find(known, name, &DestinationRow::name) != known.end();
        if (is_known || is_configured(name)) continue;
        changes.push_back({name, DestinationState::removed, at});
    }
    return changes;
}

}  // namespace wrapup
