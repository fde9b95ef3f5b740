#pragma once

// What a placer does with a row of a campaign's list, and what comes of an attempt.

#include "core/placing/placing_plan.hpp"
#include "domain/dial_list.hpp"

namespace wrapup {

struct ListRowPlan {
    enum class Kind {
        open,  // Make an intent of it: it may ring as long as it does, and its hours go on.
        wait,  // Until `at`.
        end,   // Its list's window is over, or there is no hour left in it.
    };
    Kind kind = Kind::wait;
    UtcTime at{};
    std::string_view outcome = "expired";  // Of `end`.
};
// No hour is a calling hour where nobody knows the zone, or in all zones of the number's country.
inline constexpr std::string_view time_zone_wanted = "time_zone_wanted";
// It waits: its number was called often enough in 24 hours.
inline constexpr std::string_view too_many_attempts = "too_many_attempts";
// The row is the number that calls.
inline constexpr std::string_view to_is_from = "to_is_from";
// Of a row that is due. `hours` are the person's; a call rings for `ring_time` at most.
ListRowPlan plan_list_row(const DialList& list, const HoursNow& hours, seconds ring_time,
                          UtcTime now);

// Why a row of an active list is not called now: a code. `until`: nothing where only its turn is
// wanted ("pace").
struct ListWait {
    std::string_view why;
    std::optional<UtcTime> until;
};
ListWait why_waiting(const DialList& list, const ListRow& row, const HoursNow& hours, UtcTime now);

// The row's next attempt. What the list leaves empty is left empty.
Intent intent_of(const DialList& list, const ListRow& row, UtcTime now);

// What became of a call: answered, machine, abandoned, busy, no_answer, failed, canceled, refused,
// expired, cancelled, unknown, or the code of a guard (do_not_call).
std::string outcome_of(const Intent& intent);

// The row after its attempt has ended: done, or waiting for the next one. An attempt that nobody
// was rung for, or whose hours ended while it rang, is made again inside the list's window.
ListRow after_attempt(ListRow row, const DialList& list, const Intent& intent, UtcTime now);

// The row while its list is paused: it waits, and its attempt with it.
ListRow held_row(ListRow row, const Intent& attempt, UtcTime now);
// The attempt that was held goes on, as the list says it now.
Intent resumed_attempt(Intent held, const Intent& as_said_now, UtcTime now);
ListRow resumed_row(ListRow row, const Intent& attempt);

// As of an intent: it waits no longer than it would have.
void clock_was_set(ListRow& row, milliseconds by);

// A row that is done and whose last attempt may still tell something else: what was not known may
// come out, and who answered may turn out to be a machine, or to have had no agent.
bool may_be_corrected(const ListRow& row);

// A refusal of Twilio's that every call would meet: the account, the caller, our address. A list
// pauses rather than lose its rows to it.
bool concerns_every_call(const Intent& refused);

}  // namespace wrapup
