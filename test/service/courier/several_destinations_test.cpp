// A record that goes to more than one destination: each has it once, and none waits for another.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/service/workers.hpp"

namespace wrapup {
namespace {

using std::chrono::minutes;

const RecordRoute lake{"lake", true, {}};
const RecordRoute held_only{"sales", true, {{Outcome::held}, {}}};

int requests_to(const Workers& w, const std::string& destination) {
    return static_cast<int>(
        std::ranges::count(w.crm.requests, destination, &CrmRequest::destination));
}

TEST(SeveralDestinations, each_gets_the_same_record_once) {
    WorkersChoice choice;
    choice.more_routes = {lake};
    Workers w(choice);
    w.busy(sid_a);
    w.run_for(seconds{1});
    ASSERT_EQ(w.crm.requests.size(), 2U);
    EXPECT_EQ(w.crm.requests[0].body, w.crm.requests[1].body);
    EXPECT_EQ(w.crm.requests[0].webhook_id, w.crm.requests[1].webhook_id);
    EXPECT_EQ(requests_to(w, "crm"), 1);
    EXPECT_EQ(requests_to(w, "lake"), 1);
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);
}

TEST(SeveralDestinations, one_that_hangs_slows_no_other) {
    WorkersChoice choice;
    choice.more_routes = {lake};
    Workers w(choice);
    w.crm.hanging = {"lake"};
    const int calls_count = 300;  // More than a courier has places.
    for (int i = 0; i < calls_count; ++i) w.busy(sid_number(i));
    w.run_for(seconds{1});
    EXPECT_EQ(requests_to(w, "crm"), calls_count);
    EXPECT_EQ(requests_to(w, "lake"), w.courier("lake").settings().breaker.places_max);
    EXPECT_EQ(w.story(sid_number(0)).call.state, CallState::delivering);
    w.run_for(minutes{1});
    w.crm.hanging.clear();
    w.run_for(std::chrono::hours{1});
    for (int i = 0; i < calls_count; ++i) {
        EXPECT_EQ(w.story(sid_number(i)).call.state, CallState::delivered) << i;
    }
    EXPECT_EQ(requests_to(w, "crm"), calls_count);
}

TEST(SeveralDestinations, one_that_refuses_leaves_the_other_accepted) {
    WorkersChoice choice;
    choice.more_routes = {lake};
    Workers w(choice);
    w.crm.answers = {ScriptedCrm::status(422)};  // Of crm, which comes first.
    w.busy(sid_a);
    w.run_for(minutes{5});
    const CallStory story = w.story(sid_a);
    EXPECT_EQ(story.call.state, CallState::parked);
    ASSERT_EQ(story.deliveries.size(), 2U);
    EXPECT_EQ(story.deliveries[0].delivery.parked, ParkReason::rejected);
    EXPECT_EQ(story.deliveries[1].delivery.state, DeliveryState::accepted);

    // A person sends it: to the one that has not got it.
    const auto sent = w.send(sid_a);
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->kind, SendNowAnswer::Kind::accepted);
    ASSERT_EQ(sent->parts.size(), 1U);
    EXPECT_EQ(sent->parts[0].destination, "crm");
    EXPECT_EQ(requests_to(w, "lake"), 1);
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);

    // Then to both again.
    const auto again = w.send(sid_a);
    ASSERT_EQ(again->parts.size(), 2U);
    EXPECT_TRUE(again->was_again);
    EXPECT_EQ(again->message,
              "crm: The CRM accepted the same record again (200). lake: The CRM accepted the same "
              "record again (200).");
    EXPECT_EQ(requests_to(w, "lake"), 2);
}

TEST(SeveralDestinations, a_call_that_is_settled_by_hand_goes_to_all_side_by_side) {
    WorkersChoice choice;
    choice.more_routes = {lake};
    Workers w(choice);
    w.crm.hanging = {"lake"};
    w.completed(sid_a);
    w.run_for(seconds{1});
    ASSERT_TRUE(w.crm.requests.empty());  // It waits for its summary.
    const UtcTime from = w.clock.now();
    const auto sent = w.send(sid_a);
    ASSERT_TRUE(sent);
    EXPECT_LT(w.clock.now() - from, seconds{40});
    EXPECT_EQ(sent->kind, SendNowAnswer::Kind::unreachable);
    ASSERT_EQ(sent->parts.size(), 2U);
    EXPECT_EQ(sent->parts[0].answer.kind, SendNowAnswer::Kind::accepted);
    EXPECT_EQ(sent->parts[1].answer.kind, SendNowAnswer::Kind::unreachable);
    EXPECT_NE(sent->payload, "");
}

TEST(SeveralDestinations, a_filter_decides_when_the_record_is_fixed) {
    WorkersChoice choice;
    choice.more_routes = {held_only};
    Workers w(choice);
    w.busy(sid_a);
    w.run_for(seconds{1});
    EXPECT_EQ(requests_to(w, "crm"), 1);
    EXPECT_EQ(requests_to(w, "sales"), 0);
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);
}

TEST(SeveralDestinations, a_record_that_nobody_wants_is_out_of_scope) {
    WorkersChoice choice;
    choice.has_crm = false;
    choice.more_routes = {held_only};
    Workers w(choice);
    w.busy(sid_a);
    w.run_for(seconds{1});
    const CallStory story = w.story(sid_a);
    EXPECT_EQ(story.call.state, CallState::out_of_scope);
    EXPECT_EQ(story.call.note, "no destination wants a record of this outcome or campaign");
    EXPECT_NE(story.call.record, "");
    EXPECT_TRUE(story.deliveries.empty());
    EXPECT_EQ((w.metrics.counts[{Counter::calls_out_of_scope, ""}]), 1);
    const auto sent = w.send(sid_a);
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->kind, SendNowAnswer::Kind::disabled);
    EXPECT_EQ(sent->payload, story.call.record);
    EXPECT_TRUE(w.crm.requests.empty());
}

TEST(SeveralDestinations, one_that_is_off_parks_and_the_other_is_sent) {
    WorkersChoice choice;
    choice.is_delivery_enabled = false;
    choice.more_routes = {lake};
    Workers w(choice);
    w.busy(sid_a);
    w.run_for(seconds{1});
    EXPECT_EQ(requests_to(w, "crm"), 0);
    EXPECT_EQ(requests_to(w, "lake"), 1);
    EXPECT_EQ(w.story(sid_a).call.parked, ParkReason::disabled);
    EXPECT_EQ((w.metrics.counts[{Counter::calls_parked, "disabled"}]), 1);
    const auto sent = w.send(sid_a);
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->kind, SendNowAnswer::Kind::disabled);
    EXPECT_EQ(requests_to(w, "lake"), 1);
}

TEST(SeveralDestinations, a_paused_one_waits_alone) {
    WorkersChoice choice;
    choice.more_routes = {lake};
    Workers w(choice);
    ASSERT_TRUE(w.await(w.service.set_destination("lake", DestinationState::paused)));
    w.busy(sid_a);
    w.run_for(seconds{1});
    EXPECT_EQ(requests_to(w, "crm"), 1);
    EXPECT_EQ(requests_to(w, "lake"), 0);
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivering);
    ASSERT_TRUE(w.await(w.service.set_destination("lake", DestinationState::active)));
    w.run_for(seconds{1});
    EXPECT_EQ(requests_to(w, "lake"), 1);
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);
    EXPECT_EQ(w.await(w.service.set_destination("ocean", DestinationState::paused)).error().code,
              Errc::not_found);
}

TEST(SeveralDestinations, places_that_are_not_used_are_given_back) {
    WorkersChoice choice;
    choice.more_routes = {lake};
    Workers w(choice);
    for (int i = 0; i < 200; ++i) {
        w.busy(sid_number(i));
        w.busy(sid_number(i));  // A repeat.
        w.run_for(seconds{1});
    }
    for (const char* name : {"crm", "lake"}) {
        int count = 0;
        while (w.courier(name).try_reserve()) count += 1;
        EXPECT_EQ(count, w.courier(name).settings().breaker.places_max) << name;
        while (count-- > 0) w.courier(name).give_back();
    }
}

}  // namespace
}  // namespace wrapup
