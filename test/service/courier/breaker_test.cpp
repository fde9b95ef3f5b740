// A destination in trouble, on the whole of service/.

#include <gtest/gtest.h>

#include "test/service/workers.hpp"

namespace wrapup {
namespace {

using std::chrono::minutes;

std::string sid(int number) {
    std::string digits = std::to_string(number);
    return "CA" + std::string(32 - digits.size(), '0') + digits;
}
BreakerRow kept(Workers& w) {
    const auto rows = w.store.destinations();
    return rows->empty() ? BreakerRow{} : rows->front().breaker;
}

class CourierBreaker : public testing::Test {
protected:
    void go_down(int count, CrmAnswer answer = ScriptedCrm::status(500)) {
        for (int i = 0; i < 100'000; ++i) w.crm.answers.push_back(answer);
        for (int i = 0; i < count; ++i) w.busy(sid(i));
    }
    std::int64_t attempts(int number) {
        return w.story(sid(number)).deliveries.at(0).delivery.attempts_count;
    }
    Workers w;
};

TEST_F(CourierBreaker, a_destination_that_is_down_is_left_in_peace_and_costs_no_attempts) {
    go_down(10);
    w.run_for(seconds{1});
    EXPECT_EQ(w.crm.requests.size(), 10U);
    EXPECT_EQ(kept(w).state, BreakerState::open);
    EXPECT_EQ(w.metrics.counts[std::pair(Counter::alerts, std::string("crm"))], 1);
    for (int i = 10; i < 60; ++i) w.busy(sid(i));
    w.run_for(std::chrono::hours{10});
    // Probes after 5, 10, 20 … 300 s, and nothing else.
    EXPECT_GE(w.crm.requests.size(), 10U + 6 + 110);
    EXPECT_LE(w.crm.requests.size(), 10U + 6 + 125);
    for (int i = 0; i < 60; ++i) {
        EXPECT_EQ(w.story(sid(i)).call.state, CallState::delivering) << i;
        // A probe is an attempt of the record that was due longest; so they take turns.
        EXPECT_LE(w.story(sid(i)).deliveries.at(0).delivery.retries_used, 4) << i;
    }
    w.crm.answers.clear();
    w.run_for(std::chrono::minutes{40});
    for (int i = 0; i < 60; ++i) EXPECT_EQ(w.story(sid(i)).call.state, CallState::delivered) << i;
    EXPECT_EQ(kept(w).state, BreakerState::closed);
}

TEST_F(CourierBreaker, one_probe_at_a_time) {
    go_down(10);
    w.run_for(seconds{1});
    w.crm.latency = seconds{30};
    const auto before = w.crm.requests.size();
    w.run_for(seconds{34});
    EXPECT_EQ(w.crm.requests.size(), before + 1);
}

TEST_F(CourierBreaker, the_time_that_it_names_is_kept) {
    CrmAnswer answer = ScriptedCrm::status(429);
    answer.retry_after = seconds{600};
    go_down(20, answer);
    w.run_for(seconds{1});
    const auto before = w.crm.requests.size();
    w.run_for(seconds{590});
    EXPECT_EQ(w.crm.requests.size(), before);
    w.run_for(seconds{15});
    EXPECT_EQ(w.crm.requests.size(), before + 1);
}

TEST_F(CourierBreaker, a_clock_that_is_set_back_puts_no_probe_off) {
    go_down(10);
    w.run_for(seconds{1});
    ASSERT_EQ(kept(w).state, BreakerState::open);
    w.crm.answers.clear();
    w.clock.set(-std::chrono::hours{1});
    w.run_for(seconds{60});
    EXPECT_EQ(kept(w).state, BreakerState::closed);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(w.story(sid(i)).call.state, CallState::delivered) << i;
}

TEST_F(CourierBreaker, after_a_recovery_the_backlog_drains_with_care) {
    go_down(10);
    w.run_for(seconds{1});
    for (int i = 10; i < 40; ++i) w.busy(sid(i));
    w.crm.answers.clear();
    w.crm.latency = seconds{1};
    w.run_for(seconds{6});  // The probe.
    const auto before = w.crm.requests.size();
    w.run_for(seconds{1});
    EXPECT_LE(w.crm.requests.size() - before, 3U);
    w.run_for(seconds{20});
    for (int i = 0; i < 40; ++i) EXPECT_EQ(w.story(sid(i)).call.state, CallState::delivered) << i;
}

TEST_F(CourierBreaker, records_refused_for_good_are_no_trouble_of_the_destination) {
    go_down(30, ScriptedCrm::status(422));
    w.run_for(seconds{1});
    EXPECT_EQ(w.crm.requests.size(), 30U);
    EXPECT_EQ(kept(w).state, BreakerState::closed);
    EXPECT_EQ(w.story(sid(0)).call.parked, ParkReason::rejected);
}

TEST_F(CourierBreaker, a_person_may_send_while_it_is_open) {
    go_down(10);
    w.run_for(seconds{1});
    w.crm.answers.clear();
    const auto answer = w.send(sid(0));
    ASSERT_TRUE(answer);
    EXPECT_EQ(w.story(sid(0)).call.state, CallState::delivered);
    EXPECT_EQ(kept(w).state, BreakerState::open);
}

// A courier looks for work before there is any, and again and again.
TEST(CourierRate, a_record_is_sent_at_once_while_the_rate_is_unused) {
    Workers w({.rate = RateLimit{2, minutes{1}}});
    w.run_for(seconds{40});
    for (int i = 0; i < 3; ++i) {
        w.busy(sid(i));
        w.run_for(milliseconds{50});
        EXPECT_EQ(w.crm.requests.size(), static_cast<std::size_t>(std::min(i + 1, 2)));
    }
    w.run_for(seconds{65});
    EXPECT_EQ(w.crm.requests.size(), 3U);
}

TEST(Gate, with_a_rate_the_store_is_asked_for_each) {
    constexpr UtcTime now = from_unix_s(1'772'366'400);
    Gate gate({}, RateLimit{3, seconds{1}});
    EXPECT_FALSE(gate.take_for_new(now));
    EXPECT_TRUE(gate.is_strict());
    EXPECT_EQ(gate.take(5, now), 1) << "until the store was asked";
    gate.give_back(1);
    gate.hear({}, now);
    EXPECT_EQ(gate.take(5, now), 5);
    EXPECT_FALSE(gate.rate_wait(now));
    gate.hear({{}, {}, now + milliseconds{300}}, now);
    ASSERT_TRUE(gate.rate_wait(now));
    EXPECT_EQ(gate.rate_wait(now)->until, now + milliseconds{300});
    EXPECT_EQ(gate.room(now), 0);
    EXPECT_EQ(gate.room_at(now), now + milliseconds{300});
    EXPECT_EQ(gate.take(5, now + milliseconds{300}), 5);
}

TEST(Gate, while_the_breaker_is_not_closed_nothing_is_made_with_its_first_attempt) {
    constexpr UtcTime now = from_unix_s(1'772'366'400);
    Gate gate({}, {});
    EXPECT_TRUE(gate.take_for_new(now));
    gate.give_back(1);
    gate.hear({{}, {BreakerState::open, now, now + seconds{5}, 0}, {}}, now);
    EXPECT_EQ(gate.take(5, now), 0);
    const UtcTime due = now + seconds{5};
    EXPECT_FALSE(gate.take_for_new(due));
    EXPECT_EQ(gate.take(5, due), 1);
    ClaimedDelivery probe;
    probe.is_probe = true;
    gate.hear({{probe}, {BreakerState::half_open, due, due + seconds{65}, 0}, {}}, due);
    EXPECT_EQ(gate.take(5, due), 0);
    const auto change = gate.end(Breaker::End::answered, true, {}, due + seconds{1});
    ASSERT_TRUE(change);
    EXPECT_EQ(change->now.state, BreakerState::closed);
    EXPECT_TRUE(gate.take_for_new(due + seconds{1}));
}

}  // namespace
}  // namespace wrapup
