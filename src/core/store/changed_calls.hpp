#pragma once

// Which calls a batch changed, for those who watch calls rather than rows.

#include <vector>

#include "core/store/working_set.hpp"
#include "domain/call_change.hpp"

namespace wrapup {

// After apply(): each call once. One that was only looked at, or whose lease alone moved, is none.
std::vector<CallChange> changed_calls(const WorkingSet& rows);

}  // namespace wrapup
