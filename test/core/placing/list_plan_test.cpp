#include "core/placing/list_plan.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

constexpr UtcTime now{milliseconds{1'750'000'000'000}};
constexpr seconds hour{3'600};
constexpr seconds ring{30};

DialList list() {
    DialList list;
    list.id = "spring";
    list.not_after = now + 24 * hour;
    list.retry_busy = {seconds{900}, hour};
    list.retry_no_answer = {2 * hour};
    return list;
}
ListRow calling() {
    ListRow row;
    row.to = "+61413052898";
    row.state = ListRowState::calling;
    row.attempts_count = 1;
    return row;
}
Intent ended(std::string status) {
    Intent intent;
    intent.state = IntentState::ended;
    intent.call_status = std::move(status);
    intent.asks_count = 1;
    return intent;
}

TEST(ListPlan, a_row_is_opened_inside_its_hours_and_window) {
    using Kind = ListRowPlan::Kind;
    DialList some = list();
    EXPECT_EQ(plan_list_row(some, {true, {}, {}}, ring, now).kind, Kind::open);
    const auto night = plan_list_row(some, {false, now + hour, {}}, ring, now);
    EXPECT_EQ(night.kind, Kind::wait);
    EXPECT_EQ(night.at, now + hour);
    EXPECT_EQ(plan_list_row(some, {false, now + 24 * hour, {}}, ring, now).kind, Kind::end);
    EXPECT_EQ(plan_list_row(some, {false, now + 24 * hour, {}}, ring, now).outcome, "expired");
    const auto never = plan_list_row(some, {false, {}, {}}, ring, now);
    EXPECT_EQ(never.kind, Kind::end);
    EXPECT_EQ(never.outcome, time_zone_wanted);
    EXPECT_EQ(plan_list_row(some, {true, {}, {}}, ring, now + 24 * hour).kind, Kind::end);
    some.not_before = now + hour;
    EXPECT_EQ(plan_list_row(some, {true, {}, {}}, ring, now).at, now + hour);
}

TEST(ListPlan, a_row_that_waits_says_why_and_until_when) {
    const HoursNow open{true, {}, {}};
    const HoursNow night{false, now + 2 * hour, {}};
    ListRow row;
    row.due_at = now;
    const auto why = [&](const HoursNow& hours) { return why_waiting(list(), row, hours, now); };
    EXPECT_EQ(why(open).why, "pace");
    EXPECT_FALSE(why(open).until);
    EXPECT_EQ(why(night).why, "calling_hours");
    EXPECT_EQ(why(night).until, now + 2 * hour);
    row.due_at = now + hour;
    row.outcome = "busy";
    EXPECT_EQ(why(open).why, "retry");
    EXPECT_EQ(why(open).until, now + hour);
    EXPECT_EQ(why(night).why, "calling_hours");
    row.due_at = now + 3 * hour;
    EXPECT_EQ(why(night).why, "retry");
    row.outcome = too_many_attempts;
    EXPECT_EQ(why(open).why, too_many_attempts);
    DialList later = list();
    later.not_before = now + 4 * hour;
    EXPECT_EQ(why_waiting(later, row, open, now).why, "not_before");
    EXPECT_EQ(why_waiting(later, row, open, now).until, now + 4 * hour);
}

TEST(ListPlan, a_row_is_not_opened_when_it_would_ring_beyond_its_hours) {
    using Kind = ListRowPlan::Kind;
    EXPECT_EQ(plan_list_row(list(), {true, {}, now + hour}, ring, now).kind, Kind::open);
    EXPECT_EQ(plan_list_row(list(), {true, {}, now + seconds{40}}, ring, now).kind, Kind::open);
    const UtcTime closes_at = now + seconds{39};
    const auto late = plan_list_row(list(), {true, {}, closes_at}, ring, now);
    EXPECT_EQ(late.kind, Kind::wait);
    EXPECT_EQ(late.at, closes_at);
}

TEST(ListPlan, busy_is_retried_as_often_as_it_has_waits) {
    ListRow row = calling();
    for (const seconds wait : list().retry_busy) {
        row = after_attempt(row, list(), ended("busy"), now);
        ASSERT_EQ(row.state, ListRowState::waiting);
        EXPECT_EQ(row.due_at, now + wait);
        row.state = ListRowState::calling;
    }
    row = after_attempt(row, list(), ended("busy"), now);
    EXPECT_EQ(row.state, ListRowState::done);
    EXPECT_EQ(row.outcome, "busy");
    EXPECT_EQ(row.ended_at, now);
}

TEST(ListPlan, each_outcome_has_its_own_waits) {
    ListRow row = after_attempt(calling(), list(), ended("busy"), now);
    row = after_attempt(row, list(), ended("no-answer"), now);
    EXPECT_EQ(row.due_at, now + 2 * hour);
    row = after_attempt(row, list(), ended("no-answer"), now);
    EXPECT_EQ(row.state, ListRowState::done);
}

TEST(ListPlan, nobody_is_called_again_without_need_or_leave) {
    EXPECT_EQ(after_attempt(calling(), list(), ended("completed"), now).outcome, "answered");
    Intent machine = ended("completed");
    machine.answered_by = "machine_start";
    EXPECT_EQ(after_attempt(calling(), list(), machine, now).outcome, "machine");
    EXPECT_EQ(after_attempt(calling(), list(), ended("failed"), now).state, ListRowState::done);
    const UtcTime late = now + 24 * hour - seconds{60};
    EXPECT_EQ(after_attempt(calling(), list(), ended("busy"), late).state, ListRowState::done);
    DialList cancelled = list();
    cancelled.state = DialListState::cancelled;
    EXPECT_EQ(after_attempt(calling(), cancelled, ended("busy"), now).state, ListRowState::done);
}

TEST(ListPlan, an_attempt_that_nobody_was_asked_for_is_none) {
    Intent intent;
    intent.state = IntentState::expired;
    const ListRow row = after_attempt(calling(), list(), intent, now);
    EXPECT_EQ(row.state, ListRowState::waiting);
    EXPECT_EQ(row.due_at, now);
    EXPECT_EQ(row.attempts_count, 0);
}

TEST(ListPlan, an_attempt_that_is_held_goes_on_as_its_list_says_then) {
    Intent intent;
    intent.id = "a";
    const ListRow held = held_row(calling(), intent, now);
    EXPECT_EQ(held.state, ListRowState::waiting);
    EXPECT_EQ(held.due_at, now);
    EXPECT_EQ(held.attempts_count, 0);
    EXPECT_EQ(resumed_row(held, intent), calling());
    DialList mended = list();
    mended.from = "+15005550006";
    ListRow corrected = held;
    corrected.name = "Right Name";
    corrected.variables = R"({"price":"99"})";
    corrected.time_zone = "Australia/Sydney";
    const Intent again =
        resumed_attempt(intent, intent_of(mended, corrected, now + hour), now + hour);
    EXPECT_EQ(again.name, "Right Name");
    EXPECT_EQ(again.variables, R"({"price":"99"})");
    EXPECT_EQ(again.time_zone, "Australia/Sydney");
    EXPECT_EQ(again.id, "a");
    EXPECT_EQ(again.from, "+15005550006");
    EXPECT_EQ(again.due_at, now + hour);
    EXPECT_EQ(again.not_after, now + 24 * hour);
}

TEST(ListPlan, an_attempt_ends_with_its_list) {
    DialList some = list();
    EXPECT_EQ(intent_of(some, calling(), now).not_after, now + 24 * hour);
    some.not_after = now + hour;
    EXPECT_EQ(intent_of(some, calling(), now).not_after, now + hour);
    EXPECT_EQ(intent_of(some, calling(), now).attempt_number, 2);
}

}  // namespace
}  // namespace wrapup
