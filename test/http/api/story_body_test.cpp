// The story of a call whose record goes to several destinations, as the API tells it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "http/api/api_bodies.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
constexpr UtcTime t0 = from_unix_s(1'772'366'400);

DeliveryStory parked_for(const std::string& destination, ParkReason reason) {
    DeliveryStory story;
    story.delivery.destination = destination;
    story.delivery.state = DeliveryState::parked;
    story.delivery.parked = reason;
    return story;
}

CallStory story_of(std::vector<DeliveryStory> deliveries, CallState state,
                   std::optional<ParkReason> parked = std::nullopt) {
    CallStory story;
    story.call.id = "CA1";
    story.call.state = state;
    story.call.parked = parked;
    story.deliveries = std::move(deliveries);
    return story;
}

json::value told(const CallStory& story, const std::vector<DestinationRow>& destinations = {}) {
    return json::parse(render_story(story, destinations, t0));
}

TEST(StoryBody, says_each_destination_that_a_call_is_parked_for_with_its_reason) {
    DeliveryStory refused = parked_for("crm", ParkReason::rejected);
    Attempt attempt;
    attempt.outcome = AttemptOutcome::refused;
    attempt.http_status = 422;
    refused.attempts.push_back(attempt);
    DestinationRow removed;
    removed.name = "lake";
    removed.state = DestinationState::removed;
    const CallStory story = story_of({refused, parked_for("lake", ParkReason::destination_gone),
                                      parked_for("sea", ParkReason::given_up)},
                                     CallState::parked, ParkReason::rejected);
    EXPECT_EQ(
        told(story, {removed}).at("why").as_string(),
        "To crm: Parked: the CRM refused the record as wrong. See its answer, mend the "
        "CRM's side, then send it again: wrapup send CA1. Last answer: HTTP 422. To lake: Parked: "
        "no settings "
        "name the destination any more. Put it back into wrapup.toml and restart, and the record "
        "goes out.");
}

TEST(StoryBody, names_the_command_that_sends_what_is_parked) {
    const auto why = [](ParkReason reason) {
        const json::value body =
            told(story_of({parked_for("crm", reason)}, CallState::parked, reason));
        return std::string(body.at("why").as_string());
    };
    for (const ParkReason reason :
         {ParkReason::dead, ParkReason::rejected, ParkReason::disabled, ParkReason::unlinked,
          ParkReason::blocked_address, ParkReason::unknown_outcome}) {
        EXPECT_THAT(why(reason), HasSubstr(": wrapup send CA1."));
    }
    EXPECT_THAT(why(ParkReason::destination_gone), HasSubstr(": wrapup destination resume crm."));
}

TEST(StoryBody, says_how_long_a_record_is_being_sent) {
    DeliveryStory sending;
    sending.delivery.destination = "crm";
    sending.delivery.state = DeliveryState::pending;
    sending.delivery.due_at = t0 - seconds{20};
    sending.is_claimed = true;
    EXPECT_EQ(told(story_of({sending}, CallState::delivering)).at("why").as_string(),
              "The record is being sent right now; it was due 20s ago.");
    sending.delivery.due_at = t0;
    EXPECT_EQ(told(story_of({sending}, CallState::delivering)).at("why").as_string(),
              "The record is being sent right now.");
}

TEST(StoryBody, says_the_rate_that_a_record_waits_for) {
    DeliveryStory waiting;
    waiting.delivery.destination = "crm";
    waiting.delivery.state = DeliveryState::pending;
    waiting.delivery.due_at = t0;
    const CallStory story = story_of({waiting}, CallState::delivering);
    const auto why = [&](std::optional<RateWait> wait) {
        const auto waits = [wait](std::string_view) { return wait; };
        return json::parse(render_story(story, {}, t0, waits)).at("why").as_string();
    };
    EXPECT_EQ(why({}), "The record is fixed and about to be sent.");
    EXPECT_EQ(why(RateWait{{100, std::chrono::minutes{1}}, t0 + seconds{42}}),
              "Destination crm gets at most 100/m (its rate), and so many attempts have begun; "
              "records go on in 42s (" +
                  format_rfc3339(t0 + seconds{42}) + ").");
}

TEST(StoryBody, says_of_each_destination_why_it_waits_and_when_it_is_tried) {
    const auto waiting_for = [](const char* destination) {
        DeliveryStory waiting;
        waiting.delivery.destination = destination;
        waiting.delivery.state = DeliveryState::pending;
        waiting.delivery.due_at = t0 - seconds{90};
        return waiting;
    };
    DestinationRow crm;
    crm.name = "crm";
    crm.breaker = {BreakerState::open, t0, t0 + seconds{40}, 3};
    DestinationRow lake;
    lake.name = "lake";
    lake.state = DestinationState::paused;
    const json::value both = told(
        story_of({waiting_for("crm"), waiting_for("lake")}, CallState::delivering), {crm, lake});
    const std::string probe_at = format_rfc3339(t0 + seconds{40});
    EXPECT_EQ(
        both.at("why").as_string(),
        "To crm: Destination crm is in trouble, so records wait without using up attempts; "
        "one is tried as a probe in 40s (" +
            probe_at +
            "). To lake: Destination lake is paused; the record goes out when it is resumed.");
    EXPECT_EQ(both.at("call").at("due_at").as_string(), probe_at);
    EXPECT_EQ(both.at("deliveries").at(0).at("due_at").as_string(), probe_at);
    EXPECT_TRUE(both.at("deliveries").at(1).at("due_at").is_null());
    const CallStory parked = story_of({parked_for("crm", ParkReason::dead), waiting_for("lake")},
                                      CallState::parked, ParkReason::dead);
    EXPECT_THAT(std::string(told(parked, {lake}).at("why").as_string()),
                HasSubstr("To lake: Destination lake is paused"));
}

TEST(StoryBody, says_where_a_record_was_given_up) {
    DeliveryStory accepted;
    accepted.delivery.destination = "crm";
    accepted.delivery.state = DeliveryState::accepted;
    const CallStory story =
        story_of({parked_for("lake", ParkReason::given_up), accepted}, CallState::delivered);
    EXPECT_EQ(told(story).at("why").as_string(),
              "The record is accepted; a person gave it up for lake.");
}

TEST(StoryBody, says_of_each_attempt_where_it_went) {
    DeliveryStory moved;
    moved.delivery.destination = "sea";
    Attempt attempt;
    attempt.destination = "lake";
    moved.attempts.push_back(attempt);
    attempt.destination = "sea";
    moved.attempts.push_back(attempt);
    const json::value body = told(story_of({moved}, CallState::delivering));
    const json::array& attempts = body.at("deliveries").at(0).at("attempts").as_array();
    EXPECT_EQ(attempts.at(0).at("destination").as_string(), "lake");
    EXPECT_EQ(attempts.at(1).at("destination").as_string(), "sea");
}

TEST(StoryBody, a_preview_says_what_it_leaves_out) {
    const std::string body = render_replay_preview(3, {2, 1, 0}, {}, "t");
    EXPECT_THAT(body, HasSubstr(R"("count":3,"left_out":{"already_there":2,"not_wanted":1,)"
                                R"("destination_lost":0})"));
}

}  // namespace
}  // namespace wrapup
