#include "core/delivery/breaker.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

using End = Breaker::End;
constexpr UtcTime t0 = from_unix_s(1'772'366'400);

void fail(Breaker& breaker, int count, UtcTime now = t0) {
    for (int i = 0; i < count; ++i) breaker.end(End::failed, now, {}, now);
}
Breaker opened() {
    Breaker breaker({});
    fail(breaker, 10);
    return breaker;
}

TEST(Breaker, opens_after_ten_failures_in_a_row) {
    Breaker breaker({});
    EXPECT_EQ(breaker.places(t0), 256);
    EXPECT_EQ(breaker.room_at(t0), std::nullopt);
    fail(breaker, 9);
    breaker.end(End::answered, t0, {}, t0);
    fail(breaker, 9);
    EXPECT_EQ(breaker.row().state, BreakerState::closed);
    fail(breaker, 1);
    EXPECT_EQ(breaker.row().state, BreakerState::open);
    EXPECT_EQ(breaker.row().since, t0);
    EXPECT_EQ(breaker.places(t0), 0);
    EXPECT_EQ(breaker.room_at(t0), t0 + seconds{5});
}

TEST(Breaker, opens_when_half_of_at_least_twenty_failed_within_the_window) {
    Breaker breaker({});
    for (int i = 0; i < 19; ++i) {
        breaker.end(i % 2 == 0 ? End::answered : End::failed, t0, {}, t0 + seconds{i});
    }
    EXPECT_EQ(breaker.row().state, BreakerState::closed);
    breaker.end(End::failed, t0, {}, t0 + seconds{19});
    EXPECT_EQ(breaker.row().state, BreakerState::open);

    Breaker slow({});
    for (int i = 0; i < 40; ++i) {
        slow.end(i % 2 == 0 ? End::answered : End::failed, t0, {}, t0 + seconds{3 * i});
    }
    EXPECT_EQ(slow.row().state, BreakerState::closed);
}

TEST(Breaker, one_probe_at_a_time_after_5_10_20_up_to_300_s) {
    Breaker breaker = opened();
    UtcTime now = t0;
    for (const int wait : {5, 10, 20, 40, 80, 160, 300, 300}) {
        EXPECT_EQ(breaker.room_at(now), now + seconds{wait});
        EXPECT_EQ(breaker.places(now + seconds{wait} - milliseconds{1}), 0);
        EXPECT_FALSE(breaker.begin(now));
        now += seconds{wait};
        EXPECT_EQ(breaker.places(now), 1);
        EXPECT_TRUE(breaker.begin(now));
        EXPECT_EQ(breaker.row().state, BreakerState::half_open);
        EXPECT_EQ(breaker.places(now), 1);
        EXPECT_FALSE(breaker.begin(now));
        breaker.end(End::failed, now, {}, now);
        EXPECT_EQ(breaker.row().state, BreakerState::open);
    }
    EXPECT_EQ(breaker.row().failed_probes_count, 8);
}

TEST(Breaker, a_retry_after_takes_the_place_of_the_wait) {
    Breaker breaker({});
    fail(breaker, 9);
    breaker.end(End::throttled, t0, seconds{90}, t0);
    EXPECT_EQ(breaker.room_at(t0), t0 + seconds{90});
    breaker.begin(t0 + seconds{90});
    breaker.end(End::throttled, t0 + seconds{90}, std::chrono::hours{48}, t0 + seconds{90});
    EXPECT_EQ(breaker.room_at(t0 + seconds{90}), t0 + seconds{90} + std::chrono::hours{24});
}

TEST(Breaker, after_a_recovery_the_places_grow_by_one_for_each_round) {
    Breaker breaker = opened();
    const UtcTime now = t0 + seconds{5};
    breaker.begin(now);
    breaker.end(End::answered, now, {}, now);
    EXPECT_EQ(breaker.row(), (BreakerRow{BreakerState::closed, now, {}, 0}));
    EXPECT_EQ(breaker.places(now), 1);
    int answers = 0;
    while (breaker.places(now) < 4) {
        breaker.end(End::answered, now, {}, now);
        answers += 1;
    }
    EXPECT_GE(answers, 1 + 2 + 3);
    EXPECT_LE(answers, 1 + 2 + 3 + 3);
    for (int i = 0; i < 100'000; ++i) breaker.end(End::answered, now, {}, now);
    EXPECT_EQ(breaker.places(now), 256);
}

TEST(Breaker, places_halve_on_429_and_503_once_for_answers_that_come_together) {
    Breaker breaker({});
    breaker.end(End::throttled, t0, {}, t0);
    breaker.end(End::throttled, t0, {}, t0 + milliseconds{10});
    EXPECT_EQ(breaker.places(t0), 128);
    breaker.end(End::answered, t0, {}, t0);
    breaker.end(End::throttled, t0, {}, t0 + seconds{1});
    EXPECT_EQ(breaker.places(t0), 64);
    // A failure that is none of the two says nothing about how much is too much.
    breaker.end(End::failed, t0, {}, t0 + seconds{3});
    EXPECT_EQ(breaker.places(t0), 64);
}

TEST(Breaker, what_began_before_it_opened_neither_opens_nor_closes_it) {
    Breaker breaker = opened();
    breaker.end(End::answered, t0 - seconds{1}, {}, t0 + seconds{1});
    EXPECT_EQ(breaker.row().state, BreakerState::open);
    breaker.begin(t0 + seconds{5});
    breaker.end(End::failed, t0 - seconds{1}, {}, t0 + seconds{6});
    EXPECT_EQ(breaker.row().state, BreakerState::half_open);
    EXPECT_EQ(breaker.row().failed_probes_count, 0);
}

TEST(Breaker, an_open_one_is_open_after_a_restart_and_a_lost_probe_is_made_again) {
    Breaker before = opened();
    before.begin(t0 + seconds{5});
    const Breaker breaker({}, before.row());
    EXPECT_EQ(breaker.row().state, BreakerState::open);
    EXPECT_EQ(breaker.places(t0 + seconds{5}), 1);
    EXPECT_EQ(breaker.places(t0), 0);
}

TEST(Breaker, a_clock_that_is_set_leaves_the_next_probe_as_far_away) {
    const auto by = -std::chrono::hours{1};
    Breaker breaker = opened();
    breaker.clock_was_set(by);
    EXPECT_EQ(breaker.room_at(t0 + by), t0 + by + seconds{5});
    EXPECT_TRUE(breaker.begin(t0 + by + seconds{5}));
    breaker.clock_was_set(by);
    // What began before the step is older than the state, and what begins after it is not.
    const UtcTime now = t0 + 2 * by + seconds{6};
    breaker.end(End::answered, now, {}, now);
    EXPECT_EQ(breaker.row().state, BreakerState::closed);
}

TEST(Breaker, its_states_have_names) {
    for (const auto state : {BreakerState::closed, BreakerState::open, BreakerState::half_open}) {
        EXPECT_EQ(parse_breaker_state(to_string(state)), state);
    }
    EXPECT_EQ(parse_breaker_state("ajar"), std::nullopt);
}

}  // namespace
}  // namespace wrapup
