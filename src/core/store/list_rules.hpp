#pragma once

// Lists of calls, as the rules of intents see them.

#include "core/store/working_set.hpp"

namespace wrapup {

// An intent is not open any more: the row of its list that it was an attempt of goes on. A row
// that is done may learn more of it.
void end_list_attempt(WorkingSet& rows, const Intent& intent, UtcTime now);

}  // namespace wrapup
