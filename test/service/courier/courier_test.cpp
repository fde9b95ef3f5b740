#include "service/courier/courier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/sample_call.hpp"
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

// The store is away for longer than a lease lasts; what the CRM answered is known all the same.
TEST(Courier, an_answer_is_kept_until_the_store_takes_it) {
    Workers w({.on_unknown = OnUnknown::park});
    w.crm.latency = seconds{2};
    w.busy(sid_a);
    w.run_for(seconds{1});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    w.store.trouble = Error{Errc::unavailable, "the database is away"};
    w.run_for(minutes{10});
    w.store.trouble.reset();
    w.run_for(minutes{10});
    EXPECT_EQ(w.crm.requests.size(), 1U);
    const CallStory story = w.story(sid_a);
    EXPECT_EQ(story.call.state, CallState::delivered);
    EXPECT_EQ(story.deliveries[0].delivery.unknown_count, 0);
    w.busy(sid_number(1));
    w.run_for(minutes{1});
    EXPECT_EQ(w.story(sid_number(1)).call.state, CallState::delivered);
}

// The store goes away while the CRM is asked.
Task<void> lose_store(Workers& w) {
    const UtcTime at = w.clock.now() + seconds{1};
    co_await w.clock.sleep_until(at);
    w.store.trouble = Error{Errc::unavailable, "the database is away"};
}

TEST(Courier, a_person_waits_no_longer_than_a_lease_for_the_store) {
    Workers w;
    w.crm.answers = {ScriptedCrm::status(422)};
    w.busy(sid_a);
    w.run_for(seconds{5});
    ASSERT_EQ(w.story(sid_a).call.parked, ParkReason::rejected);
    w.crm.latency = seconds{2};
    spawn_root(w.io.get_executor(), lose_store(w));
    const UtcTime from = w.clock.now();
    (void)w.send(sid_a);
    EXPECT_EQ(w.crm.requests.size(), 2U);
    EXPECT_GT(w.clock.now(), from + minutes{1});
    EXPECT_LT(w.clock.now(), from + minutes{2});
}

TEST(Courier, after_the_last_retry_the_delivery_is_dead) {
    Workers w;
    for (int i = 0; i < 14; ++i) w.crm.answers.push_back(ScriptedCrm::status(500));
    w.busy(sid_a);
    w.run_for(hours{100});
    EXPECT_EQ(w.crm.requests.size(), 14U);
    EXPECT_EQ(w.story(sid_a).call.parked, ParkReason::dead);
}

TEST(Courier, a_sample_is_no_figure) {
    Workers w;
    w.crm.answers = {ScriptedCrm::status(422), ScriptedCrm::status(200)};
    const std::string refused = sample_call_sid("0123456789abcde", false);
    w.busy(refused);
    w.busy(sample_call_sid("edcba9876543210", false));
    w.run_for(seconds{5});
    EXPECT_EQ(w.crm.requests.size(), 2U);
    EXPECT_EQ(w.story(refused).call.parked, ParkReason::given_up);
    for (const auto& [of, count] : w.metrics.counts) {
        const bool is_of_calls =
            of.first == Counter::calls_parked || of.first == Counter::calls_settled;
        EXPECT_FALSE(is_of_calls) << of.second;
    }
    EXPECT_FALSE(w.metrics.seen.contains(Histogram::end_to_crm_seconds));
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

// The process died with a request under way: another life finds the claim.
void die_in_an_attempt(Workers& w) {
    const std::int64_t id = w.story(sid_a).deliveries[0].delivery.id;
    ASSERT_TRUE(w.store.claim_delivery(id, w.clock.now(), milliseconds{0}).has_value());
}

// What the story says of each attempt, in order.
std::vector<AttemptOutcome> outcomes(const CallStory& story) {
    std::vector<AttemptOutcome> list;
    for (const Attempt& attempt : story.deliveries[0].attempts) list.push_back(attempt.outcome);
    return list;
}

using Outcomes = std::vector<AttemptOutcome>;

TEST(Courier, an_attempt_without_an_end_counts_as_unknown) {
    Workers w;
    w.busy(sid_a);
    w.run_for(seconds{1});
    die_in_an_attempt(w);
    const auto sent = w.send(sid_a);
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(sent->kind, SendNowAnswer::Kind::accepted);
    EXPECT_TRUE(sent->was_again);
    const CallStory story = w.story(sid_a);
    EXPECT_EQ(outcomes(story), (Outcomes{AttemptOutcome::accepted, AttemptOutcome::unknown,
                                         AttemptOutcome::accepted}));
    EXPECT_EQ(story.deliveries[0].delivery.unknown_count, 1);
    EXPECT_EQ(story.call.state, CallState::delivered);
}

TEST(Courier, a_person_who_sends_does_not_erase_an_attempt_without_an_end) {
    Workers w;
    ASSERT_TRUE(w.await(w.service.set_destination("crm", DestinationState::paused)));
    w.busy(sid_a);
    w.run_for(seconds{1});
    die_in_an_attempt(w);
    ASSERT_TRUE(w.crm.requests.empty());
    const auto sent = w.send(sid_a);
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(sent->kind, SendNowAnswer::Kind::accepted);
    EXPECT_FALSE(sent->was_again);
    EXPECT_EQ(w.crm.requests.size(), 1U);
    const CallStory story = w.story(sid_a);
    EXPECT_EQ(outcomes(story), (Outcomes{AttemptOutcome::unknown, AttemptOutcome::accepted}));
    EXPECT_EQ(story.deliveries[0].delivery.unknown_count, 1);
    EXPECT_EQ(story.call.state, CallState::delivered);
    EXPECT_EQ((w.metrics.counts[{Counter::attempts, "unknown"}]), 1);
}

TEST(Courier, a_person_sends_what_the_policy_parks_as_unknown_and_the_mark_stays) {
    Workers w({.on_unknown = OnUnknown::park});
    ASSERT_TRUE(w.await(w.service.set_destination("crm", DestinationState::paused)));
    w.busy(sid_a);
    w.run_for(seconds{1});
    die_in_an_attempt(w);
    w.crm.answers = {ScriptedCrm::status(503)};
    EXPECT_EQ(w.send(sid_a)->kind, SendNowAnswer::Kind::refused);
    EXPECT_EQ(w.story(sid_a).call.parked, ParkReason::unknown_outcome) << "nobody knows still";
    EXPECT_EQ(w.send(sid_a)->kind, SendNowAnswer::Kind::accepted);
    const CallStory story = w.story(sid_a);
    EXPECT_EQ(outcomes(story), (Outcomes{AttemptOutcome::unknown, AttemptOutcome::failed,
                                         AttemptOutcome::accepted}));
    EXPECT_EQ(story.deliveries[0].delivery.unknown_count, 1);
}

TEST(Courier, a_try_by_hand_uses_no_step_of_the_schedule) {
    Workers w;
    w.crm.answers.assign(6, ScriptedCrm::status(503));
    w.busy(sid_a);
    w.run_for(milliseconds{100});
    const Delivery before = w.story(sid_a).deliveries.at(0).delivery;
    ASSERT_EQ(before.retries_used, 1);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(w.send(sid_a)->kind, SendNowAnswer::Kind::refused);
    const Delivery after = w.story(sid_a).deliveries.at(0).delivery;
    EXPECT_EQ(after.attempts_count, 4);
    EXPECT_EQ(after.retries_used, 1);
    EXPECT_EQ(after.due_at, before.due_at);
    EXPECT_EQ(after.state, DeliveryState::pending);
}

}  // namespace
}  // namespace wrapup
