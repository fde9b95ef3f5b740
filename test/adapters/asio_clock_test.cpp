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

}  // namespace
}  // namespace wrapup
