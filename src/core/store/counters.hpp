#pragma once

// Counts that are read every few seconds, and therefore kept: whatever changes a row changes them
// in the same transaction. Samples (domain/sample_call.hpp) are not counted.

#include <map>

#include "core/store/working_set.hpp"

namespace wrapup {

struct CounterChanges {
    std::map<CallState, std::int64_t> calls;    // By state.
    std::map<ParkReason, std::int64_t> parked;  // Calls by reason.
    // Pending and parked ones, by destination.
    std::map<std::pair<DeliveryState, std::string_view>, std::int64_t> deliveries;
    std::int64_t late_conflicts = 0;
    std::int64_t unknown_outcomes = 0;
};

// By how much the working set's batch changes each; those that it does not may be absent or 0.
CounterChanges counter_changes(const WorkingSet& rows);

}  // namespace wrapup
