#pragma once

// What becomes of an intent when something happens to it. One function moves it, for every store
// and every node, inside the transaction that stores the result; so two that happen at once are one
// after the other.

#include <array>

#include "domain/intent_news.hpp"

namespace wrapup {

// Moves the intent.
IntentStep step(Intent& intent, const IntentNews& news, UtcTime now);
// Twilio was asked to ring the number, and did not refuse; or its call came out nonetheless.
bool may_have_rung(const Intent& intent);
// The reason of a CancelWanted for a number that came onto the do-not-call list; also of a
// PlacingRefused, with its advice.
inline constexpr std::string_view number_listed = "do_not_call";
// The reason of an intent while a phone rings that Twilio was to cancel. Its looks_count tells how
// often.
inline constexpr std::string_view not_cancelled = "not_cancelled";
inline constexpr const char* on_the_list = "the number is on the do-not-call list";

// The system's clock was set. What has passed since it asked stays what it was, and it is looked at
// no later than it would have been: what is due at a time of the day is due by the new clock.
void clock_was_set(Intent& intent, milliseconds by);

// After an answer was lost: when the call is looked for, so many looks later; and whether it is
// surely not at Twilio after the last of them.
inline constexpr std::array look_waits{seconds{2},  seconds{5},  seconds{10},
                                       seconds{20}, seconds{40}, seconds{60}};
inline constexpr seconds surely_not_there{120};
// How often one intent is asked for, lost answers included.
inline constexpr std::int64_t asks_max = 3;
// So long after it was asked for, an agent has come or will not: longer than anybody waits for it.
inline constexpr milliseconds agent_lease{3'200};
// A call that was placed and told nothing for so long is asked about.
inline constexpr seconds silent_placed{180};

}  // namespace wrapup
