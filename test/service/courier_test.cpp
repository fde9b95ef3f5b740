#include "service/courier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/service/workers.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

TEST(Courier, every_attempt_carries_the_same_bytes_and_keys) {
    Workers w;
    w.crm.answers = {ScriptedCrm::status(503), ScriptedCrm::unknown(), ScriptedCrm::status(404)};
    w.busy(sid_a);
    w.run_for(minutes{5});
    ASSERT_EQ(w.crm.requests.size(), 4U);
    for (const CrmRequest& request : w.crm.requests) {
        EXPECT_EQ(request.body, w.crm.requests[0].body);
        EXPECT_EQ(request.webhook_id, w.crm.requests[0].webhook_id);
        EXPECT_EQ(request.call_id, sid_a);
    }
    const CallStory story = w.story(sid_a);
    EXPECT_EQ(story.call.state, CallState::delivered);
    EXPECT_EQ(story.deliveries[0].delivery.unknown_count, 1);
    EXPECT_EQ(story.deliveries[0].attempts.size(), 4U);
    EXPECT_EQ((w.metrics.counts[{Counter::alerts, "crm"}]), 1) << "404 needs a person";
}

TEST(Courier, a_crm_that_is_down_for_hours_is_caught_up) {
    Workers w;
    for (int i = 0; i < 60; ++i) w.crm.answers.push_back(ScriptedCrm::status(503));
    for (int i = 0; i < 6; ++i) w.busy(sid_number(i));
    w.run_for(hours{76});
    for (int i = 0; i < 6; ++i) {
        EXPECT_EQ(w.story(sid_number(i)).call.state, CallState::delivered) << i;
    }
}

TEST(Courier, after_the_last_retry_the_delivery_is_dead) {
    Workers w;
    for (int i = 0; i < 14; ++i) w.crm.answers.push_back(ScriptedCrm::status(500));
    w.busy(sid_a);
    w.run_for(hours{100});
    EXPECT_EQ(w.crm.requests.size(), 14U);
    EXPECT_EQ(w.story(sid_a).call.parked, ParkReason::dead);
}

TEST(Courier, an_unknown_outcome_is_parked_where_the_destination_says_so) {
    Workers w({.on_unknown = OnUnknown::park});
    w.crm.answers = {ScriptedCrm::unknown()};
    w.busy(sid_a);
    w.run_for(hours{1});
    EXPECT_EQ(w.crm.requests.size(), 1U);
    EXPECT_EQ(w.story(sid_a).call.parked, ParkReason::unknown_outcome);
}

TEST(Courier, a_rejected_record_is_parked_at_once) {
    Workers w;
    w.crm.answers = {ScriptedCrm::status(422)};
    w.busy(sid_a);
    w.run_for(hours{1});
    EXPECT_EQ(w.crm.requests.size(), 1U);
    EXPECT_EQ(w.story(sid_a).call.parked, ParkReason::rejected);
}

TEST(Courier, gone_pauses_the_destination_until_a_person_resumes_it) {
    Workers w;
    w.crm.answers = {ScriptedCrm::status(410)};
    w.busy(sid_number(1));
    w.run_for(seconds{1});
    w.busy(sid_number(2));
    w.run_for(hours{1});
    EXPECT_EQ(w.crm.requests.size(), 1U);
    EXPECT_EQ(w.story(sid_number(2)).call.parked, ParkReason::destination_gone);
    EXPECT_TRUE(w.await(w.service.set_destination("crm", DestinationState::active)));
    w.run_for(seconds{10});
    EXPECT_EQ(w.story(sid_number(1)).call.state, CallState::delivered);
    EXPECT_EQ(w.story(sid_number(2)).call.state, CallState::delivered);
}

TEST(Courier, a_paused_destination_gets_nothing_and_then_everything) {
    Workers w;
    EXPECT_TRUE(w.await(w.service.set_destination("crm", DestinationState::paused)));
    for (int i = 0; i < 3; ++i) w.busy(sid_number(i));
    w.run_for(hours{1});
    EXPECT_TRUE(w.crm.requests.empty());
    EXPECT_TRUE(w.await(w.service.set_destination("crm", DestinationState::active)));
    w.run_for(milliseconds{100});
    EXPECT_EQ(w.crm.requests.size(), 3U);
}

TEST(Courier, an_attempt_without_an_end_counts_as_unknown) {
    Workers w;
    w.busy(sid_a);
    // The process died with the request under way: another life finds the claim.
    const auto id = [&] { return w.story(sid_a).deliveries[0].delivery.id; };
    w.run_for(seconds{1});
    ASSERT_TRUE(w.store.claim_delivery(id(), w.clock.now(), w.clock.now()).has_value());
    const auto sent = w.await(w.service.send_now(sid_a));
    ASSERT_TRUE(sent.has_value());
    EXPECT_TRUE(sent->was_again);
}

TEST(CallService, sends_a_delivered_record_again_with_the_same_bytes) {
    Workers w;
    w.busy(sid_a);
    w.run_for(seconds{1});
    const auto sent = w.await(w.service.send_now(sid_a));
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(sent->kind, SendNowAnswer::Kind::accepted);
    EXPECT_TRUE(sent->was_again);
    ASSERT_EQ(w.crm.requests.size(), 2U);
    EXPECT_EQ(w.crm.requests[0].body, w.crm.requests[1].body);
    const CallStory story = w.story(sid_a);
    EXPECT_TRUE(story.deliveries[0].attempts[1].is_again);
    EXPECT_EQ(story.call.state, CallState::delivered);
}

TEST(CallService, a_failed_repeat_of_a_delivered_record_leaves_it_delivered) {
    Workers w;
    w.busy(sid_a);
    w.run_for(seconds{1});
    w.crm.answers = {ScriptedCrm::status(500)};
    const auto sent = w.await(w.service.send_now(sid_a));
    EXPECT_EQ(sent->kind, SendNowAnswer::Kind::refused);
    w.run_for(hours{1});
    EXPECT_EQ(w.crm.requests.size(), 2U);
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);
}

TEST(CallService, settles_now_what_is_over_and_that_is_its_record) {
    Workers w;
    w.completed(sid_a);
    w.run_for(milliseconds{100});
    const auto sent = w.await(w.service.send_now(sid_a));
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(sent->kind, SendNowAnswer::Kind::accepted);
    EXPECT_FALSE(sent->was_again);
    w.webhook(w.document("conv_1", sid_a, "done", "Too late."));
    w.run_for(minutes{10});
    EXPECT_EQ(w.crm.requests.size(), 1U);
    EXPECT_FALSE(w.story(sid_a).call.is_late_conflict);
}

TEST(CallService, does_not_send_a_call_that_is_not_over) {
    Workers w;
    w.callback(sid_a, {{"CallStatus", "ringing"}});
    const auto sent = w.await(w.service.send_now(sid_a));
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(sent->kind, SendNowAnswer::Kind::not_over);
    w.busy(sid_a);
    w.run_for(seconds{1});
    EXPECT_EQ(w.crm.requests.size(), 1U);
}

TEST(CallService, asks_twilio_about_a_call_nobody_told_us_of) {
    Workers w;
    const auto unknown = w.await(w.service.send_now(sid_a));
    ASSERT_FALSE(unknown.has_value());
    EXPECT_EQ(unknown.error().code, Errc::not_found);
    w.twilio.calls[sid_a] = R"({"sid":")" + sid_a + R"(","status":"no-answer","to":"+614"})";
    const auto sent = w.await(w.service.send_now(sid_a));
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(sent->kind, SendNowAnswer::Kind::accepted);
}

TEST(CallService, sends_a_parked_one_and_leaves_it_parked_when_that_fails) {
    Workers w;
    w.crm.answers = {ScriptedCrm::status(422), ScriptedCrm::status(503)};
    w.busy(sid_a);
    w.run_for(seconds{1});
    EXPECT_EQ(w.await(w.service.send_now(sid_a))->kind, SendNowAnswer::Kind::refused);
    EXPECT_EQ(w.story(sid_a).call.state, CallState::parked);
    EXPECT_EQ(w.await(w.service.send_now(sid_a))->kind, SendNowAnswer::Kind::accepted);
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);
}

TEST(CallService, shows_the_payload_when_delivery_is_disabled) {
    Workers w({.is_delivery_enabled = false});
    w.completed(sid_a);
    const auto sent = w.await(w.service.send_now(sid_a));
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(sent->kind, SendNowAnswer::Kind::disabled);
    EXPECT_THAT(sent->payload, testing::HasSubstr("conversationAICall"));
}

}  // namespace
}  // namespace wrapup
