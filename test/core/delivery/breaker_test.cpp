#include "core/delivery/breaker.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

using End = Breaker::End;
constexpr UtcTime t0 = from_unix_s(1'772'366'400);

std::optional<Breaker::Change> fail(Breaker& breaker, int count, UtcTime now = t0) {
    std::optional<Breaker::Change> change;
    for (int i = 0; i < count; ++i) change = breaker.end(End::failed, false, {}, now);
    return change;
}
Breaker opened() {
    Breaker breaker({});
    fail(breaker, 10);
    return breaker;
}
// As the store answers whoever claims the probe.
BreakerRow half_open(UtcTime now, std::int64_t failed_probes_count = 0) {
    return {BreakerState::half_open, now, now + seconds{65}, failed_probes_count};
}
// The row that the store is told.
BreakerRow told(const std::optional<Breaker::Change>& change) {
    EXPECT_TRUE(change);
    return change ? change->now : BreakerRow{};
}

TEST(Breaker, opens_after_ten_failures_in_a_row) {
    Breaker breaker({});
    EXPECT_EQ(breaker.places(t0), 1) << "until the store was asked";
    breaker.hear({}, false, t0);
    EXPECT_EQ(breaker.places(t0), 256);
    EXPECT_EQ(breaker.room_at(t0), std::nullopt);
    EXPECT_FALSE(fail(breaker, 9));
    EXPECT_FALSE(breaker.end(End::answered, false, {}, t0));
    EXPECT_FALSE(fail(breaker, 9));
    EXPECT_TRUE(breaker.is_closed());
    const auto change = fail(breaker, 1);
    EXPECT_EQ(told(change), (BreakerRow{BreakerState::open, t0, t0 + seconds{5}, 0}));
    EXPECT_EQ(change->seen, BreakerRow{});
    EXPECT_FALSE(breaker.is_closed());
    EXPECT_EQ(breaker.places(t0), 0);
    EXPECT_EQ(breaker.room_at(t0), t0 + seconds{5});
}

TEST(Breaker, opens_when_half_of_at_least_twenty_failed_within_the_window) {
    Breaker breaker({});
    for (int i = 0; i < 19; ++i) {
        breaker.end(i % 2 == 0 ? End::answered : End::failed, false, {}, t0 + seconds{i});
    }
    EXPECT_TRUE(breaker.is_closed());
    EXPECT_TRUE(breaker.end(End::failed, false, {}, t0 + seconds{19}));
    EXPECT_FALSE(breaker.is_closed());

    Breaker slow({});
    for (int i = 0; i < 40; ++i) {
        slow.end(i % 2 == 0 ? End::answered : End::failed, false, {}, t0 + seconds{3 * i});
    }
    EXPECT_TRUE(slow.is_closed());
}

TEST(Breaker, a_probe_that_fails_puts_the_next_one_off_by_5_10_20_up_to_300_s) {
    Breaker breaker = opened();
    UtcTime now = t0;
    std::int64_t failed = 0;
    for (const int wait : {10, 20, 40, 80, 160, 300, 300}) {
        now += seconds{600};
        EXPECT_EQ(breaker.places(now), 1);
        breaker.hear(half_open(now, failed), true, now);
        EXPECT_EQ(breaker.places(now), 1);
        EXPECT_EQ(breaker.room_at(now), std::nullopt);
        const auto change = breaker.end(End::failed, true, {}, now);
        failed += 1;
        EXPECT_EQ(told(change), (BreakerRow{BreakerState::open, now, now + seconds{wait}, failed}));
        EXPECT_EQ(change->seen, half_open(now, failed - 1));
        EXPECT_EQ(breaker.places(now), 0);
    }
}

TEST(Breaker, a_retry_after_takes_the_place_of_the_wait) {
    Breaker breaker({});
    fail(breaker, 9);
    EXPECT_EQ(told(breaker.end(End::throttled, false, seconds{90}, t0)).retry_at, t0 + seconds{90});
    const UtcTime now = t0 + seconds{90};
    breaker.hear(half_open(now), true, now);
    EXPECT_EQ(told(breaker.end(End::throttled, true, std::chrono::hours{48}, now)).retry_at,
              now + std::chrono::hours{24});
}

TEST(Breaker, after_a_recovery_the_places_grow_by_one_for_each_round) {
    Breaker breaker = opened();
    const UtcTime now = t0 + seconds{5};
    breaker.hear(half_open(now), true, now);
    EXPECT_EQ(told(breaker.end(End::answered, true, {}, now)),
              (BreakerRow{BreakerState::closed, now, {}, 0}));
    EXPECT_EQ(breaker.places(now), 1);
    int answers = 0;
    while (breaker.places(now) < 4) {
        breaker.end(End::answered, false, {}, now);
        answers += 1;
    }
    EXPECT_GE(answers, 1 + 2 + 3);
    EXPECT_LE(answers, 1 + 2 + 3 + 3);
    for (int i = 0; i < 100'000; ++i) breaker.end(End::answered, false, {}, now);
    EXPECT_EQ(breaker.places(now), 256);
}

TEST(Breaker, who_comes_into_a_recovery_begins_it_too) {
    const UtcTime now = t0 + seconds{200};
    for (const auto& [closed_at, places] : {std::pair{t0, 1}, {now - seconds{600}, 256}}) {
        Breaker restarted({});
        const BreakerRow closed{BreakerState::closed, closed_at, {}, 0};
        restarted.hear(closed, false, now);
        EXPECT_EQ(restarted.places(now), places);
        restarted.end(End::answered, false, {}, now);
        restarted.hear(closed, false, now);
        EXPECT_EQ(restarted.places(now), std::min(places + 1, 256));
    }
    // One that did not hear of it while it was open.
    Breaker beside({});
    beside.hear({}, false, t0);
    beside.hear({BreakerState::closed, now, {}, 0}, false, now);
    EXPECT_EQ(beside.places(now), 1);
}

TEST(Breaker, places_halve_on_429_and_503_once_for_answers_that_come_together) {
    Breaker breaker({});
    breaker.hear({}, false, t0);
    breaker.end(End::throttled, false, {}, t0);
    breaker.end(End::throttled, false, {}, t0 + milliseconds{10});
    EXPECT_EQ(breaker.places(t0), 128);
    breaker.end(End::answered, false, {}, t0);
    breaker.end(End::throttled, false, {}, t0 + seconds{1});
    EXPECT_EQ(breaker.places(t0), 64);
    // A failure that is none of the two says nothing about how much is too much.
    breaker.end(End::failed, false, {}, t0 + seconds{3});
    EXPECT_EQ(breaker.places(t0), 64);
}

TEST(Breaker, while_it_is_open_nothing_but_the_probe_says_anything) {
    Breaker breaker = opened();
    EXPECT_FALSE(breaker.end(End::answered, false, {}, t0 + seconds{1}));
    breaker.hear(half_open(t0 + seconds{5}), true, t0 + seconds{5});
    EXPECT_FALSE(breaker.end(End::failed, false, {}, t0 + seconds{6}));
    EXPECT_FALSE(breaker.is_closed());
    EXPECT_TRUE(breaker.end(End::answered, true, {}, t0 + seconds{6}));
}

TEST(Breaker, what_another_node_did_is_heard_of) {
    Breaker breaker({});
    const BreakerRow open{BreakerState::open, t0, t0 + seconds{300}, 6};
    breaker.hear(open, false, t0);
    EXPECT_EQ(breaker.places(t0), 0);
    // It may have been closed, or a person made the probe due: it is asked long before.
    EXPECT_EQ(breaker.room_at(t0), t0 + seconds{5});
    breaker.ask_again(t0 + seconds{1});
    EXPECT_EQ(breaker.places(t0 + seconds{1}), 1);
    // Its probe is under way: there is no second one, and its end is near.
    breaker.hear(half_open(t0 + seconds{1}), false, t0 + seconds{1});
    EXPECT_EQ(breaker.places(t0 + seconds{1}), 0);
    EXPECT_EQ(breaker.room_at(t0 + seconds{1}), t0 + seconds{2});
    EXPECT_FALSE(breaker.end(End::answered, true, {}, t0 + seconds{2}));
    breaker.hear({BreakerState::closed, t0 + seconds{2}, {}, 0}, false, t0 + seconds{2});
    EXPECT_EQ(breaker.places(t0 + seconds{2}), 1);
    // Ten in a row are needed again, and the store is told what it was then.
    EXPECT_FALSE(fail(breaker, 9, t0 + seconds{3}));
    EXPECT_EQ(fail(breaker, 1, t0 + seconds{3})->seen.since, t0 + seconds{2});
}

TEST(Breaker, is_open_since_it_opened_whatever_its_probes_say) {
    Breaker breaker = opened();
    const UtcTime now = t0 + seconds{5};
    breaker.hear({BreakerState::half_open, t0, now + seconds{90}, 0}, true, now);
    const auto failed = breaker.end(End::failed, true, {}, now + seconds{1});
    ASSERT_TRUE(failed);
    EXPECT_EQ(failed->now.since, t0);
    const UtcTime later = t0 + seconds{20};
    breaker.hear({BreakerState::half_open, t0, later + seconds{90}, 1}, true, later);
    const auto answered = breaker.end(End::answered, true, {}, later);
    ASSERT_TRUE(answered);
    EXPECT_EQ(answered->now.since, later);
}

TEST(Breaker, a_probe_that_is_not_made_is_due_for_the_next_record) {
    Breaker breaker = opened();
    EXPECT_FALSE(breaker.give_up_probe(t0));
    const UtcTime now = t0 + seconds{5};
    breaker.hear(half_open(now, 2), true, now);
    EXPECT_EQ(told(breaker.give_up_probe(now)), (BreakerRow{BreakerState::open, now, now, 2}));
    EXPECT_EQ(breaker.places(now), 1);
}

TEST(Breaker, a_clock_that_is_set_leaves_the_next_probe_as_far_away) {
    const auto by = -std::chrono::hours{1};
    Breaker breaker = opened();
    breaker.clock_was_set(by);
    EXPECT_EQ(breaker.room_at(t0 + by), t0 + by + seconds{5});
}

TEST(Breaker, its_states_have_names) {
    for (const auto state : {BreakerState::closed, BreakerState::open, BreakerState::half_open}) {
        EXPECT_EQ(parse_breaker_state(to_string(state)), state);
    }
    EXPECT_EQ(parse_breaker_state("ajar"), std::nullopt);
}

}  // namespace
}  // namespace wrapup
