// What is settled together with the event that made it due, on the whole of service/.

#include "service/settler/append_settler.hpp"

#include <gtest/gtest.h>

#include "test/service/workers.hpp"

namespace wrapup {
namespace {

const std::string sid = "CA000000000000000000000000000000a1";

TEST(AppendSettler, a_record_that_waits_for_nobody_is_fixed_with_its_event) {
    Workers w;
    const auto writes_before = w.store.writes_count;
    w.busy(sid);
    // Nothing has run but the append.
    const CallStory story = w.story(sid);
    EXPECT_EQ(story.call.state, CallState::delivering);
    EXPECT_EQ(story.call.outcome, Outcome::no_answer);
    ASSERT_EQ(story.deliveries.size(), 1U);
    EXPECT_TRUE(story.deliveries[0].is_claimed);
    EXPECT_EQ(w.store.writes_count - writes_before, 1);
    w.run_for(milliseconds{100});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_EQ(w.crm.requests[0].body, w.story(sid).call.record);
    EXPECT_EQ(w.story(sid).call.state, CallState::delivered);
    // The append and the end of the attempt.
    EXPECT_EQ(w.store.writes_count - writes_before, 2);
}

TEST(AppendSettler, a_call_that_waits_for_a_summary_is_put_back_to_its_time_with_its_event) {
    Workers w;
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid, "done", "We talked.");
    const auto writes_before = w.store.writes_count;
    w.completed(sid);
    EXPECT_EQ(w.story(sid).call.state, CallState::settling);
    EXPECT_EQ(w.story(sid).call.due_at, w.clock.now() + seconds{1});
    EXPECT_EQ(w.store.writes_count - writes_before, 1);
    // The webhook brings the summary, and the record leaves with it.
    w.webhook(w.document("conv_1", sid, "done", "We talked."));
    EXPECT_EQ(w.story(sid).call.state, CallState::delivering);
    w.run_for(milliseconds{100});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_NE(w.crm.requests[0].body.find("We talked."), std::string::npos);
    EXPECT_EQ(w.store.writes_count - writes_before, 3);
    EXPECT_TRUE(w.elevenlabs.fetches.empty());
}

TEST(AppendSettler, what_was_put_back_is_looked_at_when_it_falls_due) {
    Workers w({.has_webhook_secret = false});
    w.completed(sid);
    w.run_for(seconds{200});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_EQ(w.story(sid).call.note, "no summary by its deadline");
}

TEST(AppendSettler, the_name_that_was_handed_to_us_is_in_the_record) {
    Workers w;
    StoreOp contact = PutContact{{"+61413052898", "Ann Lee"}};
    ASSERT_TRUE(w.await(w.commits.submit(contact)));
    w.busy(sid);
    const CallStory story = w.story(sid);
    EXPECT_EQ(story.call.state, CallState::delivering);
    EXPECT_NE(story.call.record.find("Ann Lee"), std::string::npos);
}

TEST(AppendSettler, with_a_database_to_ask_the_settler_settles) {
    Workers w({.has_scripted_metadata = true});
    const auto writes_before = w.store.writes_count;
    w.busy(sid);
    w.run_for(milliseconds{100});
    EXPECT_EQ(w.story(sid).call.state, CallState::delivered);
    // The append with the claim, its answer, and the end of the attempt.
    EXPECT_EQ(w.store.writes_count - writes_before, 3);
}

TEST(AppendSettler, without_room_at_the_courier_the_record_waits_its_turn) {
    Workers w;
    w.crm.latency = seconds{1};
    int count = 0;
    while (w.courier().try_reserve()) count += 1;
    w.busy(sid);
    EXPECT_FALSE(w.story(sid).deliveries[0].is_claimed);
    w.run_for(milliseconds{100});
    EXPECT_TRUE(w.crm.requests.empty());
    while (count-- > 0) w.courier().give_back();
    w.run_for(seconds{2});
    EXPECT_EQ(w.crm.requests.size(), 1U);
}

TEST(AppendSettler, disabled_delivery_parks_with_the_event) {
    Workers w({.is_delivery_enabled = false});
    w.busy(sid);
    EXPECT_EQ(w.story(sid).call.state, CallState::parked);
    EXPECT_EQ(w.story(sid).call.parked, ParkReason::disabled);
    EXPECT_EQ((w.metrics.counts[{Counter::calls_settled, "no answer"}]), 1);
    EXPECT_EQ((w.metrics.counts[{Counter::calls_parked, "disabled"}]), 1);
}

TEST(AppendSettler, a_late_word_is_judged_with_its_event) {
    Workers w;
    w.busy(sid);
    w.run_for(milliseconds{100});
    w.callback(sid, {{"CallStatus", "completed"},
                     {"CallDuration", "60"},
                     {"AnsweredBy", "human"},
                     {"SequenceNumber", "3"}});
    EXPECT_TRUE(w.story(sid).call.is_late_conflict);
    EXPECT_EQ((w.metrics.counts[{Counter::late_conflicts, ""}]), 1);
    EXPECT_EQ(w.story(sid).call.due_at, std::nullopt);
    w.run_for(seconds{1});
    EXPECT_EQ(w.crm.requests.size(), 1U);
}

// A batch that failed leaves nothing behind: no place at the courier, no line in the log.
TEST(AppendSettler, a_batch_that_failed_gives_its_places_back) {
    Workers w;
    w.store.trouble = Error{Errc::unavailable, "the disk is full"};
    const Form form{{"CallSid", sid}, {"To", "+61413052898"}, {"CallStatus", "busy"}};
    EXPECT_FALSE(w.await(w.intake.append(*status_callback_event(form, w.clock.now()))));
    w.store.trouble.reset();
    EXPECT_EQ((w.metrics.counts[{Counter::calls_settled, "no answer"}]), 0);
    int count = 0;
    while (w.courier().try_reserve()) count += 1;
    EXPECT_EQ(count, w.courier().settings().breaker.places_max);
}

TEST(AppendSettler, a_batch_that_failed_leaves_no_claim_behind) {
    Workers w({.has_scripted_metadata = true});
    const auto places = [&w] {
        int count = 0;
        while (w.settler.try_reserve()) count += 1;
        Settlements unused;
        unused.unused_count = count;
        w.settler.take_over(std::move(unused));
        return count;
    };
    const int places_before = places();
    w.store.trouble = Error{Errc::unavailable, "the disk is full"};
    const Form form{{"CallSid", sid}, {"To", "+61413052898"}, {"CallStatus", "busy"}};
    EXPECT_FALSE(w.await(w.intake.append(*status_callback_event(form, w.clock.now()))));
    w.store.trouble.reset();
    EXPECT_EQ(places(), places_before);
    w.busy(sid);
    w.run_for(milliseconds{100});
    EXPECT_EQ(w.story(sid).call.state, CallState::delivered);
    EXPECT_EQ(places(), places_before);
}

}  // namespace
}  // namespace wrapup
