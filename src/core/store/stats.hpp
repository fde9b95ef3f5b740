#pragma once

// By how much a batch changes what is counted over time (domain/stats.hpp). Samples
// (domain/sample_call.hpp) are left out.

#include "core/store/working_set.hpp"
#include "domain/stats.hpp"

namespace wrapup {

// Of calls that have a record; of a call that belongs to another time, name or outcome than before,
// one less there and one more here.
OutcomeCells outcome_changes(const WorkingSet& rows);

// Of records that a destination accepted for the first time, from the end of their call. Where that
// is not known nothing is counted.
DelayCells delay_changes(const WorkingSet& rows);

// Delays are told by the minute for so long; by the hour for good.
constexpr std::chrono::hours minutes_are_kept{48};

}  // namespace wrapup
