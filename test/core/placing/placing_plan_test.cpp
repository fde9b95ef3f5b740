#include "core/placing/placing_plan.hpp"

#include <gtest/gtest.h>

#include "core/placing/intent_machine.hpp"

namespace wrapup {
namespace {

using Kind = PlacingPlan::Kind;
using std::chrono::hours;
using std::chrono::minutes;

constexpr UtcTime now = from_unix_s(1'772'366'400);
const HoursNow open_now{};
HoursNow closed_until(std::optional<UtcTime> opens_at) { return {false, opens_at, {}}; }

Intent waiting_intent() {
    Intent intent;
    intent.not_after = now + hours{2};
    intent.due_at = now;
    return intent;
}

TEST(PlacingPlan, a_waiting_one_waits_for_its_window_and_the_hours) {
    Intent intent = waiting_intent();
    EXPECT_EQ(plan_placing(intent, open_now, now).kind, Kind::ask);
    intent.not_before = now + hours{1};
    EXPECT_EQ(plan_placing(intent, open_now, now).at, now + hours{1});
    EXPECT_EQ(plan_placing(intent, open_now, now + hours{2}).kind, Kind::expire);
    intent.not_before.reset();
    const PlacingPlan plan = plan_placing(intent, closed_until(now + hours{1}), now);
    EXPECT_EQ(plan.kind, Kind::wait);
    EXPECT_EQ(plan.at, now + hours{1});
    EXPECT_EQ(plan_placing(intent, closed_until(now + hours{3}), now).kind, Kind::expire);
    EXPECT_EQ(plan_placing(intent, closed_until({}), now).kind, Kind::expire);
}

TEST(PlacingPlan, an_unknown_one_is_looked_for_and_asked_again_only_inside) {
    Intent intent = waiting_intent();
    intent.state = IntentState::asking;
    EXPECT_EQ(plan_placing(intent, open_now, now).kind, Kind::look);
    intent.is_absent = true;
    EXPECT_EQ(plan_placing(intent, open_now, now).kind, Kind::ask);
    EXPECT_EQ(plan_placing(intent, open_now, now + hours{2}).kind, Kind::look);
    intent.is_cancel_wanted = true;
    EXPECT_EQ(plan_placing(intent, open_now, now).kind, Kind::look);
}

TEST(PlacingPlan, one_that_is_surely_not_there_is_asked_for_again_at_once_or_never) {
    Intent intent = waiting_intent();
    intent.state = IntentState::asking;
    intent.is_absent = true;
    for (const HoursNow& closed :
         {closed_until({}), closed_until(now + hours{1}), closed_until(now + hours{3})}) {
        EXPECT_EQ(plan_placing(intent, closed, now).kind, Kind::park);
        EXPECT_EQ(plan_placing(intent, closed, now + hours{2}).kind, Kind::look);
    }
    EXPECT_EQ(plan_placing(intent, open_now, now).kind, Kind::ask);
    intent.not_after.reset();
    EXPECT_EQ(plan_placing(intent, closed_until({}), now).kind, Kind::park);
    // The clock was set back.
    intent.not_before = now + seconds{1};
    EXPECT_EQ(plan_placing(intent, open_now, now).at, now + seconds{1});
}

TEST(PlacingPlan, a_placed_one_rings_while_its_hours_and_its_window_last) {
    Intent intent = waiting_intent();
    intent.state = IntentState::placed;
    intent.asked_at = now;
    const HoursNow closing{true, {}, now + seconds{20}};
    EXPECT_EQ(plan_placing(intent, closing, now).kind, Kind::wait);
    EXPECT_EQ(plan_placing(intent, closing, now).at, now + seconds{20});
    EXPECT_EQ(plan_placing(intent, open_now, now).at, now + silent_placed);
    EXPECT_EQ(plan_placing(intent, closed_until({}), now).kind, Kind::cancel);
    EXPECT_EQ(plan_placing(intent, open_now, now + silent_placed).kind, Kind::ask_about);
    intent.not_after = now + seconds{10};
    EXPECT_EQ(plan_placing(intent, closing, now).at, now + seconds{10});
}

TEST(PlacingPlan, a_placed_one_is_cancelled_when_its_window_closes) {
    Intent intent = waiting_intent();
    intent.state = IntentState::placed;
    EXPECT_EQ(plan_placing(intent, open_now, now + hours{2}).kind, Kind::cancel);
    EXPECT_EQ(plan_placing(intent, closed_until({}), now).kind, Kind::cancel);
    intent.stray_sids = "CA1 CA2";
    EXPECT_EQ(plan_placing(intent, open_now, now).stray_sid, "CA1");
}

TEST(PlacingPlan, the_first_chance_lies_inside_window_and_hours) {
    Intent intent = waiting_intent();
    EXPECT_EQ(first_chance(intent, open_now, now), now);
    EXPECT_EQ(first_chance(intent, closed_until(now + hours{1}), now), now + hours{1});
    EXPECT_EQ(first_chance(intent, closed_until(now + hours{2}), now), std::nullopt);
    EXPECT_EQ(first_chance(intent, closed_until({}), now), std::nullopt);
}

TEST(PlacingPlan, refusals_pass_or_do_not) {
    struct Case {
        int status;
        std::int64_t code;
        bool may_pass;
    };
    for (const Case& one : {Case{400, 21211, false}, Case{400, 21215, false},
                            Case{400, 10004, true}, Case{400, 22005, true}, Case{429, 20429, true},
                            Case{429, 0, true}, Case{401, 20003, false}, Case{400, 99999, false}}) {
        const RefusalVerdict verdict = judge_refusal(one.status, one.code);
        EXPECT_EQ(verdict.may_pass, one.may_pass) << one.code;
        EXPECT_FALSE(verdict.advice.empty()) << one.code;
    }
}

// A list that cannot be read will not read better; a Twilio that is away comes back.
TEST(PlacingPlan, a_list_is_waited_for_as_long_as_it_may_help) {
    EXPECT_EQ(list_patience(Errc::invalid_input), minutes{10});
    EXPECT_EQ(list_patience(Errc::unavailable), hours{24});
    EXPECT_EQ(list_patience(Errc::unauthorized), hours{24});
}

TwilioCall listed_call(const char* sid, CallStatus status, std::int64_t duration_s = 0) {
    TwilioCall call;
    call.sid = sid;
    call.direction = Direction::outbound;
    call.created_at = now;
    call.status = status;
    call.duration_s = duration_s;
    return call;
}

TEST(SearchVerdict, without_the_token_no_call_is_taken_for_ours) {
    using Found = SearchVerdict::Kind;
    const auto judge = [](std::vector<TwilioCall> listed, seconds later) {
        return judge_listed(listed, now, now + later).kind;
    };
    const TwilioCall rings = listed_call("CA1", CallStatus::ringing);
    const TwilioCall missed = listed_call("CA2", CallStatus::no_answer);
    EXPECT_EQ(judge({}, seconds{2}), Found::absent);
    EXPECT_EQ(judge({rings}, seconds{2}), Found::maybe);
    EXPECT_EQ(judge({rings}, seconds{599}), Found::maybe);
    EXPECT_EQ(judge({rings}, seconds{600}), Found::lost);
    EXPECT_EQ(judge({missed}, seconds{119}), Found::maybe);
    EXPECT_EQ(judge({missed}, seconds{120}), Found::lost);
    EXPECT_EQ(judge({missed, rings}, seconds{120}), Found::maybe);
    EXPECT_EQ(judge_listed(std::vector{missed}, now, now + seconds{120}).sid, "CA2");
}

// Whoever answered ours would have been led by us, or the call been over soon.
TEST(SearchVerdict, what_cannot_be_ours_does_not_count) {
    using Found = SearchVerdict::Kind;
    TwilioCall older = listed_call("CA1", CallStatus::ringing);
    older.created_at = now - seconds{11};
    TwilioCall leg = listed_call("CA2", CallStatus::ringing);
    leg.parent_sid = "CA0";
    TwilioCall inbound = listed_call("CA3", CallStatus::ringing);
    inbound.direction = Direction::inbound;
    const TwilioCall talked = listed_call("CA4", CallStatus::completed, 46);
    const std::vector<TwilioCall> all{older, leg, inbound, talked};
    EXPECT_EQ(judge_listed(all, now, now + seconds{60}).kind, Found::absent);
    const std::vector<TwilioCall> one{listed_call("CA5", CallStatus::completed, 45)};
    EXPECT_EQ(judge_listed(one, now, now + seconds{60}).kind, Found::maybe);
}

}  // namespace
}  // namespace wrapup
