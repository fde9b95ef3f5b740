#include "core/store/changed_calls.hpp"

#include <algorithm>

namespace wrapup {
namespace {

bool is_changed(const WorkingDelivery& row) {
    return !row.stored || !row.new_attempts.empty() || row.stored->delivery != row.delivery;
}

bool is_changed(const WorkingCall& row) {
    if (!row.stored || !row.arrived.empty() || row.stored->call != row.call) return true;
    return std::ranges::any_of(row.deliveries,
                               [](const WorkingDelivery* one) { return is_changed(*one); });
}

}  // namespace

std::vector<CallChange> changed_calls(const WorkingSet& rows) {
    std::vector<CallChange> changes;
    for (const WorkingCall& row : rows.calls()) {
        if (is_changed(row)) changes.push_back({row.call.id, row.call.state});
    }
    return changes;
}

}  // namespace wrapup
