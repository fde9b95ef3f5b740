#pragma once

// Claims of deliveries, how attempts end, and destinations.

namespace wrapup {

TEST_P(StoreConformance, deliveries_are_claimed_by_destination_and_time) {
    make_fixed("CA1", fix_of({"lake"}));
    make_fixed("CA2");
    make_fixed("CA3");
    EXPECT_TRUE(claim_due("crm", t0 - seconds{1}, lease, 10)->empty());
    const auto first = claim_due("crm", t0, lease, 1);
    ASSERT_EQ(first->size(), 1U);
    EXPECT_EQ(first->front().delivery.call_id, "CA2");
    EXPECT_EQ(first->front().unresolved_since, std::nullopt);
    EXPECT_EQ(claim_one_delivery().delivery.call_id, "CA3");
    EXPECT_TRUE(claim_due("crm", t0, lease, 10)->empty());
}

TEST_P(StoreConformance, an_accepted_delivery_ends_the_call) {
    make_fixed("CA1");
    const ClaimedDelivery claimed = claim_one_delivery();
    const Attempt attempt = attempt_of(AttemptOutcome::accepted, 201);
    finish({claimed.delivery.id, claimed.fence, attempt, FinishAttempt::Accept{}}, t0 + seconds{1});

    const CallStory told = story("CA1");
    EXPECT_EQ(told.call.state, CallState::delivered);
    const Delivery& delivery = told.deliveries[0].delivery;
    EXPECT_EQ(delivery.state, DeliveryState::accepted);
    EXPECT_EQ(delivery.accepted_at, t0 + seconds{1});
    EXPECT_EQ(delivery.attempts_count, 1);
    EXPECT_EQ(delivery.due_at, std::nullopt);
    EXPECT_FALSE(told.deliveries[0].is_claimed);
    Attempt kept = attempt;
    kept.number = 1;
    kept.destination = "crm";
    EXPECT_EQ(told.deliveries[0].attempts, std::vector<Attempt>{kept});
    EXPECT_TRUE(claim_due("crm", t0 + lease, lease, 10)->empty());
}

TEST_P(StoreConformance, a_failed_attempt_is_tried_again) {
    make_fixed("CA1");
    ClaimedDelivery claimed = claim_one_delivery();
    finish({claimed.delivery.id, claimed.fence, attempt_of(AttemptOutcome::failed, 500),
            FinishAttempt::RetryAt{t0 + seconds{5}, true}});
    EXPECT_TRUE(claim_due("crm", t0 + seconds{4}, lease, 10)->empty());
    claimed = claim_one_delivery(t0 + seconds{5});
    EXPECT_EQ(claimed.delivery.attempts_count, 1);
    EXPECT_EQ(claimed.delivery.retries_used, 1);
    EXPECT_EQ(claimed.unresolved_since, std::nullopt);
    finish({claimed.delivery.id, claimed.fence, std::nullopt,
            FinishAttempt::RetryAt{t0 + seconds{9}, false}});
    const Delivery delivery = story("CA1").deliveries[0].delivery;
    EXPECT_EQ(delivery.attempts_count, 1);
    EXPECT_EQ(delivery.retries_used, 1);
    EXPECT_EQ(delivery.due_at, t0 + seconds{9});
    EXPECT_EQ(story("CA1").call.state, CallState::delivering);
}

TEST_P(StoreConformance, an_unknown_outcome_is_counted) {
    make_fixed("CA1");
    const ClaimedDelivery claimed = claim_one_delivery();
    finish({claimed.delivery.id, claimed.fence, attempt_of(AttemptOutcome::unknown, 0),
            FinishAttempt::RetryAt{t0, true}});
    EXPECT_EQ(story("CA1").deliveries[0].delivery.unknown_count, 1);
    EXPECT_EQ(store->counts()->unknown_outcomes, 1);
}

TEST_P(StoreConformance, whoever_lost_the_delivery_cannot_finish_it) {
    make_fixed("CA1");
    const ClaimedDelivery slow = claim_one_delivery();
    const ClaimedDelivery fast = claim_one_delivery(t0 + lease);
    EXPECT_EQ(
        refusal(FinishAttempt{slow.delivery.id, slow.fence, attempt_of(AttemptOutcome::failed, 500),
                              FinishAttempt::Park{}}),
        Errc::conflict);
    EXPECT_TRUE(story("CA1").deliveries[0].attempts.empty());
    FinishAttempt done{fast.delivery.id, fast.fence, std::nullopt, FinishAttempt::Accept{}};
    finish(done);
    EXPECT_EQ(refusal(done), Errc::conflict);
    done.delivery_id = 99;
    EXPECT_EQ(refusal(done), Errc::not_found);
}

TEST_P(StoreConformance, an_attempt_without_an_end_is_unresolved) {
    make_fixed("CA1");
    claim_one_delivery();
    ClaimedDelivery again = claim_one_delivery(t0 + lease);
    EXPECT_EQ(again.unresolved_since, t0);
    // Not sent this time: what was unresolved stays so.
    finish({again.delivery.id, again.fence, std::nullopt, FinishAttempt::Release{}}, t0 + lease);
    again = claim_one_delivery(t0 + lease);
    EXPECT_EQ(again.unresolved_since, t0);
    ASSERT_TRUE(store->void_leases(t0 + lease + seconds{1}));
    again = claim_one_delivery(t0 + lease + seconds{1});
    EXPECT_EQ(again.unresolved_since, t0);
    finish({again.delivery.id, again.fence, attempt_of(AttemptOutcome::failed, 500),
            FinishAttempt::RetryAt{t0, true}});
    EXPECT_EQ(claim_one_delivery(t0 + lease).unresolved_since, std::nullopt);
}

TEST_P(StoreConformance, a_destination_that_is_switched_off_hides_no_reason_of_another) {
    SettleCall::Fix fix = fix_of({"crm", "lake"});
    fix.deliveries[0].parked = ParkReason::disabled;
    make_fixed("CA1", std::move(fix));
    EXPECT_EQ(story("CA1").call.parked, ParkReason::disabled);
    const auto claimed = *store->claim_deliveries("lake", t0, lease, 1, {});
    ASSERT_EQ(claimed.claimed.size(), 1U);
    finish({claimed.claimed[0].delivery.id, claimed.claimed[0].fence,
            attempt_of(AttemptOutcome::refused, 422), FinishAttempt::Park{ParkReason::rejected}});
    EXPECT_EQ(story("CA1").call.parked, ParkReason::rejected);
    using Counts = std::vector<std::pair<ParkReason, std::int64_t>>;
    Counts counts = store->counts()->parked;
    std::erase_if(counts, [](const auto& counted) { return counted.second == 0; });
    EXPECT_EQ(counts, (Counts{{ParkReason::rejected, 1}}));
}

TEST_P(StoreConformance, a_released_delivery_leaves_no_trace) {
    make_fixed("CA1");
    const CallStory before = story("CA1");
    const ClaimedDelivery claimed = claim_one_delivery();
    finish({claimed.delivery.id, claimed.fence, attempt_of(AttemptOutcome::failed, 0),
            FinishAttempt::Release{}});
    const CallStory after = story("CA1");
    EXPECT_EQ(after.call, before.call);
    EXPECT_EQ(after.deliveries[0].delivery, before.deliveries[0].delivery);
    EXPECT_TRUE(after.deliveries[0].attempts.empty());
    EXPECT_EQ(claim_one_delivery().unresolved_since, std::nullopt);
}

TEST_P(StoreConformance, a_parked_delivery_parks_the_call_until_it_is_unparked) {
    const Settled settled = make_fixed("CA1", fix_of({"crm", "lake"}));
    const ClaimedDelivery claimed = claim_one_delivery();
    EXPECT_EQ(refusal(Unpark{settled.delivery_ids[0], t0}), Errc::conflict);
    finish({claimed.delivery.id, claimed.fence, attempt_of(AttemptOutcome::refused, 422),
            FinishAttempt::Park{ParkReason::rejected}});
    EXPECT_EQ(story("CA1").call.state, CallState::parked);
    EXPECT_EQ(story("CA1").call.parked, ParkReason::rejected);
    EXPECT_EQ(story("CA1").deliveries[0].delivery.due_at, std::nullopt);

    EXPECT_TRUE(commit_one(Unpark{claimed.delivery.id, t0 + seconds{3}}));
    EXPECT_EQ(story("CA1").call.state, CallState::delivering);
    EXPECT_EQ(story("CA1").call.parked, std::nullopt);
    EXPECT_EQ(story("CA1").deliveries[0].delivery.due_at, t0 + seconds{3});
    EXPECT_EQ(refusal(Unpark{99, t0}), Errc::not_found);
}

TEST_P(StoreConformance, unparking_starts_the_retry_schedule_anew) {
    make_fixed("CA1");
    ClaimedDelivery claimed = claim_one_delivery();
    finish({claimed.delivery.id, claimed.fence, attempt_of(AttemptOutcome::failed, 500),
            FinishAttempt::RetryAt{t0, true}});
    claimed = claim_one_delivery();
    finish({claimed.delivery.id, claimed.fence, attempt_of(AttemptOutcome::failed, 500),
            FinishAttempt::Park{ParkReason::dead}});
    EXPECT_TRUE(commit_one(Unpark{claimed.delivery.id, t0}));
    EXPECT_EQ(claim_one_delivery().delivery.retries_used, 0);
    EXPECT_EQ(story("CA1").deliveries[0].delivery.attempts_count, 2);
}

TEST_P(StoreConformance, a_delivery_can_be_claimed_in_any_state) {
    const std::int64_t id = make_fixed("CA1").delivery_ids[0];
    auto claimed = store->claim_delivery(id, t0 - seconds{5}, lease);
    ASSERT_TRUE(claimed);
    const auto taken = store->claim_delivery(id, t0, lease);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, Errc::conflict);
    EXPECT_EQ(store->claim_delivery(99, t0, lease).error().code, Errc::not_found);
    finish(
        {id, claimed->fence, attempt_of(AttemptOutcome::accepted, 200), FinishAttempt::Accept{}});

    claimed = store->claim_delivery(id, t0, lease);
    ASSERT_TRUE(claimed);
    EXPECT_EQ(claimed->delivery.state, DeliveryState::accepted);
    Attempt again = attempt_of(AttemptOutcome::accepted, 200);
    again.is_again = true;
    finish({id, claimed->fence, again, FinishAttempt::Keep{}});
    EXPECT_EQ(story("CA1").call.state, CallState::delivered);
    ASSERT_EQ(story("CA1").deliveries[0].attempts.size(), 2U);
    EXPECT_TRUE(story("CA1").deliveries[0].attempts[1].is_again);
    EXPECT_EQ(story("CA1").deliveries[0].delivery.accepted_at, t0);
}

TEST_P(StoreConformance, what_was_accepted_stays_accepted) {
    const std::int64_t id = make_fixed("CA1").delivery_ids[0];
    auto claimed = store->claim_delivery(id, t0, lease);
    finish({id, claimed->fence, std::nullopt, FinishAttempt::Accept{}});
    for (const decltype(FinishAttempt::then) then : std::vector<decltype(FinishAttempt::then)>{
             FinishAttempt::RetryAt{t0, true}, FinishAttempt::Park{}}) {
        claimed = store->claim_delivery(id, t0, lease);
        finish({id, claimed->fence, attempt_of(AttemptOutcome::failed, 500), then});
        EXPECT_EQ(story("CA1").deliveries[0].delivery.state, DeliveryState::accepted);
        EXPECT_EQ(story("CA1").call.state, CallState::delivered);
    }
}

TEST_P(StoreConformance, a_paused_destination_is_left_alone) {
    EXPECT_TRUE(commit_one(SetDestination{"crm", DestinationState::paused, t0}));
    SettleCall::Fix fix = fix_of();
    fix.deliveries[0].lease = lease;
    const Settled settled = make_fixed("CA1", fix);
    EXPECT_TRUE(settled.claimed.empty());
    EXPECT_TRUE(claim_due("crm", t0, lease, 10)->empty());
    EXPECT_EQ(*store->next_delivery_due("crm"), std::nullopt);
    EXPECT_TRUE(store->claim_delivery(settled.delivery_ids[0], t0, seconds{1}));

    EXPECT_TRUE(commit_one(SetDestination{"crm", DestinationState::active, t0}));
    EXPECT_EQ(claim_one_delivery(t0 + seconds{1}).delivery.call_id, "CA1");
}

TEST_P(StoreConformance, a_destination_that_is_gone_parks_and_gives_back) {
    make_fixed("CA1");
    make_fixed("CA2", fix_of({"lake"}));
    make_fixed("CA3");
    const auto held = claim_due("crm", t0, lease, 1);
    EXPECT_TRUE(commit_one(SetDestination{"crm", DestinationState::gone, t0}));
    make_fixed("CA4");
    finish({held->front().delivery.id, held->front().fence,
            attempt_of(AttemptOutcome::refused, 410), FinishAttempt::RetryAt{t0, true}});
    for (const char* id : {"CA1", "CA3", "CA4"}) {
        EXPECT_EQ(story(id).call.state, CallState::parked) << id;
        EXPECT_EQ(story(id).call.parked, ParkReason::destination_gone) << id;
    }
    EXPECT_EQ(story("CA2").call.state, CallState::delivering);
    EXPECT_EQ(refusal(Unpark{held->front().delivery.id, t0}), Errc::conflict);

    EXPECT_TRUE(commit_one(SetDestination{"crm", DestinationState::active, t0 + seconds{5}}));
    EXPECT_TRUE(claim_due("crm", t0, lease, 10)->empty());
    EXPECT_EQ(claim_due("crm", t0 + seconds{5}, lease, 10)->size(), 3U);
    EXPECT_EQ(story("CA3").call.state, CallState::delivering);
}

TEST_P(StoreConformance, a_destination_that_was_removed_parks_and_gives_back) {
    make_fixed("CA1", fix_of({"crm", "lake"}));
    const auto crm = claim_one_delivery(t0);
    finish({crm.delivery.id, crm.fence, attempt_of(AttemptOutcome::accepted, 200),
            FinishAttempt::Accept{}});
    EXPECT_TRUE(commit_one(SetDestination{"lake", DestinationState::removed, t0}));
    EXPECT_EQ(story("CA1").call.parked, ParkReason::destination_gone);
    EXPECT_EQ(store->destinations()->front().state, DestinationState::removed);
    EXPECT_EQ(store->counts()->destinations,
              (decltype(StoreCounts::destinations){{"lake", {0, 1}}}));
    const std::int64_t id = story("CA1").deliveries[1].delivery.id;
    EXPECT_EQ(refusal(Unpark{id, t0}), Errc::conflict);
    EXPECT_TRUE(commit_one(SetDestination{"lake", DestinationState::active, t0}));
    EXPECT_EQ(story("CA1").call.state, CallState::delivering);
    EXPECT_EQ(claim_due("lake", t0, lease, 10)->size(), 1U);
}

TEST_P(StoreConformance, what_a_change_of_a_destination_leaves_is_done_in_slices) {
    for (const char* id : {"CA1", "CA2", "CA3", "CA4", "CA5"}) make_fixed(id);
    const auto gone = commit_one(SetDestination{"crm", DestinationState::gone, t0, 2});
    ASSERT_TRUE(gone);
    EXPECT_TRUE(std::get<Swept>(*gone).has_more);
    EXPECT_EQ(store->counts()->deliveries_pending(), 3);
    EXPECT_TRUE(store->destinations()->front().is_sweeping);
    EXPECT_TRUE(claim_due("crm", t0, lease, 10)->empty());
    make_fixed("CA6");
    EXPECT_EQ(story("CA6").call.parked, ParkReason::destination_gone);

    EXPECT_TRUE(std::get<Swept>(*commit_one(SweepDestination{"crm", 2})).has_more);
    EXPECT_EQ(store->counts()->deliveries_pending(), 1);
    EXPECT_FALSE(std::get<Swept>(*commit_one(SweepDestination{"crm", 2})).has_more);
    EXPECT_EQ(store->counts()->deliveries_pending(), 0);
    EXPECT_EQ(
        store->counts()->parked,
        (std::vector<std::pair<ParkReason, std::int64_t>>{{ParkReason::destination_gone, 6}}));
    EXPECT_FALSE(store->destinations()->front().is_sweeping);

    const UtcTime back = t0 + seconds{5};
    const auto active = commit_one(SetDestination{"crm", DestinationState::active, back, 4});
    EXPECT_TRUE(std::get<Swept>(*active).has_more);
    EXPECT_EQ(claim_due("crm", back, lease, 10)->size(), 4U);
    EXPECT_EQ(story("CA6").call.state, CallState::parked);
    EXPECT_FALSE(
        std::get<Swept>(*commit_one(SweepDestination{"crm", 4}, t0 + seconds{9})).has_more);
    EXPECT_EQ(story("CA5").call.state, CallState::delivering);
    EXPECT_EQ(story("CA6").deliveries[0].delivery.due_at, back);
}

TEST_P(StoreConformance, a_slice_leaves_alone_what_was_made_after_the_change) {
    make_fixed("CA1");
    make_fixed("CA2");
    EXPECT_TRUE(commit_one(SetDestination{"crm", DestinationState::gone, t0, 1}));
    EXPECT_TRUE(commit_one(SetDestination{"crm", DestinationState::paused, t0, 0}));
    make_fixed("CA3");
    EXPECT_EQ(story("CA3").call.state, CallState::delivering);
    while (std::get<Swept>(*commit_one(SweepDestination{"crm", 1})).has_more) {
    }
    EXPECT_EQ(story("CA2").call.parked, ParkReason::destination_gone);
    EXPECT_EQ(story("CA3").call.state, CallState::delivering);
}

TEST_P(StoreConformance, resuming_makes_due_what_waits_for_a_later_attempt) {
    for (const char* const id : {"CA1", "CA2"}) {
        make_fixed(id);
        const ClaimedDelivery claimed = claim_one_delivery();
        finish({claimed.delivery.id, claimed.fence, attempt_of(AttemptOutcome::failed, 429),
                FinishAttempt::RetryAt{t0 + std::chrono::hours{2}, true}});
    }
    make_fixed("CA3");
    const ClaimedDelivery held = claim_one_delivery();
    const UtcTime back = t0 + seconds{5};
    EXPECT_TRUE(commit_one(SetDestination{"crm", DestinationState::paused, back}));
    EXPECT_EQ(story("CA1").deliveries[0].delivery.due_at, t0 + std::chrono::hours{2});
    const auto active = commit_one(SetDestination{"crm", DestinationState::active, back, 1});
    EXPECT_TRUE(std::get<Swept>(*active).has_more);
    while (std::get<Swept>(*commit_one(SweepDestination{"crm", 1}, back)).has_more) {
    }
    EXPECT_EQ(claim_due("crm", back, lease, 10)->size(), 2U);
    EXPECT_EQ(story("CA1").deliveries[0].delivery.retries_used, 1);
    finish({held.delivery.id, held.fence, attempt_of(AttemptOutcome::accepted, 200),
            FinishAttempt::Accept{}});
    EXPECT_EQ(story("CA3").call.state, CallState::delivered);
}

TEST_P(StoreConformance, a_destination_resumed_while_it_was_still_being_parked) {
    make_fixed("CA1");
    make_fixed("CA2");
    EXPECT_TRUE(commit_one(SetDestination{"crm", DestinationState::gone, t0, 1}));
    const UtcTime back = t0 + seconds{5};
    EXPECT_TRUE(commit_one(SetDestination{"crm", DestinationState::active, back}));
    EXPECT_FALSE(store->destinations()->front().is_sweeping);
    EXPECT_EQ(story("CA1").deliveries[0].delivery.due_at, back);
    EXPECT_EQ(story("CA2").deliveries[0].delivery.due_at, t0);
    EXPECT_EQ(claim_due("crm", back, lease, 10)->size(), 2U);
}

TEST_P(StoreConformance, nothing_is_swept_where_nothing_is_left) {
    EXPECT_FALSE(std::get<Swept>(*commit_one(SweepDestination{"crm"})).has_more);
    make_fixed("CA1");
    EXPECT_FALSE(std::get<Swept>(*commit_one(SweepDestination{"crm"})).has_more);
    EXPECT_EQ(story("CA1").call.state, CallState::delivering);
}

TEST_P(StoreConformance, a_probe_changes_nothing) {
    make_fixed("CA1");
    const CallStory before = story("CA1");
    EXPECT_TRUE(commit_one(Probe{}));
    EXPECT_TRUE(commit_one(Probe{}, t0 + seconds{1}));
    expect_same(story("CA1"), before);
}

TEST_P(StoreConformance, destinations_are_those_ever_set) {
    EXPECT_TRUE(store->destinations()->empty());
    EXPECT_TRUE(commit_one(SetDestination{"lake", DestinationState::active, t0}));
    EXPECT_TRUE(commit_one(SetDestination{"crm", DestinationState::paused, t0}));
    EXPECT_TRUE(commit_one(SetDestination{"crm", DestinationState::paused, t0 + seconds{1}}));
    const auto rows = *store->destinations();
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].name, "crm");
    EXPECT_EQ(rows[0].state, DestinationState::paused);
    EXPECT_EQ(rows[0].since, t0);
    EXPECT_EQ(rows[1].name, "lake");
}

TEST_P(StoreConformance, the_next_delivery_due_counts_leases) {
    EXPECT_EQ(*store->next_delivery_due("crm"), std::nullopt);
    make_fixed("CA1");
    EXPECT_EQ(*store->next_delivery_due("crm"), t0);
    EXPECT_EQ(*store->next_delivery_due("lake"), std::nullopt);
    const ClaimedDelivery claimed = claim_one_delivery();
    EXPECT_EQ(*store->next_delivery_due("crm"), t0 + lease);
    finish({claimed.delivery.id, claimed.fence, std::nullopt, FinishAttempt::Accept{}});
    EXPECT_EQ(*store->next_delivery_due("crm"), std::nullopt);
}

TEST_P(StoreConformance, voiding_leases_leaves_attempts_unresolved) {
    make_fixed("CA1");
    const ClaimedDelivery lost = claim_one_delivery();
    ASSERT_TRUE(store->void_leases(t0 + seconds{2}));
    EXPECT_EQ(
        refusal(FinishAttempt{lost.delivery.id, lost.fence, std::nullopt, FinishAttempt::Accept{}}),
        Errc::conflict);
    EXPECT_EQ(claim_one_delivery(t0 + seconds{2}).unresolved_since, t0);
}

TEST_P(StoreConformance, voiding_leases_finds_what_was_being_sent_by_hand) {
    make_fixed("CA1");
    const ClaimedDelivery first = claim_one_delivery();
    finish({first.delivery.id, first.fence, std::nullopt, FinishAttempt::Accept{}});
    const auto by_hand = store->claim_delivery(first.delivery.id, t0 + seconds{1}, lease);
    ASSERT_TRUE(by_hand);
    ASSERT_TRUE(store->void_leases(t0 + seconds{2}));
    const ClaimedDelivery found = claim_one_delivery(t0 + seconds{2});
    EXPECT_EQ(found.delivery.state, DeliveryState::accepted);
    EXPECT_EQ(found.unresolved_since, t0 + seconds{1});
    // Put back, and not forgotten.
    finish({found.delivery.id, found.fence, std::nullopt, FinishAttempt::Keep{}});
    EXPECT_EQ(*store->check_integrity(), std::vector<std::string>{});
    const ClaimedDelivery again = claim_one_delivery(t0 + seconds{3});
    EXPECT_EQ(again.unresolved_since, t0 + seconds{1});
    Attempt unknown;
    unknown.outcome = AttemptOutcome::unknown;
    finish({again.delivery.id, again.fence, unknown, FinishAttempt::Keep{}});
    EXPECT_EQ(story("CA1").deliveries.front().delivery.unknown_count, 1);
    EXPECT_EQ(*store->next_delivery_due("crm"), std::nullopt);
}

TEST_P(StoreConformance, a_destination_that_goes_leaves_what_was_parked_for_its_reason) {
    make_fixed("CA1");
    const ClaimedDelivery first = claim_one_delivery();
    finish(
        {first.delivery.id, first.fence, std::nullopt, FinishAttempt::Park{ParkReason::rejected}});
    ASSERT_TRUE(store->claim_delivery(first.delivery.id, t0 + seconds{1}, lease));
    ASSERT_TRUE(store->void_leases(t0 + seconds{2}));
    ASSERT_TRUE(commit_one(SetDestination{"crm", DestinationState::removed, t0 + seconds{2}}));
    const DeliveryStory left = story("CA1").deliveries.front();
    EXPECT_EQ(left.delivery.parked, ParkReason::rejected);
    ASSERT_EQ(left.attempts.size(), 1U);
    EXPECT_EQ(left.attempts.front().started_at, t0 + seconds{1});
    EXPECT_EQ(left.attempts.front().outcome, AttemptOutcome::unknown);
    EXPECT_EQ(*store->next_delivery_due("crm"), std::nullopt);
}

}  // namespace wrapup
