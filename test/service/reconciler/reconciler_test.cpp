// The production reconciler on a simulated clock, with a Twilio that a test scripts.

#include "domain/sample_call.hpp"
#include "test/service/reconciler/reconciler_world.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

struct ReconcilerTest : testing::Test, ReconcilerWorld {};

TEST_F(ReconcilerTest, a_call_whose_callbacks_were_all_lost_is_found_and_delivered_once) {
    start();
    w.run_for(minutes{1});
    list(sid_a, w.clock.now());
    w.run_for(minutes{30});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_EQ(w.crm.requests.front().call_id, sid_a);
    const CallStory story = w.story(sid_a);
    EXPECT_EQ(story.call.state, CallState::delivered);
    ASSERT_EQ(story.events.size(), 1U);
    EXPECT_EQ(story.events.front().kind, EventKind::reconcile_call);
}

TEST_F(ReconcilerTest, what_callbacks_told_is_left_alone) {
    start();
    w.run_for(minutes{1});
    w.busy(sid_a);
    list(sid_a, w.clock.now());
    w.run_for(minutes{30});
    EXPECT_EQ(w.story(sid_a).events.size(), 1U);
    EXPECT_EQ(w.crm.requests.size(), 1U);
}

TEST_F(ReconcilerTest, the_lost_end_of_a_call_that_is_known_is_found) {
    start();
    w.run_for(minutes{1});
    w.callback(sid_a, {{"CallStatus", "ringing"}, {"SequenceNumber", "1"}});
    list(sid_a, w.clock.now());
    w.run_for(minutes{30});
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);
}

TEST_F(ReconcilerTest, a_call_that_ran_for_hours_is_found_when_it_has_ended) {
    start();
    w.run_for(minutes{1});
    const UtcTime made_at = w.clock.now();
    list(sid_a, made_at, "", "in-progress");
    w.run_for(hours{3});
    EXPECT_EQ(known_count(), 0);
    w.twilio.calls[sid_a] = R"({"sid":")" + sid_a +
                            R"(","status":"completed","duration":"10800",)" +
                            R"("answered_by":"human","date_created":")" + format_rfc2822(made_at) +
                            R"(","end_time":")" + format_rfc2822(w.clock.now()) + R"("})";
    w.run_for(minutes{12});
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);
}

TEST_F(ReconcilerTest, a_callback_that_may_still_come_is_waited_for) {
    start();
    w.run_for(minutes{5} - seconds{31});
    list(sid_a, w.clock.now());  // Ends 1 s before the round.
    w.run_for(seconds{40});
    EXPECT_EQ(known_count(), 0);
    w.run_for(seconds{30});
    EXPECT_EQ(w.story(sid_a).events.front().kind, EventKind::reconcile_call);
}

TEST_F(ReconcilerTest, what_ended_before_since_makes_no_record) {
    list(sid_number(1), t0 - hours{3});
    list(sid_number(2), t0 - hours{1});
    start(since(t0 - hours{2}));
    w.run_for(minutes{30});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_EQ(w.crm.requests.front().call_id, sid_number(2));
}

TEST_F(ReconcilerTest, the_first_start_is_remembered_over_restarts) {
    start();
    w.run_for(minutes{1});
    reconciler->stop();
    w.run_for(minutes{30});
    list(sid_a, w.clock.now() - minutes{20});  // While wrapup was down.
    list(sid_number(1), t0 - hours{1});
    restart();
    w.run_for(minutes{10});
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);
    EXPECT_EQ(known_count(), 1);
}

TEST_F(ReconcilerTest, legs_strangers_and_inbound_calls_make_no_record) {
    ReconcilerSettings settings = since(t0 - hours{2});
    settings.our_numbers = {"+15005550006"};
    list(sid_number(1), t0 - hours{1}, R"(,"parent_call_sid":")" + sid_a + '"');
    list(sid_number(2), t0 - hours{1}, R"(,"direction":"inbound")");
    list(sid_number(3), t0 - hours{1});
    w.twilio.calls[sid_number(3)].replace(w.twilio.calls[sid_number(3)].find("+1500"), 5, "+1999");
    start(std::move(settings));
    w.run_for(minutes{30});
    EXPECT_EQ(known_count(), 0);
    const ReconcileCounts counts = status().runs.back().counts;
    EXPECT_EQ(counts.legs, 1);
    EXPECT_EQ(counts.strangers, 2);
    std::int64_t calls_count = 0;
    std::int64_t strangers_count = 0;
    for (const TwilioSlot& slot : slots()) {
        calls_count += slot.calls_count;
        strangers_count += slot.strangers_count;
    }
    EXPECT_EQ(calls_count, 2);
    EXPECT_EQ(strangers_count, 2);
}

TEST_F(ReconcilerTest, quarters_are_complete_once_they_are_over_and_listed) {
    list(sid_number(1), t0 - minutes{50});
    list(sid_number(2), t0 - minutes{49});
    start(since(t0 - hours{2}));
    w.run_for(minutes{1});
    const UtcTime counted = slot_of(t0 - minutes{50});
    bool is_seen = false;
    for (const TwilioSlot& slot : slots()) {
        EXPECT_EQ(slot.is_complete, slot.from + twilio_slot + minutes{2} <= t0);
        if (slot.from == counted) is_seen = slot.calls_count == 2;
    }
    EXPECT_TRUE(is_seen);
    EXPECT_EQ(slots().back().from, slot_of(t0));
}

TEST_F(ReconcilerTest, a_call_that_cannot_be_adopted_is_named) {
    list(sid_a, t0 - hours{1}, "", "odd");
    start(since(t0 - hours{2}));
    w.run_for(minutes{1});
    ASSERT_EQ(differences().size(), 1U);
    EXPECT_EQ(differences().front().call_sid, sid_a);
    EXPECT_EQ(differences().front().kind, DifferenceKind::missing);
    list(sid_a, t0 - hours{1});
    w.run_for(minutes{10});
    EXPECT_EQ(differences().size(), 0U);
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);
}

TEST_F(ReconcilerTest, a_call_that_cannot_be_adopted_stays_named_however_often_it_is_listed) {
    list(sid_a, t0 - hours{1}, "", "odd");
    const std::string timeless = sid_number(7);
    w.twilio.calls[timeless] = R"({"sid":")" + timeless +
                               R"(","status":"busy","to":"+61413052898","from":"+15005550006",)"
                               R"("direction":"outbound-api"})";
    start(since(t0 - hours{2}));
    w.run_for(minutes{1});
    const std::vector<TwilioDifference> first = differences();
    ASSERT_EQ(first.size(), 2U);
    for (int round = 0; round < 5; ++round) {
        if (round == 2) restart(since(t0 - hours{2}));
        w.run_for(minutes{5});
        const std::vector<TwilioDifference> again = differences();
        ASSERT_EQ(again.size(), 2U) << round;
        EXPECT_EQ(again[0].at, first[0].at) << round;
        EXPECT_EQ(again[1].at, first[1].at) << round;
    }
}

TEST_F(ReconcilerTest, a_restart_goes_on_where_the_list_was_left) {
    w.twilio.page_size = 2;
    w.twilio.latency = seconds{10};
    for (int i = 1; i <= 10; ++i) list(sid_number(i), t0 - hours{1} - minutes{i});
    start(since(t0 - hours{2}));
    w.run_for(seconds{35});
    const auto before = known_count();
    EXPECT_GT(before, 0);
    EXPECT_LT(before, 10);
    restart(since(t0 - hours{2}));
    w.twilio.lists.clear();
    w.run_for(minutes{4});
    EXPECT_EQ(known_count(), 10);
    EXPECT_EQ(w.crm.requests.size(), 10U);
    bool goes_on = false;
    for (const CallListQuery& query : w.twilio.lists) goes_on = goes_on || query.next_page == "/6";
    EXPECT_TRUE(goes_on);
    std::int64_t calls_count = 0;
    for (const TwilioSlot& slot : slots()) calls_count += slot.calls_count;
    EXPECT_EQ(calls_count, 10);
}

TEST_F(ReconcilerTest, the_newest_come_first_and_not_all_at_once) {
    w.twilio.page_size = 50;
    for (int i = 1; i <= 200; ++i) list(sid_number(i), t0 - hours{1} - seconds{i});
    start(since(t0 - hours{2}));
    w.run_for(seconds{1});
    EXPECT_LE(known_count(), 75);
    w.run_for(minutes{2});
    ASSERT_EQ(w.crm.requests.size(), 200U);
    EXPECT_EQ(w.crm.requests.front().call_id, sid_number(1));
}

TEST_F(ReconcilerTest, refused_credentials_are_told_and_noticed_when_they_are_mended) {
    w.twilio.list_trouble = Error{Errc::unauthorized, "Twilio refuses our credentials (HTTP 401)"};
    list(sid_a, t0 - minutes{1});
    start(since(t0 - hours{2}));
    w.run_for(hours{1});
    EXPECT_LE(w.twilio.lists.size(), 13U) << "one request each interval";
    ASSERT_TRUE(status().twilio.has_value());
    EXPECT_EQ(status().twilio->what, "Twilio refuses our credentials (HTTP 401)");
    EXPECT_GT((w.metrics.counts[{Counter::alerts, "twilio"}]), 0);
    EXPECT_EQ(slots().size(), 0U);
    w.twilio.list_trouble.reset();
    w.run_for(minutes{6});
    EXPECT_FALSE(status().twilio.has_value());
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);
}

TEST_F(ReconcilerTest, what_a_full_disk_refused_is_compared_once_there_is_room) {
    start(since(t0 - hours{2}));
    w.commits.on_append_refused([this] { reconciler->events_were_refused(); });
    w.run_for(minutes{1});
    list(sid_a, w.clock.now() - minutes{1});
    w.store.trouble = Error{Errc::unavailable, "the disk is full"};
    const Form form{{"CallSid", sid_a}, {"To", "+61413052898"}, {"CallStatus", "busy"}};
    EXPECT_FALSE(w.await(w.intake.append(*status_callback_event(form, w.clock.now()))));
    w.run_for(seconds{30});
    EXPECT_EQ(known_count(), 0);
    w.store.trouble.reset();
    w.run_for(seconds{15});
    EXPECT_EQ(known_count(), 1) << "minutes before the next round";
    // One that refuses on and on makes no storm.
    const auto asked = w.twilio.lists.size();
    for (int i = 0; i < 10; ++i) {
        reconciler->events_were_refused();
        w.run_for(seconds{6});
    }
    EXPECT_LE(w.twilio.lists.size(), asked + 4);
}

TEST_F(ReconcilerTest, says_until_when_it_has_compared_and_not_tried) {
    w.twilio.list_trouble = Error{Errc::unauthorized, "Twilio refuses our credentials (HTTP 401)"};
    start(since(t0 - hours{2}));
    w.run_for(minutes{20});
    const auto begun_at = status().listed_until;
    ASSERT_TRUE(begun_at.has_value());
    EXPECT_LE(*begun_at, t0 - hours{2});
    w.twilio.list_trouble.reset();
    w.run_for(minutes{6});
    const auto compared_until = status().listed_until;
    ASSERT_TRUE(compared_until.has_value());
    EXPECT_GT(*compared_until, t0 + minutes{19});
    w.twilio.list_trouble = Error{Errc::unauthorized, "Twilio refuses our credentials (HTTP 401)"};
    w.run_for(minutes{30});
    EXPECT_EQ(status().listed_until, compared_until);
}

TEST_F(ReconcilerTest, an_hour_of_429_is_waited_out) {
    w.twilio.list_trouble = Error{Errc::rate_limited, "HTTP 429"};
    w.twilio.retry_after = seconds{60};
    list(sid_a, t0 - minutes{1});
    start(since(t0 - hours{2}));
    w.run_for(hours{1});
    EXPECT_LT(w.twilio.lists.size(), 12U);
    w.twilio.list_trouble.reset();
    w.twilio.retry_after.reset();
    w.run_for(hours{1});
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);
}

TEST_F(ReconcilerTest, nonsense_changes_nothing_that_is_known) {
    list(sid_a, t0 - hours{1});
    start(since(t0 - hours{2}));
    w.run_for(minutes{1});
    const auto before = slots();
    w.twilio.list_trouble = Error{Errc::invalid_input, "not JSON"};
    w.run_for(hours{1});
    EXPECT_EQ(slots(), before);
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);
}

TEST_F(ReconcilerTest, a_page_that_names_itself_ends_the_round) {
    w.twilio.names_itself = true;
    list(sid_a, t0 - hours{1});
    start(since(t0 - hours{2}));
    w.run_for(minutes{4});
    EXPECT_LE(w.twilio.lists.size(), 3U);
    ASSERT_TRUE(status().twilio.has_value());
    EXPECT_EQ(slots().size(), 0U);
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);
    w.twilio.names_itself = false;
    w.run_for(hours{1});
    EXPECT_FALSE(status().twilio.has_value());
    EXPECT_GT(slots().size(), 0U);
}

TEST_F(ReconcilerTest, a_long_list_is_read_at_an_even_pace) {
    w.twilio.page_size = 1;
    for (int i = 0; i < 60; ++i) list(sid_number(i), t0 - hours{1} - seconds{i});
    start(since(t0 - hours{2}));
    w.run_for(seconds{10});
    EXPECT_GT(w.twilio.lists.size(), 10U);
    EXPECT_LE(w.twilio.lists.size(), 26U) << "two pages a second after the first five";
    w.run_for(minutes{5});
    for (int i = 0; i < 60; ++i) EXPECT_TRUE(w.store.resolve(sid_number(i))) << i;
}

TEST_F(ReconcilerTest, what_cannot_be_read_leaves_its_time_incomplete) {
    w.twilio.unreadable_count = 1;
    list(sid_a, t0 - hours{1});
    start(since(t0 - hours{2}));
    w.run_for(minutes{1});
    ASSERT_GT(slots().size(), 0U);
    for (const TwilioSlot& slot : slots()) EXPECT_FALSE(slot.is_complete);
}

TEST_F(ReconcilerTest, a_clock_ten_minutes_off_loses_nothing) {
    for (const minutes ahead : {minutes{10}, minutes{-10}}) {
        SCOPED_TRACE(ahead.count());
        ReconcilerWorld other;
        other.w.twilio.twilio_now = t0 - ahead;
        other.start();
        other.w.run_for(minutes{1});
        other.list(sid_a, other.w.clock.now() - ahead);
        for (int i = 0; i < 60; ++i) {
            other.w.twilio.twilio_now = other.w.clock.now() - ahead;
            other.w.run_for(minutes{1});
        }
        EXPECT_EQ(other.w.story(sid_a).call.state, CallState::delivered);
        const milliseconds told = other.status().clock_ahead.value_or(milliseconds{0});
        EXPECT_LT(std::chrono::abs(told - ahead), seconds{1});
        EXPECT_NE(std::ranges::find(other.w.log.messages,
                                    "our clock differs from Twilio's; Twilio's counts for its "
                                    "calls"),
                  other.w.log.messages.end());
    }
}

TEST_F(ReconcilerTest, a_dry_run_says_what_it_finds_and_changes_nothing) {
    ReconcilerSettings settings = since(t0 - hours{2});
    settings.interval = milliseconds{0};
    list(sid_a, t0 - hours{1});
    start(std::move(settings));
    const ReconcileRun run = order({t0 - hours{2}, t0, true});
    EXPECT_EQ(run.state, ReconcileRun::State::done);
    EXPECT_EQ(run.counts.missed, 1);
    EXPECT_EQ(run.counts.appended, 0);
    ASSERT_EQ(run.findings.size(), 1U);
    EXPECT_EQ(run.findings.front().call_sid, sid_a);
    EXPECT_EQ(known_count(), 0);
    EXPECT_EQ(slots().size(), 0U);
}

TEST_F(ReconcilerTest, a_run_that_is_ordered_finds_what_was_missed) {
    ReconcilerSettings settings = since(t0 - hours{2});
    settings.interval = milliseconds{0};
    list(sid_a, t0 - hours{1});
    start(std::move(settings));
    const ReconcileRun run = order({t0 - hours{2}, t0, false});
    EXPECT_EQ(run.state, ReconcileRun::State::done);
    EXPECT_EQ(run.counts.appended, 1);
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);
    const auto empty = w.await(reconciler->order({t0, t0 - hours{1}, false}));
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().code, Errc::invalid_input);
}

TEST_F(ReconcilerTest, a_call_that_twilio_does_not_know_is_named_until_it_is_listed) {
    start();
    w.run_for(minutes{1});
    w.busy(sid_a);
    w.run_for(minutes{9});
    EXPECT_EQ(differences().size(), 0U);
    w.run_for(minutes{20});
    ASSERT_EQ(differences().size(), 1U);
    EXPECT_EQ(differences().front().kind, DifferenceKind::only_here);
    EXPECT_EQ(w.twilio.requests, std::vector{sid_a});
    list(sid_a, w.clock.now());
    w.run_for(minutes{10});
    EXPECT_EQ(differences().size(), 0U);
}

TEST_F(ReconcilerTest, a_sample_is_nobodys_call) {
    start();
    w.run_for(minutes{1});
    w.busy(sample_call_sid("0123456789abcde", false));
    w.run_for(minutes{30});
    EXPECT_EQ(differences().size(), 0U);
    EXPECT_EQ(w.twilio.requests, std::vector<std::string>{});
}

TEST_F(ReconcilerTest, while_twilio_cannot_be_asked_no_call_is_only_here) {
    start();
    w.run_for(minutes{1});
    w.busy(sid_a);
    w.twilio.trouble = Error{Errc::unavailable, "HTTP 503"};
    w.run_for(hours{2});
    EXPECT_EQ(differences().size(), 0U);
    list(sid_a, w.clock.now() - hours{2});
    w.twilio.trouble.reset();
    w.run_for(hours{2});
    EXPECT_EQ(differences().size(), 0U);
}

TEST_F(ReconcilerTest, the_store_in_trouble_is_waited_out) {
    list(sid_a, t0 - hours{1});
    w.store.trouble = Error{Errc::unavailable, "the disk is full"};
    start(since(t0 - hours{2}));
    w.run_for(minutes{3});
    w.store.trouble.reset();
    w.run_for(minutes{15});
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);
}

}  // namespace
}  // namespace wrapup
