#pragma once

// What holds claims of deliveries back: a destination's breaker and its rate.

namespace wrapup {

TEST_P(StoreConformance, a_destinations_breaker_is_kept_beside_its_state) {
    const BreakerRow open{BreakerState::open, t0, t0 + seconds{5}, 2};
    ASSERT_TRUE(commit_one(PutBreaker{"crm", open}));
    ASSERT_TRUE(commit_one(SetDestination{"crm", DestinationState::paused, t0}));
    auto rows = *store->destinations();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].breaker, open);
    EXPECT_EQ(rows[0].state, DestinationState::paused);
    ASSERT_TRUE(
        commit_one(PutBreaker{"crm", {BreakerState::closed, t0 + seconds{9}, {}, 0}, open}));
    rows = *store->destinations();
    EXPECT_EQ(rows[0].breaker.state, BreakerState::closed);
    EXPECT_EQ(rows[0].breaker.retry_at, std::nullopt);
    EXPECT_EQ(rows[0].state, DestinationState::paused);
}

TEST_P(StoreConformance, a_breaker_that_another_node_changed_stays_as_it_says) {
    const BreakerRow open{BreakerState::open, t0, t0 + seconds{5}, 0};
    ASSERT_TRUE(commit_one(PutBreaker{"crm", open}));
    const BreakerRow later{BreakerState::open, t0 + seconds{1}, t0 + seconds{9}, 0};
    EXPECT_EQ(refusal(PutBreaker{"crm", later}), Errc::conflict);
    EXPECT_EQ(refusal(PutBreaker{"crm", {}, later}), Errc::conflict);
    EXPECT_EQ(store->destinations()->front().breaker, open);
    EXPECT_TRUE(commit_one(PutBreaker{"crm", later, open}));
}

TEST_P(StoreConformance, while_a_breaker_is_open_one_claim_is_the_probe) {
    make_fixed("CA1");
    make_fixed("CA2");
    const BreakerRow open{BreakerState::open, t0, t0 + seconds{5}, 3};
    ASSERT_TRUE(commit_one(PutBreaker{"crm", open}));
    const auto none = *store->claim_deliveries("crm", t0 + milliseconds{4'999}, lease, 10, {});
    EXPECT_TRUE(none.claimed.empty());
    EXPECT_EQ(none.breaker, open);
    const UtcTime due = t0 + seconds{5};
    const auto probe = *store->claim_deliveries("crm", due, lease, 10, {});
    ASSERT_EQ(probe.claimed.size(), 1U);
    EXPECT_TRUE(probe.claimed[0].is_probe);
    const BreakerRow probed{BreakerState::half_open, t0, due + lease, 3};
    EXPECT_EQ(probe.breaker, probed);
    EXPECT_EQ(store->destinations()->front().breaker, probed);
    // Whoever else asks meanwhile gets none, and one when its lease has run out.
    EXPECT_TRUE(store->claim_deliveries("crm", due + seconds{1}, lease, 10, {})->claimed.empty());
    const auto next = *store->claim_deliveries("crm", due + lease, lease, 1, {});
    ASSERT_EQ(next.claimed.size(), 1U);
    const BreakerRow probed_next{BreakerState::half_open, t0, due + lease + lease, 3};
    EXPECT_EQ(next.breaker, probed_next);
    // The first one's word does not count any more.
    EXPECT_EQ(refusal(PutBreaker{"crm", {}, probed}), Errc::conflict);
    ASSERT_TRUE(commit_one(PutBreaker{"crm", {}, next.breaker}));
    const auto rest = *store->claim_deliveries("crm", due + lease, lease, 10, {});
    EXPECT_EQ(rest.breaker.state, BreakerState::closed);
    ASSERT_EQ(rest.claimed.size(), 1U);
    EXPECT_FALSE(rest.claimed[0].is_probe);
}

TEST_P(StoreConformance, an_attempt_that_has_to_be_written_down_first_is_no_probe) {
    make_fixed("CA1");
    claim_one_delivery();
    ASSERT_TRUE(store->void_leases(t0));
    const BreakerRow open{BreakerState::open, t0, t0, 0};
    ASSERT_TRUE(commit_one(PutBreaker{"crm", open}));
    const auto all = *store->claim_deliveries("crm", t0, lease, 10, RateLimit{1, seconds{60}});
    ASSERT_EQ(all.claimed.size(), 1U);
    EXPECT_FALSE(all.claimed[0].is_probe);
    EXPECT_EQ(all.breaker, open);
    EXPECT_EQ(all.rate_at, std::nullopt);
}

TEST_P(StoreConformance, while_a_breaker_is_open_no_delivery_is_made_with_its_first_attempt) {
    ASSERT_TRUE(commit_one(PutBreaker{"crm", {BreakerState::open, t0, t0 + seconds{5}, 0}}));
    SettleCall::Fix fix = fix_of();
    for (NewDelivery& made : fix.deliveries) made.lease = lease;
    EXPECT_TRUE(make_fixed("CA1", std::move(fix)).claimed.empty());
    EXPECT_EQ(claim_due("crm", t0 + seconds{5}, lease, 10)->size(), 1U);
}

TEST_P(StoreConformance, a_probe_of_a_process_that_ended_is_made_again) {
    make_fixed("CA1");
    ASSERT_TRUE(commit_one(PutBreaker{"crm", {BreakerState::open, t0, t0, 1}}));
    ASSERT_EQ(claim_due("crm", t0, lease, 1)->size(), 1U);
    ASSERT_TRUE(store->void_leases(t0 + seconds{1}));
    const BreakerRow due{BreakerState::open, t0, t0 + seconds{1}, 1};
    EXPECT_EQ(store->destinations()->front().breaker, due);
}

TEST_P(StoreConformance, a_clock_that_is_set_leaves_the_next_probe_as_far_away) {
    ASSERT_TRUE(commit_one(PutBreaker{"crm", {BreakerState::open, t0, t0 + seconds{9}, 1}}));
    ASSERT_TRUE(store->shift_times(-seconds{60}, t0 - seconds{60}));
    const BreakerRow moved{BreakerState::open, t0, t0 - seconds{51}, 1};
    EXPECT_EQ(store->destinations()->front().breaker, moved);
}

TEST_P(StoreConformance, whoever_resumes_a_destination_has_its_open_breaker_probed) {
    const UtcTime later = t0 + seconds{300};
    ASSERT_TRUE(commit_one(PutBreaker{"crm", {BreakerState::open, t0, later, 6}}));
    const auto paused = commit_one(SetDestination{"crm", DestinationState::paused, t0});
    EXPECT_FALSE(std::get<Swept>(*paused).is_probed);
    const auto resumed = commit_one(SetDestination{"crm", DestinationState::active, t0});
    EXPECT_TRUE(std::get<Swept>(*resumed).is_probed);
    const BreakerRow due{BreakerState::open, t0, t0, 0};
    EXPECT_EQ(store->destinations()->front().breaker, due);
    ASSERT_TRUE(commit_one(PutBreaker{"crm", {}, due}));
    const auto again = commit_one(SetDestination{"crm", DestinationState::active, t0});
    EXPECT_FALSE(std::get<Swept>(*again).is_probed);
}

TEST_P(StoreConformance, of_a_rate_whatever_was_claimed_counts_whoever_asks) {
    const RateLimit rate{2, seconds{60}};
    for (const char* const id : {"CA1", "CA2", "CA3", "CA4"}) make_fixed(id);
    const seconds held{600};
    const auto first = *store->claim_deliveries("crm", t0, held, 1, rate);
    ASSERT_EQ(first.claimed.size(), 1U);
    EXPECT_EQ(first.rate_at, std::nullopt);
    const auto second = *store->claim_deliveries("crm", t0 + seconds{30}, held, 10, rate);
    ASSERT_EQ(second.claimed.size(), 1U);
    ASSERT_TRUE(second.rate_at);
    EXPECT_GE(*second.rate_at, t0 + seconds{60});
    EXPECT_LE(*second.rate_at, t0 + seconds{64});
    const auto early =
        *store->claim_deliveries("crm", *second.rate_at - milliseconds{1}, held, 10, rate);
    EXPECT_TRUE(early.claimed.empty());
    EXPECT_EQ(early.rate_at, second.rate_at);
    // What was claimed first has left the window, what was claimed second not yet.
    const auto third = *store->claim_deliveries("crm", *second.rate_at, held, 10, rate);
    ASSERT_EQ(third.claimed.size(), 1U);
    EXPECT_GE(third.rate_at, t0 + seconds{90});
    // Who has no rate is held back by none.
    EXPECT_EQ(claim_due("crm", *second.rate_at, held, 10)->size(), 1U);
}

}  // namespace wrapup
