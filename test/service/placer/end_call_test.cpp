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

Task<void> tell_machine(PlacerWorld& world) {
    PlacedCalls::Word word{world.twilio.calls.at(0).call.sid, CallStatus::in_progress,
                           "machine_start"};
    std::string token = world.twilio.calls.at(0).token;
    (void)co_await world.twilio.target->hear(std::move(token), std::move(word));
}

void meet_machine(PlacerWorld& world, Error trouble) {
    world.settings.hangs_up_on_machine = true;
    world.twilio.rings_longer = minutes{1};
    world.twilio.end_trouble = std::move(trouble);
    world.crash();
    world.ask_for("+61413052898");
    world.run_for(seconds{1});
    spawn_root(world.io.get_executor(), tell_machine(world));
    world.run_for(milliseconds{2'500});
}

TEST(EndCall, a_machine_is_hung_up_on_by_the_next_try) {
    PlacerWorld world(1, {});
    meet_machine(world, {Errc::unavailable, "HTTP 500"});
    world.twilio.end_trouble.reset();
    world.run_for(seconds{1});
    EXPECT_EQ(world.twilio.calls.at(0).call.status, CallStatus::completed);
    EXPECT_EQ(asked_after(world.twilio), (std::vector{seconds{0}, seconds{1}, seconds{3}}));
    EXPECT_EQ(count_lines(world, "could not hang up on a machine: it is tried again"), 2);
    EXPECT_EQ(count_lines(world, "hung up on a machine"), 1);
}

TEST(EndCall, a_machine_that_cannot_be_hung_up_on_is_left_after_some_tries) {
    PlacerWorld world(1, {});
    meet_machine(world, {Errc::not_found, "Twilio does not know the call"});
    world.run_for(seconds{20});
    EXPECT_EQ(world.twilio.ends_asked_at.size(), 4U);
    EXPECT_EQ(count_lines(world, "could not hang up on a machine"), 1);
}

TEST(EndCall, a_machine_that_is_gone_is_asked_for_once) {
    PlacerWorld world(1, {});
    meet_machine(world, {Errc::conflict, "not in this state"});
    EXPECT_EQ(world.twilio.ends_asked_at.size(), 1U);
}

}  // namespace
}  // namespace wrapup
