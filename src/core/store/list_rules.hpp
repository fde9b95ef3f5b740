#pragma once

// Lists of calls, as the rules of intents see them.

#include "core/store/working_set.hpp"

namespace wrapup {

// An intent is not open any more: the row of its list that it was an attempt of goes on. A row
// that is done may learn more of it.
void end_list_attempt(WorkingSet& rows, const Intent& intent, UtcTime now);
// Its list was paused: the row waits, and its attempt with it.
void hold_list_attempt(WorkingSet& rows, Intent& intent, UtcTime now);
// A call came of an attempt that was held: its row is called after all.
void take_up_list_attempt(WorkingSet& rows, const Intent& intent);
// Whether a list lets its attempt ask Twilio now.
DialListState state_for_attempt(WorkingSet& rows, const Intent& intent);

}  // namespace wrapup
