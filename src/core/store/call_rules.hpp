#pragma once

// Events, their calls, and calls that turn out to be one.

#include "core/store/working_set.hpp"

namespace wrapup {

// The call has as many events as a call can have: unavailable.
Error no_place();

// Adds the event to this call, which has a place for it. False when it is a repeat.
bool add_event(WorkingSet& rows, WorkingCall& row, const NewEvent& event, UtcTime now);

// The opt-out is the call's: puts the number onto the do-not-call list where somebody opted out and
// the number has not been known until now. `number`: the word that just came; may be empty.
void list_opt_out(WorkingSet& rows, WorkingCall& row, const std::string& number, UtcTime now);

// Keeps when Twilio made the call: the first word of it that can be true.
void note_created(CallRow& row, UtcTime created_at, UtcTime heard_at);

// Links the call with a CallSid or a conversation that turned out to be its own. True when that
// merged it with another call: survivor_of() the row is what both became.
bool join_by_ids(WorkingSet& rows, WorkingCall& row, std::string_view call_sid,
                 std::string_view conversation_id, UtcTime now);

}  // namespace wrapup
