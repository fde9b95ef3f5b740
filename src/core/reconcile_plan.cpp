#include "core/reconcile_plan.hpp"

#include <algorithm>

#include "core/store/ledger.hpp"
#include "domain/phone_number.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// How far behind Twilio's list may be (the resource is eventually consistent).
constexpr minutes list_lag{2};
constexpr minutes overlap{15};
// A call takes at most so long, from being made to its end.
constexpr hours call_max{25};
// Before the first start: calls that were running then, and the whole of that day in any zone.
constexpr hours before_since{25};
constexpr hours window_max{7 * 24};
constexpr milliseconds trouble_wait_max = hours{1};
// Twilio's callbacks may be late for minutes, above all when its answers are lost too.
constexpr minutes late_token{10};

bool is_number_ours(const TwilioCall& call, const ReconcileScope& scope) {
    if (scope.our_numbers.empty()) return true;
    const bool is_inbound = call.direction == Direction::inbound;
    const std::string ours = normalize_phone_number(is_inbound ? call.to : call.from);
    return std::ranges::find(scope.our_numbers, ours) != scope.our_numbers.end();
}

bool is_looked_for(const TwilioCall& call, const std::vector<Intent>& asking) {
    if (call.direction == Direction::inbound) return false;
    return std::ranges::any_of(asking, [&](const Intent& intent) {
        return intent.to == call.to && intent.from == call.from;
    });
}

std::optional<UtcTime> end_of(const TwilioCall& call) {
    return call.ended_at ? call.ended_at : made_at(call);
}

// Nobody has told us of it, or only somebody whose word may put it out of scope: is it ours?
std::optional<ListedVerdict> refuse_unknown(const TwilioCall& call, const ReconcileScope& scope) {
    if (call.direction == Direction::inbound && !scope.accepts_inbound) {
        return ListedVerdict{ListedKind::stranger, "inbound call; WRAPUP_INBOUND is not set"};
    }
    if (!is_number_ours(call, scope)) {
        return ListedVerdict{ListedKind::stranger, "the number is not in TWILIO_PHONE_NUMBER"};
    }
    if (!call.status) {
        return ListedVerdict{ListedKind::unadoptable,
                             "Twilio lists it with a status we do not know"};
    }
    if (!is_terminal(*call.status)) return std::nullopt;
    const auto ended_at = end_of(call);
    if (!ended_at) {
        return ListedVerdict{ListedKind::unadoptable, "Twilio does not say when it took place"};
    }
    // Twilio's times are whole seconds.
    if (*ended_at < std::chrono::floor<seconds>(scope.since)) {
        return ListedVerdict{ListedKind::stranger, "it ended before WRAPUP_SINCE"};
    }
    return std::nullopt;
}

// Windows that touch are one time.
void take_in(std::vector<ReconcileWindow>& left, UtcTime& from) {
    std::ranges::sort(left, std::greater{}, &ReconcileWindow::until);
    std::erase_if(left, [&from](const ReconcileWindow& window) {
        if (window.begun_at || window.until < from) return false;
        from = std::min(from, window.from);
        return true;
    });
}

}  // namespace

std::optional<UtcTime> made_at(const TwilioCall& call) {
    return call.created_at ? call.created_at : call.started_at;
}

void drop_impossible_times(TwilioCall& call, UtcTime now) {
    constexpr UtcTime earliest = from_unix_s(1'199'145'600);  // 2008
    constexpr hours skew_max{24};
    for (auto* const time : {&call.created_at, &call.started_at, &call.ended_at}) {
        if (*time && (**time < earliest || **time > now + skew_max)) time->reset();
    }
}

bool awaits_token(const Intent& intent, UtcTime now) {
    if (intent.state == IntentState::asking) return !intent.is_absent;
    const bool is_lost = intent.state == IntentState::parked && intent.reason == "lost";
    if (!is_lost || !intent.ended_at) return false;
    // A clock that was set back meanwhile must not make it longer.
    return now >= *intent.ended_at && now < *intent.ended_at + late_token;
}

ListedVerdict judge_listed(const TwilioCall& call, CallStanding standing,
                           const ReconcileScope& scope, UtcTime now, milliseconds grace) {
    if (!call.parent_sid.empty()) return {ListedKind::leg, {}};
    if (standing == CallStanding::over) return {ListedKind::known, {}};
    const bool is_aside = standing == CallStanding::aside;
    if (is_aside || standing == CallStanding::unknown) {
        if (const auto refusal = refuse_unknown(call, scope)) {
            return is_aside ? ListedVerdict{ListedKind::known, {}} : *refusal;
        }
        if (is_looked_for(call, scope.asking)) {
            return {ListedKind::running,
                    is_aside ? "" : "may be the call of an order whose answer was lost"};
        }
    }
    if (!call.status) return {ListedKind::known, {}};
    if (!is_terminal(*call.status)) return {ListedKind::running, {}};
    const auto ended_at = end_of(call);
    if (ended_at && *ended_at + grace > now) return {ListedKind::fresh, {}};
    return {ListedKind::missed, {}};
}

// ---- Windows ----

std::vector<ReconcileWindow> windows_between(UtcTime from, UtcTime until) {
    std::vector<ReconcileWindow> windows;
    while (from < until) {
        ReconcileWindow window;
        window.from = slot_of(std::max(from, until - window_max));
        window.until = until;
        until = window.from;
        windows.push_back(std::move(window));
    }
    return windows;
}

std::vector<ReconcileWindow> plan_windows(std::span<const ReconcileWindow> left,
                                          const ReconcileProgress& progress, UtcTime since,
                                          UtcTime now) {
    UtcTime from = since - before_since;
    if (progress.listed_until) from = std::min(*progress.listed_until, now) - overlap - list_lag;
    if (progress.open_since) {
        from = std::min(from, std::max<UtcTime>(*progress.open_since, now - call_max));
    }
    from = std::min<UtcTime>(from, now - overlap);
    std::vector<ReconcileWindow> windows(left.begin(), left.end());
    take_in(windows, from);
    for (ReconcileWindow& window : windows_between(from, now)) windows.push_back(std::move(window));
    std::ranges::stable_sort(windows, std::greater{}, &ReconcileWindow::until);
    return windows;
}

std::optional<UtcTime> list_before(const ReconcileWindow& window, UtcTime now) {
    constexpr hours queue_time{48};
    if (window.until + queue_time > now) return std::nullopt;
    return window.until + queue_time;
}

bool holds(const ReconcileWindow& window, const TwilioCall& call) {
    const auto at = made_at(call);
    return !at || (*at >= window.from && *at < window.until);
}

void PageTimes::take(const TwilioCall& call) {
    const auto at = made_at(call);
    if (!at) {
        is_whole = false;
        return;
    }
    if (!first) first = at;
    last = at;
    const UtcTime latest = std::max(*at, call.started_at.value_or(*at));
    newest = std::max(newest.value_or(latest), latest);
}

bool is_past(const ReconcileWindow& window, const PageTimes& page) {
    return page.is_whole && page.newest && *page.newest < window.from && *page.first >= *page.last;
}

void count_in(ReconcileWindow& window, UtcTime at, bool is_stranger) {
    const UtcTime from = slot_of(at);
    auto found = std::ranges::find(window.slots, from, &TwilioSlot::from);
    if (found == window.slots.end()) {
        found = window.slots.insert(window.slots.end(), TwilioSlot{});
        found->from = from;
    }
    found->calls_count += 1;
    found->strangers_count += is_stranger ? 1 : 0;
}

std::vector<TwilioSlot> slots_of(const ReconcileWindow& window, UtcTime asked_at) {
    const UtcTime begun_at = window.begun_at.value_or(window.until);
    std::vector<TwilioSlot> slots;
    for (UtcTime from = slot_of(window.from); from < window.until; from += twilio_slot) {
        const UtcTime end = from + twilio_slot;
        const bool is_whole = from >= window.from && end <= window.until;
        const bool is_running = end > begun_at;
        if (!is_whole && !is_running) continue;
        const auto counted = std::ranges::find(window.slots, from, &TwilioSlot::from);
        TwilioSlot slot = counted == window.slots.end() ? TwilioSlot{} : *counted;
        slot.from = from;
        slot.is_complete = is_whole && !window.has_gaps && end + list_lag <= begun_at;
        slot.asked_at = asked_at;
        slots.push_back(slot);
    }
    return slots;
}

// ---- Days ----

TwilioDay sum_day(const TimeSpan& day, std::span<const TwilioSlot> slots,
                  std::span<const TwilioDifference> differences, UtcTime now, milliseconds slack) {
    TwilioDay sum;
    sum.span = day;
    sum.asked_at = day.from;
    std::int64_t complete_count = 0;
    for (const TwilioSlot& slot : slots) {
        if (!day.contains(slot.from)) continue;
        sum.calls_count += slot.calls_count;
        sum.unkept_count += slot.strangers_count;
        sum.asked_at = std::max(sum.asked_at, slot.asked_at);
        const bool counts = slot.is_complete && slot.from + twilio_slot + slack <= now;
        complete_count += counts ? 1 : 0;
    }
    std::int64_t wanted_count = 0;
    for (UtcTime from = day.from; from < day.until; from += twilio_slot) {
        wanted_count += from + twilio_slot + slack <= now ? 1 : 0;
    }
    sum.is_complete = !slots.empty() && complete_count == wanted_count;
    for (const TwilioDifference& one : differences) {
        if (day.contains(one.at)) sum.differences.push_back(ledger_difference_of(one));
    }
    return sum;
}

bool is_left(const TimeSpan& day, std::span<const ReconcileWindow> windows, UtcTime now) {
    return day.until > now && std::ranges::any_of(windows, [&day](const ReconcileWindow& window) {
               return window.from < day.until && window.until > day.from;
           });
}

bool is_over_midnight(const TwilioCall& call, const TimeZone& zone, UtcTime now) {
    constexpr minutes callbacks_take{2};
    const auto at = made_at(call);
    if (!at) return false;
    const UtcTime ended_at = call.ended_at.value_or(now) + callbacks_take;
    return zone.date_at(*at) != zone.date_at(std::max(*at, ended_at));
}

// ---- Pace ----

milliseconds trouble_wait(int troubles_count, milliseconds interval,
                          std::optional<seconds> retry_after) {
    const int doublings = std::clamp(troubles_count - 1, 0, 16);
    const milliseconds longest = std::max(interval, trouble_wait_max / 2);
    milliseconds wait = interval;
    for (int i = 0; i < doublings && wait < longest; ++i) wait *= 2;
    wait = std::min(wait, longest);
    if (retry_after) wait = std::max(wait, std::min<milliseconds>(*retry_after, trouble_wait_max));
    return wait;
}

}  // namespace wrapup
