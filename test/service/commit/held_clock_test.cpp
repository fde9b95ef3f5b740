#include "service/commit/held_clock.hpp"

#include <gtest/gtest.h>

#include "test/service/workers.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;

struct HeldClockTest : testing::Test {
    boost::asio::io_context io{1};
    SimClock wall{io, t0};
    HeldClock clock{wall};
};

TEST_F(HeldClockTest, goes_on_when_the_wall_clock_is_set_until_it_follows) {
    for (const milliseconds by : {milliseconds{hours{3}}, milliseconds{-hours{5}}}) {
        const UtcTime before = clock.now();
        const milliseconds ahead = clock.ahead();
        wall.set(by);
        EXPECT_EQ(clock.now(), before);
        EXPECT_EQ(clock.ahead(), ahead);
        EXPECT_EQ(clock.held_back(), by);
        clock.follow(by);
        EXPECT_EQ(clock.now(), before + by);
        EXPECT_EQ(clock.ahead(), ahead + by);
        EXPECT_EQ(clock.held_back(), milliseconds{0});
    }
}

TEST_F(HeldClockTest, is_slewed_with_the_wall_clock) {
    wall.set(milliseconds{1'999});
    EXPECT_EQ(clock.now(), t0 + milliseconds{1'999});
    wall.set(milliseconds{1});
    EXPECT_EQ(clock.now(), t0);
}

TEST_F(HeldClockTest, sleeps_as_long_as_it_seems) {
    wall.set(hours{3});
    bool is_over = false;
    spawn_root(io.get_executor(), [](HeldClock& slept, bool& over) -> Task<void> {
        const UtcTime until = t0 + seconds{10};
        co_await slept.sleep_until(until);
        over = true;
    }(clock, is_over));
    (void)wall.run(UtcTime::max(), ~0ULL, [&] { return is_over; });
    EXPECT_EQ(wall.true_now(), t0 + seconds{10});
}

// ---- ClockWatch ----

TEST(ClockWatch, lets_the_workers_follow_within_seconds) {
    for (const milliseconds by : {milliseconds{hours{3}}, milliseconds{-hours{3}}}) {
        Workers w;
        w.run_for(seconds{5});
        w.clock.set(by);
        w.run_for(seconds{3});
        EXPECT_EQ(w.held.now(), w.clock.now());
        EXPECT_EQ(w.held.held_back(), milliseconds{0});
    }
}

// What is scheduled between the step and its being noticed is not brought in twice.
TEST(ClockWatch, what_is_scheduled_right_after_a_step_keeps_its_wait) {
    for (const milliseconds by : {milliseconds{hours{3}}, milliseconds{-hours{3}}}) {
        Workers w;
        w.crm.answers = {ScriptedCrm::status(503), ScriptedCrm::status(503)};
        w.run_for(seconds{5});
        w.clock.set(by);
        w.busy(sid_a);
        w.run_for(seconds{60});
        EXPECT_EQ(w.crm.requests.size(), 3U);
    }
}

}  // namespace
}  // namespace wrapup
