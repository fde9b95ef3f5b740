#include "core/placing/intent_machine.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

using State = IntentState;
using Kind = IntentStep::Kind;

constexpr UtcTime start = from_unix_s(1'772'366'400);
const std::string first = "CA" + std::string(32, '1');
const std::string second = "CA" + std::string(32, '2');
const CancelWanted listed{std::string(number_listed)};

// An intent, moved by what happens to it, and where it is then.
class IntentMachine : public testing::Test {
protected:
    IntentMachine() {
        intent.id = std::string(32, 'a');
        intent.to = "+61413052898";
        intent.timeout_s = 30;
        intent.not_after = start + std::chrono::hours{1};
        intent.due_at = start;
    }
    IntentStep happen(const IntentNews& news) { return step(intent, news, now); }
    void ask() { EXPECT_EQ(happen(BeginAsking{}).kind, Kind::moved); }
    void place() {
        ask();
        place_asked();
    }
    void place_asked() {
        EXPECT_EQ(happen(TwilioAccepted{first, "queued"}).bound_sid, first);
        EXPECT_EQ(intent.state, State::placed);
    }
    IntentStep answer(const std::string& sid, bool is_in_hours = true) {
        return happen(CallAnswered{sid, is_in_hours});
    }
    // Looks until it is surely not there.
    void look_in_vain() {
        happen(AnswerLost{});
        for (int i = 0; i < 20 && !intent.is_absent && intent.state == State::asking; ++i) {
            now = *intent.due_at;
            happen(NotFoundYet{});
        }
    }

    Intent intent;
    UtcTime now = start;
};

TEST_F(IntentMachine, goes_the_usual_way) {
    place();
    EXPECT_EQ(answer(first).kind, Kind::moved);
    EXPECT_EQ(intent.state, State::answered);
    EXPECT_EQ(happen(AgentGiven{"conv_1", now, "<Response/>", 1}).bound_sid, first);
    happen(CallHeard{first, CallStatus::completed, {}});
    EXPECT_EQ(intent.state, State::ended);
    EXPECT_EQ(intent.call_status, "completed");
    EXPECT_EQ(intent.due_at, std::nullopt);
}

TEST_F(IntentMachine, asks_twilio_once) {
    ask();
    EXPECT_EQ(happen(BeginAsking{}).kind, Kind::conflict);
    now += std::chrono::hours{1};
    EXPECT_EQ(happen(BeginAsking{}).kind, Kind::conflict);
}

TEST_F(IntentMachine, asks_inside_its_window_only) {
    intent.not_before = start + seconds{1};
    EXPECT_EQ(happen(BeginAsking{}).kind, Kind::conflict);
    EXPECT_EQ(intent.state, State::waiting);
    now = *intent.not_after;
    EXPECT_EQ(happen(BeginAsking{}).kind, Kind::conflict);
    now = start + seconds{1};
    ask();
}

TEST_F(IntentMachine, a_callback_closes_the_gap_of_a_lost_answer) {
    ask();
    happen(AnswerLost{});
    EXPECT_EQ(happen(CallHeard{first, CallStatus::ringing, {}}).bound_sid, first);
    EXPECT_EQ(intent.state, State::placed);
    EXPECT_EQ(intent.call_status, "ringing");
    EXPECT_EQ(happen(TwilioAccepted{first, "queued"}).kind, Kind::ignored);
    EXPECT_EQ(intent.call_status, "ringing");
}

TEST_F(IntentMachine, is_asked_again_only_when_the_call_is_surely_not_there) {
    ask();
    look_in_vain();
    EXPECT_TRUE(intent.is_absent);
    EXPECT_GE(now - start, surely_not_there);
    EXPECT_EQ(intent.due_at, now);
    ask();
    EXPECT_EQ(intent.asks_count, 2);
}

TEST_F(IntentMachine, is_parked_when_it_may_not_be_asked_again) {
    intent.not_after = start + seconds{60};
    ask();
    look_in_vain();
    EXPECT_EQ(intent.state, State::parked);
    EXPECT_EQ(intent.reason, "unknown_outcome");
    EXPECT_TRUE(intent.holds_number());
}

TEST_F(IntentMachine, is_parked_after_three_lost_answers) {
    for (int i = 0; i < 3; ++i) {
        ask();
        look_in_vain();
    }
    EXPECT_EQ(intent.state, State::parked);
}

TEST_F(IntentMachine, a_parked_one_comes_back_when_its_call_is_heard_of) {
    intent.not_after = start + seconds{60};
    ask();
    look_in_vain();
    happen(CallHeard{first, CallStatus::busy, {}});
    EXPECT_EQ(intent.state, State::ended);
    EXPECT_EQ(intent.call_status, "busy");
}

TEST_F(IntentMachine, the_first_call_that_asks_owns_it) {
    place();
    answer(first);
    const IntentStep other = answer(second);
    EXPECT_EQ(other.kind, Kind::hung_up);
    EXPECT_EQ(other.why, "another_call");
    EXPECT_EQ(other.bound_sid, second);  // It rang: its record has the name.
    EXPECT_EQ(intent.stray_sids, second);
    EXPECT_EQ(intent.owner_sid, first);
    EXPECT_EQ(answer(first).kind, Kind::ignored);  // Twilio asks again: the same answer.
    happen(StrayEnded{second});
    EXPECT_EQ(intent.stray_sids, "");
}

TEST_F(IntentMachine, another_call_may_be_the_first_that_asks) {
    place();
    EXPECT_EQ(answer(second).kind, Kind::moved);
    EXPECT_EQ(intent.owner_sid, second);
    EXPECT_EQ(intent.call_sid, second);
    EXPECT_EQ(intent.stray_sids, first);
    EXPECT_EQ(answer(first).kind, Kind::hung_up);
}

TEST_F(IntentMachine, hangs_up_outside_of_its_window_and_hours) {
    place();
    EXPECT_EQ(answer(first, false).why, "outside_hours");
    now = *intent.not_after;
    EXPECT_EQ(answer(first).why, "window_closed");
    EXPECT_EQ(intent.owner_sid, "");
}

TEST_F(IntentMachine, says_what_was_so_when_twilio_did_not_cancel_and_somebody_answered) {
    place();
    const Intent placed = intent;
    const CancelWanted closed{"window_closed"};
    happen(closed);
    happen(CancelFailed{"HTTP 500"});
    EXPECT_EQ(answer(first, false).why, "outside_hours");
    EXPECT_EQ(intent.no_agent, "outside_hours");
    intent = placed;
    happen(closed);
    EXPECT_EQ(answer(first).why, "cancelled") << "its hours have begun again";
    intent = placed;
    now = *intent.not_after;
    happen(closed);
    EXPECT_EQ(answer(first, false).why, "window_closed");
    EXPECT_EQ(intent.no_agent, "window_closed");
    intent = placed;
    happen(listed);
    EXPECT_EQ(answer(first).why, "cancelled") << "and taken from the list meanwhile";
}

TEST_F(IntentMachine, cancels_what_waits_at_once) {
    happen(CancelWanted{});
    EXPECT_EQ(intent.state, State::cancelled);
    EXPECT_EQ(happen(BeginAsking{}).kind, Kind::conflict);
}

TEST_F(IntentMachine, cancels_what_is_at_twilio_by_its_call) {
    place();
    happen(CancelWanted{});
    EXPECT_EQ(intent.state, State::placed);
    EXPECT_EQ(intent.due_at, now);
    EXPECT_EQ(answer(first).why, "cancelled");
    happen(CallHeard{first, CallStatus::canceled, {}});
    EXPECT_EQ(intent.state, State::cancelled);
}

TEST_F(IntentMachine, cancels_what_twilio_never_made) {
    ask();
    happen(CancelWanted{});
    look_in_vain();
    EXPECT_EQ(intent.state, State::cancelled);
}

TEST_F(IntentMachine, a_call_that_shows_up_after_the_end_is_a_stray) {
    ask();
    happen(CancelWanted{});
    look_in_vain();
    happen(CallHeard{first, CallStatus::ringing, {}});
    EXPECT_EQ(intent.state, State::cancelled);
    EXPECT_EQ(intent.stray_sids, first);
    EXPECT_EQ(intent.due_at, now);
    EXPECT_EQ(answer(first).kind, Kind::hung_up);
}

TEST_F(IntentMachine, does_not_cancel_a_conversation) {
    place();
    answer(first);
    EXPECT_EQ(happen(CancelWanted{}).kind, Kind::conflict);
}

TEST_F(IntentMachine, a_window_that_closes_at_twilio_expires_it) {
    place();
    EXPECT_LE(*intent.due_at, *intent.not_after);
    happen(CancelWanted{"window_closed"});
    happen(CallHeard{first, CallStatus::canceled, {}});
    EXPECT_EQ(intent.state, State::expired);
    EXPECT_EQ(intent.reason, "window_closed");
}

TEST_F(IntentMachine, a_number_that_is_listed_is_not_rung) {
    happen(listed);
    EXPECT_EQ(intent.state, State::refused);
    EXPECT_EQ(intent.reason, "do_not_call");
    EXPECT_EQ(intent.advice, on_the_list);
}

TEST_F(IntentMachine, a_number_that_is_listed_while_it_rings_is_cancelled_at_twilio) {
    place();
    happen(listed);
    EXPECT_EQ(intent.state, State::placed);
    EXPECT_EQ(intent.due_at, now);
    EXPECT_EQ(happen(listed).kind, Kind::ignored);
    happen(CallHeard{first, CallStatus::canceled, {}});
    EXPECT_EQ(intent.state, State::cancelled);
    EXPECT_EQ(intent.reason, "do_not_call");
}

TEST_F(IntentMachine, a_number_that_is_listed_while_twilio_is_asked_is_cancelled_with_its_answer) {
    ask();
    happen(listed);
    EXPECT_EQ(intent.state, State::asking);
    place_asked();
    EXPECT_EQ(intent.due_at, now);
    const IntentStep step = happen(CallAnswered{first, true, true});
    EXPECT_EQ(step.why, "do_not_call");
    EXPECT_EQ(step.no_agent, "do_not_call");
}

TEST_F(IntentMachine, a_number_that_is_listed_after_a_lost_answer_is_cancelled_when_heard_of) {
    ask();
    happen(AnswerLost{});
    happen(listed);
    happen(CallHeard{first, CallStatus::ringing, {}});
    EXPECT_EQ(intent.state, State::placed);
    EXPECT_EQ(intent.due_at, now);
}

TEST_F(IntentMachine, a_number_that_is_listed_and_was_never_rung_ends) {
    ask();
    happen(listed);
    look_in_vain();
    EXPECT_EQ(intent.state, State::refused);
    EXPECT_EQ(intent.reason, "do_not_call");
}

TEST_F(IntentMachine, a_parked_one_stays_parked_when_its_number_is_listed) {
    ask();
    happen(PlacingParked{});
    happen(listed);
    EXPECT_EQ(intent.state, State::parked);
    // Should its call come out, it is cancelled.
    Intent late = intent;
    step(late, CallHeard{first, CallStatus::ringing, {}}, now);
    EXPECT_EQ(late.state, State::placed);
    EXPECT_EQ(late.due_at, now);
    happen(CancelWanted{});
    EXPECT_EQ(intent.state, State::cancelled);
}

TEST_F(IntentMachine, a_parked_one_that_was_to_be_cancelled_can_be_cancelled) {
    ask();
    happen(CancelWanted{});
    happen(PlacingParked{});
    EXPECT_EQ(intent.state, State::parked);
    happen(CancelWanted{});
    EXPECT_EQ(intent.state, State::cancelled);
    EXPECT_FALSE(intent.holds_number());
}

TEST_F(IntentMachine, who_talks_when_the_number_is_listed_goes_on_talking) {
    place();
    answer(first);
    EXPECT_EQ(happen(listed).kind, Kind::conflict);
    EXPECT_EQ(intent.state, State::answered);
}

TEST_F(IntentMachine, a_look_that_does_not_know_of_it_puts_no_cancelling_off) {
    place();
    happen(listed);
    happen(LookAgain{now + seconds{180}});
    EXPECT_LE(*intent.due_at, now + seconds{10});
}

TEST_F(IntentMachine, what_twilio_does_not_cancel_is_tried_again_soon) {
    const CancelFailed failed{"HTTP 500"};
    place();
    EXPECT_EQ(happen(failed).kind, Kind::ignored);
    happen(listed);
    for (const int wait : {1, 2, 4, 8, 10, 10}) {
        happen(failed);
        EXPECT_EQ(intent.due_at, now + seconds{wait});
        EXPECT_EQ(intent.state, State::placed);
        EXPECT_EQ(intent.reason, not_cancelled);
        EXPECT_EQ(intent.advice, "HTTP 500");
        now = *intent.due_at;
    }
    happen(CallHeard{first, CallStatus::canceled, {}});
    EXPECT_EQ(intent.state, State::cancelled);
    EXPECT_EQ(intent.reason, number_listed);
    EXPECT_EQ(intent.advice, "");
    EXPECT_EQ(happen(failed).kind, Kind::ignored);
}

TEST_F(IntentMachine, a_refusal_ends_it_and_a_deferral_does_not) {
    ask();
    happen(TwilioDeferred{now + seconds{10}});
    EXPECT_EQ(intent.state, State::waiting);
    ask();
    happen(PlacingRefused{"twilio", "correct it", 21211});
    EXPECT_EQ(intent.state, State::refused);
    EXPECT_EQ(intent.twilio_code, 21211);
    EXPECT_FALSE(intent.holds_number());
}

TEST_F(IntentMachine, callbacks_may_come_in_any_order) {
    place();
    happen(CallHeard{first, CallStatus::completed, {}});
    happen(CallHeard{first, CallStatus::ringing, {}});
    EXPECT_EQ(intent.state, State::ended);
    EXPECT_EQ(intent.call_status, "completed");
    EXPECT_EQ(answer(first).why, "over");
}

TEST_F(IntentMachine, an_answered_call_without_an_agent_says_why) {
    place();
    answer(first);
    const IntentStep missing = happen(AgentMissing{first, "agent_timeout", 1});
    EXPECT_EQ(missing.no_agent_sid, first);
    EXPECT_EQ(missing.no_agent, "agent_timeout");
    EXPECT_TRUE(intent.is_abandoned);
    EXPECT_EQ(intent.no_agent, "agent_timeout");
    happen(CallHeard{first, CallStatus::completed, {}});
    EXPECT_EQ(intent.state, State::ended);
}

// The store did not answer the first question, and Twilio asks again.
TEST_F(IntentMachine, a_call_that_was_sent_away_gets_no_agent_afterwards) {
    place();
    EXPECT_EQ(happen(AgentMissing{first, "store_unavailable", 0}).no_agent_sid, first);
    const IntentStep again = answer(first);
    EXPECT_EQ(again.kind, Kind::hung_up);
    EXPECT_EQ(again.why, "no_agent");
    EXPECT_FALSE(again.asks_agent);
}

TEST_F(IntentMachine, a_call_that_is_hung_up_on_says_why) {
    place();
    const IntentStep late = answer(first, false);
    EXPECT_EQ(late.kind, Kind::hung_up);
    EXPECT_EQ(late.no_agent_sid, first);
    EXPECT_EQ(late.no_agent, "outside_hours");
    EXPECT_TRUE(intent.is_abandoned);
}

TEST_F(IntentMachine, of_a_second_call_only_its_own_record_says_why) {
    place();
    answer(first);
    const IntentStep other = answer(second);
    EXPECT_EQ(other.no_agent_sid, second);
    EXPECT_EQ(other.no_agent, "another_call");
    EXPECT_FALSE(intent.is_abandoned);
    EXPECT_EQ(intent.no_agent, "");
}

TEST_F(IntentMachine, an_agent_that_came_after_the_end_is_none) {
    place();
    answer(first);
    happen(CallHeard{first, CallStatus::completed, {}});
    EXPECT_EQ(happen(AgentGiven{"conv_1", now, "", 1}).no_agent, "");
    intent.conversation_id.clear();
    EXPECT_EQ(happen(AgentGiven{"conv_1", now + seconds{1}, "", 1}).no_agent, "hung_up_early");
    EXPECT_EQ(intent.conversation_id, "");
    EXPECT_TRUE(intent.is_abandoned);
}

// Twilio asks again, maybe another node.
TEST_F(IntentMachine, one_agent_at_a_time_is_asked_for) {
    place();
    EXPECT_TRUE(answer(first).asks_agent);
    now += agent_lease - milliseconds{1};
    EXPECT_FALSE(answer(first).asks_agent);
    now += milliseconds{1};  // Whoever asked for it has died.
    EXPECT_TRUE(answer(first).asks_agent);
    EXPECT_EQ(happen(AgentGiven{"conv_1", now, "<Old/>", 1}).kind, Kind::ignored);
    EXPECT_EQ(happen(AgentMissing{first, "agent_timeout", 1}).kind, Kind::ignored);
    EXPECT_EQ(happen(AgentGiven{"conv_2", now, "<New/>", 2}).bound_sid, first);
    EXPECT_EQ(intent.conversation_id, "conv_2");
    now += agent_lease;
    EXPECT_FALSE(answer(first).asks_agent);
    EXPECT_EQ(intent.twiml, "<New/>");
    EXPECT_EQ(happen(AgentMissing{first, "agent_timeout", 2}).kind, Kind::ignored);
    happen(CallHeard{first, CallStatus::completed, {}});
    EXPECT_EQ(intent.twiml, "");
    const IntentStep late = answer(first);
    EXPECT_EQ(late.kind, Kind::hung_up);
    EXPECT_EQ(late.no_agent, "");
    EXPECT_FALSE(intent.is_abandoned);
}

TEST_F(IntentMachine, a_call_without_an_agent_gets_none_when_it_asks_again) {
    place();
    answer(first);
    happen(AgentMissing{first, "agent_timeout", 1});
    now += agent_lease;
    const IntentStep again = answer(first);
    EXPECT_EQ(again.kind, Kind::hung_up);
    EXPECT_EQ(again.why, "no_agent");
}

TEST_F(IntentMachine, what_has_ended_cannot_be_cancelled) {
    place();
    answer(first);
    EXPECT_EQ(happen(CancelWanted{}).kind, Kind::conflict);
    happen(CallHeard{first, CallStatus::completed, {}});
    EXPECT_EQ(happen(CancelWanted{}).kind, Kind::conflict);
    EXPECT_EQ(intent.state, State::ended);
}

TEST_F(IntentMachine, a_call_that_may_be_another_programs_is_lost) {
    ask();
    happen(AnswerLost{});
    happen(PlacingParked{second});
    EXPECT_EQ(intent.state, State::parked);
    EXPECT_EQ(intent.reason, "lost");
    EXPECT_NE(intent.advice.find(second), std::string::npos);
    // Its token came at last.
    EXPECT_EQ(happen(CallHeard{first, CallStatus::ringing, {}}).bound_sid, first);
    EXPECT_EQ(intent.state, State::placed);
}

TEST_F(IntentMachine, a_clock_that_is_set_makes_nothing_late_and_no_wait_shorter) {
    ask();
    happen(AnswerLost{});
    const UtcTime asked_at = *intent.asked_at;
    const UtcTime due_at = *intent.due_at;
    const std::chrono::hours hour{1};
    clock_was_set(intent, hour);
    EXPECT_EQ(intent.asked_at, asked_at + hour);
    EXPECT_EQ(intent.due_at, due_at);
    // It was looked for during seconds, whatever the clock says.
    now = due_at + hour;
    happen(NotFoundYet{});
    EXPECT_FALSE(intent.is_absent);
    const UtcTime next_at = *intent.due_at;
    clock_was_set(intent, -hour);
    EXPECT_EQ(intent.asked_at, asked_at);
    EXPECT_EQ(intent.due_at, next_at - hour);
}

TEST_F(IntentMachine, is_held_while_its_list_is_paused) {
    const ListPaused pause{};
    happen(pause);
    EXPECT_EQ(intent.state, State::waiting);
    EXPECT_FALSE(intent.is_cancel_wanted);
    EXPECT_GT(*intent.due_at, now);
    ask();
    EXPECT_EQ(happen(pause).kind, Kind::ignored);
    EXPECT_EQ(intent.state, State::asking);
    look_in_vain();
    EXPECT_EQ(happen(pause).kind, Kind::moved);
    EXPECT_EQ(intent.state, State::waiting);
    ask();
    EXPECT_EQ(intent.asks_count, 2);
}

}  // namespace
}  // namespace wrapup
