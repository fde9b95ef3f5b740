#pragma once

// What a placer does with an intent that is due, and what Twilio's refusals mean.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "domain/intent.hpp"
#include "domain/observation.hpp"

namespace wrapup {

// The calling hours of one person, seen from now.
struct HoursNow {
    bool is_inside = true;
    std::optional<UtcTime> opens_at;   // While outside: the next opening. Absent: never.
    std::optional<UtcTime> closes_at;  // While inside: the next closing. Absent: never.
};

struct PlacingPlan {
    enum class Kind {
        expire,     // Its window is over.
        wait,       // Until `at`.
        ask,        // Twilio, when the pace allows it.
        look,       // For the call whose answer was lost.
        park,       // It was lost, and may not be asked for again.
        cancel,     // The call at Twilio.
        ask_about,  // The call, which has been silent for long.
        end_stray,  // The call `stray_sid`.
    };
    Kind kind = Kind::wait;
    UtcTime at{};
    std::string stray_sid;
};
PlacingPlan plan_placing(const Intent& intent, const HoursNow& hours, UtcTime now);

// When a placed call is looked at again, at `at` at the latest: it may ring on only while its hours
// and its window last.
UtcTime look_while_ringing(const Intent& intent, const HoursNow& hours, UtcTime at);

// When an intent that is asked for now can be placed at the soonest; nothing: not inside its
// window.
std::optional<UtcTime> first_chance(const Intent& intent, const HoursNow& hours, UtcTime now);

// After a lost answer, when Twilio's list of calls cannot be had, or is not whole: so long after
// Twilio was asked it is waited for, or for a callback. Then nobody will ever know.
seconds list_patience(Errc why);

// After a lost answer: what Twilio's list of calls between the two numbers tells of ours. Only the
// token, in whatever Twilio sends or asks, shows that a call is ours; others may ring the same
// people from the same number.
struct SearchVerdict {
    enum class Kind {
        absent,  // No call of the list can be ours.
        maybe,   // One can; its token may still come.
        lost,    // One can, and nobody will ever know.
    };
    Kind kind = Kind::absent;
    std::string sid;  // Of one that can be ours.
};
// `listed`: those that are known to be somebody else's left out. `asked_at`: when Twilio was asked.
SearchVerdict judge_listed(std::span<const TwilioCall> listed, UtcTime asked_at, UtcTime now);

// What a refusal of Twilio's means. `code` is Twilio's, 0: it said none.
struct RefusalVerdict {
    bool may_pass = false;    // Asking again later is right, and safe: nothing was made.
    std::string_view advice;  // What a person can do.
};
RefusalVerdict judge_refusal(int http_status, std::int64_t code);

}  // namespace wrapup
