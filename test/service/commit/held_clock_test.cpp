#include "service/commit/held_clock.hpp"

#include <gtest/gtest.h>

#include "sim/fault_store.hpp"
#include "sim/null_ports.hpp"
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

struct RefusingStore final : FaultStore {
    explicit RefusingStore(MemoryStore& behind)
        : FaultStore(behind, Prng(1), {}, [] { return false; }) {}
    Result<void> shift_times(milliseconds by, UtcTime now) override {
        if (refusals_left == 0) return FaultStore::shift_times(by, now);
        refusals_left -= 1;
        return Error{Errc::unavailable, "the disk is full"};
    }
    int refusals_left = 1;
};

// What is written until the store takes it is of the old time, as what it holds.
TEST(ClockWatch, a_shift_that_the_store_refuses_leaves_the_workers_time_as_it_was) {
    boost::asio::io_context io{1};
    SimClock wall(io, t0);
    HeldClock clock(wall);
    MemoryStore memory;
    RefusingStore store(memory);
    NullMetrics metrics;
    NullLog log;
    GroupCommit commits(store, clock, metrics, io.get_executor());
    ClockWatch watch({clock, store, commits, log, metrics});
    spawn_root(io.get_executor(), watch.run());
    const milliseconds by = -hours{1};
    wall.set(by);
    const auto run_until = [&](UtcTime at) {
        (void)wall.run(UtcTime::max(), ~0ULL, [&] { return wall.true_now() >= at; });
    };
    run_until(t0 + seconds{2});
    while (store.refusals_left > 0) io.poll_one();
    io.poll();
    EXPECT_EQ(clock.held_back(), by);
    run_until(t0 + seconds{4});
    EXPECT_EQ(clock.held_back(), milliseconds{0});
    watch.stop();
    io.restart();
    io.poll();
}

// ---- A start ----

TEST(TakeOverLastRun, brings_in_what_was_written_by_a_clock_that_was_ahead) {
    Workers w({.has_twilio = false});
    w.webhook(w.document("conv_1", sid_a, "done", "They talked."));
    w.crm.answers = std::deque<CrmAnswer>(9, ScriptedCrm::status(503));
    w.busy(sid_number(1));
    w.run_for(seconds{10});
    const UtcTime written_at = *(*w.store.last_written_at());
    const UtcTime retry_at = *(*w.store.next_delivery_due("crm"));
    const auto lines_count = w.log.lines.size();

    const UtcTime now = written_at - hours{24};
    ASSERT_TRUE(take_over_last_run(w.store, w.log, now));
    EXPECT_EQ(*w.store.next_delivery_due("crm"), retry_at - hours{24});
    EXPECT_LE(w.story(sid_a).events.front().received_at, now);
    ASSERT_EQ(w.log.lines.size(), lines_count + 1);
    EXPECT_EQ(w.log.lines.back().fields.front().second, "-86400");
    EXPECT_EQ(w.log.lines.back().level, LogLevel::warning);

    // Once, and not after a clock was set forward.
    ASSERT_TRUE(take_over_last_run(w.store, w.log, now + hours{5}));
    EXPECT_EQ(w.log.lines.size(), lines_count + 1);
    EXPECT_EQ(*w.store.next_delivery_due("crm"), retry_at - hours{24});
}

}  // namespace
}  // namespace wrapup
