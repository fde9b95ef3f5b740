// Calls that are to end, at a Twilio that does not end them.

#include <gmock/gmock.h>

#include "core/placing/intent_machine.hpp"
#include "service/placer/placer.hpp"
#include "test/service/placer/placer_world.hpp"

namespace wrapup {
namespace {

// How often it was told, and how long after the first time Twilio was asked each time.
std::ptrdiff_t count_lines(PlacerWorld& world, std::string_view message) {
    return std::ranges::count(world.lives.back()->log.messages, message);
}
std::vector<seconds> asked_after(const WildTwilio& twilio) {
    std::vector<seconds> after;
    for (const UtcTime at : twilio.ends_asked_at) {
        after.push_back(std::chrono::duration_cast<seconds>(at - twilio.ends_asked_at.front()));
    }
    return after;
}
constexpr std::string_view not_ended =
    "Twilio did not cancel a call that is to ring no longer: it is asked again";

void expect_cancelled_in_the_end(PlacerWorld& world) {
    world.ring_at_closing_time();
    world.run_for(seconds{12});
    EXPECT_EQ(asked_after(world.twilio),
              (std::vector{seconds{0}, seconds{1}, seconds{3}, seconds{7}}));
    EXPECT_EQ(count_lines(world, not_ended), 3);
    EXPECT_EQ(world.intents().at(0).reason, not_cancelled);
    EXPECT_NE(world.intents().at(0).advice, "");
    world.twilio.end_trouble.reset();
    world.twilio.ignores_ends = false;
    world.run_for(seconds{8});
    EXPECT_EQ(world.twilio.calls.at(0).call.status, CallStatus::canceled);
    EXPECT_EQ(world.intents().at(0).state, IntentState::expired);
    EXPECT_EQ(world.intents().at(0).reason, "window_closed");
    EXPECT_EQ(world.intents().at(0).advice, "");
}

TEST(EndCall, what_twilio_does_not_cancel_is_tried_again_and_told) {
    for (const Errc code : {Errc::unavailable, Errc::timeout, Errc::not_found, Errc::conflict}) {
        PlacerWorld world(1, {});
        world.twilio.end_trouble = Error{code, "HTTP 500"};
        expect_cancelled_in_the_end(world);
    }
}

TEST(EndCall, so_is_what_rings_on_although_twilio_took_it) {
    PlacerWorld world(1, {});
    world.twilio.ignores_ends = true;
    expect_cancelled_in_the_end(world);
}

TEST(EndCall, refused_credentials_are_an_alert) {
    PlacerWorld world(1, {});
    world.twilio.end_trouble = Error{Errc::unauthorized, "HTTP 401"};
    expect_cancelled_in_the_end(world);
    EXPECT_GT((world.lives.back()->metrics.counts[{Counter::alerts, "twilio"}]), 0);
}

}  // namespace
}  // namespace wrapup
