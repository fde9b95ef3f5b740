#include "adapters/clock/asio_clock.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <string>

namespace wrapup {
namespace {

namespace asio = boost::asio;
using std::chrono::hours;

void rethrow(std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
}

struct AsioClockTest : testing::Test {
    // Runs the loop until the sleep has ended; how long that took.
    milliseconds sleep(UtcTime due_at, Alarm* alarm) {
        const UtcTime before = clock.now();
        asio::co_spawn(io, clock.sleep_until(due_at, alarm), rethrow);
        io.restart();
        io.run_for(std::chrono::seconds(20));
        EXPECT_TRUE(io.stopped());
        return clock.now() - before;
    }

    asio::io_context io;
    AsioClock clock;
};

TEST_F(AsioClockTest, sleeps_until_the_time_has_come) {
    EXPECT_GE(sleep(clock.now() + milliseconds{30}, nullptr), milliseconds{30});
}

TEST_F(AsioClockTest, a_ring_ends_a_long_sleep_and_is_used_up) {
    Alarm alarm;
    asio::co_spawn(io, clock.sleep_until(clock.now() + hours{24 * 36'500}, &alarm), rethrow);
    asio::post(io, [&] { alarm.ring(); });

    io.run_for(std::chrono::seconds(20));

    EXPECT_TRUE(io.stopped());
    EXPECT_FALSE(alarm.take());
}

TEST_F(AsioClockTest, a_ring_before_the_sleep_ends_it_at_once) {
    Alarm alarm;
    alarm.ring();
    EXPECT_LT(sleep(clock.now() + hours{1}, &alarm), milliseconds{10'000});
    EXPECT_FALSE(alarm.take());
}

TEST_F(AsioClockTest, a_past_time_lets_ready_work_run_first) {
    std::string order;
    asio::post(io, [&] {
        asio::post(io, [&] { order += "work "; });
        asio::co_spawn(io, clock.sleep_until(UtcTime{}, nullptr), [&](std::exception_ptr error) {
            rethrow(error);
            order += "slept";
        });
    });
    io.run();
    EXPECT_EQ(order, "work slept");
}

// A wall clock that somebody sets beside a steady one that nobody can.
struct SetClock {
    milliseconds set_by{0};
    ClockSource source() {
        ClockSource real = ClockSource::system();
        return {[this, real] { return real.wall() + set_by; }, real.steady};
    }
};

TEST_F(AsioClockTest, a_clock_set_back_makes_no_sleep_longer) {
    SetClock set;
    AsioClock shaky(set.source());
    bool has_slept = false;
    const auto until = shaky.now() + milliseconds{50};
    asio::co_spawn(io, shaky.sleep_until(until, nullptr), [&](std::exception_ptr error) {
        rethrow(error);
        has_slept = true;
    });
    asio::post(io, [&] { set.set_by = -hours{3}; });

    io.run_for(std::chrono::seconds(20));

    EXPECT_TRUE(has_slept);
    EXPECT_LT(shaky.now(), until);
}

TEST_F(AsioClockTest, a_step_shows_in_how_far_it_is_ahead) {
    SetClock set;
    const AsioClock shaky(set.source());
    const milliseconds before = shaky.ahead();
    EXPECT_NEAR(static_cast<double>((shaky.ahead() - before).count()), 0, 1'000);
    set.set_by = -hours{3};
    EXPECT_NEAR(static_cast<double>((shaky.ahead() - before).count()),
                static_cast<double>(milliseconds{-hours{3}}.count()), 1'000);
}

}  // namespace
}  // namespace wrapup
