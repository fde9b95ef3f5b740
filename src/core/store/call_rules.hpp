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

// The same of a conversation that somebody named for the call, as a dialler or its document, unless
// times or numbers of the two tell that he was wrong: then each has its own record. `length`: of
// the call, where it is known.
bool join_named(WorkingSet& rows, WorkingCall& row, const std::string& conversation_id,
                std::optional<seconds> length, UtcTime now);

// What a merge made is looked at at once, with all that both knew.
void settle_anew(WorkingCall& survivor, UtcTime now);

}  // namespace wrapup
