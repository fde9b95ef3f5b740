#include "core/placing/list_plan.hpp"

#include <algorithm>
#include <array>

#include "core/placing/intent_machine.hpp"
#include "domain/call_status.hpp"

namespace wrapup {
namespace {

// Until it rings, and what Twilio adds to the time of ringing.
constexpr seconds ring_spare{10};
// An attempt that Twilio puts off goes on trying for so long; then the row waits for its hours.
constexpr std::chrono::hours attempt_window{24};

constexpr std::array<std::int64_t, 10> codes_of_every_call{10001, 20003, 20005, 20404, 21205,
                                                           21210, 21212, 21213, 21218, 0};

bool is_over(const DialList& list, UtcTime now) { return list.not_after && now >= *list.not_after; }

std::string outcome_of_ended(const Intent& intent) {
    switch (parse_call_status(intent.call_status).value_or(CallStatus::failed)) {
        case CallStatus::busy: return "busy";
        case CallStatus::no_answer: return "no_answer";
        case CallStatus::canceled: return "canceled";
        case CallStatus::completed: break;
        case CallStatus::queued:
        case CallStatus::initiated:
        case CallStatus::ringing:
        case CallStatus::in_progress:
        case CallStatus::failed: return "failed";
    }
    if (is_machine(intent.answered_by)) return "machine";
    return intent.is_abandoned ? "abandoned" : "answered";
}

// The wait before the next retry; nothing: they are used up.
std::optional<seconds> next_wait(const RetryWaits& waits, std::int64_t used) {
    if (used >= std::ssize(waits)) return std::nullopt;
    return waits[static_cast<std::size_t>(used)];
}

}  // namespace

ListRowPlan plan_list_row(const DialList& list, const HoursNow& hours, seconds ring_time,
                          UtcTime now) {
    using Kind = ListRowPlan::Kind;
    if (is_over(list, now)) return {Kind::end, {}};
    if (list.not_before && now < *list.not_before) return {Kind::wait, *list.not_before};
    const bool closes_too_soon = hours.closes_at && *hours.closes_at - now < ring_time + ring_spare;
    if (hours.is_inside && closes_too_soon) return {Kind::wait, *hours.closes_at};
    if (hours.is_inside) return {Kind::open, {}};
    if (!hours.opens_at) return {Kind::end, {}, time_zone_wanted};
    if (is_over(list, *hours.opens_at)) return {Kind::end, {}};
    return {Kind::wait, *hours.opens_at};
}

ListWait why_waiting(const DialList& list, const ListRow& row, const HoursNow& hours, UtcTime now) {
    if (list.not_before && now < *list.not_before) return {"not_before", list.not_before};
    const UtcTime due = row.due_at.value_or(now);
    if (!hours.is_inside && hours.opens_at && *hours.opens_at >= due) {
        return {"calling_hours", hours.opens_at};
    }
    if (due <= now) return {"pace", std::nullopt};
    if (row.outcome == "busy" || row.outcome == "no_answer") return {"retry", due};
    if (row.outcome == too_many_attempts) return {too_many_attempts, due};
    return {"calling_hours", due};
}

Intent intent_of(const DialList& list, const ListRow& row, UtcTime now) {
    Intent intent;
    intent.to = row.to;
    intent.from = list.from;
    intent.agent_id = list.agent_id;
    intent.name = row.name;
    intent.campaign_id = list.id;
    intent.campaign_name = list.campaign_name;
    intent.variables = row.variables;
    intent.time_zone = row.time_zone;
    intent.timeout_s = list.timeout_s;
    intent.not_after = now + attempt_window;
    if (list.not_after) intent.not_after = std::min(*intent.not_after, *list.not_after);
    intent.list_id = list.id;
    intent.attempt_number = row.attempts_count + 1;
    return intent;
}

std::string outcome_of(const Intent& intent) {
    switch (intent.state) {
        case IntentState::ended: return outcome_of_ended(intent);
        case IntentState::refused: return intent.reason == "twilio" ? "refused" : intent.reason;
        case IntentState::expired: return "expired";
        case IntentState::cancelled:
            return intent.reason == number_listed ? intent.reason : "cancelled";
        case IntentState::parked: return "unknown";
        case IntentState::waiting:
        case IntentState::asking:
        case IntentState::placed:
        case IntentState::answered: break;
    }
    return "";
}

ListRow after_attempt(ListRow row, const DialList& list, const Intent& intent, UtcTime now) {
    if (intent.asks_count == 0) row.attempts_count -= 1;
    row.outcome = outcome_of(intent);
    row.state = ListRowState::done;
    row.due_at.reset();
    row.ended_at = now;
    if (list.state == DialListState::cancelled) return row;
    std::optional<UtcTime> again;
    const auto retry = [&](const RetryWaits& waits, std::int64_t& used) {
        const auto wait = next_wait(waits, used);
        if (!wait) return;
        used += 1;
        again = now + *wait;
    };
    if (row.outcome == "busy") {
        retry(list.retry_busy, row.busy_count);
    } else if (row.outcome == "no_answer") {
        retry(list.retry_no_answer, row.no_answer_count);
    } else if (row.outcome == "expired" || concerns_every_call(intent)) {
        again = now;
    }
    if (!again || is_over(list, *again)) return row;
    row.state = ListRowState::waiting;
    row.due_at = again;
    row.ended_at.reset();
    return row;
}

ListRow held_row(ListRow row, const Intent& attempt, UtcTime now) {
    if (attempt.asks_count == 0) row.attempts_count -= 1;
    row.state = ListRowState::waiting;
    row.due_at = now;
    return row;
}

Intent resumed_attempt(Intent held, const Intent& as_said_now, UtcTime now) {
    held.from = as_said_now.from;
    held.agent_id = as_said_now.agent_id;
    held.timeout_s = as_said_now.timeout_s;
    held.not_after = as_said_now.not_after;
    held.name = as_said_now.name;
    held.variables = as_said_now.variables;
    held.time_zone = as_said_now.time_zone;
    held.due_at = now;
    held.version += 1;
    return held;
}

ListRow resumed_row(ListRow row, const Intent& attempt) {
    if (attempt.asks_count == 0) row.attempts_count += 1;
    row.state = ListRowState::calling;
    row.due_at.reset();
    return row;
}

void clock_was_set(ListRow& row, milliseconds by) {
    if (row.due_at) *row.due_at += std::min(by, milliseconds{0});
}

bool may_be_corrected(const ListRow& row) {
    constexpr std::array<std::string_view, 4> of_a_call{"unknown", "answered", "machine",
                                                        "abandoned"};
    return row.state == ListRowState::done &&
           std::ranges::find(of_a_call, row.outcome) != of_a_call.end();
}

bool concerns_every_call(const Intent& refused) {
    return refused.state == IntentState::refused && refused.reason == "twilio" &&
           std::ranges::find(codes_of_every_call, refused.twilio_code) != codes_of_every_call.end();
}

}  // namespace wrapup
