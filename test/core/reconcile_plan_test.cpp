#include "core/reconcile_plan.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr UtcTime t0 = from_unix_s(1'772'366'400);  // A full hour.

TwilioCall call_at(UtcTime made_at, CallStatus status = CallStatus::completed) {
    TwilioCall call;
    call.sid = "CA1";
    call.status = status;
    call.from = "+15005550006";
    call.direction = Direction::outbound;
    call.created_at = made_at;
    call.started_at = made_at;
    if (is_terminal(status)) call.ended_at = made_at + seconds{30};
    return call;
}

TEST(ReconcilePlan, a_time_that_no_call_can_have_counts_as_none) {
    TwilioCall call = call_at(t0 - minutes{5});
    const TwilioCall whole = call;
    drop_impossible_times(call, t0);
    EXPECT_EQ(call, whole);
    const UtcTime year_9999 = from_unix_s(253'402'300'799);
    call.created_at = year_9999;
    call.ended_at = year_9999;
    drop_impossible_times(call, t0);
    EXPECT_EQ(made_at(call), whole.started_at);
    EXPECT_EQ(call.ended_at, std::nullopt);
    call.started_at = from_unix_s(0);
    drop_impossible_times(call, t0);
    // It is in every window, so that somebody comes to it.
    EXPECT_EQ(made_at(call), std::nullopt);
    ReconcileWindow window;
    window.from = t0 - hours{1};
    window.until = t0;
    EXPECT_TRUE(holds(window, call));
    EXPECT_EQ(judge_listed(call, CallStanding::unknown, {}, t0, seconds{20}).kind,
              ListedKind::unadoptable);
}

struct Row {
    const char* name;
    void (*change)(TwilioCall& call);
    CallStanding standing;
    ListedKind kind;

    friend void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
};

constexpr auto same = [](TwilioCall&) {};
const Row rows[] = {
    {"missed", same, CallStanding::unknown, ListedKind::missed},
    {"its_end_was_awaited", same, CallStanding::awaited, ListedKind::missed},
    {"over", same, CallStanding::over, ListedKind::known},
    {"aside_by_weaker_word", same, CallStanding::aside, ListedKind::missed},
    {"aside_and_inbound", [](TwilioCall& c) { c.direction = Direction::inbound; },
     CallStanding::aside, ListedKind::known},
    {"aside_and_of_another_number", [](TwilioCall& c) { c.from = "+15005550009"; },
     CallStanding::aside, ListedKind::known},
    {"aside_and_before_since", [](TwilioCall& c) { c.ended_at = t0 - hours{3}; },
     CallStanding::aside, ListedKind::known},
    {"aside_and_running", [](TwilioCall& c) { c.status = CallStatus::in_progress; },
     CallStanding::aside, ListedKind::running},
    {"aside_and_a_leg", [](TwilioCall& c) { c.parent_sid = "CA2"; }, CallStanding::aside,
     ListedKind::leg},
    {"leg", [](TwilioCall& c) { c.parent_sid = "CA2"; }, CallStanding::unknown, ListedKind::leg},
    {"inbound", [](TwilioCall& c) { c.direction = Direction::inbound; }, CallStanding::unknown,
     ListedKind::stranger},
    {"inbound_that_a_callback_told", [](TwilioCall& c) { c.direction = Direction::inbound; },
     CallStanding::awaited, ListedKind::missed},
    {"other_number", [](TwilioCall& c) { c.from = "+15005550009"; }, CallStanding::unknown,
     ListedKind::stranger},
    {"number_in_another_spelling", [](TwilioCall& c) { c.from = "+1 500 555 0006"; },
     CallStanding::unknown, ListedKind::missed},
    {"before_since", [](TwilioCall& c) { c.ended_at = t0 - hours{3}; }, CallStanding::unknown,
     ListedKind::stranger},
    {"at_since", [](TwilioCall& c) { c.ended_at = t0 - hours{2}; }, CallStanding::unknown,
     ListedKind::missed},
    {"running", [](TwilioCall& c) { c.status = CallStatus::in_progress; }, CallStanding::unknown,
     ListedKind::running},
    {"fresh", [](TwilioCall& c) { c.ended_at = t0 - seconds{19}; }, CallStanding::unknown,
     ListedKind::fresh},
    {"no_longer_fresh", [](TwilioCall& c) { c.ended_at = t0 - seconds{20}; }, CallStanding::unknown,
     ListedKind::missed},
    {"no_status", [](TwilioCall& c) { c.status.reset(); }, CallStanding::unknown,
     ListedKind::unadoptable},
    {"no_status_of_a_known_one", [](TwilioCall& c) { c.status.reset(); }, CallStanding::awaited,
     ListedKind::known},
    {"no_time",
     [](TwilioCall& c) {
         c.created_at.reset();
         c.started_at.reset();
         c.ended_at.reset();
     },
     CallStanding::unknown, ListedKind::unadoptable},
    {"no_end",
     [](TwilioCall& c) {
         c.status = CallStatus::busy;
         c.ended_at.reset();
     },
     CallStanding::unknown, ListedKind::missed},
};

class JudgeListed : public testing::TestWithParam<Row> {};

TEST_P(JudgeListed, judges) {
    ReconcileScope scope;
    scope.since = t0 - hours{2};
    scope.our_numbers = {"+15005550006"};
    TwilioCall call = call_at(t0 - hours{1});
    GetParam().change(call);
    EXPECT_EQ(judge_listed(call, GetParam().standing, scope, t0, seconds{20}).kind,
              GetParam().kind);
}

// The intent finds its call first: it knows whom and what for.
TEST(ReconcileScope, leaves_a_call_to_the_intent_that_awaits_it) {
    ReconcileScope scope;
    scope.since = t0 - hours{2};
    const TwilioCall call = call_at(t0 - hours{1});
    const auto judged = [&](CallStanding standing) {
        return judge_listed(call, standing, scope, t0, seconds{20}).kind;
    };
    Intent& intent = scope.asking.emplace_back();
    intent.to = call.to;
    intent.from = call.from;
    EXPECT_EQ(judged(CallStanding::unknown), ListedKind::running);
    EXPECT_EQ(judged(CallStanding::awaited), ListedKind::missed);
    intent.to = "+61413052899";
    EXPECT_EQ(judged(CallStanding::unknown), ListedKind::missed);
    intent.to = call.to;
    intent.from = "+15005550007";
    EXPECT_EQ(judged(CallStanding::unknown), ListedKind::missed);
}

TEST(AwaitsToken, while_the_call_is_looked_for) {
    Intent intent;
    intent.state = IntentState::asking;
    EXPECT_TRUE(awaits_token(intent, t0));
    // Surely not there.
    intent.is_absent = true;
    EXPECT_FALSE(awaits_token(intent, t0));
}

// A callback that is late for minutes tells the name and the campaign, if the record waits for it.
TEST(AwaitsToken, for_ten_minutes_after_it_was_parked_as_lost) {
    Intent intent;
    intent.state = IntentState::parked;
    intent.reason = "lost";
    intent.ended_at = t0;
    EXPECT_TRUE(awaits_token(intent, t0));
    EXPECT_TRUE(awaits_token(intent, t0 + minutes{10} - milliseconds{1}));
    EXPECT_FALSE(awaits_token(intent, t0 + minutes{10}));
    // The clock was set back.
    EXPECT_FALSE(awaits_token(intent, t0 - milliseconds{1}));
    // Its call is not in the list at all.
    intent.reason = "unknown_outcome";
    EXPECT_FALSE(awaits_token(intent, t0));
}

TEST(AwaitsToken, not_in_any_other_state) {
    Intent intent;
    intent.reason = "lost";
    intent.ended_at = t0;
    for (const IntentState state :
         {IntentState::waiting, IntentState::placed, IntentState::answered, IntentState::ended,
          IntentState::refused, IntentState::expired, IntentState::cancelled}) {
        intent.state = state;
        EXPECT_FALSE(awaits_token(intent, t0)) << to_string(state);
    }
}

INSTANTIATE_TEST_SUITE_P(Table, JudgeListed, testing::ValuesIn(rows),
                         [](const auto& row_info) { return std::string(row_info.param.name); });

// ---- Windows ----

TEST(PlanWindows, the_first_one_reaches_back_a_day) {
    const auto windows = plan_windows({}, {}, t0, t0 + minutes{1});
    ASSERT_EQ(windows.size(), 1U);
    EXPECT_EQ(windows.front().from, t0 - hours{25});
    EXPECT_EQ(windows.front().until, t0 + minutes{1});
}

TEST(PlanWindows, the_next_one_overlaps_the_last) {
    const ReconcileProgress progress{t0, std::nullopt};
    const auto windows = plan_windows({}, progress, t0 - hours{9}, t0 + minutes{5});
    ASSERT_EQ(windows.size(), 1U);
    EXPECT_LE(windows.front().from, t0 - minutes{17});
    EXPECT_GT(windows.front().from, t0 - minutes{40});
    EXPECT_EQ(windows.front().from, slot_of(windows.front().from));
}

TEST(PlanWindows, a_call_that_ran_is_looked_at_again) {
    const ReconcileProgress progress{t0, t0 - hours{3}};
    EXPECT_EQ(plan_windows({}, progress, t0, t0 + minutes{5}).front().from, t0 - hours{3});
    // One that never ends does not make every window long.
    const ReconcileProgress stuck{t0, t0 - hours{100}};
    EXPECT_GE(plan_windows({}, stuck, t0, t0).front().from, t0 - hours{26});
}

TEST(PlanWindows, a_long_time_is_cut_into_weeks_newest_first) {
    const auto windows = plan_windows({}, {}, t0 - hours{24 * 30}, t0);
    ASSERT_EQ(windows.size(), 5U);
    EXPECT_EQ(windows.front().until, t0);
    for (std::size_t i = 1; i < windows.size(); ++i) {
        EXPECT_EQ(windows[i].until, windows[i - 1].from);
        EXPECT_LE(windows[i].until - windows[i].from, hours{24 * 7});
    }
    EXPECT_EQ(windows.back().from, t0 - hours{24 * 30 + 25});
}

TEST(PlanWindows, what_was_not_begun_grows_and_what_was_begun_stays) {
    ReconcileWindow begun;
    begun.from = t0 - hours{48};
    begun.until = t0 - hours{2};
    begun.begun_at = t0 - hours{2};
    begun.next_page = "/2";
    ReconcileWindow waiting;
    waiting.from = t0 - hours{2};
    waiting.until = t0;
    const std::vector<ReconcileWindow> left{begun, waiting};
    const auto windows = plan_windows(left, {t0, std::nullopt}, t0 - hours{48}, t0 + minutes{5});
    ASSERT_EQ(windows.size(), 2U);
    EXPECT_EQ(windows.front().from, t0 - hours{2});
    EXPECT_EQ(windows.front().until, t0 + minutes{5});
    EXPECT_EQ(windows.back(), begun);
}

TEST(PlanWindows, a_clock_that_was_set_back_leaves_no_gap) {
    const auto windows = plan_windows({}, {t0 + hours{3}, std::nullopt}, t0, t0);
    EXPECT_LE(windows.front().from, t0 - minutes{17});
    EXPECT_EQ(windows.front().until, t0);
}

PageTimes times_of(std::initializer_list<UtcTime> times) {
    PageTimes page;
    for (const UtcTime at : times) page.take(call_at(at));
    return page;
}

TEST(IsPast, only_when_all_of_a_page_is_older_and_the_newest_come_first) {
    ReconcileWindow window;
    window.from = t0;
    window.until = t0 + hours{1};
    EXPECT_TRUE(is_past(window, times_of({t0 - seconds{1}, t0 - seconds{2}})));
    EXPECT_FALSE(is_past(window, times_of({t0, t0 - seconds{2}})));
    EXPECT_FALSE(is_past(window, times_of({t0 - seconds{2}, t0 - seconds{1}})));
    EXPECT_FALSE(is_past(window, PageTimes{}));
    PageTimes untimed = times_of({t0 - seconds{1}});
    untimed.take(TwilioCall{});
    EXPECT_FALSE(is_past(window, untimed));
}

TEST(ListBefore, leaves_room_for_calls_that_waited_in_the_queue) {
    ReconcileWindow window;
    window.until = t0;
    EXPECT_EQ(list_before(window, t0 + hours{47}), std::nullopt);
    EXPECT_EQ(list_before(window, t0 + hours{49}), t0 + hours{48});
}

TEST(SlotsOf, all_of_a_window_those_without_calls_too) {
    ReconcileWindow window;
    window.from = t0;
    window.until = t0 + minutes{50};
    window.begun_at = window.until;
    count_in(window, t0 + minutes{16}, false);
    count_in(window, t0 + minutes{17}, true);
    const auto slots = slots_of(window, t0 + hours{1});
    ASSERT_EQ(slots.size(), 4U);
    const TwilioSlot counted{t0 + minutes{15}, 2, 1, true, t0 + hours{1}};
    EXPECT_EQ(slots[1], counted);
    EXPECT_EQ(slots[0].calls_count, 0);
    EXPECT_TRUE(slots[2].is_complete);
    EXPECT_FALSE(slots[3].is_complete);  // It still runs.
}

TEST(SlotsOf, a_quarter_is_not_complete_before_the_list_can_have_it) {
    ReconcileWindow window;
    window.from = t0;
    window.until = t0 + minutes{16};
    window.begun_at = window.until;
    EXPECT_FALSE(slots_of(window, t0).front().is_complete);
    window.until = t0 + minutes{17};
    window.begun_at = window.until;
    EXPECT_TRUE(slots_of(window, t0).front().is_complete);
    window.has_gaps = true;
    EXPECT_FALSE(slots_of(window, t0).front().is_complete);
}

TEST(SlotsOf, a_part_of_a_quarter_that_is_over_says_nothing) {
    ReconcileWindow window;
    window.from = t0;
    window.until = t0 + minutes{20};
    window.begun_at = t0 + hours{9};
    EXPECT_EQ(slots_of(window, t0).size(), 1U);
}

TEST(SumDay, counts_its_own_and_is_complete_when_every_quarter_is) {
    const TimeSpan day{t0, t0 + hours{1}};
    std::vector<TwilioSlot> slots;
    for (int i = -1; i < 5; ++i) slots.push_back({t0 + twilio_slot * i, 3, 1, true, t0});
    const std::vector<TwilioDifference> differences{
        {"CA1", t0, DifferenceKind::missing, "why", t0},
        {"CA2", t0 + hours{1}, DifferenceKind::missing, "why", t0}};
    const TwilioDay sum = sum_day(day, slots, differences, t0 + hours{9}, minutes{5});
    EXPECT_EQ(sum.calls_count, 12);
    EXPECT_EQ(sum.unkept_count, 4);
    EXPECT_TRUE(sum.is_complete);
    ASSERT_EQ(sum.differences.size(), 1U);
    EXPECT_EQ(sum.differences.front().call_sid, "CA1");
    slots[2].is_complete = false;
    EXPECT_FALSE(sum_day(day, slots, {}, t0 + hours{9}, minutes{5}).is_complete);
}

TEST(SumDay, of_today_only_what_is_over_counts_and_silence_makes_it_incomplete) {
    const TimeSpan day{t0, t0 + hours{24}};
    const std::vector<TwilioSlot> slots{{t0, 3, 0, true, t0 + minutes{17}},
                                        {t0 + twilio_slot, 1, 0, false, t0 + minutes{17}}};
    EXPECT_TRUE(sum_day(day, slots, {}, t0 + minutes{25}, minutes{15}).is_complete);
    EXPECT_FALSE(sum_day(day, slots, {}, t0 + minutes{45}, minutes{15}).is_complete);
    EXPECT_FALSE(sum_day(day, {}, {}, t0, minutes{15}).is_complete);
}

TEST(IsLeft, a_day_that_goes_on_and_was_not_listed_to_its_end) {
    const TimeSpan day{t0, t0 + hours{24}};
    ReconcileWindow window;
    window.from = t0 + hours{2};
    window.until = t0 + hours{3};
    const std::vector windows{window};
    EXPECT_TRUE(is_left(day, windows, t0 + hours{3}));
    EXPECT_FALSE(is_left(day, windows, t0 + hours{24}));
    EXPECT_FALSE(is_left(day, {}, t0 + hours{3}));
    EXPECT_FALSE(is_left({t0 - hours{24}, t0}, windows, t0 - hours{1}));
    EXPECT_FALSE(is_left({t0 + hours{3}, t0 + hours{27}}, windows, t0 + hours{3}));
}

TEST(IsOverMidnight, when_its_first_event_may_lie_on_another_day) {
    const TimeZone utc;
    const UtcTime midnight = std::chrono::floor<std::chrono::days>(t0);
    const UtcTime now = midnight + hours{9};
    EXPECT_FALSE(is_over_midnight(call_at(midnight), utc, now));
    EXPECT_TRUE(is_over_midnight(call_at(midnight - minutes{1}), utc, now));
    EXPECT_FALSE(is_over_midnight(call_at(midnight - minutes{5}), utc, now));
    const TwilioCall running = call_at(midnight - hours{3}, CallStatus::in_progress);
    EXPECT_TRUE(is_over_midnight(running, utc, now));
    EXPECT_FALSE(is_over_midnight(TwilioCall{}, utc, now));
}

TEST(TroubleWait, grows_and_obeys) {
    const milliseconds interval = minutes{5};
    EXPECT_EQ(trouble_wait(1, interval, {}), interval);
    EXPECT_EQ(trouble_wait(2, interval, {}), 2 * interval);
    EXPECT_EQ(trouble_wait(99, interval, {}), minutes{30});
    EXPECT_EQ(trouble_wait(1, interval, seconds{900}), minutes{15});
    EXPECT_EQ(trouble_wait(1, interval, hours{24}), hours{1});
    EXPECT_EQ(trouble_wait(9, seconds{1}, {}), seconds{256});
}

TEST(SlotOf, is_a_quarter_of_an_hour) {
    EXPECT_EQ(slot_of(t0 + minutes{14}), t0);
    EXPECT_EQ(slot_of(t0), t0);
    EXPECT_EQ(slot_of(from_unix_ms(-1)), from_unix_s(-900));
}

}  // namespace
}  // namespace wrapup
