#pragma once

// Decides what to ask Twilio's list for, and what each call in it means. Sans-IO: the reconciler
// asks, carries out, and notes how far it is.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "base/time_zone.hpp"
#include "domain/intent.hpp"
#include "domain/ledger.hpp"
#include "domain/observation.hpp"
#include "domain/reconciliation.hpp"

namespace wrapup {

// Which calls that only Twilio's list shows are ours.
struct ReconcileScope {
    UtcTime since{};                       // Those that ended before are not.
    std::vector<std::string> our_numbers;  // Normalized; empty: any.
    bool accepts_inbound = false;
    // Those that await the token of their call (awaits_token). They know its name and campaign, and
    // are left to find it first.
    std::vector<Intent> asking;
};

// Twilio's answer was lost, and a callback with the token may still tell which call is the
// intent's: while it is looked for, and for ten minutes after it was parked as lost.
bool awaits_token(const Intent& intent, UtcTime now);

enum class ListedKind {
    leg,          // Of another call: makes no record of its own.
    stranger,     // Out of scope.
    known,        // Nothing new.
    running,      // Not over, and nobody told us of it or of its end; or an intent awaits it.
    fresh,        // Over so short a time that its callback may be on its way.
    missed,       // Over, and nobody told us; or what put it out of scope was weaker word.
    unadoptable,  // Ours, and the list does not say enough of it.
};
struct ListedVerdict {
    ListedKind kind = ListedKind::known;
    // Of a stranger, of one that cannot be adopted and of one that an intent awaits and that is in
    // no column of the ledger meanwhile; a constant.
    std::string_view why;
};
// `now` is Twilio's clock. A call that ended within `grace` of it is fresh.
ListedVerdict judge_listed(const TwilioCall& call, CallStanding standing,
                           const ReconcileScope& scope, UtcTime now, milliseconds grace);

// When Twilio made the call, as far as it says so.
std::optional<UtcTime> made_at(const TwilioCall& call);
// A time that no call can have, from before there was a Twilio or long after now, counts as none:
// nobody would ever come to it.
void drop_impossible_times(TwilioCall& call, UtcTime now);

// ---- Windows ----

// What the next windows start from. Absent: this installation never asked.
struct ReconcileProgress {
    std::optional<UtcTime> listed_until;  // All before is listed, or lies in a window that is left.
    // The oldest call that has to be looked at again: it ran, or could not be taken over yet.
    std::optional<UtcTime> open_since;
};

// What is left to list, newest first: the windows that were begun, and the time since the last one,
// with an overlap because Twilio's list lags. No window is longer than a week.
std::vector<ReconcileWindow> plan_windows(std::span<const ReconcileWindow> left,
                                          const ReconcileProgress& progress, UtcTime since,
                                          UtcTime now);
// The same for a time that somebody names. Empty when it is.
std::vector<ReconcileWindow> windows_between(UtcTime from, UtcTime until);

// The list goes by the time of dialling, and a call may wait for that in Twilio's queue: where to
// begin. Absent: at the newest call.
std::optional<UtcTime> list_before(const ReconcileWindow& window, UtcTime now);
bool holds(const ReconcileWindow& window, const TwilioCall& call);

// When the calls of one page were made, in the order of the page.
struct PageTimes {
    std::optional<UtcTime> first;
    std::optional<UtcTime> last;
    std::optional<UtcTime> newest;  // Made or dialled.
    bool is_whole = true;           // Every call says when.

    void take(const TwilioCall& call);
};
// Calls come newest first: when a page is all older than the window, so is the rest of the list.
// Not when the page itself shows another order.
bool is_past(const ReconcileWindow& window, const PageTimes& page);

// Counts one call of the window, legs aside.
void count_in(ReconcileWindow& window, UtcTime at, bool is_stranger);
// All quarters of an hour of a window that was read to its end, those without calls too. One that
// was not over, or younger than the lag of Twilio's list, when the window was begun is not
// complete.
std::vector<TwilioSlot> slots_of(const ReconcileWindow& window, UtcTime asked_at);

// ---- Days ----

// What Twilio is known to know of a day, from what was listed of its quarters of an hour and what
// differs. Complete when each quarter that was over `slack` ago is; a list that cannot be read for
// longer makes it incomplete.
TwilioDay sum_day(const TimeSpan& day, std::span<const TwilioSlot> slots,
                  std::span<const TwilioDifference> differences, UtcTime now, milliseconds slack);
// Whether a day that goes on is left in part in windows that could not be listed to their end.
bool is_left(const TimeSpan& day, std::span<const ReconcileWindow> windows, UtcTime now);
// A call that is known by an event may be counted on another day than the one on which Twilio made
// it: it lasted, or began, over midnight.
bool is_over_midnight(const TwilioCall& call, const TimeZone& zone, UtcTime now);

// ---- Pace ----

// How long to wait after that many answers in a row that were no use: for a peer in trouble ever
// longer, and never less than it asked for.
milliseconds trouble_wait(int troubles_count, milliseconds interval,
                          std::optional<seconds> retry_after);

}  // namespace wrapup
